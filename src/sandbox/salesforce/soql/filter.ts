import { ApiError } from '../errors.ts';
import { toId18 } from '../ids.ts';
import type { Field, Value } from '../schema/field.ts';
import { dateTimeText, toMs } from '../stamps.ts';
import type { Comparison, Condition, Literal, Query } from './ast.ts';
import { periodOf } from './periods.ts';
import { type Getter, resolvePath, type Scope } from './scope.ts';
import { invalidField } from './tokens.ts';

export type Filter = (values: readonly Value[]) => boolean;

type Compare = Extract<Condition, { kind: 'compare' }>;

/** Values a subquery in a WHERE clause yields. */
export type RunSubquery = (query: Query) => readonly Value[];

/** Compiles a WHERE clause into a test of one record's values. */
export function compileFilter(scope: Scope, condition: Condition, runSubquery: RunSubquery): Filter {
  switch (condition.kind) {
    case 'not': {
      const part = compileFilter(scope, condition.part, runSubquery);
      return (values) => !part(values);
    }
    case 'and': {
      const parts = condition.parts.map((part) => compileFilter(scope, part, runSubquery));
      return (values) => parts.every((part) => part(values));
    }
    case 'or': {
      const parts = condition.parts.map((part) => compileFilter(scope, part, runSubquery));
      return (values) => parts.some((part) => part(values));
    }
    case 'compare':
      return compileCompare(scope, condition, runSubquery);
  }
}

function compileCompare(scope: Scope, condition: Compare, runSubquery: RunSubquery): Filter {
  const { column, get } = resolvePath(scope, condition.path);
  const { field } = column;
  const { comparison } = condition;
  if ((field.type === 'textarea' && field.length > 255) || field.type === 'anyType') {
    throw invalidField(
      scope.soql,
      condition.path.at,
      `field '${field.name}' can not be filtered in a query call`,
    );
  }
  if (condition.subquery !== null) {
    const found = new Set(runSubquery(condition.subquery));
    return comparison === 'IN' ? (values) => found.has(get(values)) : (values) => !found.has(get(values));
  }
  const [first] = condition.values;
  if (first?.kind === 'period') return comparePeriod(scope, condition, field, get, first);
  const values = condition.values.map((literal) => literalValue(scope, condition, field, literal));
  if (comparison === 'IN' || comparison === 'NOT IN')
    return compareList(field, get, comparison === 'IN', values);
  if (comparison === 'INCLUDES' || comparison === 'EXCLUDES')
    return compareParts(get, comparison === 'INCLUDES', values);
  const [wanted = null] = values;
  if (comparison === 'LIKE') return compareLike(field, get, String(wanted));
  return compareOne(field, get, comparison, wanted);
}

function isText(field: Field): boolean {
  return !['currency', 'double', 'percent', 'int', 'boolean', 'date', 'datetime', 'id', 'reference'].includes(
    field.type,
  );
}

function folded(value: Value): Value {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function foldedGetter(field: Field, get: Getter): Getter {
  return isText(field) ? (values) => folded(get(values)) : get;
}

/** The stored form of a literal. Throws INVALID_FIELD when the literal is of another kind than the field. */
export function literalValue(scope: Scope, condition: Compare, field: Field, literal: Literal): Value {
  if (literal.kind === 'null') return field.type === 'boolean' ? false : null;
  const wrong = (type: string, quoted: boolean): Error =>
    invalidField(
      scope.soql,
      condition.path.at,
      `value of filter criterion for field '${field.name}' must be of type ${type}${quoted ? ' and should be enclosed in quotes' : ' and should not be enclosed in quotes'}`,
    );
  switch (field.type) {
    case 'currency':
    case 'double':
    case 'percent':
    case 'int':
      if (literal.kind !== 'number') throw wrong(field.type === 'int' ? 'int' : 'double', false);
      return literal.value;
    case 'boolean':
      if (literal.kind !== 'boolean') throw wrong('boolean', false);
      return literal.value;
    case 'date':
      if (literal.kind !== 'date') throw wrong('date', false);
      return literal.value;
    case 'datetime':
      if (literal.kind !== 'datetime') throw wrong('dateTime', false);
      return dateTimeText(toMs(literal.value));
    case 'id':
    case 'reference':
      if (literal.kind !== 'string') throw wrong('ID', true);
      return toId18(literal.value);
    default:
      if (literal.kind !== 'string') throw wrong('string', true);
      return literal.value === '' ? null : literal.value.toLowerCase();
  }
}

function compareOne(field: Field, get: Getter, comparison: Comparison, wanted: Value): Filter {
  const read = foldedGetter(field, get);
  if (comparison === '=') return (values) => read(values) === wanted;
  if (comparison === '!=') return (values) => read(values) !== wanted;
  const test = ORDERINGS[comparison];
  if (test === undefined || wanted === null) return () => false;
  return (values) => {
    const value = read(values);
    return value !== null && test(value, wanted);
  };
}

const ORDERINGS: Partial<
  Record<Comparison, (a: string | number | boolean, b: string | number | boolean) => boolean>
> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compareList(field: Field, get: Getter, wanted: boolean, list: readonly Value[]): Filter {
  const read = foldedGetter(field, get);
  const set = new Set(list);
  return (values) => set.has(read(values)) === wanted;
}

/** Multi-select values are separated by semicolons; a criterion `a;b` wants both. */
function compareParts(get: Getter, wanted: boolean, list: readonly Value[]): Filter {
  const groups = list.map((value) => String(value).split(';'));
  return (values) => {
    const parts = new Set(
      String(get(values) ?? '')
        .toLowerCase()
        .split(';'),
    );
    return groups.some((group) => group.every((part) => parts.has(part))) === wanted;
  };
}

function compareLike(field: Field, get: Getter, pattern: string): Filter {
  if (!isText(field)) throw new ApiError('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on id field`);
  const source = pattern.replace(/\\([%_])|([%_])|([.*+?^${}()|[\]\\])/g, (_all, escaped, wild, special) => {
    if (escaped !== undefined) return escaped;
    if (wild !== undefined) return wild === '%' ? '[^]*' : '[^]';
    return `\\${special}`;
  });
  const like = new RegExp(`^${source}$`, 'i');
  return (values) => {
    const value = get(values);
    return typeof value === 'string' && like.test(value);
  };
}

function comparePeriod(
  scope: Scope,
  condition: Compare,
  field: Field,
  get: Getter,
  literal: Extract<Literal, { kind: 'period' }>,
): Filter {
  const period = periodOf(literal.name, literal.n, scope.now);
  if (period === null || (field.type !== 'date' && field.type !== 'datetime')) {
    throw new ApiError('MALFORMED_QUERY', `unexpected token: '${literal.name}'`);
  }
  const suffix = field.type === 'datetime' ? 'T00:00:00.000+0000' : '';
  const first = period.first + suffix;
  const end = period.end + suffix;
  const test = PERIOD_TESTS[condition.comparison];
  if (test === undefined) throw new ApiError('MALFORMED_QUERY', `unexpected token: '${literal.name}'`);
  return (values) => {
    const value = get(values);
    return typeof value === 'string' ? test(value, first, end) : condition.comparison === '!=';
  };
}

const PERIOD_TESTS: Partial<Record<Comparison, (value: string, first: string, end: string) => boolean>> = {
  '=': (value, first, end) => value >= first && value < end,
  '!=': (value, first, end) => value < first || value >= end,
  '<': (value, first) => value < first,
  '<=': (value, _first, end) => value < end,
  '>': (value, _first, end) => value >= end,
  '>=': (value, first) => value >= first,
};
