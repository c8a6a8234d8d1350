import type { EpochMs } from '../core/ids.ts';
import type { EventTrouble, InboxTx } from '../core/inbox-port.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

interface TroubleRecord {
  failures: number;
  since: EpochMs;
  next_at: EpochMs;
  error: EventTrouble['error'];
}

/** Runs of events that failed in a row. */
export function eventTroubles(db: Executor): Pick<InboxTx, 'eventTrouble' | 'noteEventTrouble'> {
  return {
    async eventTrouble(sync) {
      const found = await row<TroubleRecord>(
        db,
        sql`select failures, since, next_at, error from event_troubles where sync = ${sync}`,
      );
      if (found === null) return null;
      const { next_at: nextAt, ...trouble } = found;
      return { ...trouble, nextAt };
    },

    async noteEventTrouble(sync, trouble) {
      await rows(
        db,
        trouble === null
          ? sql`delete from event_troubles where sync = ${sync}`
          : sql`insert into event_troubles (sync, failures, since, next_at, error)
                values (${sync}, ${trouble.failures}, ${trouble.since}, ${trouble.nextAt}, ${json(trouble.error)})
                on conflict (sync) do update set failures = excluded.failures, since = excluded.since,
                  next_at = excluded.next_at, error = excluded.error`,
      );
    },
  };
}
