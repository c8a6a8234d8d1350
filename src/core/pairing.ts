import type { Crm, PairKey, RecordId, RecordRef } from './ids.ts';
import { refKey } from './ids.ts';

/** What pairing by keys and links needs to know of a record. */
export interface LinkRow extends RecordRef {
  /** The pair key written in the record, by us in an earlier life of the state. */
  readonly pairKey: string | null;
  /** The counterpart's id that another connector has written into the record. */
  readonly linkedId: RecordId | null;
  /** The pair this record already belongs to. */
  readonly pair: PairKey | null;
  readonly deleted: boolean;
}

export interface NewPair {
  readonly key: PairKey;
  readonly members: readonly [RecordRef, RecordRef];
  readonly how: 'key' | 'adopted';
}

export interface Pairing {
  readonly pairs: readonly NewPair[];
  /** Records whose key or link is claimed by several records: a person has to say which is meant. */
  readonly ambiguous: readonly RecordRef[];
}

/** The key of a new pair: readable, made of both ids, the same whoever makes it. At most 80 characters for real ids. */
export function pairKeyOf(a: RecordRef, b: RecordRef): PairKey {
  return `op-${a.id}-${b.id}`.slice(0, 80);
}

/**
 * Pairs records by our own keys on both sides, then by links another connector already made (design section 7, steps 1
 * and 2). Only unpaired, not deleted records are paired; a key or link that more than one record claims pairs nobody.
 * The order of `rows` does not matter.
 *
 * @param rows every record that takes part in a claim, paired ones included
 */
export function pairByLinks(rows: readonly LinkRow[], sides: readonly [Crm, Crm]): Pairing {
  const [sideA, sideB] = sides;
  const byRef = new Map(rows.map((row) => [refKey(row), row]));
  const pairs: NewPair[] = [];
  const ambiguous = new Map<string, RecordRef>();
  const taken = new Set(rows.filter((row) => row.pair !== null).map(refKey));
  const free = (row: LinkRow | undefined): row is LinkRow =>
    row !== undefined && !row.deleted && !taken.has(refKey(row));
  const join = (a: LinkRow, b: LinkRow, how: NewPair['how'], key: PairKey): void => {
    taken.add(refKey(a)).add(refKey(b));
    pairs.push({ key, how, members: [ref(a), ref(b)] });
  };

  const byKey = groupBy(
    rows.filter((row) => row.pairKey !== null && !row.deleted),
    (row) => row.pairKey ?? '',
  );
  for (const [key, group] of sorted(byKey)) {
    const ofA = group.filter((row) => row.crm === sideA);
    const ofB = group.filter((row) => row.crm === sideB);
    const [a, b] = [ofA[0], ofB[0]];
    if (ofA.length > 1 || ofB.length > 1)
      for (const row of group) if (free(row)) ambiguous.set(refKey(row), ref(row));
    if (ofA.length === 1 && ofB.length === 1 && free(a) && free(b)) join(a, b, 'key', key);
  }

  const claims = groupBy(
    rows.filter((row) => row.linkedId !== null && !row.deleted),
    (row) => refKey({ crm: row.crm === sideA ? sideB : sideA, id: row.linkedId ?? '' }),
  );
  for (const [target, claimants] of sorted(claims)) {
    const counterpart = byRef.get(target);
    const open = claimants.filter((row) => free(row) && !ambiguous.has(refKey(row)));
    if (open.length === 0) continue;
    // A claim on a record that is already paired, or that others claim too, is for a person to settle.
    if (
      open.length > 1 ||
      claimants.length > open.length ||
      (counterpart !== undefined && !free(counterpart))
    ) {
      for (const row of open) ambiguous.set(refKey(row), ref(row));
      continue;
    }
    const [claimant] = open;
    if (claimant === undefined || !free(counterpart)) continue;
    const [a, b] = claimant.crm === sideA ? [claimant, counterpart] : [counterpart, claimant];
    join(a, b, 'adopted', pairKeyOf(a, b));
  }
  return { pairs, ambiguous: [...ambiguous.values()] };
}

function ref(row: RecordRef): RecordRef {
  return { crm: row.crm, id: row.id };
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Groups in key order, so that the result does not depend on the order of reading. */
function sorted<T>(groups: ReadonlyMap<string, T>): [string, T][] {
  return [...groups].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0));
}
