import { OppsyncError } from '../core/errors.ts';
import { evenly } from '../core/evenly.ts';
import { faultOf } from '../core/fault-sentences.ts';
import { creationBatch } from '../core/plan.ts';
import type { Job, JobOutcome } from '../core/queue-port.ts';
import type { Store, StoreTx } from '../core/store-port.ts';
import type { NewTask, RunPhase, RunRow, TaskRow } from '../core/store-rows.ts';
import { nextBackOff } from '../core/timing.ts';
import { NO_TRACING } from '../core/tracing-port.ts';
import { settleCalls } from './calls.ts';
import { addChecks } from './check-writes.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { planRun } from './finish.ts';
import { jobOf } from './job-of.ts';
import { claim, handBack, handOn, isAway, LATER } from './leave-to-others.ts';
import { rollupTasks } from './plan-rollups.ts';
import { addRollups } from './push-rollups.ts';
import { priorityOf, rest } from './rest.ts';
import { type Save, StaleTask, type TaskContext, taskContext } from './task.ts';
import { isKnown, step } from './task-steps.ts';
import { placeInRun, tellEnded } from './tell-run.ts';

const GROUPS_PER_TASK = 500;
/** Tasks of a run of events that are worked on without the queue. */
const MOST_AT_HAND = 8;
const MAX_TRIES = 5;
const BACK_OFF = { baseMs: 500, capMs: 60_000 };
const LONGEST_WAIT_MS = 10 * 60_000;
/** Tasks this process is working on, each with its epoch. A claim keeps other processes away, but not ourselves. */
const underWay = new WeakMap<Store, Set<string>>();

/** Works on one job of any queue. May run twice, late, or in parallel: only the holder of the latest epoch stores anything. */
export async function handleTask(deps: EngineDeps, job: Job, signal: AbortSignal): Promise<JobOutcome> {
  const own = underWay.get(deps.store) ?? new Set();
  underWay.set(deps.store, own);
  const key = `${job.task}-${job.epoch}`;
  // A queue that believes us dead gives the job out again: two at once would write the same values twice.
  if (own.has(key)) return { is: 'done' };
  own.add(key);
  try {
    return await workOn(deps, job, signal);
  } finally {
    own.delete(key);
  }
}

async function workOn(deps: EngineDeps, job: Job, signal: AbortSignal): Promise<JobOutcome> {
  const { store } = deps;
  const task = await claim(deps, job);
  if (task === 'away') return LATER;
  if (task === null) return { is: 'done' };
  const run = await store.loadRun(task.run);
  const runtime = run === null ? undefined : deps.syncs.get(run.sync);
  if (run === null || run.state !== 'running') return { is: 'done' };
  if (runtime === undefined || !isKnown(task)) return handOn(deps, run, task);
  for (const connector of Object.values(runtime.connectors))
    connector.prioritise?.(await priorityOf(deps, run, task));
  const log = deps.log.child({ run: run.run, sync: run.sync, task: task.payload.kind });
  const context = taskContext(deps, runtime, run, task, signal);
  try {
    const facts = {
      run: run.run,
      sync: run.sync,
      mode: run.mode,
      task: task.payload.kind,
      epoch: task.epoch,
    };
    await (deps.tracing ?? NO_TRACING).span(
      'task',
      facts,
      async () => {
        const save = await withRetries(context, () => step(context));
        await complete(deps, runtime, task, save);
      },
      await placeInRun(deps, run),
    );
    log.debug('task done');
    if (task.payload.kind === 'finish') await tellEnded(deps, run.run);
    // It rested, and goes on now.
    if (run.error !== null) await deps.store.updateRun(run.run, { error: null });
    await goOn(deps, run, signal);
    return { is: 'done' };
  } catch (error) {
    if (error instanceof StaleTask) return { is: 'done' };
    if (signal.aborted) throw error;
    // What keeps the run, or reminds of it, is away for longer than was waited: that is not the run's fault.
    if (isAway(error)) {
      log.warn('task waits for database or queue', { error: error.message });
      return await handBack(deps, task, error);
    }
    if (error instanceof OppsyncError && error.details.resumesAt !== undefined)
      return await rest(deps, run, task, error, error.details.resumesAt);
    // What is explained to whoever started the run is no fault to be logged as one.
    const level = error instanceof OppsyncError ? 'info' : 'error';
    log[level]('task failed', {
      ...(error instanceof OppsyncError ? { code: error.details.code } : {}),
      error: error instanceof OppsyncError ? error.message : error,
    });
    if (await failRun(deps, run, error)) await tellEnded(deps, run.run);
    return { is: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await settleCalls(deps, runtime, run.run);
  }
}

/** Passing faults are tried again here, with the task still ours; the rest is for {@link failRun}. */
async function withRetries(context: TaskContext, work: () => Promise<Save>): Promise<Save> {
  const { deps, signal } = context;
  let wait = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OppsyncError) || attempt >= MAX_TRIES) throw error;
      const { recovery, retryAfterMs } = error.details;
      // That was waited for already.
      if (isAway(error)) throw error;
      if (recovery !== 'retry' && recovery !== 'wait') throw error;
      wait = nextBackOff(BACK_OFF, wait, deps.random.next());
      await deps.sleep(Math.min(retryAfterMs ?? wait, LONGEST_WAIT_MS), signal);
    }
  }
}

