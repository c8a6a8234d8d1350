import { OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import { endsWithin } from './ends-within.ts';

/** A restart of the database is over by then. */
const WITHIN_MS = 10_000;
/** While it is known to be away every job is handed back sooner. */
const WITHIN_WHEN_AWAY_MS = 1_000;

/** Waits for the database, less and less once it has been late. Throws `database.unreachable`; the work itself goes on. */
export function databaseReach(withinMs = WITHIN_MS, whenAwayMs = WITHIN_WHEN_AWAY_MS) {
  let away = false;
  return async <T>(answer: Promise<T>): Promise<T> => {
    const ms = away ? whenAwayMs : withinMs;
    away = !(await endsWithin(answer, ms));
    if (!away) return answer;
    throw new OppsyncError({
      recovery: 'retry',
      ...faultOf('database.lost', { words: `no answer within ${ms} ms` }),
      code: 'database.unreachable',
      unreachable: true,
    });
  };
}
