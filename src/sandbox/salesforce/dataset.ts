import { DatasetError, type DatasetLine } from '../simulator.ts';
import { ApiError } from './errors.ts';
import { toId18 } from './ids.ts';
import { nearestName } from './nearest-name.ts';
import type { Org } from './org.ts';
import { CUSTOM_FIELD_TYPES, customField } from './rest/custom-field.ts';
import { Draft } from './save/draft.ts';
import { fieldValue } from './save/field-value.ts';
import type { Row, Table } from './table.ts';

/** Takes dataset lines in any order. Lines that use custom fields not described yet wait for the end. */
export class Loader {
  readonly #org: Org;
  readonly #waiting: DatasetLine[] = [];
  readonly #loaded = new Set<Row>();

  constructor(org: Org) {
    this.#org = org;
  }

  /** Throws DatasetError for an unknown type or key, a bad value or an id given twice. */
  load(line: DatasetLine): void {
    if (line.crm !== 'salesforce') throw new DatasetError('other_crm', { crm: line.crm });
    if (line.type === 'CustomField') this.#addField(line);
    else if (line.type === 'RecordType') this.#addRecordType(line);
    else if (this.#usesUnknownField(line)) this.#waiting.push(line);
    else this.#addRow(line);
  }

  /** Takes the lines that waited, and hands out every row loaded since the last call. */
  finish(onBad?: (error: DatasetError, line: DatasetLine) => void): Row[] {
    for (const line of this.#waiting.splice(0)) {
      try {
        this.#addRow(line);
      } catch (error) {
        if (!(error instanceof DatasetError) || onBad === undefined) throw error;
        onBad(error, line);
      }
    }
    const rows = [...this.#loaded];
    this.#loaded.clear();
    return rows;
  }

  #table(type: string): Table {
    const table = this.#org.find(type);
    if (table?.type.inDataset && table.type.name === type) return table;
    const known = this.#org.tables.filter((one) => one.type.inDataset).map((one) => one.type.name);
    throw new DatasetError('sf_type', { name: type, ...hint(type, [...known, 'CustomField']) });
  }

  #usesUnknownField(line: DatasetLine): boolean {
    const table = this.#table(line.type);
    return Object.keys(line.fields).some((name) => name.endsWith('__c') && table.column(name) === undefined);
  }

  #addField(line: DatasetLine): void {
    const { fields } = line;
    const known = [
      'Object',
      'FullName',
      'Type',
      'Label',
      'Length',
      'Precision',
      'Scale',
      'Values',
      'ExternalId',
      'Unique',
      'DefaultValue',
      'Restricted',
    ];
    for (const key of Object.keys(fields)) {
      if (!known.includes(key)) throw new DatasetError('sf_key', { name: key, ...hint(key, known) });
    }
    const [object = '', short] = String(fields['FullName'] ?? '').includes('.')
      ? String(fields['FullName']).split('.')
      : [String(fields['Object'] ?? 'Opportunity'), String(fields['FullName'] ?? '')];
    const name = short ?? '';
    if (!/^[A-Za-z]\w*__c$/.test(name)) throw new DatasetError('full_name', { name });
    const type = String(fields['Type'] ?? 'Text');
    if (!CUSTOM_FIELD_TYPES.includes(type))
      throw new DatasetError('sf_field_type', { name: type, ...hint(type, CUSTOM_FIELD_TYPES) });
    const table = this.#table(object);
    if (table.column(name) !== undefined) return;
    const values = Array.isArray(fields['Values'])
      ? fields['Values'].map((fullName) => ({ fullName: String(fullName) }))
      : [];
    const optional = { length: fields['Length'], precision: fields['Precision'], scale: fields['Scale'] };
    const metadata = {
      type,
      label: fields['Label'] ?? name,
      externalId: fields['ExternalId'] === true,
      unique: fields['Unique'] === true,
      defaultValue: fields['DefaultValue'],
      valueSet: { restricted: fields['Restricted'] === true, valueSetDefinition: { value: values } },
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => typeof value === 'number')),
    };
    table.addColumn(customField(name, metadata, true));
  }

  /** With what metadata says of a record type and no query shows: which picklist values it offers. */
  #addRecordType(line: DatasetLine): void {
    const { PicklistValues: picklists = {}, Default: isDefault = false, ...fields } = line.fields;
    if (!isListing(picklists)) throw new DatasetError('picklists');
    if (typeof isDefault !== 'boolean') throw new DatasetError('record_type_default');
    const id = this.#addRow({ ...line, fields });
    this.#org.recordTypeRules.set(id, { picklists, isDefault });
  }

  /** Answers its id. */
  #addRow(line: DatasetLine): string {
    const table = this.#table(line.type);
    const given = line.fields['Id'];
    const id = typeof given === 'string' && given !== '' ? toId18(given) : this.#org.newId(table);
    const seeded = table.rows.get(id);
    if (seeded !== undefined && this.#loaded.has(seeded))
      throw new DatasetError('id_twice', { what: line.type, id });
    const draft = new Draft(table, id, seeded ?? null);
    for (const [name, value] of Object.entries(line.fields)) this.#assign(draft, name, value);
    draft.set('Id', id);
    const deleted = line.deleted ?? draft.get('IsDeleted') === true;
    if (deleted && table.column('IsDeleted') === undefined)
      throw new DatasetError('not_deletable', { what: line.type });
    draft.set('IsDeleted', deleted);
    if (line.type === 'Task' && line.fields['IsClosed'] === true && line.fields['Status'] === undefined) {
      draft.set('Status', 'Completed');
    }
    if (seeded !== undefined) {
      table.replace(seeded, draft.values);
      this.#loaded.add(seeded);
      return id;
    }
    const row: Row = { id, table, values: draft.values, before: null, visibleAt: 0, deletedAt: null };
    table.insert(row);
    this.#loaded.add(row);
    return id;
  }

  #assign(draft: Draft, name: string, value: unknown): void {
    const column = draft.table.column(name);
    if (column === undefined || column.field.name !== name) {
      const known = draft.table.columns.map(({ field }) => field.name);
      throw unknownField(draft.table.type.name, name, known);
    }
    try {
      const stored = fieldValue(column.field, value);
      draft.set(name, stored);
      if (column.field.multiCurrency && stored !== null) this.#org.switches.multiCurrency = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new DatasetError('sf_value', {
        ...{ what: draft.table.type.name, name, type: column.field.type, value: JSON.stringify(value) },
        ...exampleOf(column.field.type),
      });
    }
  }
}

function isListing(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (list) => Array.isArray(list) && list.every((one) => typeof one === 'string'),
  );
}

function unknownField(what: string, name: string, known: readonly string[]): DatasetError {
  if (!name.endsWith('__c')) return new DatasetError('sf_field', { what, name, ...hint(name, known) });
  const near = nearestName(name, known);
  const fields = { FullName: `${what}.${name}`, Type: 'Text' };
  return new DatasetError('sf_custom_field', {
    ...{ what, name, example: JSON.stringify({ crm: 'salesforce', type: 'CustomField', fields }) },
    ...(near === null ? {} : { near }),
  });
}

function hint(given: string, known: readonly string[]): { near: string } | { known: string } {
  const near = nearestName(given, known);
  return near === null ? { known: known.join(', ') } : { near };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  date: '"2026-12-31"',
  datetime: '"2026-12-31T09:00:00Z"',
  currency: '1200.5',
  double: '1200.5',
  percent: '75',
  int: '12',
  boolean: 'true',
};

function exampleOf(type: string): { example?: string } {
  const example = EXAMPLES[type];
  return example === undefined ? {} : { example };
}
