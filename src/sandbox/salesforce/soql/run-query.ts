import { ApiError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import type { Row, Table } from '../table.ts';
import { aggregateRows, isAggregate, isBareCount } from './aggregate.ts';
import type { Query } from './ast.ts';
import { parseSoql } from './parse.ts';
import { compileProjection, type Projection, type RecordBody } from './projection.ts';
import { resolvePath, type Scope } from './scope.ts';
import { orderRows, selectRows } from './select-rows.ts';
import { caret, malformed } from './tokens.ts';

export interface QueryOptions {
  readonly userId: string;
  readonly includeDeleted: boolean;
  readonly version: string;
  /** Whether objects of the Tooling API may be asked. */
  readonly tooling: boolean;
}

/** What a query found: rows kept by reference and printed page by page, or finished groups. */
export interface QueryResult {
  readonly totalSize: number;
  readonly rows: readonly Row[];
  readonly groups: readonly RecordBody[];
  readonly query: Query;
  readonly table: Table;
  /** Prints a row as it is now; null once it is gone. */
  print(row: Row): RecordBody | null;
}

const MAX_OFFSET = 2_000;

/** Parses, checks and runs a SOQL query. Throws ApiError with the code the API uses. */
export function runQuery(org: Org, soql: string, options: QueryOptions): QueryResult {
  const query = parseSoql(soql);
  const table = org.find(query.from);
  const isKnown =
    table !== undefined && org.isObjectVisible(table) && (options.tooling || !table.type.tooling);
  if (!isKnown) throw invalidType(soql, query.fromAt, query.from);
  if (query.offset > MAX_OFFSET) {
    throw new ApiError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  const { userId, includeDeleted, version } = options;
  const scope: Scope = { org, table, soql, userId, includeDeleted, version, now: org.now() };
  const runSubquery = (inner: Query): readonly Value[] => columnOf(scope, inner);
  if (isAggregate(query)) {
    const matches = selectRows(scope, query, runSubquery);
    const bare = isBareCount(query);
    const groups = bare ? [] : aggregateRows(scope, query, matches);
    return {
      totalSize: bare ? matches.length : groups.length,
      rows: [],
      groups,
      query,
      table,
      print: () => null,
    };
  }
  const projection = compileProjection(scope, query, (inner, at) => compileChildren(scope, inner, at));
  const ordered = orderRows(scope, query.orderBy, selectRows(scope, query, runSubquery));
  const end = query.limit === null ? undefined : query.offset + query.limit;
  const rows = ordered.slice(query.offset, end).map((match) => match.row);
  return {
    totalSize: rows.length,
    rows,
    groups: [],
    query,
    table,
    print: (row) => printNow(scope, projection, row),
  };
}

function printNow(scope: Scope, projection: Projection, row: Row): RecordBody | null {
  const values = scope.table.visible(row, scope.org.now());
  return values === null ? null : projection(row, values);
}

function invalidType(soql: string, at: number, name: string): ApiError {
  return new ApiError(
    'INVALID_TYPE',
    `${caret(soql, at)}sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** Values of the single field a subquery in a WHERE clause selects. */
function columnOf(outer: Scope, query: Query): readonly Value[] {
  const table = outer.org.find(query.from);
  if (table === undefined) throw invalidType(outer.soql, query.fromAt, query.from);
  const scope: Scope = { ...outer, table };
  const [selected] = query.selected;
  if (selected?.kind !== 'path') throw malformed(outer.soql, query.fromAt, 'a subquery selects one field');
  const { get } = resolvePath(scope, selected.path);
  return selectRows(scope, query, (inner) => columnOf(scope, inner)).map((match) => get(match.values));
}

/** A query of the children of each row, such as `(SELECT Id FROM OpportunityHistories)`. */
function compileChildren(
  outer: Scope,
  query: Query,
  at: number,
): { name: string; read: (row: Row) => unknown } {
  const found = childRelationship(outer, query.from);
  if (found === null) {
    throw new ApiError(
      'INVALID_TYPE',
      `${caret(outer.soql, at)}Didn't understand relationship '${query.from}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  const { table, parent, name } = found;
  const scope: Scope = { ...outer, table };
  const projection = compileProjection(scope, query, () => {
    throw malformed(outer.soql, at, 'nested child queries are not supported');
  });
  const read = (row: Row): unknown => {
    const now: Scope = { ...scope, now: outer.org.now() };
    const from = new Set([...table.byKey(parent, row.id), ...table.openRows(now.now)]);
    const matches = selectRows(now, query, (inner) => columnOf(now, inner), from);
    const own = matches.filter((match) => match.values[parent.index] === row.id);
    const end = query.limit === null ? undefined : query.offset + query.limit;
    const ordered = orderRows(now, query.orderBy, own).slice(query.offset, end);
    if (ordered.length === 0) return null;
    const records = ordered.map((match) => projection(match.row, match.values));
    return { totalSize: records.length, done: true, records };
  };
  return { name, read };
}

function childRelationship(
  scope: Scope,
  name: string,
): { table: Table; parent: Table['columns'][number]; name: string } | null {
  for (const table of scope.org.tables) {
    for (const column of table.columns) {
      const { children, referenceTo } = column.field;
      if (children === null || children.toLowerCase() !== name.toLowerCase()) continue;
      if (referenceTo.includes(scope.table.type.name)) return { table, parent: column, name: children };
    }
  }
  return null;
}
