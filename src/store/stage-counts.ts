import type { Crm, SyncName } from '../core/ids.ts';
import { type Executor, rows, sql } from './sql.ts';

/** Records that are not deleted, by CRM and stage key. A CRM that was never read is absent. */
export async function stageCounts(
  db: Executor,
  sync: SyncName,
): Promise<ReadonlyMap<Crm, ReadonlyMap<string, number>>> {
  const found = await rows<{ crm: Crm; stage: string | null; n: number }>(
    db,
    sql`select crm, fields ->> 'stage' as stage, count(*)::int as n
        from snapshots where sync = ${sync} and not deleted group by 1, 2`,
  );
  const counts = new Map<Crm, Map<string, number>>();
  for (const { crm, stage, n } of found) {
    const own = counts.get(crm) ?? new Map<string, number>();
    // A record without a stage still shows that the CRM was read.
    if (stage !== null) own.set(stage, n);
    counts.set(crm, own);
  }
  return counts;
}
