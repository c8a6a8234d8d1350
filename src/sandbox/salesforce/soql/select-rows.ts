import type { Value } from '../schema/field.ts';
import { DAY_MS } from '../stamps.ts';
import type { Row } from '../table.ts';
import type { Order, Query } from './ast.ts';
import { candidates } from './candidates.ts';
import { compileFilter, type RunSubquery } from './filter.ts';
import { type Getter, resolvePath, type Scope } from './scope.ts';
import { malformed } from './tokens.ts';

/** Rows stay in the recycle bin for 15 days (salesforce.md §2.3). */
const BIN_MS = 15 * DAY_MS;

export interface Match {
  readonly row: Row;
  /** As the reader sees them. */
  readonly values: readonly Value[];
}

/** Rows of the query's object that its WHERE clause selects, unordered. `from` replaces the index. */
export function selectRows(
  scope: Scope,
  query: Query,
  runSubquery: RunSubquery,
  from?: Iterable<Row>,
): Match[] {
  const test = query.where === null ? null : compileFilter(scope, query.where, runSubquery);
  const matches: Match[] = [];
  for (const row of from ?? candidates(scope, query.where)) {
    const values = scope.table.visible(row, scope.now);
    if (values === null) continue;
    if (scope.table.isDeleted(values)) {
      if (!scope.includeDeleted || scope.now - (row.deletedAt ?? scope.now) > BIN_MS) continue;
    }
    if (test === null || test(values)) matches.push({ row, values });
  }
  return matches;
}

/** Sorts by the ORDER BY clause; rows equal in all keys keep their order. Nulls come first unless NULLS LAST is said. */
export function orderRows(scope: Scope, orders: readonly Order[], matches: Match[]): Match[] {
  if (orders.length === 0) return matches;
  const getters = orders.map((order) => orderKey(scope, order));
  const keyed = matches.map((match) => ({ match, keys: getters.map((get) => get(match.values)) }));
  keyed.sort((a, b) => compareKeys(a.keys, b.keys, orders));
  return keyed.map((one) => one.match);
}

function orderKey(scope: Scope, order: Order): Getter {
  if (order.by.kind !== 'path') throw malformed(scope.soql, 0, 'Ordering by this expression needs GROUP BY');
  const { column, get } = resolvePath(scope, order.by.path);
  if (column.field.type === 'id' || column.field.type === 'reference') return get;
  return (values) => {
    const value = get(values);
    return typeof value === 'string' ? value.toLowerCase() : value;
  };
}

export function compareKeys(
  a: readonly Value[],
  b: readonly Value[],
  orders: readonly Pick<Order, 'descending' | 'nullsLast'>[],
): number {
  for (let i = 0; i < orders.length; i += 1) {
    const order = orders[i];
    const left = a[i] ?? null;
    const right = b[i] ?? null;
    if (left === right || order === undefined) continue;
    if (left === null) return order.nullsLast ? 1 : -1;
    if (right === null) return order.nullsLast ? -1 : 1;
    return left < right === order.descending ? 1 : -1;
  }
  return 0;
}
