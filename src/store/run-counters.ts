import type { Crm, EpochMs, SyncName } from '../core/ids.ts';
import { type Executor, rows, sql } from './sql.ts';

/** Totals over all runs, for counters that only grow; and where the last ones stand. */
export interface RunCounters {
  readonly calls: readonly { readonly sync: SyncName; readonly crm: Crm; readonly n: number }[];
  /** Runs that have ended. */
  readonly runs: readonly { readonly sync: SyncName; readonly state: string; readonly n: number }[];
  /** Plans of runs that a brake stopped. */
  readonly brakes: readonly { readonly sync: SyncName; readonly brake: string; readonly n: number }[];
  /** Syncs with a run going on, and since when. */
  readonly going: readonly { readonly sync: SyncName; readonly at: EpochMs }[];
  /** When each CRM was last read to the end, epoch ms. */
  readonly readAt: readonly { readonly sync: SyncName; readonly crm: Crm; readonly at: EpochMs }[];
  /** End of the last good run that may write. */
  readonly lastGood: readonly { readonly sync: SyncName; readonly at: EpochMs }[];
  /** Runs of events that failed in a row. */
  readonly failures: readonly { readonly sync: SyncName; readonly n: number }[];
}

export async function runCounters(db: Executor, syncs: readonly SyncName[]): Promise<RunCounters> {
  const [totals, going, readAt, lastGood, failures] = await Promise.all([
    rows<{ sync: string; what: string; label: string; n: number }>(
      db,
      sql`select sync, what, label, n::float8 as n from run_totals order by 1, 2, 3`,
    ),
    rows<{ sync: string; at: number }>(
      db,
      sql`select sync, started_at as at from runs where state = 'running' order by 1`,
    ),
    rows<{ sync: string; crm: Crm; at: number }>(
      db,
      sql`select sync, crm, read_at as at from cursors order by 1, 2`,
    ),
    rows<{ sync: string; at: number }>(
      db,
      sql`select s.sync, r.finished_at as at from unnest(${[...syncs]}::text[]) as s (sync)
          join lateral (select finished_at from runs where sync = s.sync and mode <> 'events'
                          and mode not in ('plan', 'pair') and state = 'done'
                        order by started_at desc limit 1) r on true`,
    ),
    rows<{ sync: string; n: number }>(db, sql`select sync, failures as n from event_troubles order by 1`),
  ]);
  const of = (what: string) => totals.filter((total) => total.what === what);
  return {
    calls: of('calls').map(({ sync, label: crm, n }) => ({ sync, crm, n })),
    runs: of('runs').map(({ sync, label: state, n }) => ({ sync, state, n })),
    brakes: of('brakes').map(({ sync, label: brake, n }) => ({ sync, brake, n })),
    ...{ going, readAt, lastGood, failures },
  };
}
