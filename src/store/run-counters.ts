import type { Crm, SyncName } from '../core/ids.ts';
import { type Executor, rows, sql } from './sql.ts';

/** Totals over all runs, for counters that only grow. */
export interface RunCounters {
  readonly calls: readonly { readonly sync: SyncName; readonly crm: Crm; readonly n: number }[];
  readonly runs: readonly { readonly sync: SyncName; readonly state: string; readonly n: number }[];
  /** Plans of runs that a brake stopped. */
  readonly brakes: readonly { readonly sync: SyncName; readonly brake: string; readonly n: number }[];
  /** When each CRM was last read to the end, epoch ms. */
  readonly readAt: readonly { readonly sync: SyncName; readonly crm: Crm; readonly at: number }[];
}

export async function runCounters(db: Executor): Promise<RunCounters> {
  const [calls, runs, brakes, readAt] = await Promise.all([
    rows<{ sync: string; crm: Crm; n: number }>(
      db,
      sql`select sync, c.key as crm, sum(c.value::bigint)::float8 as n from runs, jsonb_each_text(calls) c group by 1, 2 order by 1, 2`,
    ),
    rows<{ sync: string; state: string; n: number }>(
      db,
      sql`select sync, state, count(*)::int as n from runs group by 1, 2 order by 1, 2`,
    ),
    rows<{ sync: string; brake: string; n: number }>(
      db,
      sql`select sync, p ->> 'brake' as brake, count(*)::int as n from runs, json_array_elements(problems) p
          where state = 'parked' group by 1, 2 order by 1, 2`,
    ),
    rows<{ sync: string; crm: Crm; at: string }>(
      db,
      sql`select sync, crm, read_at as at from cursors order by 1, 2`,
    ),
  ]);
  return { calls, runs, brakes, readAt: readAt.map((mark) => ({ ...mark, at: Number(mark.at) })) };
}
