/** Records that were merged away, and where their pairs go. Pure. */
import type { RecordId } from './ids.ts';

/** A record that says it took others in. */
export interface Absorbing {
  readonly id: RecordId;
  readonly absorbed: readonly RecordId[];
  readonly deleted: boolean;
}

/**
 * Where each absorbed record lives on: the end of its chain of merges, provided that one still exists. A chain that bites
 * its own tail leads nowhere, and so does a record that two live ones claim to have absorbed.
 */
export function survivors(records: readonly Absorbing[]): ReadonlyMap<RecordId, RecordId> {
  const into = new Map<RecordId, Set<RecordId>>();
  const live = new Set(records.filter((record) => !record.deleted).map((record) => record.id));
  for (const { id, absorbed } of records)
    for (const old of absorbed) if (old !== id) into.set(old, (into.get(old) ?? new Set()).add(id));
  const ends = new Map<RecordId, RecordId>();
  for (const old of into.keys()) {
    const found = endsOf(old, into, live);
    const [end] = found;
    if (found.size === 1 && end !== undefined && end !== old) ends.set(old, end);
  }
  return ends;
}

function endsOf(
  start: RecordId,
  into: ReadonlyMap<RecordId, ReadonlySet<RecordId>>,
  live: ReadonlySet<RecordId>,
): Set<RecordId> {
  const ends = new Set<RecordId>();
  const seen = new Set<RecordId>([start]);
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const next = into.get(at);
    if (at !== start && next === undefined && live.has(at)) ends.add(at);
    for (const id of next ?? []) {
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(id);
    }
  }
  return ends;
}
