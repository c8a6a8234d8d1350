import type { DatasetLine } from '../simulator.ts';
import type { Org } from './org.ts';
import type { Field } from './schema/field.ts';
import { OWNED_FIELDS } from './schema/owned-fields.ts';
import { valueAt } from './table.ts';

/** The org as dataset lines: custom fields first, then every record with all its stored fields. */
export function* orgState(org: Org): Iterable<DatasetLine> {
  const owned = new Set(OWNED_FIELDS.map(([object, field]) => `${object}.${field.name}`));
  for (const table of org.tables) {
    for (const { field } of table.columns) {
      if (field.custom && !owned.has(`${table.type.name}.${field.name}`))
        yield customFieldLine(table.type.name, field);
    }
  }
  for (const table of org.tables) {
    if (!table.type.inDataset) continue;
    const columns = table.columns.filter(({ field }) => !field.multiCurrency || org.switches.multiCurrency);
    for (const row of table.rows.values()) {
      const fields: Record<string, unknown> = {};
      for (const column of columns) fields[column.field.name] = valueAt(row.values, column);
      if (table.type.name === 'RecordType') Object.assign(fields, rulesOf(org, row.id));
      const line = { crm: 'salesforce', type: table.type.name, fields };
      yield table.isDeleted(row.values) ? { ...line, deleted: true } : line;
    }
  }
}

/** The keys of a RecordType line that no query shows. */
function rulesOf(org: Org, id: string): Record<string, unknown> {
  const rules = org.recordTypeRules.get(id);
  if (rules === undefined) return {};
  return { PicklistValues: rules.picklists, Default: rules.isDefault };
}

const TYPE_NAMES: Partial<Record<Field['type'], string>> = {
  double: 'Number',
  currency: 'Currency',
  date: 'Date',
  datetime: 'DateTime',
  boolean: 'Checkbox',
  picklist: 'Picklist',
  percent: 'Percent',
  url: 'Url',
  email: 'Email',
  textarea: 'LongTextArea',
};

function customFieldLine(object: string, field: Field): DatasetLine {
  const fields: Record<string, unknown> = {
    Object: object,
    FullName: field.name,
    Type: TYPE_NAMES[field.type] ?? 'Text',
  };
  fields['Label'] = field.label;
  if (field.type === 'string' || field.type === 'textarea') fields['Length'] = field.length;
  if (field.precision > 0) Object.assign(fields, { Precision: field.precision, Scale: field.scale });
  if (field.values.length > 0) fields['Values'] = field.values;
  if (field.restricted) fields['Restricted'] = true;
  if (field.externalId) fields['ExternalId'] = true;
  if (field.unique) fields['Unique'] = true;
  return { crm: 'salesforce', type: 'CustomField', fields };
}
