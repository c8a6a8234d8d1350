/** Turns waiting events into runs: one of a sync at a time, as soon as the first of them has waited long enough. */
import { type NotedFault, noted, OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { EpochMs, SyncName } from '../core/ids.ts';
import type { RunReport } from '../core/report.ts';
import type { RunRow } from '../core/store-rows.ts';
import { growingBackOff } from '../core/timing.ts';
import { awaitRun } from './await-run.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { startRun } from './runs.ts';

const LOOK_EVERY_MS = 200;
/** Before this a look would find no more than the last one did. */
const SOONEST_LOOK_MS = 10;
/** How long it is taken for granted that a sync has to wait for a person, or for another run. */
const HELD_MS = 2_000;
/** Pauses after runs that failed in a row: nothing is gained by asking a CRM that is down every two seconds. */
const BACK_OFF = { baseMs: 2_000, capMs: 15 * 60_000 };
/** Repeated deliveries are known for as long as a CRM may repeat them, and a few days beyond. */
const KEPT_MS = 8 * 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

/** How long an event of a sync may wait for others, ms; null = its events are left alone. */
export type WindowOf = (sync: SyncName) => number | null;

/** Works until the signal aborts. May go on in any number of processes. */
export async function pumpEvents(deps: EngineDeps, windowOf: WindowOf, signal: AbortSignal): Promise<void> {
  const { store, clock, log, sleep } = deps;
  const names = [...deps.syncs.keys()].filter((sync) => windowOf(sync) !== null);
  const busy = new Set<SyncName>();
  const notBefore = new Map<SyncName, EpochMs>();
  /** The event that waits longest, and since when by this clock: that of the process that stored it may be ahead. */
  const seen = new Map<SyncName, { readonly since: EpochMs; readonly at: EpochMs }>();
  let pruneAt = clock.now();
  while (!signal.aborted) {
    let nextIn = LOOK_EVERY_MS;
    try {
      const now = clock.now();
      if (now >= pruneAt) {
        pruneAt = now + PRUNE_EVERY_MS;
        await store.pruneEvents(now - KEPT_MS);
      }
      const idle = names.filter((sync) => !busy.has(sync) && (notBefore.get(sync) ?? 0) <= now);
      const waiting = idle.length === 0 ? [] : await store.oldestEvents(idle, now);
      for (const { sync, since } of waiting) {
        const runtime = deps.syncs.get(sync);
        const known = seen.get(sync);
        // Another run, or another process, may have taken the one that was seen before: this one waits anew.
        const at = known?.since === since ? known.at : now;
        seen.set(sync, { since, at });
        const left = Math.min(since, at) + (windowOf(sync) ?? 0) - now;
        if (left > 0) nextIn = Math.min(nextIn, Math.max(SOONEST_LOOK_MS, left));
        if (runtime === undefined || left > 0) continue;
        busy.add(sync);
        void runOnce(deps, runtime, signal)
          .then((ran) => {
            if (!ran) notBefore.set(sync, clock.now() + HELD_MS);
          })
          .finally(() => busy.delete(sync));
      }
    } catch (error) {
      // The database may be away for a while; events wait for it on the other side.
      if (!signal.aborted) log.warn('waiting events could not be looked for', { error: text(error) });
      await sleep(HELD_MS, signal).catch(() => undefined);
    }
    await sleep(nextIn, signal).catch(() => undefined);
  }
}

/** One run of what waits now. False when it has to wait for something else. Never throws. */
export async function runOnce(deps: EngineDeps, runtime: SyncRuntime, signal: AbortSignal): Promise<boolean> {
  const { store, clock } = deps;
  const sync = runtime.settings.name;
  const log = deps.log.child({ sync });
  try {
    if ((await store.eventsHeld(sync, clock.now())) !== null) return false;
    const going = await store.runningRun(sync);
    if (going !== null && !(await isOurs(deps, going))) return false;
    const mode = going === null ? 'events' : going.mode;
    const options = {
      by: going?.by ?? 'events',
      full: going?.full ?? false,
      ...(going?.mode === 'apply' ? { digest: going.planDigest ?? '' } : {}),
      ...(going?.undoes == null ? {} : { undoes: going.undoes }),
    };
    const run = await startRun(deps, runtime, mode, options, signal);
    const ended = await awaitRun(deps, run, signal);
    if (ended.state === 'parked') log.warn('run of events parked: a person has to look at its plan', { run });
    if (mode === 'events' && saysNothing(ended.report)) await store.forgetRun(run);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const expected = error instanceof OppsyncError && error.details.code === 'run.going_on';
    if (!expected) await holdBack(deps, sync, error);
    return false;
  }
}

/** The next try waits longer each time, in whichever process it is; a run that goes well ends that ({@link ./finish.ts}). */
async function holdBack(deps: EngineDeps, sync: SyncName, error: unknown): Promise<void> {
  const { store, clock, random } = deps;
  const log = deps.log.child({ sync });
  try {
    const before = await store.eventTrouble(sync);
    const failures = (before?.failures ?? 0) + 1;
    const waitMs = growingBackOff(BACK_OFF, failures, random.next());
    const details = detailsOf(error);
    const now = clock.now();
    await store.noteEventTrouble(sync, {
      ...{ failures, since: before?.since ?? now, nextAt: now + waitMs },
      error: details,
    });
    log.error('run of events failed', { error: details.message, failures, nextInMs: waitMs });
  } catch (other) {
    log.error('run of events failed', { error: text(error), store: text(other) });
  }
}

function detailsOf(error: unknown): NotedFault {
  if (error instanceof OppsyncError) return noted(error.details);
  return { ...faultOf('run.internal', { words: text(error) }), code: 'internal' };
}

/** Such as one that found our own writes coming back: there would be one of these for every that wrote something. */
function saysNothing(report: RunReport | null): boolean {
  if (report === null || report.plan !== null) return false;
  const { conflict, quarantined, held } = report.outcomes;
  return conflict + quarantined + held === 0;
}

/** A run whose process died is gone on with, whatever its kind; nobody else may be waiting for it. */
async function isOurs({ store }: EngineDeps, going: RunRow): Promise<boolean> {
  // Of our own kind this process has one at a time: it lost hold of this one, as when the database was away.
  if (going.owner === store.worker) return going.mode === 'events';
  return !(await store.isWorkerAlive(going.owner));
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
