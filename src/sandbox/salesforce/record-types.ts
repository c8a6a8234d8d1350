import type { Org } from './org.ts';
import type { Field, Value } from './schema/field.ts';
import type { Row } from './table.ts';

/** The record type of records that have none. */
export const MASTER = '012000000000000AAA';

/** What the administrator chose for a record type. A field not named keeps all of its values. */
export interface RecordTypeRules {
  readonly picklists: Readonly<Record<string, readonly string[]>>;
  /** New records get it when they name none. */
  readonly isDefault: boolean;
}

/** The record types of an object, inactive ones included. */
export function recordTypesOf(org: Org, object: string): Row[] {
  const types = org.table('RecordType');
  return [...types.rows.values()].filter((row) => types.read(row, 'SobjectType') === object);
}

/** The type a new record gets: the one chosen, else the first; null where the object has none that is active. */
export function defaultRecordType(org: Org, object: string): Row | null {
  const active = recordTypesOf(org, object).filter((row) => row.table.read(row, 'IsActive') !== false);
  return active.find((row) => org.recordTypeRules.get(row.id)?.isDefault === true) ?? active[0] ?? null;
}

/** Whether records of this type are offered the value; those of no type are offered every value. */
export function isOffered(org: Org, recordTypeId: Value, field: Field, value: Value): boolean {
  if (typeof recordTypeId !== 'string') return true;
  const values = org.recordTypeRules.get(recordTypeId)?.picklists[field.name];
  return values === undefined || values.includes(String(value));
}
