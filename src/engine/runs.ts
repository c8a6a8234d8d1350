import type { NewAudit } from '../core/audit.ts';
import { OppsyncError } from '../core/errors.ts';
import type { Crm, EpochMs, RunId } from '../core/ids.ts';
import { pushTask } from '../core/plan.ts';
import type { RunMode, RunProgress } from '../core/report.ts';
import type { NewTask, RunRow, StoreTx } from '../core/store-port.ts';
import { callsSoFar, settleCalls } from './calls.ts';
import { FULL_EVERY_MS } from './complete-reading.ts';
import { requireCreators } from './creation-rules.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { beginEvents } from './events.ts';
import { readFacts } from './facts.ts';
import { readingCalls, requireRoom } from './forecast.ts';
import { advance, enqueue } from './handle-task.ts';
import { eventsGoOn, letEventsEnd } from './wait-for-events.ts';

/** A full reading this cheap is always made: it is consistent, sees deletions, and needs no trust in a search index. */
const CHEAP_PAGES = 100;
/** So long what was found out about the accounts does for runs of events. */
const FACTS_GOOD_MS = 15 * 60_000;
const LOOK_EVERY_MS = 100;
const LONGEST_LOOK_MS = 500;
/** How often it is looked how far a run is when nobody wants to be told. */
const MOVED_EVERY_MS = 1_000;
const GROUPS_PER_UNDO = 500;
/** How often events may be quicker than a run that is to start. */
const MOST_TRIES = 50;
/** As many characters of a digest have to be given. */
const SHORTEST_DIGEST = 8;
/** How long an open run may stand without a job in the queue before its tasks are put there again. */
const REVIVE_AFTER_MS = 5_000;

export interface StartOptions {
  readonly by: string;
  readonly full: boolean;
  /** With mode `apply`: the digest of the plan. */
  readonly digest?: string;
  /** With mode `undo`: the run to take back. */
  readonly undoes?: RunId;
  /** Try writes again that a CRM refused before. */
  readonly retryRefused?: boolean;
}

/**
 * Starts a run of a sync, or goes on with one of the same kind that its process did not live to finish. Two runs of one
 * sync never go on at once: one of events is waited for, any other that is alive is a refusal.
 */
export async function startRun(
  deps: EngineDeps,
  runtime: SyncRuntime,
  mode: RunMode,
  options: StartOptions,
  signal: AbortSignal,
): Promise<RunId> {
  let found: Found | null = null;
  const find = async (): Promise<Found> => {
    found ??= (await knownFacts(deps, runtime, mode, options)) ?? {
      facts: await readFacts(runtime, signal),
      at: null,
      run: null,
    };
    return found;
  };
  for (let tries = 1; ; tries++) {
    if (mode !== 'events') await letEventsEnd(deps, runtime.settings.name, signal);
    try {
      return await beginRun(deps, runtime, mode, options, find);
    } catch (error) {
      // The next events may have been quicker than we were.
      const again =
        mode !== 'events' && tries < MOST_TRIES && (await eventsGoOn(deps, runtime.settings.name));
      if (!again || !(error instanceof OppsyncError) || error.details.code !== 'run.going_on') throw error;
    }
  }
}

interface Found {
  readonly facts: RunRow['facts'];
  /** When they were read, and by which run; null = now, for this one. */
  readonly at: EpochMs | null;
  readonly run: RunId | null;
}

async function beginRun(
  deps: EngineDeps,
  runtime: SyncRuntime,
  mode: RunMode,
  options: StartOptions,
  find: () => Promise<Found>,
): Promise<RunId> {
  const { store, clock } = deps;
  const sync = runtime.settings.name;
  const going = await store.runningRun(sync);
  if (going !== null) {
    const resumed = await takeOver(deps, runtime, going, mode, options);
    if (resumed) return going.run;
  }
  const known = await find();
  const { facts } = known;
  requireStages(runtime, facts);
  if (mode !== 'undo' && mode !== 'pair') requireCreators(runtime, facts);
  const run: RunRow = {
    run: newRunId(deps),
    sync,
    mode,
    ...(known.run === null ? {} : { factsAt: known.at, factsOf: mode === 'events' ? known.run : null }),
    phase: mode === 'apply' ? 'push' : mode === 'undo' ? 'reconcile' : 'pull',
    state: 'running',
    by: options.by,
    owner: store.worker,
    full: options.full,
    settingsDigest: runtime.settingsDigest,
    facts,
    planDigest: options.digest ?? null,
    undoes: options.undoes ?? null,
    problems: [],
    calls: {},
    startedAt: clock.now(),
    finishedAt: null,
    report: null,
    error: null,
  };
  if (mode === 'apply') await requireRoom(deps, runtime, await callsOfPlan(deps, sync, run.planDigest ?? ''));
  if (mode === 'apply') await beginApply(deps, runtime, run);
  else if (mode === 'undo') await beginUndo(deps, runtime, run);
  else if (mode === 'events') await beginEvents(deps, runtime, run);
  else await beginPull(deps, runtime, run, options);
  await settleCalls(deps, runtime, run.run);
  await enqueue(deps, run.run);
  return run.run;
}

