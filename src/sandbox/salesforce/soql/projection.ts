import { ApiError } from '../errors.ts';
import type { Value } from '../schema/field.ts';
import type { Column, Row } from '../table.ts';
import type { Path, Query, Selected } from './ast.ts';
import { type Getter, parentOf, resolvePath, type Scope, type Step } from './scope.ts';
import { malformed } from './tokens.ts';

/** One record of an answer. */
export type RecordBody = Record<string, unknown>;

/** Prints a row as the query selected it. */
export type Projection = (row: Row, values: readonly Value[]) => RecordBody;

type Output =
  | { readonly kind: 'value'; readonly name: string; readonly get: Getter }
  | { readonly kind: 'parent'; readonly name: string; readonly step: Step; readonly shape: Shape }
  | { readonly kind: 'children'; readonly name: string; readonly read: (row: Row) => unknown };

/**
 * What a record of one object prints. Records are copies of `empty`, an object that already has every key: built key by
 * key, an object of 25 keys becomes a hash table, which costs twice the time to fill and to print.
 */
interface Shape {
  readonly outputs: Output[];
  empty: RecordBody | null;
}

/** Compiles a child query: `read` answers for one parent row. */
export type CompileChildren = (query: Query, at: number) => { name: string; read: (row: Row) => unknown };

/** Compiles a SELECT list without aggregates. */
export function compileProjection(scope: Scope, query: Query, compileChildren: CompileChildren): Projection {
  const shape: Shape = { outputs: [], empty: null };
  const seen = new Set<string>();
  for (const selected of expand(scope, query)) {
    if (selected.kind === 'children') {
      shape.outputs.push({ kind: 'children', ...compileChildren(selected.query, selected.at) });
      continue;
    }
    if (selected.kind !== 'path' && selected.kind !== 'function') continue;
    addPath(scope, shape, selected, seen);
  }
  return (row, values) => print(scope, shape, row, values);
}

function addPath(
  scope: Scope,
  root: Shape,
  selected: Extract<Selected, { kind: 'path' | 'function' }>,
  seen: Set<string>,
): void {
  const { steps, column, get } = resolvePath(scope, selected.path);
  const name = selected.alias ?? column.field.name;
  const full = [...steps.map((step) => step.name), name].join('.');
  if (seen.has(full)) throw malformed(scope.soql, selected.path.at, `duplicate field selected: ${full}`);
  seen.add(full);
  let into = root.outputs;
  for (const step of steps) {
    let parent = into.find((one) => one.kind === 'parent' && one.step.name === step.name);
    if (parent?.kind !== 'parent') {
      parent = { kind: 'parent', name: step.name, step, shape: { outputs: [], empty: null } };
      into.push(parent);
    }
    into = parent.shape.outputs;
  }
  const lastStep = steps.at(-1);
  const isPolymorphic = lastStep?.target === null;
  // A polymorphic parent has no columns of its own: it is read from the row that holds the reference.
  const local: Getter = isPolymorphic ? get : (values) => values[column.index] ?? null;
  const value: Getter = selected.kind === 'function' ? applied(scope, selected.name, column, local) : local;
  into.push({ kind: 'value', name, get: value });
}

function applied(scope: Scope, name: string, column: Column, get: Getter): Getter {
  if (name === 'FORMAT') return (values) => (get(values) === null ? null : String(get(values)));
  if (name !== 'TOLABEL' || column.field.name !== 'StageName') return get;
  const stages = scope.org.table('OpportunityStage');
  const labels = new Map<Value, Value>();
  for (const stage of stages.rows.values())
    labels.set(stages.read(stage, 'ApiName'), stages.read(stage, 'MasterLabel'));
  return (values) => labels.get(get(values)) ?? get(values);
}

function print(scope: Scope, shape: Shape, row: Row, values: readonly Value[]): RecordBody {
  const type = row.table.type.name;
  const body = emptyBody(shape);
  body['attributes'] = { type, url: recordUrl(scope.version, type, row.id) };
  for (const output of shape.outputs) {
    if (output.kind === 'value') body[output.name] = output.get(values);
    else if (output.kind === 'children') body[output.name] = output.read(row);
    else body[output.name] = printParent(scope, output.step, output.shape, values);
  }
  return body;
}

function emptyBody(shape: Shape): RecordBody {
  if (shape.empty === null) {
    const pairs = shape.outputs.map(({ name }) => [name, null]);
    shape.empty = JSON.parse(
      JSON.stringify({ attributes: null, ...Object.fromEntries(pairs) }),
    ) as RecordBody;
  }
  return { ...shape.empty };
}

function printParent(scope: Scope, step: Step, shape: Shape, values: readonly Value[]): RecordBody | null {
  const parent = parentOf(scope, step, values);
  if (parent === null) return null;
  if (step.target !== null) return print(scope, shape, parent.row, parent.values);
  const body = emptyBody(shape);
  const url = recordUrl(scope.version, parent.row.table.type.name, parent.row.id);
  body['attributes'] = { type: 'Name', url };
  for (const output of shape.outputs) {
    if (output.kind === 'value') body[output.name] = output.get(values);
  }
  return body;
}

export function recordUrl(version: string, type: string, id: string): string {
  return `/services/data/v${version}/sobjects/${type}/${id}`;
}

/** Replaces FIELDS(...) by the fields it stands for. */
function expand(scope: Scope, query: Query): Selected[] {
  const out: Selected[] = [];
  for (const selected of query.selected) {
    if (selected.kind !== 'group') {
      out.push(selected);
      continue;
    }
    if (selected.group !== 'STANDARD' && (query.limit === null || query.limit > 200)) {
      throw new ApiError('MALFORMED_QUERY', 'The SOQL FIELDS function must have a LIMIT of at most 200');
    }
    for (const column of scope.table.columns) {
      const fits = selected.group === 'ALL' || (selected.group === 'CUSTOM') === column.field.custom;
      if (!fits || !scope.org.mayRead(scope.table, column, scope.userId)) continue;
      const path: Path = { names: [column.field.name], at: selected.at };
      out.push({ kind: 'path', path, alias: null });
    }
  }
  return out;
}
