import { bodyOf, type Call, isObject, limitOf, listParameter, ok, type Reply, stringsOf } from './call.ts';
import { badRequest, recordNotFound } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';
import { associationsOf, histories, projection, rendered } from './render.ts';
import { formatInstant } from './values.ts';

const MOST = 100;
const MOST_WITH_HISTORY = 50;

/** GET list: by id, through an opaque cursor, reading the records themselves and not the search index (hubspot.md §2.2). */
export function listRecords(portal: Portal, store: ObjectStore, call: Call): Reply {
  const history = listParameter(call, 'propertiesWithHistory');
  const linked = listParameter(call, 'associations');
  const limit = limitOf(call.query.get('limit'), 10, history.length > 0 ? MOST_WITH_HISTORY : MOST);
  const shown = projection(store, listParameter(call, 'properties'));
  const source = isArchived(call) ? store.archived : store.live;
  const start = source.position(cursorOf(call.query.get('after')));
  const page = source.all.slice(start, start + Math.max(1, limit));
  const results = page.map((record) => full(portal, store, record, shown, history, linked));
  const next = source.all[start + page.length];
  if (next === undefined) return ok({ results });
  const after = Buffer.from(next.id).toString('base64');
  const query = new URLSearchParams(call.query);
  query.set('after', after);
  return ok({ results, paging: { next: { after, link: `${portal.baseUrl}${call.path}?${query}` } } });
}

/** GET one: by id, by an absorbed id, or by a unique property (hubspot.md §2.1, §2.5). */
export function getRecord(portal: Portal, store: ObjectStore, call: Call, id: string): Reply {
  const record = findRecord(store, id, call.query.get('idProperty'), 'read');
  if (record === undefined || (record.archivedAt !== undefined) !== isArchived(call))
    throw recordNotFound(id);
  const shown = projection(store, listParameter(call, 'properties'));
  const history = listParameter(call, 'propertiesWithHistory');
  return ok(full(portal, store, record, shown, history, listParameter(call, 'associations')));
}

/** POST batch/read: in no particular order, 207 when some are missing (hubspot.md §2.3). */
export function batchRead(portal: Portal, store: ObjectStore, call: Call): Reply {
  const startedAt = formatInstant(portal.now());
  const body = bodyOf(call);
  const history = stringsOf(body['propertiesWithHistory'], 'propertiesWithHistory');
  const ids = inputsOf(body, history.length > 0).map((input) => String(input['id'] ?? ''));
  refuseDuplicates(ids);
  const idProperty = typeof body['idProperty'] === 'string' ? body['idProperty'] : null;
  requireUnique(store, idProperty, 'read');
  const shown = projection(store, stringsOf(body['properties'], 'properties'));
  const archived = isArchived(call);
  const found: Record<string, unknown>[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    const record = named(store, idProperty, id, archived);
    if (record === undefined || (record.archivedAt !== undefined) !== archived) missing.push(id);
    else found.push(full(portal, store, record, shown, history, []));
  }
  const errors = missing.length > 0 ? [notFoundError(store, missing)] : [];
  return batchReply(portal, startedAt, found, errors, 200);
}

function named(
  store: ObjectStore,
  idProperty: string | null,
  id: string,
  archived: boolean,
): HubRecord | undefined {
  if (idProperty === null) return store.get(id);
  return archived ? store.archivedByUnique(idProperty, id) : store.byUnique(idProperty, id);
}

/** Whether this request asks for the recycle bin. */
export function isArchived(call: Call): boolean {
  return call.query.get('archived') === 'true';
}

/** A record by id, or by a property that must be unique. @throws {HubError} 400 for any other property. */
export function findRecord(
  store: ObjectStore,
  id: string,
  idProperty: string | null,
  verb: string,
): HubRecord | undefined {
  if (idProperty === null || idProperty === '' || idProperty === 'hs_object_id') return store.resolve(id);
  requireUnique(store, idProperty, verb);
  return store.byUnique(idProperty, id);
}

/** 400 unless the property identifies records (hubspot.md §4.1). */
export function requireUnique(store: ObjectStore, idProperty: string | null, verb: string): void {
  if (idProperty === null || store.properties.get(idProperty)?.hasUniqueValue === true) return;
  throw badRequest(`Unable to perform ${verb} by non-unique ${store.type.id} property ${idProperty}`);
}

/** The inputs of a batch. A missing list is an empty one: the API takes it without complaint (hubspot.md §7.4, issue 26). */
export function inputsOf(
  body: Readonly<Record<string, unknown>>,
  withHistory = false,
): Record<string, unknown>[] {
  const inputs = body['inputs'] ?? [];
  if (!Array.isArray(inputs) || !inputs.every(isObject)) {
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build a batch from "inputs"');
  }
  const most = withHistory ? MOST_WITH_HISTORY : MOST;
  if (inputs.length > most) {
    const what = withHistory ? ' for property histories' : '';
    throw badRequest(
      `The maximum number of inputs supported in a batch request${what} is ${most}. Got ${inputs.length}.`,
    );
  }
  return inputs as Record<string, unknown>[];
}

/** @throws {HubError} 400 naming the ids that came twice. */
export function refuseDuplicates(ids: readonly string[]): void {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  if (twice.size === 0) return;
  const list = [...twice];
  throw badRequest(`Duplicate IDs found in batch input: [${list.join(', ')}]. IDs must be unique`, {
    context: { ids: list },
  });
}

/** One error that lists every missing id (hubspot.md §2.3). */
export function notFoundError(store: ObjectStore, ids: readonly string[]): Record<string, unknown> {
  const type = store.type.singular.toUpperCase();
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: `Could not get some ${type} objects, they may be deleted or not exist. Check that ids are valid.`,
    context: { ids },
  };
}

/** The envelope of every batch: `okStatus` when there are no errors, else 207. */
export function batchReply(
  portal: Portal,
  startedAt: string,
  results: readonly unknown[],
  errors: readonly unknown[],
  okStatus: number,
): Reply {
  const body = {
    status: 'COMPLETE',
    results: portal.shuffled(results),
    startedAt,
    completedAt: formatInstant(portal.now()),
  };
  if (errors.length === 0) return ok(body, okStatus);
  return ok({ ...body, numErrors: errors.length, errors }, 207);
}

function full(
  portal: Portal,
  store: ObjectStore,
  record: HubRecord,
  shown: ReturnType<typeof projection>,
  history: readonly string[],
  linked: readonly string[],
): Record<string, unknown> {
  const body = rendered(portal, record, record.current.values, shown);
  if (history.length > 0) body['propertiesWithHistory'] = histories(store, record, history);
  if (linked.length > 0) {
    const associations = associationsOf(portal, record, linked);
    if (Object.keys(associations).length > 0) body['associations'] = associations;
  }
  return body;
}

function cursorOf(after: string | null): number {
  if (after === null || after === '') return 0;
  const num = Number(Buffer.from(after, 'base64').toString('utf8'));
  if (Number.isSafeInteger(num) && num >= 0) return num;
  throw badRequest(`Invalid paging cursor "${after}".`);
}
