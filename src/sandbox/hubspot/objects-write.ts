import { pairTypes } from './association-types.ts';
import { bodyOf, type Call, isObject, type Json, NO_CONTENT, ok, type Reply } from './call.ts';
import { type Commit, commit, type LinkWish, recompute } from './commit.ts';
import { badRequest, invalidProperties, recordNotFound } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import { OBJECT_TYPES } from './object-type.ts';
import { findRecord } from './objects-read.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';
import { projection, rendered } from './render.ts';
import { validate } from './validate.ts';

/** POST: creates one record with its links; 201 (hubspot.md §4.1). */
export function createRecord(portal: Portal, store: ObjectStore, call: Call): Reply {
  const body = bodyOf(call);
  const wishes = linkWishes(portal, store, body['associations']);
  const intent = validate(portal, store, undefined, propertiesOf(body));
  if (intent.problems.length > 0) throw invalidProperties(intent.problems, portal.portalId);
  const done = commit(portal, intent, call.writer, wishes);
  portal.deps.counters.write(false);
  return ok(written(portal, store, done, intent.values.keys()), 201);
}

/** PATCH: updates one record; absorbed ids lead to the survivor (hubspot.md §2.5). */
export function updateRecord(portal: Portal, store: ObjectStore, call: Call, id: string): Reply {
  const record = findRecord(store, id, call.query.get('idProperty'), 'update');
  if (record === undefined || record.archivedAt !== undefined) throw recordNotFound(id);
  const intent = validate(portal, store, record, propertiesOf(bodyOf(call)));
  if (intent.problems.length > 0) throw invalidProperties(intent.problems, portal.portalId);
  const done = commit(portal, intent, call.writer);
  portal.deps.counters.write(done.changed.length === 0);
  return ok(written(portal, store, done, intent.values.keys()));
}

/** DELETE: to the recycle bin; an unknown or archived id is 204 too. */
export function archiveRecord(portal: Portal, store: ObjectStore, call: Call, id: string): Reply {
  const record = store.resolve(id);
  if (record !== undefined && record.archivedAt === undefined) {
    archive(portal, store, record, call.writer.actor);
    portal.deps.counters.write(false);
  }
  return NO_CONTENT;
}

/** Moves a record to the recycle bin and lets deals that had it as primary company know. */
export function archive(portal: Portal, store: ObjectStore, record: HubRecord, actor: string): void {
  const at = portal.now();
  store.archive(record, at);
  portal.deps.truth.append({
    at,
    crm: 'hubspot',
    type: record.type.singular,
    id: record.id,
    action: 'delete',
    actor,
    fields: {},
  });
  if (record.type.plural !== 'companies') return;
  for (const { to } of record.links) {
    if (to.type.plural === 'deals' && to.archivedAt === undefined) {
      recompute(portal, to, { actor, source: { type: 'CALCULATED' } });
    }
  }
}

export function propertiesOf(body: Json): Json {
  const properties = body['properties'];
  if (isObject(properties)) return properties;
  throw badRequest(
    'Invalid input JSON on line 1, column 1: Cannot build the object: required attribute "properties" is not set',
  );
}

/** What a write answers: the values sent, the stamps and everything calculated, not the full record (hubspot.md §4.1). */
export function written(
  portal: Portal,
  store: ObjectStore,
  { record, version }: Commit,
  sent: Iterable<string>,
): Record<string, unknown> {
  const filled = store.slots.names.filter((_, slot) => version.values[slot] !== undefined);
  const calculated = filled.filter((name) => {
    const definition = store.properties.get(name);
    return definition?.calculated === true || name.startsWith('hs_object_source') || name === 'pipeline';
  });
  return rendered(portal, record, version.values, projection(store, [...sent, ...calculated]));
}

/** Links wished for at creation: `[{to:{id}, types:[{associationCategory, associationTypeId}]}]`. @throws {HubError} 400 */
export function linkWishes(portal: Portal, store: ObjectStore, given: unknown): LinkWish[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given))
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build "associations"');
  return given.map((item: unknown) => {
    const to = isObject(item) && isObject(item['to']) ? String(item['to']['id']) : '';
    const types = isObject(item) && Array.isArray(item['types']) ? (item['types'] as unknown[]) : [];
    const ids = types.map((type) => (isObject(type) ? Number(type['associationTypeId']) : Number.NaN));
    const target = targetOf(portal, store, ids[0] ?? Number.NaN, to);
    if (target === undefined) throw badRequest(`${to} is not a valid ID`, { context: { id: [to] } });
    return { to: target, types: ids };
  });
}

function targetOf(portal: Portal, store: ObjectStore, typeId: number, id: string): HubRecord | undefined {
  const label = portal.labels.find((entry) => entry.typeId === typeId && entry.from === store.type.plural);
  const type = OBJECT_TYPES.find((candidate) => {
    const types = pairTypes(store.type, candidate);
    return types?.plain === typeId || types?.primary === typeId || candidate.plural === label?.to;
  });
  if (type === undefined) throw badRequest(`Invalid association type ${typeId} for ${store.type.id}`);
  const record = portal.store(type).resolve(id);
  return record?.archivedAt === undefined ? record : undefined;
}
