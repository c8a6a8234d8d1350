import { mirrorOf, pairTypes } from './association-types.ts';
import type { HubRecord, Link } from './record.ts';

/**
 * Links two records and mirrors it. The plain type always comes with a labelled or primary one, and a record has one
 * primary company: naming another moves the mark (hubspot.md §5.1).
 * @returns whether anything was new.
 */
export function link(from: HubRecord, to: HubRecord, typeIds: readonly number[]): boolean {
  const types = pairTypes(from.type, to.type);
  if (types === undefined) return false;
  const wanted = [...new Set([...typeIds.filter((id) => id !== types.plain), types.plain])];
  for (const { to: other } of from.linksTo(to.type)) {
    if (other !== to && types.primary !== null && wanted.includes(types.primary))
      dropType(from, other, types.primary);
  }
  const before = typesBetween(from, to);
  const all = [...new Set([...wanted, ...before])].sort(
    (a, b) => rank(a, types.plain) - rank(b, types.plain),
  );
  if (all.length === before.length) return false;
  set(from, to, all);
  return true;
}

/** Removes the link, or only some of its types. @returns whether anything was there. */
export function unlink(from: HubRecord, to: HubRecord, typeIds?: readonly number[]): boolean {
  const before = typesBetween(from, to);
  if (before.length === 0) return false;
  const plain = pairTypes(from.type, to.type)?.plain;
  const all = typeIds === undefined || typeIds.includes(plain ?? -1);
  set(from, to, all ? [] : before.filter((id) => !typeIds.includes(id)));
  return true;
}

/** Type ids of the link as seen from the first record; empty when there is none. */
export function typesBetween(from: HubRecord, to: HubRecord): readonly number[] {
  const [few, other] = from.links.length <= to.links.length ? [from, to] : [to, from];
  const found = few.links.find((entry) => entry.to === other);
  if (found === undefined) return [];
  return few === from ? found.types : found.types.map(mirrorOf);
}

/** The primary company of a deal or contact. */
export function primaryOf(record: HubRecord, kind: string): HubRecord | undefined {
  return record.links.find(({ to, types }) => {
    if (to.type.plural !== kind || to.archivedAt !== undefined) return false;
    const primary = pairTypes(record.type, to.type)?.primary;
    return primary !== null && primary !== undefined && types.includes(primary);
  })?.to;
}

function dropType(from: HubRecord, to: HubRecord, typeId: number): void {
  const before = typesBetween(from, to);
  if (before.includes(typeId)) {
    set(
      from,
      to,
      before.filter((id) => id !== typeId),
    );
  }
}

function set(from: HubRecord, to: HubRecord, types: readonly number[]): void {
  write(from, to, types);
  if (from !== to) write(to, from, types.map(mirrorOf));
}

function write(from: HubRecord, to: HubRecord, types: readonly number[]): void {
  const entry: Link = { to, types };
  const at = from.links.length > 0 ? from.links.findIndex((existing) => existing.to === to) : -1;
  if (types.length === 0) from.links = from.links.filter((existing) => existing.to !== to);
  else if (at !== -1) from.links = from.links.map((existing, i) => (i === at ? entry : existing));
  else if (Object.isFrozen(from.links)) from.links = [entry];
  else (from.links as Link[]).push(entry);
}

function rank(typeId: number, plain: number): number {
  return typeId === plain ? 1 : 0;
}
