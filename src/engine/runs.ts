import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { EpochMs, RunId } from '../core/ids.ts';
import type { RunMode } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow } from '../core/store-rows.ts';
import { beginApply, SHORTEST_DIGEST } from './begin-apply.ts';
import { beginPull, readingsOf } from './begin-pull.ts';
import { beginUndo } from './begin-undo.ts';
import { settleCalls } from './calls.ts';
import { requireCreators } from './creation-rules.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { beginEvents } from './events.ts';
import { readFacts } from './facts.ts';
import { readingCalls, requireRoom } from './forecast.ts';
import { enqueue } from './handle-task.ts';
import { tellEnded, tellStarted } from './tell-run.ts';
import { eventsGoOn, letEventsEnd } from './wait-for-events.ts';

/** So long what was found out about the accounts does for runs of events. */
const FACTS_GOOD_MS = 15 * 60_000;
/** How often events may be quicker than a run that is to start. */
const MOST_TRIES = 50;

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
  if (going !== null && (await goOnWith(deps, runtime, going, mode, options))) return going.run;
  const known = await find();
  const { facts } = known;
  requireStages(runtime, facts);
  if (mode !== 'undo' && mode !== 'pair') requireCreators(runtime, facts);
  const reads = mode !== 'apply' && mode !== 'undo' && mode !== 'events';
  const readings = reads ? await readingsOf(deps, runtime, options) : [];
  if (reads) await requireRoom(deps, runtime, await readingCalls(deps, runtime, readings));
  if (mode === 'apply') await requireRoom(deps, runtime, await callsOfPlan(deps, sync, options.digest ?? ''));
  // Only now: what cannot begin itself must not end one that rests and would have gone on.
  if (going !== null) await interrupt(deps, going, options.by);
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
  if (mode === 'apply') await beginApply(deps, runtime, run);
  else if (mode === 'undo') await beginUndo(deps, runtime, run);
  else if (mode === 'events') await beginEvents(deps, runtime, run);
  else await beginPull(deps, run, readings, options);
  await settleCalls(deps, runtime, run.run);
  await tellStarted(deps, run);
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
      ...(problem ?? faultOf('stage.unreadable', { crm })),
      ...{ recovery: 'fix', code: 'stage.unreadable', crm },
    });
  }
}

/** Goes on with a run left open when it is what is asked for; refuses when it is alive in another process. */
async function goOnWith(
  deps: EngineDeps,
  runtime: SyncRuntime,
  going: RunRow,
  mode: RunMode,
  options: StartOptions,
): Promise<boolean> {
  const { store } = deps;
  const rests = going.error !== null;
  if (!rests && going.owner !== store.worker && (await store.isWorkerAlive(going.owner))) throw alive(going);
  const same =
    going.mode === mode &&
    going.settingsDigest === runtime.settingsDigest &&
    (mode !== 'apply' || going.planDigest?.startsWith(options.digest ?? '') === true) &&
    (mode !== 'undo' || going.undoes === options.undoes) &&
    (going.full || !options.full) &&
    // It may have decided already, and refused writes are let go of when a run begins.
    options.retryRefused !== true;
  if (!same) return false;
  await store.updateRun(going.run, { owner: store.worker, error: null });
  await store.reviveTasks(going.run);
  await enqueue(deps, going.run);
  deps.log.info('run resumed', { run: going.run, sync: going.sync });
  return true;
}

/** Ends a run left open, for another one. */
async function interrupt(deps: EngineDeps, going: RunRow, by: string): Promise<void> {
  const { store, clock } = deps;
  const ended = await store.tx(async (tx) => {
    const current = await tx.loadRun(going.run, true);
    if (current?.state !== 'running') return false;
    if (going.error !== null && current.error === null) throw alive(current);
    await tx.updateRun(going.run, { state: 'interrupted', finishedAt: clock.now() });
    await tx.releaseEvents(going.run);
    const details = { run: going.run, mode: going.mode, state: 'interrupted' };
    await tx.audit({ at: clock.now(), sync: going.sync, by, action: 'run.ended', details });
    return true;
  });
  if (ended) await tellEnded(deps, going.run);
}

function alive({ sync, run, by }: RunRow): OppsyncError {
  return new OppsyncError({ recovery: 'refuse', ...faultOf('run.going_on', { sync, run, by }) });
}

/** Sortable by time: `r_` + epoch ms + 6 random letters. */
function newRunId(deps: EngineDeps): RunId {
  const letters = Math.floor(deps.random.next() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  return `r_${deps.clock.now()}_${letters}`;
}
