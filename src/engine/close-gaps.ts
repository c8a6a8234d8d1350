/** Where a stream could not name what changed, an ordinary run reads it: everything changed since the last reading. */
import type { StreamStore } from '../core/change-stream-port.ts';
import { OppsyncError } from '../core/errors.ts';
import type { Crm, EpochMs, SyncName } from '../core/ids.ts';
import { nextBackOff } from '../core/timing.ts';
import { awaitRun } from './await-run.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { startRun } from './runs.ts';

const LOOK_EVERY_MS = 500;
/** However many gaps there are, such runs of one sync move apart, from the first to the second of these; ms. */
const APART_MS = 1_000;
const MOST_APART_MS = 60_000;
const AGAIN = { baseMs: 2_000, capMs: 300_000 };

interface Turn {
  endedAt: EpochMs;
  notBefore: EpochMs;
  /** Before the next one after a good one, and after one that failed. */
  apart: number;
  pause: number;
}

/** Works until the signal aborts. A sync whose plans wait for a person waits as well. */
export async function closeGaps(
  deps: EngineDeps,
  streams: StreamStore,
  crm: Crm,
  syncs: readonly SyncName[],
  signal: AbortSignal,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<void> {
  const { clock, sleep, log } = deps;
  const turns = new Map<SyncName, Turn>();
  while (!signal.aborted) {
    try {
      for (const { sync, gapAt } of await streams.load(crm, syncs)) {
        const runtime = deps.syncs.get(sync);
        if (gapAt === null || runtime === undefined) continue;
        const turn = turns.get(sync) ?? { endedAt: 0, notBefore: 0, apart: 0, pause: 0 };
        turns.set(sync, turn);
        const now = clock.now();
        if (now < turn.notBefore || (await deps.store.eventsHeld(sync, now)) !== null) continue;
        if (now - turn.endedAt > MOST_APART_MS) turn.apart = 0;
        const readFrom = await readAgain(deps, runtime, signal);
        if (readFrom !== null) await streams.closeGap(sync, crm, readFrom);
        turn.endedAt = clock.now();
        turn.apart = Math.min(MOST_APART_MS, Math.max(APART_MS, turn.apart * 3));
        turn.pause = readFrom === null ? nextBackOff(AGAIN, turn.pause, deps.random.next()) : 0;
        turn.notBefore = turn.endedAt + (readFrom === null ? turn.pause : turn.apart);
      }
    } catch (error) {
      if (!signal.aborted)
        log.warn('gaps of change events could not be looked after', {
          error: error instanceof Error ? error.message : String(error),
        });
    }
    await sleep(lookEveryMs, signal).catch(() => undefined);
  }
}

/** Answers since when everything is read; null when it has to be tried again. */
async function readAgain(
  deps: EngineDeps,
  runtime: SyncRuntime,
  signal: AbortSignal,
): Promise<EpochMs | null> {
  const log = deps.log.child({ sync: runtime.settings.name });
  try {
    const run = await startRun(deps, runtime, 'sync', { by: 'change events', full: false }, signal);
    const { state, startedAt } = await awaitRun(deps, run, signal);
    log.info('what changed lately was read again', { run, state });
    return state === 'done' || state === 'parked' ? startedAt : null;
  } catch (error) {
    if (signal.aborted) return null;
    // Another run is going on; when it has ended it will be our turn.
    if (!(error instanceof OppsyncError && error.details.code === 'run.going_on'))
      log.error('what changed lately could not be read again', {
        error: error instanceof Error ? error.message : String(error),
      });
    return null;
  }
}
