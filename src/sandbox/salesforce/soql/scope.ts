import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { type Column, type Row, type Table, valueAt } from '../table.ts';
import type { Path } from './ast.ts';
import { invalidField } from './tokens.ts';

/** What a query is compiled against. */
export interface Scope {
  readonly org: Org;
  readonly table: Table;
  readonly soql: string;
  readonly userId: string;
  readonly now: number;
  /** queryAll: rows in the recycle bin too. */
  readonly includeDeleted: boolean;
  /** Such as `66.0`, for the addresses of records. */
  readonly version: string;
}

export type Getter = (values: readonly Value[]) => Value;

/** A step from a record to its parent. */
export interface Step {
  /** Relationship name as the API prints it. */
  readonly name: string;
  readonly column: Column;
  /** null when the parent may be of several objects: only Id, Name and Type can be asked of it. */
  readonly target: Table | null;
}

export interface Resolved {
  readonly steps: readonly Step[];
  readonly column: Column;
  /** Set instead of a column's value for a polymorphic parent. */
  readonly get: Getter;
}

/** Finds the field a path means. Throws INVALID_FIELD with the caret under the path. */
export function resolvePath(scope: Scope, path: Path): Resolved {
  const { org } = scope;
  const steps: Step[] = [];
  let table = scope.table;
  const names = [...path.names];
  const last = names.pop() ?? '';
  if (names[0]?.toLowerCase() === table.type.name.toLowerCase()) names.shift();
  for (const name of names) {
    const step = relationship(scope, table, name);
    if (step === undefined) {
      const why = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`;
      throw invalidField(scope.soql, path.at, why);
    }
    steps.push(step);
    if (step.target === null) return polymorphic(scope, steps, last, path);
    table = step.target;
  }
  const column = org.visibleColumn(table, last, scope.userId);
  if (column === undefined) throw noSuchColumn(scope, last, table.type.name, path.at);
  return { steps, column, get: getter(scope, steps, column) };
}

export function noSuchColumn(scope: Scope, name: string, entity: string, at: number): Error {
  const why = `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
  return invalidField(scope.soql, at, why);
}

function relationship(scope: Scope, table: Table, name: string): Step | undefined {
  const wanted = name.toLowerCase();
  for (const column of table.columns) {
    const { relationship: found, referenceTo } = column.field;
    if (found === null || found.toLowerCase() !== wanted) continue;
    if (!scope.org.mayRead(table, column, scope.userId)) return undefined;
    if (referenceTo.length > 1) return { name: found, column, target: null };
    const target = scope.org.find(referenceTo[0] ?? '');
    return target === undefined ? undefined : { name: found, column, target };
  }
  return undefined;
}

/** The record a step leads to, as the reader sees it. */
export function parentOf(
  scope: Scope,
  step: Step,
  values: readonly Value[],
): { row: Row; values: readonly Value[] } | null {
  const id = valueAt(values, step.column);
  if (typeof id !== 'string') return null;
  const row = step.target === null ? scope.org.record(id) : step.target.rows.get(id);
  if (row === undefined) return null;
  const seen = row.table.visible(row, scope.now);
  return seen === null ? null : { row, values: seen };
}

function getter(scope: Scope, steps: readonly Step[], column: Column): Getter {
  const { index } = column;
  if (steps.length === 0) return (values) => values[index] ?? null;
  return (values) => {
    let at = values;
    for (const step of steps) {
      const parent = parentOf(scope, step, at);
      if (parent === null) return null;
      at = parent.values;
    }
    return at[index] ?? null;
  };
}

function polymorphic(scope: Scope, steps: readonly Step[], name: string, path: Path): Resolved {
  const lower = name.toLowerCase();
  const users = scope.org.table('User');
  const column = users.column(lower === 'type' ? 'UserType' : lower);
  if (column === undefined || !['id', 'name', 'type'].includes(lower))
    throw noSuchColumn(scope, name, 'Name', path.at);
  const field = { ...column.field, name: lower === 'type' ? 'Type' : column.field.name };
  const get: Getter = (values) => {
    let at = values;
    let row: Row | null = null;
    for (const step of steps) {
      const parent = parentOf(scope, step, at);
      if (parent === null) return null;
      at = parent.values;
      row = parent.row;
    }
    if (row === null) return null;
    return lower === 'type' ? row.table.type.name : row.table.read(row, name);
  };
  return { steps, column: { field, index: column.index }, get };
}
