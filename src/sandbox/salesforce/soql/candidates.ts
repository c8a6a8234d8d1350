import { toId18 } from '../ids.ts';
import { dateTimeText, toMs } from '../stamps.ts';
import type { Row } from '../table.ts';
import type { Condition, Literal } from './ast.ts';
import type { Scope } from './scope.ts';

/**
 * The rows a WHERE clause can match, taken from an index where one applies: by id, by parent or unique value, or by a
 * window of SystemModstamp. Rows of open transactions always belong, because indexes hold their coming values.
 */
export function candidates(scope: Scope, where: Condition | null): Iterable<Row> {
  const { table } = scope;
  const found = where === null ? null : (byId(scope, where) ?? byKey(scope, where) ?? byStamp(scope, where));
  if (found === null) return table.rows.values();
  for (const row of table.openRows(scope.now)) found.add(row);
  return found;
}

function conjuncts(where: Condition): readonly Condition[] {
  return where.kind === 'and' ? where.parts : [where];
}

type Compare = Extract<Condition, { kind: 'compare' }>;

function equalities(where: Condition): Compare[] {
  return conjuncts(where).filter((part): part is Compare => {
    if (part.kind !== 'compare' || part.subquery !== null || part.path.names.length !== 1) return false;
    return part.comparison === '=' || part.comparison === 'IN';
  });
}

function texts(values: readonly Literal[]): string[] | null {
  const out: string[] = [];
  for (const value of values) {
    if (value.kind !== 'string') return null;
    out.push(value.value);
  }
  return out;
}

function byId(scope: Scope, where: Condition): Set<Row> | null {
  const part = equalities(where).find((one) => one.path.names[0]?.toLowerCase() === 'id');
  const ids = part === undefined ? null : texts(part.values);
  if (ids === null) return null;
  const rows = new Set<Row>();
  for (const id of ids) {
    const row = scope.table.rows.get(toId18(id));
    if (row !== undefined) rows.add(row);
  }
  return rows;
}

function byKey(scope: Scope, where: Condition): Set<Row> | null {
  for (const part of equalities(where)) {
    const column = scope.table.column(part.path.names[0] ?? '');
    const keys = column !== undefined && scope.table.isKeyed(column) ? texts(part.values) : null;
    if (column === undefined || keys === null || keys.includes('')) continue;
    const rows = new Set<Row>();
    for (const key of keys) for (const row of scope.table.byKey(column, toId18(key))) rows.add(row);
    return rows;
  }
  return null;
}

interface Bounds {
  readonly low: string | null;
  readonly high: string | null;
}

function byStamp(scope: Scope, where: Condition): Set<Row> | null {
  const bounds = stampBounds(where);
  return bounds === null ? null : scope.table.byStamp(bounds.low, bounds.high);
}

/** A window of SystemModstamp outside of which the condition cannot hold; null when it bounds nothing. */
function stampBounds(condition: Condition): Bounds | null {
  if (condition.kind === 'and') {
    const all = condition.parts.map(stampBounds).filter((one) => one !== null);
    if (all.length === 0) return null;
    const lows = all.map((one) => one.low).filter((low) => low !== null);
    const highs = all.map((one) => one.high).filter((high) => high !== null);
    return { low: lows.sort().at(-1) ?? null, high: highs.sort()[0] ?? null };
  }
  if (condition.kind === 'or') {
    const all = condition.parts.map(stampBounds);
    if (all.some((one) => one === null)) return null;
    const lows = all.map((one) => one?.low ?? null);
    const highs = all.map((one) => one?.high ?? null);
    const low = lows.includes(null) ? null : (lows.sort()[0] ?? null);
    const high = highs.includes(null) ? null : (highs.sort().at(-1) ?? null);
    return low === null && high === null ? null : { low, high };
  }
  if (condition.kind !== 'compare' || condition.path.names.join('.').toLowerCase() !== 'systemmodstamp')
    return null;
  const [literal] = condition.values;
  if (literal?.kind !== 'datetime') return null;
  const at = dateTimeText(toMs(literal.value));
  switch (condition.comparison) {
    case '=':
      return { low: at, high: at };
    case '>':
    case '>=':
      return { low: at, high: null };
    case '<':
    case '<=':
      return { low: null, high: at };
    default:
      return null;
  }
}
