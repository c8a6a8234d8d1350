import { pairTypes } from './association-types.ts';
import { badRequest } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import { type ObjectType, objectTypeOf } from './object-type.ts';
import type { Portal } from './portal.ts';
import type { HubRecord, Values, Version } from './record.ts';
import { formatInstant } from './values.ts';

/** Property names to answer and where their values are; resolved once per request. */
export interface Projection {
  readonly names: readonly string[];
  readonly slots: readonly number[];
  readonly created: number;
  readonly modified: number;
}

/** What to answer: asked names that exist (unknown ones are silently left out), or the default set (hubspot.md §2.1). */
export function projection(store: ObjectStore, asked: readonly string[]): Projection {
  const { type, slots } = store;
  const wanted = asked.length > 0 ? asked.map((name) => name.toLowerCase()) : type.shown;
  const known = wanted.filter((name) => store.properties.get(name) !== undefined);
  const names = [...new Set([...known, type.created, type.modified, 'hs_object_id'])].sort();
  return {
    names,
    slots: names.map((name) => slots.find(name) ?? -1),
    created: slots.find(type.created) ?? -1,
    modified: slots.find(type.modified) ?? -1,
  };
}

/** One record in the public shape, showing the given version of its values. */
export function rendered(
  portal: Portal,
  record: HubRecord,
  values: Values,
  { names, slots, created, modified }: Projection,
): Record<string, unknown> {
  const properties: Record<string, string | null> = {};
  for (let i = 0; i < names.length; i += 1) {
    properties[names[i] as string] = values[slots[i] as number] ?? null;
  }
  const createdAt = values[created] ?? formatInstant(record.current.at);
  return {
    id: record.id,
    properties,
    createdAt,
    updatedAt: values[modified] ?? createdAt,
    archived: record.archivedAt !== undefined,
    ...(record.archivedAt === undefined ? {} : { archivedAt: formatInstant(record.archivedAt) }),
    url: `https://app.hubspot.com/contacts/${portal.portalId}/record/${record.type.id}/${record.id}`,
  };
}

/** Histories of the asked properties, newest first (hubspot.md §2.8). */
export function histories(
  store: ObjectStore,
  record: HubRecord,
  asked: readonly string[],
): Record<string, unknown[]> {
  const result: Record<string, unknown[]> = {};
  for (const name of asked) {
    const definition = store.properties.get(name);
    if (definition === undefined) continue;
    result[name] = historyOf(record, name, definition.calculated);
  }
  return result;
}

function historyOf(record: HubRecord, name: string, calculated: boolean): unknown[] {
  const slot = record.slots.find(name);
  if (slot === undefined) return [];
  const entries: unknown[] = [];
  let before: string | undefined;
  for (const version of [...(record.older ?? []), record.current]) {
    const value = version.values[slot];
    if (value === before) continue;
    entries.push(historyEntry(version, value ?? '', calculated));
    before = value;
  }
  return entries.reverse();
}

function historyEntry({ at, source }: Version, value: string, calculated: boolean): Record<string, unknown> {
  if (calculated) return { value, timestamp: formatInstant(at), sourceType: 'CALCULATED' };
  return {
    value,
    timestamp: formatInstant(at),
    sourceType: source.type,
    ...(source.id === undefined ? {} : { sourceId: source.id }),
    ...(source.label === undefined ? {} : { sourceLabel: source.label }),
    ...(source.userId === undefined ? {} : { updatedByUserId: source.userId }),
  };
}

/** The `associations` map of GET and list: ids with type names, one entry per type (hubspot.md §2.1). */
export function associationsOf(
  portal: Portal,
  record: HubRecord,
  asked: readonly string[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const segment of asked) {
    const type = objectTypeOf(segment);
    if (type === undefined) throw badRequest(`Unable to infer object type from: ${segment}`);
    const results = record
      .linksTo(type)
      .filter(({ to }) => to.archivedAt === undefined)
      .flatMap(({ to, types }) =>
        types.map((id) => ({ id: to.id, type: typeName(portal, record.type, type, id) })),
      );
    if (results.length > 0) result[type.plural] = { results };
  }
  return result;
}

function typeName(portal: Portal, from: ObjectType, to: ObjectType, typeId: number): string {
  const types = pairTypes(from, to);
  const name = `${from.singular}_to_${to.singular}`;
  if (types?.primary === typeId) return name;
  if (types?.plain === typeId) return types.primary === null ? name : `${name}_unlabeled`;
  return portal.labels.find((label) => label.typeId === typeId)?.name ?? name;
}
