import { type Executor, row, sql } from './sql.ts';
import { WORKER_LOCK_CLASS } from './worker-lock.ts';

/** With the sweep that finds what they had, less than a minute goes by before others go on with it. */
export const SILENT_MS = 40_000;

/**
 * Ends the sessions of workers that have given no sign of life for so long: their machine is gone and the server has not
 * noticed, or they are stalled. One that comes back finds its tasks with others and writes nothing. Answers how many.
 */
export async function shutOutSilent(db: Executor, silentMs: number): Promise<number> {
  // The times of other roles' sessions are not shown to us: those are left alone.
  const found = await row<{ n: number }>(
    db,
    sql`select count(*) filter (where pg_terminate_backend(l.pid, 1000))::int as n
        from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid = ${WORKER_LOCK_CLASS}
          and l.database = (select oid from pg_database where datname = current_database())
          and a.state = 'idle' and a.state_change < clock_timestamp() - ${silentMs} * interval '1 ms'`,
  );
  return found?.n ?? 0;
}