/**
 * What a run need not find out about the accounts itself. A plan is carried out with what was known when it was made, and
 * events come too often to ask each time: neither costs a call.
 */
async function knownFacts(
  { store, clock }: EngineDeps,
  { settings, settingsDigest }: SyncRuntime,
  mode: RunMode,
  { digest = '' }: StartOptions,
): Promise<Awaited<ReturnType<StoreTx['recentFacts']>>> {
  if (mode === 'events') return store.recentFacts(settings.name, settingsDigest, clock.now() - FACTS_GOOD_MS);
  if (mode !== 'apply' || digest.length < SHORTEST_DIGEST) return null;
  const plan = await store.findPlan(settings.name, digest);
  const planned = plan === null ? null : await store.loadRun(plan.run);
  if (planned === null) return null;
  return { run: planned.run, facts: planned.facts, at: planned.factsAt ?? planned.startedAt };
}

async function callsOfPlan(deps: EngineDeps, sync: string, digest: string) {
  const plan = digest.length < SHORTEST_DIGEST ? null : await deps.store.findPlan(sync, digest);
  return plan?.predictedCalls ?? {};
}

/** Without the stage nothing can be judged or compared: a sync that cannot read it does not start. */
function requireStages(runtime: SyncRuntime, facts: RunRow['facts']): void {
  for (const crm of runtime.settings.sides) {
    const account = facts[crm];
    const readable = account?.fields.some((fact) => fact.field === 'stage' && fact.readable) === true;
    if (readable) continue;
    const problem = account?.problems.find(({ field }) => field === 'stage');
    throw new OppsyncError({
      recovery: 'fix',
      code: 'stage.unreadable',
      message: problem?.message ?? `${crm} does not show the stage of its records`,
      remedy: problem?.remedy ?? `give the ${crm} user read permission on the stage`,
      crm,
    });
  }
}

/** Goes on with a run left open, or ends it; refuses when it is alive in another process. */
async function takeOver(
  deps: EngineDeps,
  runtime: SyncRuntime,
  going: RunRow,
  mode: RunMode,
  options: StartOptions,
): Promise<boolean> {
  const { store, clock } = deps;
  const rests = going.error !== null;
  if (!rests && going.owner !== store.worker && (await store.isWorkerAlive(going.owner))) {
    throw new OppsyncError({
      recovery: 'refuse',
      code: 'run.going_on',
      message: `sync ${going.sync} is already running (run ${going.run}, started by ${going.by})`,
      remedy: 'wait for it to end; `oppsync runs` shows its progress',
    });
  }
  const same =
    going.mode === mode &&
    going.settingsDigest === runtime.settingsDigest &&
    (mode !== 'apply' || going.planDigest?.startsWith(options.digest ?? '') === true) &&
    (mode !== 'undo' || going.undoes === options.undoes) &&
    (going.full || !options.full) &&
    // It may have decided already, and refused writes are let go of when a run begins.
    options.retryRefused !== true;
  if (!same) {
    await store.tx(async (tx) => {
      await tx.updateRun(going.run, { state: 'interrupted', finishedAt: clock.now() });
      await tx.releaseEvents(going.run);
      const details = { run: going.run, mode: going.mode, state: 'interrupted' };
      await tx.audit({ at: clock.now(), sync: going.sync, by: options.by, action: 'run.ended', details });
    });
    return false;
  }
  await store.updateRun(going.run, { owner: store.worker, error: null });
  await store.reviveTasks(going.run);
  await enqueue(deps, going.run);
  deps.log.info('run resumed', { run: going.run, sync: going.sync });
  return true;
}

