import { DatasetError } from '../simulator.ts';
import type { Json } from './call.ts';
import { isObject } from './call.ts';
import { objectTypeOf } from './object-type.ts';
import type { Pipeline, Stage } from './pipeline-book.ts';
import type { Owner, Portal } from './portal.ts';
import { editDistance } from './property-book.ts';
import {
  definition,
  FIELD_TYPES,
  isPropertyKind,
  optionsOf,
  type PropertyOption,
} from './property-definition.ts';
import { formatInstant } from './values.ts';
import { userIdOf } from './writer.ts';

const EPOCH = '1970-01-01T00:00:00Z';

/** An owner from its dataset fields. @throws {DatasetError} */
export function ownerFrom(portal: Portal, fields: Json): Owner {
  known(
    fields,
    ['id', 'email', 'firstName', 'lastName', 'userId', 'archived', 'createdAt', 'updatedAt'],
    'owner',
  );
  const id = text(fields['id'], 'id', 'owner');
  if (!/^\d+$/.test(id)) throw new DatasetError('owner_id', { id });
  const email = fields['email'] === undefined ? '' : String(fields['email']);
  const now = formatInstant(portal.now());
  return {
    id,
    email,
    firstName: String(fields['firstName'] ?? ''),
    lastName: String(fields['lastName'] ?? ''),
    userId: Number(fields['userId'] ?? userIdOf(email === '' ? id : email)),
    createdAt: String(fields['createdAt'] ?? now),
    updatedAt: String(fields['updatedAt'] ?? now),
    archived: fields['archived'] === true || fields['archived'] === 'true',
  };
}

/** A pipeline from its dataset fields; metadata become texts, as on the wire. @throws {DatasetError} */
export function pipelineFrom(fields: Json): Pipeline {
  known(fields, ['id', 'label', 'displayOrder', 'stages', 'archived', 'createdAt', 'updatedAt'], 'pipeline');
  const id = text(fields['id'], 'id', 'pipeline');
  const stages = fields['stages'] ?? [];
  if (!Array.isArray(stages)) throw new DatasetError('stages');
  if (stages.length > 100) throw new DatasetError('many_stages', { id, count: String(stages.length) });
  return {
    id,
    label: String(fields['label'] ?? id),
    displayOrder: Number(fields['displayOrder'] ?? 0),
    stages: stages.map((stage: unknown, i) => stageFrom(stage, i)),
    archived: fields['archived'] === true,
    createdAt: String(fields['createdAt'] ?? EPOCH),
    updatedAt: String(fields['updatedAt'] ?? EPOCH),
  };
}

function stageFrom(given: unknown, position: number): Stage {
  if (!isObject(given)) throw new DatasetError('stage');
  known(
    given,
    ['id', 'label', 'displayOrder', 'metadata', 'archived', 'createdAt', 'updatedAt', 'writePermissions'],
    'stage',
  );
  const id = text(given['id'], 'id', 'stage');
  const metadata = given['metadata'] ?? {};
  if (!isObject(metadata)) throw new DatasetError('metadata', { id });
  const probability = metadata['probability'];
  if (probability !== undefined && !(Number(probability) >= 0 && Number(probability) <= 1)) {
    throw new DatasetError('probability', { id });
  }
  return {
    id,
    label: String(given['label'] ?? id),
    displayOrder: Number(given['displayOrder'] ?? position),
    metadata: stageMetadata(metadata),
    archived: given['archived'] === true,
    createdAt: String(given['createdAt'] ?? EPOCH),
    updatedAt: String(given['updatedAt'] ?? EPOCH),
  };
}

/** Metadata as text; isClosed follows from a probability of 0 or 1 when it is left out (hubspot.md §3.1). */
export function stageMetadata(given: Json): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== null) metadata[name] = String(value);
  const probability = metadata['probability'];
  if (probability !== undefined) {
    const value = Number(probability);
    metadata['probability'] = Number.isInteger(value) ? value.toFixed(1) : String(value);
    metadata['isClosed'] ??= String(value === 0 || value === 1);
  }
  metadata['isClosed'] ??= 'false';
  return metadata;
}

/** Adds a property the account made for itself. @throws {DatasetError} */
export function addProperty(portal: Portal, fields: Json): void {
  const keys = [
    'objectType',
    'name',
    'label',
    'type',
    'fieldType',
    'groupName',
    'description',
    'options',
    'hasUniqueValue',
    'readOnlyValue',
    'calculated',
    'hidden',
    'displayOrder',
    'formField',
  ];
  known(fields, keys, 'property');
  const type = objectTypeOf(String(fields['objectType'] ?? 'deals'));
  if (type === undefined) throw new DatasetError('object_type', { found: String(fields['objectType']) });
  const name = text(fields['name'], 'name', 'property');
  const kind = fields['type'];
  if (!isPropertyKind(kind)) {
    throw new DatasetError('property_type', { name, known: Object.keys(FIELD_TYPES).join(', ') });
  }
  const fieldType = String(fields['fieldType'] ?? FIELD_TYPES[kind][0]);
  if (!FIELD_TYPES[kind].includes(fieldType)) {
    throw new DatasetError('field_type', {
      ...{ found: fieldType, type: kind, known: FIELD_TYPES[kind].join(', ') },
    });
  }
  const { properties } = portal.store(type);
  if (properties.get(name)?.hubspotDefined === true) throw new DatasetError('own_property', { name });
  const groupName = String(fields['groupName'] ?? 'custom');
  if (!properties.groups.has(groupName)) properties.addGroup(groupName, groupName);
  const options = optionsFrom(fields['options'], name);
  properties.put(
    definition({
      name,
      type: kind,
      fieldType,
      groupName,
      label: String(fields['label'] ?? name),
      description: String(fields['description'] ?? ''),
      hasUniqueValue: fields['hasUniqueValue'] === true,
      readOnlyValue: fields['readOnlyValue'] === true || fields['calculated'] === true,
      calculated: fields['calculated'] === true,
      ...(options === undefined ? {} : { options }),
    }),
  );
}

function optionsFrom(given: unknown, name: string): readonly PropertyOption[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) throw new DatasetError('options', { name });
  return given.map((option: unknown, displayOrder) => {
    if (!isObject(option)) return { ...optionsOf([String(option)])[0], displayOrder } as PropertyOption;
    const value = text(option['value'], 'value', 'option');
    return {
      label: String(option['label'] ?? value),
      value,
      displayOrder,
      hidden: option['hidden'] === true,
    };
  });
}

function known(fields: Json, names: readonly string[], what: string): void {
  for (const key of Object.keys(fields)) {
    if (names.includes(key)) continue;
    const nearest = names.toSorted((a, b) => editDistance(key, a) - editDistance(key, b))[0];
    throw new DatasetError('unknown_key', { name: key, what, near: String(nearest) });
  }
}

function text(value: unknown, name: string, what: string): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  throw new DatasetError('needed', { what, name });
}
