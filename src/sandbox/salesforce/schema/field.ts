/** How one field of a simulated object is described. Facts: describe calls of standard objects. */

export type Value = string | number | boolean | null;

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'currency'
  | 'double'
  | 'percent'
  | 'int'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'email'
  | 'url'
  | 'phone'
  | 'anyType';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Characters of text types. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly required: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly initial: Value;
  readonly values: readonly string[];
  readonly restricted: boolean;
  readonly referenceTo: readonly string[];
  /** Name of the path to the parent, such as `Account` for AccountId. */
  readonly relationship: string | null;
  /** Name of the list on the parent, such as `Opportunities`. */
  readonly children: string | null;
  readonly externalId: boolean;
  readonly unique: boolean;
  readonly custom: boolean;
  readonly calculated: boolean;
  /** Written to the field history object. */
  readonly tracked: boolean;
  readonly nameField: boolean;
  /** Only in an org with several currencies. */
  readonly multiCurrency: boolean;
  /** False for a field made by the Tooling API until a permission set grants it. */
  readonly grantedToAll: boolean;
}

export type FieldOptions = Partial<Omit<Field, 'name' | 'type'>> & { readonly readOnly?: boolean };

export function field(name: string, type: FieldType, options: FieldOptions = {}): Field {
  const { readOnly = false, ...rest } = options;
  return {
    name,
    type,
    label: labelOf(name),
    length: LENGTHS[type] ?? 0,
    precision: PRECISIONS[type] ?? 0,
    scale: type === 'currency' || type === 'double' ? 2 : 0,
    required: false,
    createable: !readOnly,
    updateable: !readOnly,
    initial: type === 'boolean' ? false : null,
    values: [],
    restricted: false,
    referenceTo: [],
    relationship: type === 'reference' ? name.replace(/Id$/, '').replace(/__c$/, '__r') : null,
    children: null,
    externalId: false,
    unique: false,
    custom: name.endsWith('__c'),
    calculated: false,
    tracked: false,
    nameField: false,
    multiCurrency: false,
    grantedToAll: true,
    ...rest,
  };
}

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 32_000,
  picklist: 255,
  email: 80,
  url: 255,
  phone: 40,
};
const PRECISIONS: Partial<Record<FieldType, number>> = { currency: 18, double: 18, percent: 3, int: 8 };

function labelOf(name: string): string {
  const words = name.replace(/__c$/, '').replaceAll('_', ' ');
  return words.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/ Id$/, ' ID');
}

export interface ObjectType {
  readonly name: string;
  readonly label: string;
  readonly plural: string;
  /** First three characters of its ids. */
  readonly prefix: string;
  readonly fields: readonly Field[];
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  /** Reached through `/tooling` only. */
  readonly tooling: boolean;
  /** Accepted in a dataset and printed by the state. */
  readonly inDataset: boolean;
}

export function objectType(
  name: string,
  prefix: string,
  fields: readonly Field[],
  options: Partial<Omit<ObjectType, 'name' | 'prefix' | 'fields'>> = {},
): ObjectType {
  const plural = name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
  const defaults = { createable: true, updateable: true, deletable: true, tooling: false, inDataset: false };
  return { name, label: labelOf(name), plural, prefix, fields, ...defaults, ...options };
}

/** The fields the platform keeps on every record. `recycles` adds IsDeleted: deletes go to the recycle bin first. */
export function systemFields(recycles = true): Field[] {
  const stamp = (name: string): Field => field(name, 'datetime', { readOnly: true, required: true });
  const user = (name: string): Field =>
    field(name, 'reference', { readOnly: true, required: true, referenceTo: ['User'] });
  return [
    field('Id', 'id', { readOnly: true, required: true, label: 'Record ID' }),
    ...(recycles ? [field('IsDeleted', 'boolean', { readOnly: true, label: 'Deleted' })] : []),
    stamp('CreatedDate'),
    user('CreatedById'),
    stamp('LastModifiedDate'),
    user('LastModifiedById'),
    stamp('SystemModstamp'),
  ];
}

export function reference(name: string, to: readonly string[], options: FieldOptions = {}): Field {
  return field(name, 'reference', { referenceTo: to, ...options });
}
