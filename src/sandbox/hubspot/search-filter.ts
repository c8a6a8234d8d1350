import { type Call, isObject, type Json } from './call.ts';
import { badRequest } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { PropertyDefinition } from './property-definition.ts';
import type { Doc } from './search-index.ts';
import { parseInstant } from './values.ts';

export interface Filter {
  readonly propertyName: string;
  readonly operator: string;
  readonly value?: string;
  readonly highValue?: string;
  readonly values?: readonly string[];
}

export type Predicate = (doc: Doc) => boolean;

const MOST_GROUPS = 5;
const MOST_FILTERS = 6;
const MOST_IN_ALL = 18;
const ONE_VALUE = new Set(['EQ', 'NEQ', 'LT', 'LTE', 'GT', 'GTE', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN']);

/** Groups of filters, with the limits of the API applied (hubspot.md §2.4). @throws {HubError} 400 */
export function filterGroupsOf(body: Json, raw: Call['raw']): Filter[][] {
  if (raw.toString('utf8').length > 3000)
    throw badRequest('The request body is too large: 3000 characters at most.');
  const groups = Array.isArray(body['filterGroups']) ? (body['filterGroups'] as unknown[]) : [];
  const bare = Array.isArray(body['filters']) ? [{ filters: body['filters'] as unknown[] }] : [];
  const read = [...groups, ...bare].map((group) => {
    const filters = isObject(group) && Array.isArray(group['filters']) ? (group['filters'] as unknown[]) : [];
    return filters.map(filterOf);
  });
  const all = read.reduce((sum, filters) => sum + filters.length, 0);
  if (read.length > MOST_GROUPS)
    throw badRequest(`At most ${MOST_GROUPS} filterGroups are allowed, got ${read.length}.`);
  if (read.some((filters) => filters.length > MOST_FILTERS)) {
    throw badRequest(`At most ${MOST_FILTERS} filters are allowed in a filterGroup.`);
  }
  if (all > MOST_IN_ALL) throw badRequest(`At most ${MOST_IN_ALL} filters are allowed in all, got ${all}.`);
  return read;
}

/** Whether a document passes any of the groups; no groups pass everything. */
export function anyOf(store: ObjectStore, groups: readonly (readonly Filter[])[]): Predicate {
  const tests = groups.filter((group) => group.length > 0).map((group) => allOf(store, group));
  if (tests.length === 0) return () => true;
  if (tests.length === 1 && tests[0] !== undefined) return tests[0];
  return (doc) => tests.some((test) => test(doc));
}

function allOf(store: ObjectStore, filters: readonly Filter[]): Predicate {
  const tests = filters.map((filter) => predicate(store, filter));
  return (doc) => tests.every((test) => test(doc));
}

function filterOf(given: unknown): Filter {
  if (!isObject(given)) throw badRequest('Invalid input JSON on line 1, column 1: Cannot build Filter');
  const text = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : String(value);
  const operator = String(given['operator']);
  const propertyName = String(given['propertyName'] ?? '');
  const value = text(given['value']);
  const highValue = text(given['highValue']);
  const values = Array.isArray(given['values']) ? (given['values'] as unknown[]).map(String) : undefined;
  const refuse = (what: string): never => {
    throw badRequest(`operator ${operator} on ${propertyName}: ${what}`);
  };
  if (ONE_VALUE.has(operator)) value ?? refuse('a value is required');
  else if (operator === 'BETWEEN')
    (value !== undefined && highValue !== undefined) || refuse('value and highValue are required');
  else if (operator === 'IN' || operator === 'NOT_IN') values ?? refuse('values are required');
  else if (operator !== 'HAS_PROPERTY' && operator !== 'NOT_HAS_PROPERTY') {
    throw badRequest(`Invalid input JSON on line 1, column 1: unknown operator ${operator}`);
  }
  return {
    propertyName,
    operator,
    ...(value === undefined ? {} : { value }),
    ...(highValue === undefined ? {} : { highValue }),
    ...(values === undefined ? {} : { values }),
  };
}

function predicate(store: ObjectStore, filter: Filter): Predicate {
  const linked = /^associations\.(\w+)$/.exec(filter.propertyName)?.[1];
  if (linked !== undefined) return linkedTo(linked, filter);
  const definition = store.properties.get(filter.propertyName);
  if (definition === undefined) {
    throw badRequest(
      `There was a problem with the request: property "${filter.propertyName}" does not exist`,
    );
  }
  if (definition.name === 'hs_object_id') return byNumber(filter, (doc) => doc.num);
  if (definition.name === store.type.modified) return byNumber(filter, (doc) => doc.modified, parseInstant);
  const slot = store.slots.of(definition.name);
  const has = (doc: Doc): boolean => doc.values[slot] !== undefined;
  if (filter.operator === 'HAS_PROPERTY') return has;
  if (filter.operator === 'NOT_HAS_PROPERTY') return (doc) => !has(doc);
  const test = valueTest(definition, filter);
  const negative = filter.operator === 'NEQ' || filter.operator.startsWith('NOT_');
  return (doc) => {
    const value = doc.values[slot];
    return value === undefined ? negative : test(value);
  };
}

function linkedTo(segment: string, filter: Filter): Predicate {
  const wanted = new Set(filter.operator === 'IN' ? (filter.values ?? []) : [filter.value ?? '']);
  if (filter.operator !== 'EQ' && filter.operator !== 'IN') {
    throw badRequest(`operator ${filter.operator} is not allowed on ${filter.propertyName}`);
  }
  return (doc) => doc.record.links.some(({ to }) => to.type.singular === segment && wanted.has(to.id));
}

/** Compares with a number that the document carries ready-made. */
function byNumber(
  filter: Filter,
  of: (doc: Doc) => number,
  parse: (text: string) => number | null = Number,
): Predicate {
  const test = numeric(filter, parse);
  if (filter.operator === 'HAS_PROPERTY') return () => true;
  if (filter.operator === 'NOT_HAS_PROPERTY') return () => false;
  return (doc) => test(of(doc));
}

function valueTest(definition: PropertyDefinition, filter: Filter): (value: string) => boolean {
  switch (definition.type) {
    case 'number': {
      const test = numeric(filter, Number);
      return (value) => test(Number(value));
    }
    case 'datetime':
    case 'date': {
      const test = numeric(filter, parseInstant);
      return (value) => test(parseInstant(value) ?? Number.NaN);
    }
    default:
      return textual(filter, definition.type === 'string');
  }
}

function numeric(filter: Filter, parse: (text: string) => number | null): (value: number) => boolean {
  const read = (text: string | undefined): number => {
    const value = text === undefined ? Number.NaN : (parse(text) ?? Number.NaN);
    if (Number.isNaN(value)) throw badRequest(`${text} is not a valid value for ${filter.propertyName}`);
    return value;
  };
  switch (filter.operator) {
    case 'EQ':
    case 'CONTAINS_TOKEN':
      return equals(read(filter.value), true);
    case 'NEQ':
    case 'NOT_CONTAINS_TOKEN':
      return equals(read(filter.value), false);
    case 'LT':
      return below(read(filter.value), false);
    case 'LTE':
      return below(read(filter.value), true);
    case 'GT':
      return above(read(filter.value), false);
    case 'GTE':
      return above(read(filter.value), true);
    case 'BETWEEN': {
      const [low, high] = [read(filter.value), read(filter.highValue)];
      return (value) => value >= low && value <= high;
    }
    case 'IN':
    case 'NOT_IN': {
      const set = new Set((filter.values ?? []).map(read));
      return filter.operator === 'IN' ? (value) => set.has(value) : (value) => !set.has(value);
    }
    default:
      return () => true;
  }
}

function equals(bound: number, wanted: boolean): (value: number) => boolean {
  return (value) => (value === bound) === wanted;
}

function below(bound: number, inclusive: boolean): (value: number) => boolean {
  return inclusive ? (value) => value <= bound : (value) => value < bound;
}

function above(bound: number, inclusive: boolean): (value: number) => boolean {
  return inclusive ? (value) => value >= bound : (value) => value > bound;
}

/** Strings compare without case, but IN wants lower-case values; enumerations compare exactly (hubspot.md §2.4). */
function textual(filter: Filter, foldCase: boolean): (value: string) => boolean {
  const fold = (text: string): string => (foldCase ? text.toLowerCase() : text);
  const wanted = fold(filter.value ?? '');
  const high = fold(filter.highValue ?? '');
  const set = new Set(filter.values ?? []);
  switch (filter.operator) {
    case 'EQ':
      return (value) => fold(value) === wanted;
    case 'NEQ':
      return (value) => fold(value) !== wanted;
    case 'LT':
      return (value) => fold(value) < wanted;
    case 'LTE':
      return (value) => fold(value) <= wanted;
    case 'GT':
      return (value) => fold(value) > wanted;
    case 'GTE':
      return (value) => fold(value) >= wanted;
    case 'BETWEEN':
      return (value) => fold(value) >= wanted && fold(value) <= high;
    case 'IN':
      return (value) => set.has(fold(value));
    case 'NOT_IN':
      return (value) => !set.has(fold(value));
    case 'NOT_CONTAINS_TOKEN':
      return (value) => !containsToken(value, wanted);
    default:
      return (value) => containsToken(value, wanted);
  }
}

/** Whether every word of the pattern is a word of the text; `*` stands for any part of a word. */
export function containsToken(text: string, pattern: string): boolean {
  const words = wordsOf(text);
  return pattern
    .toLowerCase()
    .split(/[^\p{L}\p{N}*]+/u)
    .filter((part) => part !== '')
    .every((part) => words.some((word) => wildcard(word, part)));
}

/** Lower-case words of a text. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Linear-time match of one word against a pattern in which `*` stands for anything. */
function wildcard(word: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return word === first;
  const last = rest.pop() ?? '';
  if (!word.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = word.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return word.length - last.length >= at && word.endsWith(last);
}
