import { ApiError } from '../errors.ts';
import { Draft } from '../save/draft.ts';
import { type Field, type FieldType, field } from '../schema/field.ts';
import { type Call, inTransaction, isJsonObject, type JsonObject, jsonBody, type Reply } from './call.ts';

const TYPES: Readonly<Record<string, FieldType>> = {
  Text: 'string',
  Number: 'double',
  Currency: 'currency',
  Date: 'date',
  DateTime: 'datetime',
  Checkbox: 'boolean',
  Picklist: 'picklist',
  Percent: 'percent',
  Url: 'url',
  Email: 'email',
  TextArea: 'textarea',
  LongTextArea: 'textarea',
};

/** Metadata types a custom field may have. */
export const CUSTOM_FIELD_TYPES: readonly string[] = Object.keys(TYPES);

/** The field a Metadata body describes. Throws FIELD_INTEGRITY_EXCEPTION for an unknown type. */
export function customField(name: string, metadata: JsonObject, grantedToAll: boolean): Field {
  const typeName = String(metadata['type'] ?? '');
  const type = TYPES[typeName];
  if (type === undefined)
    throw new ApiError('FIELD_INTEGRITY_EXCEPTION', `Field type ${typeName} is not supported`, {
      fields: ['Type'],
    });
  const number = (key: string, otherwise: number): number => Number(metadata[key] ?? otherwise);
  const values = picklistValues(metadata['valueSet']);
  return field(name, type, {
    label: String(metadata['label'] ?? name),
    length:
      type === 'string'
        ? number('length', 255)
        : type === 'textarea'
          ? number('length', typeName === 'TextArea' ? 255 : 32_768)
          : 255,
    precision: number('precision', 18),
    scale: number('scale', type === 'double' || type === 'currency' || type === 'percent' ? 2 : 0),
    externalId: metadata['externalId'] === true,
    unique: metadata['unique'] === true,
    required: metadata['required'] === true,
    values,
    restricted: isJsonObject(metadata['valueSet']) && metadata['valueSet']['restricted'] === true,
    initial: type === 'boolean' ? String(metadata['defaultValue']) === 'true' : null,
    // A required field cannot be hidden by field-level security.
    grantedToAll: grantedToAll || metadata['required'] === true,
  });
}

function picklistValues(valueSet: unknown): string[] {
  const definition = isJsonObject(valueSet) ? valueSet['valueSetDefinition'] : undefined;
  const list = isJsonObject(definition) ? definition['value'] : undefined;
  if (!Array.isArray(list)) return [];
  return list.filter(isJsonObject).map((one) => String(one['fullName'] ?? one['valueName'] ?? ''));
}

/** POST /tooling/sobjects/CustomField: the field exists at once, but nobody sees it until a permission set grants it (§5). */
export async function createCustomField(call: Call): Promise<Reply> {
  const body = jsonBody(call);
  const [object = '', name = ''] = String(body['FullName'] ?? '').split('.');
  const table = call.org.find(object);
  if (table === undefined || !/^[A-Za-z]\w*__c$/.test(name)) {
    throw new ApiError(
      'FIELD_INTEGRITY_EXCEPTION',
      'FullName must name an object and a field ending in __c',
      { fields: ['FullName'] },
    );
  }
  if (table.column(name) !== undefined) {
    const developerName = name.slice(0, -3);
    throw new ApiError(
      'DUPLICATE_DEVELOPER_NAME',
      `There is already a field named ${developerName} on ${table.type.label}.`,
      {
        fields: ['DeveloperName'],
      },
    );
  }
  const metadata = isJsonObject(body['Metadata']) ? body['Metadata'] : {};
  const added = customField(name, metadata, false);
  const id = await inTransaction(call, new Set(), (tx) => {
    const fields = call.org.table('CustomField');
    const draft = new Draft(fields, call.org.newId(fields), null);
    const values = {
      Id: draft.id,
      DeveloperName: name.slice(0, -3),
      TableEnumOrId: table.type.name,
      FullName: `${table.type.name}.${name}`,
    };
    for (const [key, value] of Object.entries(values)) draft.set(key, value);
    for (const key of ['CreatedDate', 'LastModifiedDate', 'SystemModstamp']) draft.set(key, tx.stamp);
    for (const key of ['CreatedById', 'LastModifiedById']) draft.set(key, tx.author.userId);
    tx.insert(fields, draft.id, draft.values);
    return draft.id;
  });
  table.addColumn(added);
  call.services.metadata.changedAt = call.org.now();
  return { status: 201, body: { id, success: true, errors: [], warnings: [], infos: [] } };
}