/** Stores what the step decided, ends its task and starts the next phase when it was the last: all or nothing. */
async function complete(deps: EngineDeps, runtime: SyncRuntime, task: TaskRow, save: Save): Promise<void> {
  await deps.store.tx(async (tx) => {
    await save(tx);
    const run = await tx.loadRun(task.run, true);
    if (run === null || !(await tx.finishTask(task.id, task.epoch))) throw new StaleTask(`task ${task.id}`);
    if (run.state === 'running' && (await tx.openTasks(task.run)) === 0) await advance(tx, runtime, run);
  });
}

/** Starts the phase after the one that just ran out of tasks, skipping phases with nothing to do. */
export async function advance(tx: StoreTx, runtime: SyncRuntime, run: RunRow): Promise<void> {
  let { phase } = run;
  // A step may have set the next phase itself (seal); then that one's tasks are looked for first.
  for (;;) {
    // Only now is no write of this run under way, so that no record gets a second one beside the first.
    if (phase === 'push' && (await tx.addMovedTasks(run.run, GROUPS_PER_TASK)).length > 0) return;
    // And only when every other write is done are counterparts made.
    if (phase === 'push' && (await addCreating(tx, runtime, run))) return;
    // Accounts come last: they tell what their records have become.
    if (phase === 'push' && (await addRollups(tx, runtime, run))) return;
    const next = NEXT[phase];
    if (next === null) return;
    const tasks = await tasksOf(tx, runtime, run, next);
    await tx.updateRun(run.run, { phase: next });
    if (tasks > 0) return;
    phase = next;
  }
}

async function addCreating(tx: StoreTx, runtime: SyncRuntime, run: RunRow): Promise<boolean> {
  const planned = await planRun(tx, run);
  let added = 0;
  for (const crm of Object.keys(runtime.settings.create ?? {})) {
    const { creator, capabilities } = runtime.connectors[crm] ?? {};
    if (creator === undefined || capabilities === undefined) continue;
    added += (await tx.addCreateTasks(run.run, planned, crm, creationBatch(creator, capabilities))).length;
  }
  return added > 0;
}

/** The beginning of a run by the clock of each CRM. */
function whenItBegan({ facts, startedAt }: RunRow): Record<string, number> {
  return Object.fromEntries(
    Object.entries(facts).map(([crm, { clockOffsetMs }]) => [crm, startedAt + clockOffsetMs]),
  );
}

const NEXT: Readonly<Record<RunPhase, RunPhase | null>> = {
  pull: 'pair',
  pair: 'reconcile',
  reconcile: 'rollup',
  rollup: 'seal',
  seal: 'finish',
  push: 'check',
  check: 'finish',
  finish: null,
};

