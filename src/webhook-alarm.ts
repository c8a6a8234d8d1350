/** Deliveries that were refused and never come again: somebody is told, and what they may have said is read. */
import type { Crm, EpochMs, SyncName } from './core/ids.ts';
import type { Clock, Log, Sleep } from './core/ports.ts';

/** Who starts the runs that read instead, as lists of runs and `status` show it. */
export const BY_REFUSED_WEBHOOKS = 'refused webhooks';

/** More than so many within this time are no accident: a secret was changed, or an address. */
const MOST = 5;
const WITHIN_MS = 300_000;
/** Anybody can send what is refused: it never makes a sync read more often than this. */
const APART_MS = 900_000;
/** What changed as shortly before a reading may not be found yet: search indexes trail behind. */
const TRAILS_MS = 120_000;

export interface AlarmDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  /** Reads what has changed lately. Answers whether it did; may throw. */
  readonly readAgain: (sync: SyncName) => Promise<boolean>;
}

interface Refusals {
  /** The last few. */
  moments: number[];
  readsAgain: boolean;
}

/** Answers the function that is told of each refusal, with the syncs it seems to have been for. */
export function webhookAlarm(deps: AlarmDeps): (crm: Crm, syncs: readonly SyncName[]) => void {
  const { clock, sleep, signal } = deps;
  const refusals = new Map<SyncName, Refusals>();

  async function readWhileRefused(crm: Crm, sync: SyncName, own: Refusals): Promise<void> {
    const log = deps.log.child({ crm, sync });
    for (let readAt = Number.NEGATIVE_INFINITY; isLeft(own, readAt) && !signal.aborted; ) {
      log.error('webhooks are refused, so what changed lately is read instead', {
        reason:
          'more than five deliveries within five minutes were not believed, and the CRM does not repeat them',
        remedy:
          'see the warnings "webhook refused": a secret or http.publicUrl is not right, or somebody is guessing',
      });
      const begunAt = clock.now();
      try {
        if (await deps.readAgain(sync)) readAt = begunAt;
      } catch (error) {
        if (!signal.aborted)
          log.error('what changed lately could not be read', {
            error: error instanceof Error ? error.message : String(error),
          });
      }
      await sleep(APART_MS, signal).catch(() => undefined);
    }
    own.readsAgain = false;
  }

  return (crm, syncs) => {
    const now = clock.now();
    for (const sync of syncs) {
      const own = refusals.get(sync) ?? { moments: [], readsAgain: false };
      refusals.set(sync, own);
      own.moments = [...own.moments, now].slice(-MOST - 1);
      const isSpike = own.moments.length > MOST && now - (own.moments[0] ?? now) <= WITHIN_MS;
      if (own.readsAgain || !isSpike) continue;
      own.readsAgain = true;
      void readWhileRefused(crm, sync, own);
    }
  };
}

/** Has one come that a reading at that moment may not have made up for? */
function isLeft({ moments }: Refusals, readAt: EpochMs): boolean {
  return (moments.at(-1) ?? Number.NEGATIVE_INFINITY) > readAt - TRAILS_MS;
}
