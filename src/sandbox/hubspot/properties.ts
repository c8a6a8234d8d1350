import {
  bodyOf,
  type Call,
  isObject,
  type Json,
  NO_CONTENT,
  notAllowed,
  ok,
  type Reply,
  requireScope,
  unknownPath,
} from './call.ts';
import { badRequest, HubError } from './hub-error.ts';
import { objectTypeOf } from './object-type.ts';
import { inputsOf } from './objects-read.ts';
import type { Portal } from './portal.ts';
import type { PropertyBook } from './property-book.ts';
import {
  definition,
  FIELD_TYPES,
  isPropertyKind,
  type PropertyDefinition,
  type PropertyOption,
} from './property-definition.ts';
import { formatInstant } from './values.ts';

const MOST_UNIQUE = 10;

/** `/properties/{type}/…`: property definitions and their groups (hubspot.md §3.2). */
export function properties(portal: Portal, call: Call, [segment = '', ...rest]: readonly string[]): Reply {
  const type = objectTypeOf(segment);
  if (type === undefined) throw new HubError(400, `Unable to infer object type from: ${segment}`);
  const [first, second, ...deeper] = rest;
  const reads = call.method === 'GET' || (first === 'batch' && second === 'read');
  // Reading definitions needs either scope; changing them always the schemas one.
  if (!reads) requireScope(call.app, `crm.schemas.${type.plural}.write`);
  else if (call.app.scopes?.has(`${type.scope}.read`) !== true)
    requireScope(call.app, `crm.schemas.${type.plural}.read`);
  if (deeper.length > 0) throw unknownPath();
  const book = portal.store(type).properties;
  if (first === undefined) return collection(portal, book, call);
  if (first === 'groups') return groups(book, call, second);
  if (first === 'batch') return batch(portal, book, call, second ?? '');
  if (second !== undefined) throw unknownPath();
  return one(portal, book, call, first);
}

function collection(portal: Portal, book: PropertyBook, call: Call): Reply {
  if (call.method === 'POST') return ok(shown(create(portal, book, bodyOf(call))), 201);
  if (call.method !== 'GET') throw notAllowed(call);
  const archived = call.query.get('archived') === 'true';
  const list = archived ? book.archived.values() : book.all();
  return ok({ results: [...list].map((entry) => shown(entry, archived)) });
}

function one(portal: Portal, book: PropertyBook, call: Call, name: string): Reply {
  const found = book.get(name);
  if (found === undefined) throw missing(name);
  switch (call.method) {
    case 'GET':
      return ok(shown(found));
    case 'PATCH': {
      const next = patched(portal, book, found, bodyOf(call));
      book.put(next);
      return ok(shown(next));
    }
    case 'DELETE':
      if (found.hubspotDefined) throw readOnlyDefinition(name);
      book.archive(name);
      return NO_CONTENT;
    default:
      throw notAllowed(call);
  }
}

function groups(book: PropertyBook, call: Call, name: string | undefined): Reply {
  if (name === undefined) {
    if (call.method === 'GET') return ok({ results: [...book.groups.values()] });
    if (call.method !== 'POST') throw notAllowed(call);
    const body = bodyOf(call);
    const wanted = String(body['name'] ?? '');
    if (!/^[a-z][a-z0-9_]*$/.test(wanted)) throw badRequest(`Property group name "${wanted}" is not valid.`);
    if (book.groups.has(wanted)) throw exists('Property group', wanted);
    return ok(
      book.addGroup(wanted, String(body['label'] ?? wanted), Number(body['displayOrder'] ?? -1)),
      201,
    );
  }
  const group = book.groups.get(name);
  if (group === undefined) throw missing(name);
  if (call.method === 'GET') return ok(group);
  if (call.method === 'DELETE') {
    if ([...book.all()].some((entry) => entry.groupName === name))
      throw badRequest(`Property group "${name}" is not empty.`);
    book.groups.delete(name);
    return NO_CONTENT;
  }
  if (call.method !== 'PATCH') throw notAllowed(call);
  const body = bodyOf(call);
  return ok(
    book.addGroup(
      name,
      String(body['label'] ?? group.label),
      Number(body['displayOrder'] ?? group.displayOrder),
    ),
  );
}

function batch(portal: Portal, book: PropertyBook, call: Call, action: string): Reply {
  if (call.method !== 'POST') throw notAllowed(call);
  const startedAt = formatInstant(portal.now());
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of inputsOf(bodyOf(call))) {
    try {
      if (action === 'create') results.push(shown(create(portal, book, input)));
      else if (action === 'read') {
        const found = book.get(String(input['name']));
        if (found === undefined) throw missing(String(input['name']));
        results.push(shown(found));
      } else if (action === 'archive') book.archive(String(input['name']));
      else throw unknownPath();
    } catch (error) {
      if (!(error instanceof HubError) || (action !== 'create' && action !== 'read')) throw error;
      errors.push(error.body);
    }
  }
  if (action === 'archive') return NO_CONTENT;
  const body = { completedAt: formatInstant(portal.now()), status: 'COMPLETE', startedAt, results };
  if (errors.length > 0) return ok({ ...body, numErrors: errors.length, errors }, 207);
  return ok(body, action === 'create' ? 201 : 200);
}

