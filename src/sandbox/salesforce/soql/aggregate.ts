import type { Value } from '../schema/field.ts';
import type { Aggregate, Query, Selected } from './ast.ts';
import type { RecordBody } from './projection.ts';
import { type Getter, resolvePath, type Scope } from './scope.ts';
import { compareKeys, type Match } from './select-rows.ts';
import { malformed } from './tokens.ts';

/** True when the query answers groups, not records. */
export function isAggregate(query: Query): boolean {
  return query.groupBy.length > 0 || query.selected.some((one) => one.kind === 'aggregate');
}

/** `SELECT COUNT() FROM …`: answers a number alone. */
export function isBareCount(query: Query): boolean {
  const [only] = query.selected;
  return (
    query.selected.length === 1 && only?.kind === 'aggregate' && only.name === 'COUNT' && only.path === null
  );
}

interface Output {
  readonly name: string;
  readonly of: (group: readonly Match[]) => Value;
}

/** Rows of kind AggregateResult: no address, unnamed expressions are called expr0, expr1… */
export function aggregateRows(scope: Scope, query: Query, matches: readonly Match[]): RecordBody[] {
  const keys = query.groupBy.map((path) => resolvePath(scope, path));
  const outputs = outputsOf(scope, query);
  const groups = new Map<string, Match[]>();
  for (const match of matches) {
    const key = JSON.stringify(keys.map(({ get }) => get(match.values)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [match]);
    else group.push(match);
  }
  if (keys.length === 0 && groups.size === 0) groups.set('', []);
  const ordered = orderGroups(scope, query, [...groups.values()]);
  const end = query.limit === null ? undefined : query.offset + query.limit;
  return ordered.slice(query.offset, end).map((group) => {
    const body: RecordBody = { attributes: { type: 'AggregateResult' } };
    for (const output of outputs) body[output.name] = output.of(group);
    return body;
  });
}

function outputsOf(scope: Scope, query: Query): Output[] {
  const grouped = new Set(query.groupBy.map((path) => path.names.join('.').toLowerCase()));
  let unnamed = 0;
  return query.selected.map((selected) => {
    if (selected.kind === 'aggregate') {
      const name = selected.alias ?? `expr${unnamed}`;
      if (selected.alias === null) unnamed += 1;
      return { name, of: aggregateOf(scope, selected) };
    }
    if (selected.kind !== 'path') throw malformed(scope.soql, 0, 'unexpected expression in a grouped query');
    const { column, get } = resolvePath(scope, selected.path);
    if (!grouped.has(selected.path.names.join('.').toLowerCase())) {
      throw malformed(
        scope.soql,
        selected.path.at,
        `Field must be grouped or aggregated: ${column.field.name}`,
      );
    }
    return { name: selected.alias ?? column.field.name, of: (group) => firstValue(group, get) };
  });
}

function firstValue(group: readonly Match[], get: Getter): Value {
  const [first] = group;
  return first === undefined ? null : get(first.values);
}

function aggregateOf(scope: Scope, selected: Extract<Selected, { kind: 'aggregate' }>): Output['of'] {
  if (selected.path === null) return (group) => group.length;
  const { get } = resolvePath(scope, selected.path);
  return (group) =>
    fold(
      selected.name,
      group.map((match) => get(match.values)).filter((value) => value !== null),
    );
}

function fold(name: Aggregate, values: readonly Exclude<Value, null>[]): Value {
  switch (name) {
    case 'COUNT':
      return values.length;
    case 'COUNT_DISTINCT':
      return new Set(values).size;
    case 'SUM':
      return values.length === 0 ? null : sum(values);
    case 'AVG':
      return values.length === 0 ? null : sum(values) / values.length;
    case 'MIN':
      return values.reduce<Value>((least, value) => (least === null || value < least ? value : least), null);
    case 'MAX':
      return values.reduce<Value>((most, value) => (most === null || value > most ? value : most), null);
  }
}

/** Sums in hundredths where that is exact, so that 0.1 + 0.2 reads 0.3. */
function sum(values: readonly Exclude<Value, null>[]): number {
  let total = 0;
  for (const value of values) total += Number(value);
  return Number(total.toPrecision(15));
}

function orderGroups(scope: Scope, query: Query, groups: Match[][]): Match[][] {
  if (query.orderBy.length === 0) return groups;
  const getters = query.orderBy.map(({ by }): Output['of'] => {
    if (by.kind === 'aggregate') return aggregateOf(scope, by);
    if (by.kind !== 'path') throw malformed(scope.soql, 0, 'unexpected expression in ORDER BY');
    const { get } = resolvePath(scope, by.path);
    return (group) => firstValue(group, get);
  });
  const keyed = groups.map((group) => ({ group, keys: getters.map((of) => of(group)) }));
  keyed.sort((a, b) => compareKeys(a.keys, b.keys, query.orderBy));
  return keyed.map((one) => one.group);
}
