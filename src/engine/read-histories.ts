import type { RecordHistory } from '../core/field-history.ts';
import type { Crm, EpochMs, RecordId } from '../core/ids.ts';
import type { TaskContext } from './task.ts';

/**
 * The history of some fields of some records, in as few calls as the CRM allows; empty where it keeps none. Every record of
 * a call is asked for all fields of that call, which costs nothing.
 */
export async function readHistories(
  context: TaskContext,
  crm: Crm,
  about: readonly { readonly id: RecordId; readonly field: string }[],
  since: EpochMs | null,
): Promise<ReadonlyMap<RecordId, RecordHistory>> {
  const { history } = context.connector(crm);
  const found = new Map<RecordId, RecordHistory>();
  if (history === undefined) return found;
  const byId = Map.groupBy(about, ({ id }) => id);
  const ids = [...byId.keys()];
  for (let start = 0; start < ids.length; start += history.batch) {
    const batch = ids.slice(start, start + history.batch);
    const fields = [...new Set(batch.flatMap((id) => byId.get(id)?.map(({ field }) => field) ?? []))];
    const told = await history.read(batch, fields, since, context.facts(crm), context.signal);
    for (const [id, record] of told) found.set(id, record);
  }
  return found;
}