async function beginPull(
  deps: EngineDeps,
  runtime: SyncRuntime,
  run: RunRow,
  options: StartOptions,
): Promise<void> {
  const { store, clock } = deps;
  const pulls: NewTask[] = [];
  for (const crm of runtime.settings.sides) {
    const cursor = await store.cursor(run.sync, crm);
    const page = runtime.connectors[crm]?.capabilities.fullPage ?? 100;
    const cheap = cursor?.fullRows !== null && Math.ceil((cursor?.fullRows ?? 0) / page) <= CHEAP_PAGES;
    const old = cursor?.fullAt === null || clock.now() - (cursor?.fullAt ?? 0) >= FULL_EVERY_MS;
    const since = options.full || cursor === null || cheap || old ? null : cursor.mark;
    const payload = { kind: 'pull', crm, position: null, since, seen: 0, expected: null } as const;
    pulls.push({ queue: 'pull', payload, size: 1 });
  }
  const isFull = (crm: Crm): boolean =>
    pulls.some(({ payload }) => payload.kind === 'pull' && payload.crm === crm && payload.since === null);
  await requireRoom(deps, runtime, await readingCalls(deps, runtime, run, isFull));
  await store.tx(async (tx) => {
    await tx.registerSync(run.sync, run.settingsDigest, clock.now());
    await tx.insertRun(run);
    // A run that only reads and pairs leaves the open plan as it is.
    if (run.mode !== 'pair') await tx.dropUnwritten(run.sync, run.run);
    if (options.retryRefused === true) await tx.clearQuarantine(run.sync);
    await tx.addTasks(run.run, pulls);
    await tx.audit(started(run));
  });
}

async function beginApply(deps: EngineDeps, runtime: SyncRuntime, run: RunRow): Promise<void> {
  const { store, clock } = deps;
  await store.tx(async (tx) => {
    const digest = run.planDigest ?? '';
    if (digest.length < SHORTEST_DIGEST) throw noPlan(digest, 'a digest has at least 8 characters');
    const plan = await tx.findPlan(run.sync, digest);
    if (plan === null) throw noPlan(digest, 'there is no plan with this digest');
    if (plan.state !== 'open') throw noPlan(plan.digest, `this plan is ${plan.state}`);
    if (plan.expiresAt < clock.now()) throw noPlan(plan.digest, 'it has expired');
    const full: RunRow = { ...run, planDigest: plan.digest };
    await tx.insertRun(full);
    for (const crm of runtime.settings.sides) {
      const connector = runtime.connectors[crm];
      if (connector !== undefined)
        await tx.addPushTasks(run.run, plan.run, crm, pushTask(connector.capabilities));
    }
    if ((await tx.openTasks(run.run)) === 0) await advance(tx, runtime, full);
    await release(tx, full, plan.run);
  });
}

/** A person approves a plan: written down with every brake that had stopped it. */
async function release(tx: StoreTx, run: RunRow, planned: RunId): Promise<void> {
  const problems = (await tx.loadRun(planned))?.problems ?? [];
  for (const { brake, params } of problems) {
    if (brake !== 'source_shrank') continue;
    const missing = Number(params?.['known']) - Number(params?.['seen']);
    if (missing > 0) await tx.acceptLoss(run.sync, String(params?.['crm']), missing, run.by, run.startedAt);
  }
  const brakes = problems.map(({ brake, message }) => ({ brake, message }));
  const about = { at: run.startedAt, sync: run.sync, by: run.by };
  await tx.audit({
    ...about,
    action: 'plan.released',
    details: { digest: run.planDigest, planned, run: run.run, brakes },
  });
  await tx.audit(started(run));
}

function started(run: RunRow): NewAudit {
  const undoes = run.undoes == null ? {} : { undoes: run.undoes };
  return {
    at: run.startedAt,
    sync: run.sync,
    by: run.by,
    action: 'run.started',
    details: { run: run.run, mode: run.mode, ...undoes },
  };
}

async function beginUndo(deps: EngineDeps, runtime: SyncRuntime, run: RunRow): Promise<void> {
  const undoes = run.undoes ?? '';
  await deps.store.tx(async (tx) => {
    const before = await tx.loadRun(undoes);
    const groups = before?.sync === run.sync ? await tx.writtenBy(run.sync, undoes) : [];
    if (groups.length === 0 && !(await wroteRollups(tx, runtime, run)))
      throw nothingToUndo(run.sync, undoes, before?.sync === run.sync);
    await tx.insertRun(run);
    await tx.dropUnwritten(run.sync, run.run);
    const tasks: NewTask[] = [];
    for (let start = 0; start < groups.length; start += GROUPS_PER_UNDO) {
      const slice = groups.slice(start, start + GROUPS_PER_UNDO);
      tasks.push({ queue: 'reconcile', payload: { kind: 'undo', groups: slice }, size: slice.length });
    }
    await tx.addTasks(run.run, tasks);
    if (tasks.length === 0) await advance(tx, runtime, run);
    await tx.audit(started(run));
  });
}

