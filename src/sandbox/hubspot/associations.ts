import {
  defaultResult,
  described,
  labelledResult,
  labels,
  plainOf,
  requireBoth,
  typeIdsOf,
  typeOf,
} from './association-labels.ts';
import { pairTypes } from './association-types.ts';
import {
  bodyOf,
  type Call,
  isObject,
  type Json,
  limitOf,
  NO_CONTENT,
  notAllowed,
  ok,
  type Reply,
  unknownPath,
} from './call.ts';
import { recompute } from './commit.ts';
import { badRequest, recordNotFound } from './hub-error.ts';
import { link, typesBetween, unlink } from './links.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectType } from './object-type.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';
import { associationsOf } from './render.ts';
import { formatInstant } from './values.ts';

const PAGE = 500;
const MOST_READ = 1000;
const MOST_WRITTEN = 2000;

/** GET `/objects/{from}/{id}/associations/{to}`: numeric ids, 500 a page (hubspot.md §5.1). */
export function listAssociations(
  portal: Portal,
  store: ObjectStore,
  call: Call,
  id: string,
  [segment = '', ...more]: readonly string[],
): Reply {
  const type = typeOf(segment);
  if (more.length > 0) throw unknownPath();
  requireBoth(call, store.type, type, 'read');
  const record = liveRecord(store, id);
  if (record === undefined) throw recordNotFound(id);
  if (call.path.startsWith('/crm/v3/')) {
    // The v3 form is the one of the map in GET: text ids, one entry per type name.
    return ok(associationsOf(portal, record, [segment])[type.plural] ?? { results: [] });
  }
  const limit = limitOf(call.query.get('limit'), PAGE, PAGE);
  return ok(pageOf(portal, record, type, call.query.get('after'), limit));
}

/** PUT and DELETE of one link, with or without `default`. */
export function writeAssociation(
  portal: Portal,
  store: ObjectStore,
  call: Call,
  id: string,
  path: readonly string[],
): Reply {
  const byDefault = path[0] === 'default';
  const [segment = '', toId = '', ...more] = byDefault ? path.slice(1) : path;
  const type = typeOf(segment);
  if (toId === '' || more.length > 0) throw unknownPath();
  requireBoth(call, store.type, type, 'write');
  const from = liveRecord(store, id);
  const to = liveRecord(portal.store(type), toId);
  if (from === undefined || to === undefined) throw recordNotFound(from === undefined ? id : toId);
  if (call.method === 'DELETE') {
    changed(portal, call, from, to, unlink(from, to));
    return NO_CONTENT;
  }
  if (call.method !== 'PUT') throw notAllowed(call);
  const types = byDefault ? [plainOf(store.type, type)] : typeIdsOf(portal, store.type, type, labelsIn(call));
  changed(portal, call, from, to, link(from, to, types));
  return byDefault
    ? ok(batchBody(portal, [defaultResult(store.type, type, from, to, types)]))
    : ok(labelledResult(portal, store.type, type, from, to), 201);
}

/** `/associations/{from}/{to}/…`: batches and labels. */
export function associations(
  portal: Portal,
  call: Call,
  [from = '', to = '', ...rest]: readonly string[],
): Reply {
  const source = typeOf(from);
  const target = typeOf(to);
  const action = rest.join('/');
  if (rest[0] === 'labels') return labels(portal, call, source, target);
  if (call.method !== 'POST') throw notAllowed(call);
  requireBoth(call, source, target, action === 'batch/read' ? 'read' : 'write');
  switch (action) {
    case 'batch/read':
      return batchRead(portal, call, source, target);
    case 'batch/create':
      return batchLink(portal, call, source, target, false);
    case 'batch/associate/default':
      return batchLink(portal, call, source, target, true);
    case 'batch/archive':
      return batchUnlink(portal, call, source, target);
    default:
      throw unknownPath();
  }
}

function batchRead(portal: Portal, call: Call, source: ObjectType, target: ObjectType): Reply {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of inputs(call, MOST_READ)) {
    const id = String(input['id'] ?? '');
    const record = liveRecord(portal.store(source), id);
    const after = input['after'];
    const page =
      record === undefined
        ? undefined
        : pageOf(portal, record, target, after === undefined ? null : String(after), PAGE);
    if (page === undefined || page.results.length === 0) {
      errors.push({
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
        message: `No ${target.singular} is associated with ${source.singular} ${id}.`,
        context: { fromObjectId: [id], fromObjectType: [source.id], toObjectType: [target.id] },
      });
    } else {
      const { results: to, ...paging } = page;
      results.push({ from: { id }, to, ...paging });
    }
  }
  return batchReply(portal, results, errors, 200);
}

