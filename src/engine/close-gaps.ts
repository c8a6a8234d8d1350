/** Where a stream could not name what changed, an ordinary run reads it: everything changed since the last reading. */
import type { StreamStore } from '../core/change-stream-port.ts';
import type { Crm, EpochMs, SyncName } from '../core/ids.ts';
import { nextBackOff } from '../core/timing.ts';
import type { EngineDeps } from './deps.ts';
import { readAgain } from './read-again.ts';

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
        const readFrom = await readAgain(deps, runtime, 'change events', signal);
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
