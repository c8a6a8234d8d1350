import { bodyOf, type Call, isObject, type Json, limitOf, ok, type Reply, stringsOf } from './call.ts';
import { badRequest } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { Portal } from './portal.ts';
import { projection, rendered } from './render.ts';
import { anyOf, type Filter, filterGroupsOf, type Predicate, wordsOf } from './search-filter.ts';
import type { Doc, SearchIndex } from './search-index.ts';
import { firstAtLeast } from './sorted-by-id.ts';
import { parseInstant } from './values.ts';

const MOST = 200;
const HORIZON = 10_000;
const REMEMBERED = 8;

interface Sort {
  readonly property: string;
  readonly descending: boolean;
}

/** Sorted answers to recent questions; a keyset walk asks the same one again with only the last id moved on. */
const answers = new WeakMap<SearchIndex, Map<string, { generation: number; docs: readonly Doc[] }>>();

/** POST search (hubspot.md §2.4): answers from the delayed index, stale values included. */
export function search(portal: Portal, store: ObjectStore, call: Call): Reply {
  const body = bodyOf(call);
  const groups = filterGroupsOf(body, call.raw);
  const sort = sortOf(store, body);
  const limit = limitOf(body['limit'], 10, MOST);
  const offset = offsetOf(body['after']);
  if (offset + limit > HORIZON) {
    throw badRequest(`Paging through more than ${HORIZON} results is not possible; narrow the filters.`);
  }
  store.index.settle(portal.now());
  const docs = find(store, groups, sort, typeof body['query'] === 'string' ? body['query'] : '');
  const shown = projection(store, stringsOf(body['properties'], 'properties'));
  const page = docs.slice(offset, offset + limit);
  const results = page.map((doc) => rendered(portal, doc.record, doc.values, shown));
  const more = offset + page.length < docs.length && page.length > 0;
  const paging = more ? { paging: { next: { after: String(offset + page.length) } } } : {};
  return ok({ total: docs.length, results, ...paging });
}

function find(store: ObjectStore, groups: Filter[][], sort: Sort, query: string): readonly Doc[] {
  const keyset = sort.property === 'hs_object_id' && !sort.descending && groups.length === 1;
  const bound = keyset ? groups[0]?.find(isIdBound) : undefined;
  const rest =
    bound === undefined ? groups : groups.map((group) => group.filter((filter) => filter !== bound));
  const docs = remembered(store.index, JSON.stringify([rest, sort, query]), () => {
    const found = candidates(store, rest).filter(both(anyOf(store, rest), queryTest(store, query)));
    return sorted(store, found, sort);
  });
  if (bound === undefined) return docs;
  const from = Number(bound.value) + (bound.operator === 'GT' ? 1 : 0);
  if (Number.isNaN(from)) throw badRequest(`${bound.value} is not a valid value for hs_object_id`);
  return docs.slice(firstAtLeast(docs, from, (doc) => doc.num));
}

function isIdBound({ propertyName, operator }: Filter): boolean {
  return propertyName === 'hs_object_id' && (operator === 'GT' || operator === 'GTE');
}

function remembered(index: SearchIndex, question: string, answer: () => readonly Doc[]): readonly Doc[] {
  const known = answers.get(index) ?? new Map<string, { generation: number; docs: readonly Doc[] }>();
  answers.set(index, known);
  const hit = known.get(question);
  if (hit?.generation === index.generation) return hit.docs;
  const docs = answer();
  known.delete(question);
  known.set(question, { generation: index.generation, docs });
  const oldest = known.keys().next().value;
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  return docs;
}

/** The documents worth testing: a window over the last-change stamp is looked up, everything else is walked in id order. */
function candidates({ index, type }: ObjectStore, groups: readonly (readonly Filter[])[]): readonly Doc[] {
  const [only, ...others] = groups;
  if (only === undefined || others.length > 0) return index.byId();
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const { propertyName, operator, value, highValue } of only) {
    if (propertyName !== type.modified) continue;
    const low = parseInstant(value ?? '');
    if (low === null) continue;
    if (operator === 'EQ' || operator === 'GT' || operator === 'GTE' || operator === 'BETWEEN')
      from = Math.max(from, low);
    if (operator === 'EQ' || operator === 'LT' || operator === 'LTE') to = Math.min(to, low);
    if (operator === 'BETWEEN') to = Math.min(to, parseInstant(highValue ?? '') ?? to);
  }
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return index.byId();
  return index.changedBetween(from, to);
}

function sorted(store: ObjectStore, docs: Doc[], { property, descending }: Sort): readonly Doc[] {
  const direction = descending ? -1 : 1;
  const compare = comparison(store, property);
  return docs.sort((a, b) => direction * compare(a, b) || a.num - b.num);
}

function comparison(store: ObjectStore, property: string): (a: Doc, b: Doc) => number {
  if (property === 'hs_object_id') return (a, b) => a.num - b.num;
  if (property === store.type.modified) return (a, b) => a.modified - b.modified;
  const slot = store.slots.of(property);
  const type = store.properties.get(property)?.type;
  const numeric =
    type === 'number' ? Number : type === 'datetime' || type === 'date' ? Date.parse : undefined;
  return (a, b) => {
    const [left, right] = [a.values[slot], b.values[slot]];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (numeric !== undefined) return numeric(left) - numeric(right);
    return left.toLowerCase() < right.toLowerCase() ? -1 : left.toLowerCase() > right.toLowerCase() ? 1 : 0;
  };
}

/** One sort at most; without one, oldest record first. A plain text is a property name, `-` before it reverses. */
function sortOf(store: ObjectStore, body: Json): Sort {
  const given = Array.isArray(body['sorts']) ? (body['sorts'] as unknown[]) : [];
  if (given.length > 1) throw badRequest('Only one sort is allowed.');
  const [first] = given;
  if (first === undefined) return { property: 'hs_object_id', descending: false };
  const text = typeof first === 'string' ? first : '';
  const property = isObject(first) ? String(first['propertyName']) : text.replace(/^-/, '');
  if (store.properties.get(property) === undefined)
    throw badRequest(`Cannot sort by unknown property "${property}".`);
  return {
    property,
    descending: isObject(first) ? first['direction'] === 'DESCENDING' : text.startsWith('-'),
  };
}

function offsetOf(after: unknown): number {
  if (after === undefined || after === null || after === '') return 0;
  const offset = Number(after);
  if (Number.isInteger(offset) && offset >= 0) return offset;
  throw badRequest(`Invalid paging offset "${String(after)}": it must be a whole number.`);
}

/** Every word of the query begins a word of one of the searched properties. */
function queryTest(store: ObjectStore, query: string): Predicate | undefined {
  const words = wordsOf(query);
  if (words.length === 0) return undefined;
  const slots = store.type.searched.map((name) => store.slots.of(name));
  return ({ values }) => {
    const all = slots.flatMap((slot) => wordsOf(values[slot] ?? ''));
    return words.every((word) => all.some((candidate) => candidate.startsWith(word)));
  };
}

function both(first: Predicate, second: Predicate | undefined): Predicate {
  return second === undefined ? first : (doc) => first(doc) && second(doc);
}
