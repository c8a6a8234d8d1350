import type { OwnerInfo } from './account-facts.ts';
import type { EpochMs, RecordId } from './ids.ts';
import type { Value } from './opportunity.ts';

/**
 * One entry of a field's history: what it held from `at` on, and who saved that. Entries that follow each other may hold the
 * same value: the record was saved and the field was not changed.
 */
export interface FieldEntry {
  readonly value: Value;
  /** By the CRM's clock. */
  readonly at: EpochMs;
  /** `human:…`, `automation:…`, `app:…`, `import`, or `engine` for oppsync itself; null when the CRM does not say. */
  readonly actor: string | null;
}

/**
 * What a CRM remembers of a record: per canonical field its entries, newest first. A field without a key is *not known* (no
 * history is kept of it, or none may be seen), which never means that nobody edited it.
 */
export type RecordHistory = Readonly<Record<string, readonly FieldEntry[]>>;

export type Histories = ReadonlyMap<RecordId, RecordHistory>;

type Same = (a: Value, b: Value) => boolean;

/** Entries that changed the value, newest first. The oldest one is among them: what was before it is not known. */
export function changesIn(entries: readonly FieldEntry[], same: Same): FieldEntry[] {
  return entries.filter((entry, index) => {
    const older = entries[index + 1];
    return older === undefined || !same(older.value, entry.value);
  });
}

/** Who gave a field the value it holds, and when; null when the history does not tell or tells of another value. */
export function lastChange(
  entries: readonly FieldEntry[] | undefined,
  value: Value,
  same: Same,
): FieldEntry | null {
  const [newest] = changesIn(entries ?? [], same);
  return newest !== undefined && same(newest.value, value) ? newest : null;
}

export function isHuman(actor: string | null): boolean {
  return actor?.startsWith('human:') === true;
}

/** The same actor by name where the owners list knows the person: `human:005…` becomes `human:Ann Lee`. */
export function namedActor(actor: string | null, owners: readonly OwnerInfo[]): string | null {
  if (actor === null || !isHuman(actor)) return actor;
  const id = actor.slice('human:'.length);
  // A person's own number comes first: where owners are numbered apart, an owner may happen to have the same one.
  const person = owners.find((owner) => owner.userId === id) ?? owners.find((owner) => owner.id === id);
  return person === undefined ? actor : `human:${person.name || person.email}`;
}