async function wroteRollups(
  tx: StoreTx,
  { settings, connectors }: SyncRuntime,
  run: RunRow,
): Promise<boolean> {
  for (const crm of settings.sides) {
    if (connectors[crm]?.rollups === undefined) continue;
    if ((await tx.rollupsWrittenBy(run.sync, run.undoes ?? '', crm, '', 1)).length > 0) return true;
  }
  return false;
}

function nothingToUndo(sync: string, run: RunId, known: boolean): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    code: known ? 'undo.nothing' : 'undo.unknown_run',
    message: known ? `run ${run} wrote nothing that could be taken back` : `sync ${sync} has no run ${run}`,
    remedy: '`oppsync runs` lists the runs and what they wrote',
  });
}

function noPlan(digest: string, why: string): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    code: 'plan.not_open',
    message: `plan ${digest} cannot be applied: ${why}`,
    remedy: 'make a new one with `oppsync plan` and apply its digest',
  });
}

/**
 * Waits until a run has ended, telling its progress. Tasks the queue has lost (emptied, restarted) are put back.
 *
 * @throws OppsyncError what ended the run, when it failed
 */
export async function awaitRun(
  deps: EngineDeps,
  run: RunId,
  signal: AbortSignal,
  onProgress?: (progress: RunProgress) => void,
): Promise<RunRow> {
  const { store, clock, sleep } = deps;
  let last = '';
  let movedAt = clock.now();
  let lookAt = clock.now() + (onProgress === undefined ? MOVED_EVERY_MS : 0);
  for (;;) {
    const row = await store.loadRun(run);
    if (row === null) throw new Error(`run ${run} is gone`);
    if (row.state !== 'running') return ended(row);
    if (row.error !== null) throw errorOf(row);
    if (clock.now() >= lookAt) {
      if (onProgress === undefined) lookAt = clock.now() + MOVED_EVERY_MS;
      const progress = await store.progress(run);
      const sign = JSON.stringify(progress);
      if (sign !== last) {
        [last, movedAt] = [sign, clock.now()];
        onProgress?.({ ...progress, calls: callsSoFar(deps.syncs.get(row.sync), row.calls) });
      } else if (clock.now() - movedAt > REVIVE_AFTER_MS) {
        movedAt = clock.now();
        if (await isQueueEmpty(deps)) {
          await store.reviveTasks(run);
          await enqueue(deps, run);
        }
      }
    }
    // A short run is seen to end at once; a long one is not slowed down by being looked at.
    await sleep(Math.min(LONGEST_LOOK_MS, LOOK_EVERY_MS + (clock.now() - row.startedAt) / 50), signal);
  }
}

async function isQueueEmpty(deps: EngineDeps): Promise<boolean> {
  const depths = Object.values(await deps.queue.depth());
  return depths.every((depth) => depth.waiting + depth.active + depth.delayed === 0);
}

function ended(row: RunRow): RunRow {
  if (row.state !== 'failed') return row;
  throw errorOf(row);
}

/** The error that ended a run, as it was stored. */
export function errorOf(row: RunRow): OppsyncError {
  const details = parseDetails(row.error);
  return new OppsyncError({
    recovery: details.recovery ?? 'stop',
    code: details.code ?? 'run.failed',
    message: details.message ?? row.error ?? `run ${row.run} failed`,
    remedy: details.remedy ?? 'run it again; what was done stays done',
    ...(details.crm === undefined ? {} : { crm: details.crm }),
    ...(details.unreachable === true ? { unreachable: true } : {}),
    ...(details.resumesAt === undefined ? {} : { resumesAt: details.resumesAt }),
  });
}

function parseDetails(text: string | null): Partial<OppsyncError['details']> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Sortable by time: `r_` + epoch ms + 6 random letters. */
function newRunId(deps: EngineDeps): RunId {
  const letters = Math.floor(deps.random.next() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  return `r_${deps.clock.now()}_${letters}`;
}
