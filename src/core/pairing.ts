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
  /** `created`: the second record was made as the counterpart of the first. */
  readonly how: 'key' | 'adopted' | 'accepted' | 'created';
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
 * and 2). Only unpaired, not deleted records are paired; a key or link that more than one record claims, or that another
 * link contradicts, pairs nobody. Neither the order of `rows` nor that of the sides matters.
 *
 * @param given every record that takes part in a claim, paired ones included
 * @param barred two records that somebody keeps apart: their keys or links are as if they were not there
 */
export function pairByLinks(
  given: readonly LinkRow[],
  sides: readonly [Crm, Crm],
  barred: (x: RecordRef, y: RecordRef, how: 'key' | 'adopted') => boolean = () => false,
): Pairing {
  const rows = given.map((row) => {
    if (row.linkedId === null) return row;
    const target = { crm: row.crm === sides[0] ? sides[1] : sides[0], id: row.linkedId };
    return barred(row, target, 'adopted') ? { ...row, linkedId: null } : row;
  });
  const pairs: NewPair[] = [];
  const ambiguous = new Map<string, RecordRef>();
  const taken = new Set(rows.filter((row) => row.pair !== null).map(refKey));
  const free = (row: LinkRow | undefined): row is LinkRow =>
    row !== undefined && !row.deleted && !taken.has(refKey(row));
  const join = (one: LinkRow, other: LinkRow, how: NewPair['how'], key: PairKey | null): void => {
    const [a, b] = one.crm === sides[0] ? [one, other] : [other, one];
    taken.add(refKey(a)).add(refKey(b));
    pairs.push({ key: key ?? pairKeyOf(a, b), how, members: [ref(a), ref(b)] });
  };
  const ask = (row: LinkRow): void => {
    ambiguous.set(refKey(row), ref(row));
  };

  for (const [key, claimants] of sorted(keyClaims(rows))) {
    const [one, other] = claimants;
    if (claimants.length === 1) continue;
    if (claimants.length === 2 && one !== undefined && other !== undefined && barred(one, other, 'key'))
      continue;
    if (claimants.length === 2 && free(one) && free(other) && one.crm !== other.crm)
      join(one, other, 'key', key);
    else for (const row of claimants) if (free(row)) ask(row);
  }

  const byRef = new Map(rows.map((row) => [refKey(row), row]));
  const partners = linkPartners(rows, sides);
  const onlyPartner = (of: string, partner: string): boolean =>
    partners.get(of)?.size === 1 && partners.get(of)?.has(partner) === true;
  const claiming = rows.filter((row) => row.linkedId !== null && free(row) && !ambiguous.has(refKey(row)));
  const contested = new Set(ambiguous.keys());
  for (const row of [...claiming].sort((x, y) => (refKey(x) < refKey(y) ? -1 : 1))) {
    const target = targetOf(row, sides);
    const counterpart = byRef.get(target);
    // Two records that link to each other were joined when the first of them came.
    if (!free(row)) continue;
    const mutual = onlyPartner(refKey(row), target) && onlyPartner(target, refKey(row));
    if (mutual && counterpart === undefined) continue;
    if (mutual && free(counterpart) && !contested.has(target)) join(row, counterpart, 'adopted', null);
    else ask(row);
  }
  return { pairs, ambiguous: [...ambiguous.values()] };
}

/** Who claims which key: records that hold it, and records of the pair that has it. */
function keyClaims(rows: readonly LinkRow[]): Map<string, LinkRow[]> {
  const claims = new Map<string, LinkRow[]>();
  for (const row of rows) {
    const held = row.deleted ? null : row.pairKey;
    for (const key of new Set([held, row.pair]))
      if (key !== null) claims.set(key, [...(claims.get(key) ?? []), row]);
  }
  return claims;
}

/** Per record, which records it links to or is linked to by. A record that was never read can be linked to as well. */
function linkPartners(rows: readonly LinkRow[], sides: readonly [Crm, Crm]): Map<string, Set<string>> {
  const partners = new Map<string, Set<string>>();
  const note = (of: string, partner: string): void => {
    partners.set(of, (partners.get(of) ?? new Set<string>()).add(partner));
  };
  for (const row of rows) {
    if (row.linkedId === null || row.deleted) continue;
    note(refKey(row), targetOf(row, sides));
    note(targetOf(row, sides), refKey(row));
  }
  return partners;
}

function targetOf(row: LinkRow, [a, b]: readonly [Crm, Crm]): string {
  return refKey({ crm: row.crm === a ? b : a, id: row.linkedId ?? '' });
}

function ref(row: RecordRef): RecordRef {
  return { crm: row.crm, id: row.id };
}

/** Groups in key order, so that the result does not depend on the order of reading. */
function sorted<T>(groups: ReadonlyMap<string, T>): [string, T][] {
  return [...groups].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0));
}
