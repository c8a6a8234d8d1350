import type { SyncName } from '../core/ids.ts';
import { type Executor, rows, sql } from './sql.ts';

export interface RecordCount {
  readonly sync: SyncName;
  /** An outcome, `conflict` or `quarantine`. */
  readonly label: string;
  readonly n: number;
}

/** Records of every sync by their last outcome, and what waits for a person. */
export interface RecordCounts {
  readonly outcomes: readonly RecordCount[];
  readonly waiting: readonly RecordCount[];
}

/** Goes through all records: not for every few seconds. */
export async function recordCounts(db: Executor): Promise<RecordCounts> {
  const [outcomes, waiting] = await Promise.all([
    rows<RecordCount>(
      db,
      // What a run before the last one changed has been found to agree since, or it would have been decided again.
      sql`with last as materialized (
            select s.sync, (select run from runs where sync = s.sync and report is not null
                            order by started_at desc limit 1) as run from syncs s),
          counted as (
            select sync, outcome, outcome_run, pair is null as alone, count(*)::int as n
            from snapshots where outcome is not null group by 1, 2, 3, 4)
          select c.sync, case when c.outcome <> 'changed' or c.outcome_run = l.run then c.outcome
              when c.alone then 'unpaired' else 'in_sync' end as label, sum(c.n)::int as n
          from counted c join last l on l.sync = c.sync group by 1, 2`,
    ),
    rows<RecordCount>(
      db,
      sql`select sync, 'conflict' as label, count(*)::int as n from conflicts group by 1
          union all select sync, 'quarantine', count(*)::int from quarantine group by 1`,
    ),
  ]);
  return { outcomes, waiting };
}
