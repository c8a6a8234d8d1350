import { sameValue } from '../core/compare.ts';
import { creationBase } from '../core/creation-base.ts';
import type { CreationResult, CreationRow } from '../core/creation-port.ts';
import type { Crm, PairKey, RecordId } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { TaskContext } from './task.ts';

/**
 * The records that bear the keys of these creations, as the CRM itself shows them by key: never from a search. One that was
 * deleted counts too, for it was there; of several with one key the living one.
 */
export async function findMade(
  context: TaskContext,
  crm: Crm,
  rows: readonly Pick<CreationRow, 'key'>[],
): Promise<ReadonlyMap<PairKey, Snapshot>> {
  const { creator } = context.connector(crm);
  if (creator === undefined) throw new Error(`${crm} cannot create records`);
  const keys = [...new Set(rows.map(({ key }) => key))];
  const found = new Map<PairKey, Snapshot>();
  for (let start = 0; start < keys.length; start += creator.keyBatch) {
    const batch = keys.slice(start, start + creator.keyBatch);
    for (const snapshot of await creator.readByKeys(batch, context.facts(crm), context.signal)) {
      const key = snapshot.pairKey;
      if (key !== null && (found.get(key)?.deleted ?? true)) found.set(key, snapshot);
    }
  }
  return found;
}

/** What is to be stored of creations whose records are there, with what both sides agreed on when they were made. */
export async function madeOf(
  context: TaskContext,
  rows: readonly CreationRow[],
  found: ReadonlyMap<PairKey, Snapshot>,
): Promise<readonly Extract<CreationResult, { is: 'created' }>[]> {
  const made = rows.filter((row) => found.has(row.key));
  if (made.length === 0) return [];
  const { name, fields } = context.runtime.settings;
  const keys = [...new Set(made.map(({ key }) => key))];
  const sent = Map.groupBy(
    await context.deps.store.sentCreations(name, keys),
    ({ crm, key }) => `${crm} ${key}`,
  );
  return made.flatMap((row) => {
    const snapshot = found.get(row.key);
    if (snapshot === undefined) return [];
    const base = creationBase(
      row.crm,
      snapshot.fields,
      sent.get(`${row.crm} ${row.key}`) ?? [],
      (field, a, b) => sameValue(fields[field]?.kind ?? 'text', a, b),
    );
    return [{ creation: row.creation, is: 'created', snapshot, base } as const];
  });
}

/** Reads records by id, as many at once as the CRM lets us. */
export async function readSnapshots(
  context: TaskContext,
  crm: Crm,
  ids: readonly RecordId[],
): Promise<readonly Snapshot[]> {
  const connector = context.connector(crm);
  const unique = [...new Set(ids)];
  const found: Snapshot[] = [];
  for (let start = 0; start < unique.length; start += connector.capabilities.readBatch) {
    const batch = unique.slice(start, start + connector.capabilities.readBatch);
    found.push(...(await connector.readByIds(batch, context.facts(crm), context.signal)).snapshots);
  }
  return found;
}