function create(portal: Portal, book: PropertyBook, body: Json): PropertyDefinition {
  const name = String(body['name'] ?? '');
  const { type: kind, fieldType } = body;
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(name))
    throw badRequest(`Property name "${name}" is not valid: lower-case letters, digits and underscores.`);
  if (book.get(name) !== undefined) throw exists('Property', name);
  if (!isPropertyKind(kind)) throw badRequest(`Invalid property type "${String(kind)}".`);
  if (typeof fieldType !== 'string' || !FIELD_TYPES[kind].includes(fieldType)) {
    throw badRequest(
      `Invalid fieldType "${String(fieldType)}" for type ${kind}: one of ${FIELD_TYPES[kind].join(', ')}.`,
    );
  }
  const groupName = String(body['groupName'] ?? '');
  if (!book.groups.has(groupName)) throw badRequest(`Property group "${groupName}" does not exist.`);
  const hasUniqueValue = body['hasUniqueValue'] === true;
  if (hasUniqueValue && book.unique().length >= MOST_UNIQUE) {
    throw badRequest(`An object can have ${MOST_UNIQUE} properties with unique values at most.`);
  }
  const stamp = formatInstant(portal.now());
  const entry = definition({
    name,
    type: kind,
    fieldType,
    groupName,
    label: String(body['label'] ?? name),
    description: String(body['description'] ?? ''),
    options: optionsFrom(body['options']),
    displayOrder: Number(body['displayOrder'] ?? -1),
    hidden: body['hidden'] === true,
    formField: body['formField'] === true,
    hasUniqueValue,
    calculated: fieldType === 'calculation_equation',
    readOnlyValue: fieldType === 'calculation_equation',
    externalOptions: body['externalOptions'] === true,
    createdAt: stamp,
    updatedAt: stamp,
  });
  if (kind === 'bool' && entry.options.length !== 2)
    throw badRequest(`Property "${name}" of type bool needs exactly two options, true and false.`);
  if (kind === 'enumeration' && entry.options.length === 0 && !entry.externalOptions)
    throw badRequest(`Property "${name}" of type enumeration needs options.`);
  book.put(entry);
  return entry;
}

/** HubSpot's own definitions are fixed but for their options; uniqueness can never be added later. */
function patched(
  portal: Portal,
  book: PropertyBook,
  found: PropertyDefinition,
  body: Json,
): PropertyDefinition {
  const { label, description, groupName, options, hidden, displayOrder } = body;
  if (found.hubspotDefined && Object.keys(body).some((key) => key !== 'options'))
    throw readOnlyDefinition(found.name);
  if (body['hasUniqueValue'] !== undefined && body['hasUniqueValue'] !== found.hasUniqueValue) {
    throw badRequest('hasUniqueValue can only be set when a property is created.');
  }
  if (groupName !== undefined && !book.groups.has(String(groupName)))
    throw badRequest(`Property group "${String(groupName)}" does not exist.`);
  return {
    ...found,
    label: String(label ?? found.label),
    description: String(description ?? found.description),
    groupName: String(groupName ?? found.groupName),
    options: options === undefined ? found.options : optionsFrom(options),
    hidden: hidden === undefined ? found.hidden : hidden === true,
    displayOrder: Number(displayOrder ?? found.displayOrder),
    updatedAt: formatInstant(portal.now()),
  };
}

function optionsFrom(given: unknown): PropertyOption[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given))
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build a list of options');
  return given.map((option: unknown, position) => {
    if (!isObject(option) || typeof option['value'] !== 'string')
      throw badRequest('An option needs a label and a value.');
    const { value, label, description, displayOrder, hidden } = option;
    return {
      label: String(label ?? value),
      value,
      ...(description === undefined ? {} : { description: String(description) }),
      displayOrder: Number(displayOrder ?? position),
      hidden: hidden === true,
    };
  });
}

function shown(entry: PropertyDefinition, archived = false): Record<string, unknown> {
  const { readOnlyValue, hubspotDefined, createdAt, updatedAt, name, label, type, fieldType, description } =
    entry;
  const { groupName, options, displayOrder, calculated, externalOptions, hasUniqueValue, hidden, formField } =
    entry;
  return {
    updatedAt,
    createdAt,
    name,
    label,
    type,
    fieldType,
    description,
    groupName,
    options,
    displayOrder,
    calculated,
    externalOptions,
    hasUniqueValue,
    hidden,
    ...(hubspotDefined ? { hubspotDefined } : {}),
    ...(archived ? { archived } : {}),
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      ...(type === 'enumeration' ? { readOnlyOptions: hubspotDefined && externalOptions } : {}),
      readOnlyValue,
    },
    formField,
    dataSensitivity: 'non_sensitive',
  };
}

function missing(name: string): HubError {
  return new HubError(404, `Property ${name} does not exist`, { category: 'OBJECT_NOT_FOUND' });
}

function exists(what: string, name: string): HubError {
  return new HubError(409, `${what} "${name}" already exists`, { category: 'OBJECT_ALREADY_EXISTS' });
}

function readOnlyDefinition(name: string): HubError {
  return badRequest(`Property "${name}" is defined by HubSpot and cannot be changed.`);
}