async function tasksOf(tx: StoreTx, runtime: SyncRuntime, run: RunRow, phase: RunPhase): Promise<number> {
  const one = (task: NewTask): Promise<readonly TaskRow[]> => tx.addTasks(run.run, [task]);
  switch (phase) {
    case 'pair':
      // A few records change no statistics, and looking at all of them would cost more than the rest of the run.
      if (run.mode !== 'events') await tx.refreshStatistics();
      return (await one({ queue: 'reconcile', payload: { kind: 'pair' }, size: 1 })).length;
    case 'reconcile':
      // A run over events has not read the other sides.
      if (run.mode !== 'events') await tx.settleUnmoved(run.sync, whenItBegan(run));
      return (await reconcileTasks(tx, run)).length;
    case 'rollup':
      return (await tx.addTasks(run.run, rollupTasks(runtime, run))).length;
    case 'seal':
      if (run.mode !== 'events') await tx.refreshStatistics();
      return (await one({ queue: 'reconcile', payload: { kind: 'seal' }, size: 1 })).length;
    case 'check':
      return addChecks(tx, runtime, run.run);
    case 'finish':
      return (await one({ queue: 'measure', payload: { kind: 'finish' }, size: 1 })).length;
    default:
      return 0;
  }
}

function reconcileTasks(tx: StoreTx, run: RunRow): Promise<readonly TaskRow[]> {
  return run.mode === 'events'
    ? tx.addNamedTasks(run.sync, run.run, GROUPS_PER_TASK)
    : tx.addReconcileTasks(run.sync, run.run, GROUPS_PER_TASK);
}

/**
 * Puts the tasks of a run that are not on the queue yet there. The queue is only a reminder: what it loses,
 * {@link ./runs.ts} finds again in the store.
 */
export async function enqueue(deps: EngineDeps, run: string): Promise<void> {
  const tasks = await deps.store.unqueuedTasks(run);
  if (tasks.length === 0) return;
  // A CRM takes few writes at once: jobs of one after those of another would hold every place and wait for each other.
  const spread = evenly(tasks, ({ payload }) => ('crm' in payload ? payload.crm : payload.kind));
  await deps.queue.add(spread.map(jobOf));
  await deps.store.markQueued(tasks);
}

/**
 * What comes next of a run. A small run of events goes on in the process that is at it: a way through the queue takes longer
 * than most of its steps. When the process dies its tasks are found again in the store, as those that the queue lost.
 */
async function goOn(deps: EngineDeps, run: RunRow, signal: AbortSignal): Promise<void> {
  if (run.mode !== 'events') return enqueue(deps, run.run);
  const tasks = await deps.store.unqueuedTasks(run.run);
  if (tasks.length > MOST_AT_HAND) return enqueue(deps, run.run);
  await deps.store.markQueued(tasks);
  await Promise.all(
    tasks.map(async (task) => {
      const { is } = await handleTask(deps, jobOf(task), signal);
      // It has to wait for a limit: that is what the queue is for.
      if (is === 'later' || is === 'again') await deps.queue.add([jobOf(task)]);
    }),
  );
}

/**
 * Ends a run that cannot go on. What it had done stays done; the next run continues from there. False when it has ended
 * already.
 */
export async function failRun(deps: EngineDeps, run: RunRow, error: unknown): Promise<boolean> {
  const message = error instanceof Error ? error.message : String(error);
  return deps.store.tx(async (tx) => {
    const current = await tx.loadRun(run.run, true);
    if (current?.state !== 'running') return false;
    const internal = () => ({
      ...faultOf('run.internal', { words: message }),
      code: 'internal',
      recovery: null,
    });
    const details = error instanceof OppsyncError ? error.details : internal();
    await tx.updateRun(run.run, {
      state: 'failed',
      finishedAt: deps.clock.now(),
      error: JSON.stringify(details),
    });
    await tx.releaseEvents(run.run);
    await tx.audit({
      at: deps.clock.now(),
      sync: run.sync,
      by: run.by,
      action: 'run.ended',
      details: { run: run.run, mode: run.mode, state: 'failed', code: details?.code ?? 'internal' },
    });
    return true;
  });
}