function batchLink(
  portal: Portal,
  call: Call,
  source: ObjectType,
  target: ObjectType,
  byDefault: boolean,
): Reply {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of inputs(call, MOST_WRITTEN)) {
    const [from, to, wrong] = ends(portal, input, source, target);
    if (from === undefined || to === undefined) {
      errors.push(wrong);
      continue;
    }
    const types = byDefault ? [plainOf(source, target)] : typeIdsOf(portal, source, target, input['types']);
    changed(portal, call, from, to, link(from, to, types));
    results.push(
      byDefault
        ? defaultResult(source, target, from, to, types)
        : labelledResult(portal, source, target, from, to),
    );
  }
  return batchReply(portal, results, errors, byDefault ? 200 : 201);
}

function batchUnlink(portal: Portal, call: Call, source: ObjectType, target: ObjectType): Reply {
  for (const input of inputs(call, MOST_WRITTEN)) {
    const from = liveRecord(portal.store(source), endId(input['from']));
    const targets = Array.isArray(input['to']) ? (input['to'] as unknown[]) : [input['to']];
    for (const each of targets) {
      const to = liveRecord(portal.store(target), endId(each));
      if (from !== undefined && to !== undefined) changed(portal, call, from, to, unlink(from, to));
    }
  }
  return NO_CONTENT;
}

interface Page {
  readonly results: readonly unknown[];
  readonly paging?: { readonly next: { readonly after: string; readonly link: string } };
}

function pageOf(
  portal: Portal,
  record: HubRecord,
  type: ObjectType,
  after: string | null,
  limit: number,
): Page {
  const start = Number(after ?? 0);
  if (!Number.isInteger(start) || start < 0) throw badRequest(`Invalid paging cursor "${after}".`);
  const all = record.linksTo(type).filter(({ to }) => to.archivedAt === undefined);
  const results = all.slice(start, start + limit).map(({ to, types }) => ({
    toObjectId: to.num,
    associationTypes: types.map((typeId) => described(portal, record.type, type, typeId)),
  }));
  const next = start + results.length;
  if (next >= all.length) return { results };
  const link = `${portal.baseUrl}/crm/v4/objects/${record.type.plural}/${record.id}/associations/${type.plural}?after=${next}`;
  return { results, paging: { next: { after: String(next), link } } };
}

/** Deals whose links moved have their primary company computed anew. */
function changed(portal: Portal, call: Call, from: HubRecord, to: HubRecord, moved: boolean): void {
  portal.deps.counters.write(!moved);
  if (!moved) return;
  for (const record of new Set([from, to])) recompute(portal, record, call.writer);
  toldLink(portal, from, to);
}

/** After the change: what is linked now was linked, what is not was taken away. */
function toldLink(portal: Portal, from: HubRecord, to: HubRecord): void {
  const types = typesBetween(from, to);
  const primary = pairTypes(from.type, to.type)?.primary;
  portal.linked({
    at: portal.now(),
    from: { type: from.type.singular, id: from.id },
    to: { type: to.type.singular, id: to.id },
    removed: types.length === 0,
    primary: primary !== null && primary !== undefined && types.includes(primary),
  });
}

function ends(
  portal: Portal,
  input: Json,
  source: ObjectType,
  target: ObjectType,
): [HubRecord | undefined, HubRecord | undefined, unknown] {
  const [fromId, toId] = [endId(input['from']), endId(input['to'])];
  const from = liveRecord(portal.store(source), fromId);
  const to = liveRecord(portal.store(target), toId);
  if (from !== undefined && from === to) {
    const message = `Object ${fromId} cannot be associated to itself (${toId})`;
    return [undefined, undefined, { status: 'error', category: 'VALIDATION_ERROR', message }];
  }
  const wrong = from === undefined ? fromId : toId;
  return [
    from,
    to,
    {
      status: 'error',
      category: 'VALIDATION_ERROR',
      subCategory: 'crm.associations.INVALID_IDENTIFIER',
      message: `${wrong} is not a valid ID`,
      context: { id: [wrong] },
    },
  ];
}

function endId(end: unknown): string {
  return isObject(end) ? String(end['id'] ?? '') : '';
}

function inputs(call: Call, most: number): Json[] {
  const given = bodyOf(call)['inputs'] ?? [];
  if (!Array.isArray(given) || !given.every(isObject))
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build a batch from "inputs"');
  if (given.length > most)
    throw badRequest(`The maximum number of inputs supported in a batch request is ${most}.`);
  return given as Json[];
}

function labelsIn(call: Call): unknown {
  try {
    return JSON.parse(call.raw.toString('utf8'));
  } catch {
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot build a list of association types');
  }
}

function batchBody(portal: Portal, results: readonly unknown[]): Record<string, unknown> {
  const at = formatInstant(portal.now());
  return { status: 'COMPLETE', results, startedAt: at, completedAt: at };
}

function batchReply(
  portal: Portal,
  results: readonly unknown[],
  errors: readonly unknown[],
  okStatus: number,
): Reply {
  const body = batchBody(portal, results);
  return errors.length === 0 ? ok(body, okStatus) : ok({ ...body, numErrors: errors.length, errors }, 207);
}

function liveRecord(store: ObjectStore, id: string): HubRecord | undefined {
  const record = store.resolve(id);
  return record?.archivedAt === undefined ? record : undefined;
}
