export type PropertyKind = 'string' | 'number' | 'bool' | 'date' | 'datetime' | 'enumeration';

export interface PropertyOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly displayOrder: number;
  readonly hidden: boolean;
}

/** A property as the properties API describes it (hubspot.md §3.2). */
export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: PropertyKind;
  readonly fieldType: string;
  readonly description: string;
  readonly groupName: string;
  readonly options: readonly PropertyOption[];
  readonly displayOrder: number;
  readonly calculated: boolean;
  /** Options live elsewhere (stages, owners, currencies), so the list here is empty. */
  readonly externalOptions: boolean;
  readonly hasUniqueValue: boolean;
  readonly hidden: boolean;
  readonly hubspotDefined: boolean;
  readonly formField: boolean;
  readonly readOnlyValue: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** How `type` and `fieldType` may be combined (hubspot.md §3.2). */
export const FIELD_TYPES: Readonly<Record<PropertyKind, readonly string[]>> = {
  bool: ['booleancheckbox', 'calculation_equation'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
  string: ['text', 'textarea', 'html', 'file', 'phonenumber', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
};

export function isPropertyKind(text: unknown): text is PropertyKind {
  return typeof text === 'string' && Object.hasOwn(FIELD_TYPES, text);
}

/** Options from bare values; the label is the value itself. */
export function optionsOf(values: readonly string[]): PropertyOption[] {
  return values.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false }));
}

export const YES_NO: readonly PropertyOption[] = [
  { label: 'Yes', value: 'true', displayOrder: 0, hidden: false },
  { label: 'No', value: 'false', displayOrder: 1, hidden: false },
];

const EPOCH = '1970-01-01T00:00:00Z';

/** Fills in what a short description leaves out. */
export function definition(
  given: Pick<PropertyDefinition, 'name' | 'type'> & Partial<PropertyDefinition>,
): PropertyDefinition {
  return {
    label: given.name,
    fieldType: FIELD_TYPES[given.type][0] ?? 'text',
    description: '',
    groupName: 'custom',
    options: given.type === 'bool' ? YES_NO : [],
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    hubspotDefined: false,
    formField: false,
    readOnlyValue: false,
    createdAt: EPOCH,
    updatedAt: EPOCH,
    ...given,
  };
}
