import type { Field, ObjectType, Value } from './schema/field.ts';
import { StampIndex } from './stamp-index.ts';

export interface Column {
  readonly field: Field;
  readonly index: number;
}

/** One record. Values lie in column order: 100,000 rows of 50 fields stay small and quick to read. */
export interface Row {
  readonly id: string;
  readonly table: Table;
  values: readonly Value[];
  /** What others still see while the transaction that wrote `values` is open; null when they see no record. */
  before: readonly Value[] | null;
  /** Epoch ms of the commit; 0 when it was committed at once. */
  visibleAt: number;
  /** Epoch ms of the deletion. */
  deletedAt: number | null;
}

type Keyed = Map<Value, Set<Row>>;

/** All records of one object with the indexes its queries need: id, parent, unique value and SystemModstamp. */
export class Table {
  readonly type: ObjectType;
  readonly columns: Column[] = [];
  readonly rows = new Map<string, Row>();
  /** Rows whose last transaction may still be open. */
  readonly open = new Set<Row>();
  readonly #byName = new Map<string, Column>();
  readonly #keyed = new Map<Column, Keyed>();
  readonly #stamps: StampIndex | null;
  readonly #stampColumn: Column | null;
  readonly #deletedColumn: Column | null;

  constructor(type: ObjectType) {
    this.type = type;
    for (const field of type.fields) this.addColumn(field);
    this.#stampColumn = this.column('SystemModstamp') ?? null;
    this.#deletedColumn = this.column('IsDeleted') ?? null;
    const at = this.#stampColumn;
    this.#stamps = at === null ? null : new StampIndex((row) => String(row.values[at.index] ?? ''));
  }

  /** Finds a column by name in any capitals. */
  column(name: string): Column | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase());
  }

  addColumn(field: Field): Column {
    const column = { field, index: this.columns.length };
    this.columns.push(column);
    this.#byName.set(field.name, column);
    this.#byName.set(field.name.toLowerCase(), column);
    const isKey = field.unique || field.externalId || (field.type === 'reference' && field.children !== null);
    if (isKey) this.#keyed.set(column, new Map());
    return column;
  }

  /** Stored value of a field; null for a column added after the row was written. */
  read(row: Row, name: string): Value {
    return valueAt(row.values, this.column(name));
  }

  isDeleted(values: readonly Value[]): boolean {
    return this.#deletedColumn !== null && values[this.#deletedColumn.index] === true;
  }

  insert(row: Row): void {
    this.rows.set(row.id, row);
    this.#stamps?.add(row, this.rows.size);
    for (const [column, keys] of this.#keyed) addKey(keys, column, valueAt(row.values, column), row);
    if (row.visibleAt > 0) this.open.add(row);
  }

  /** Takes back an insert. */
  forget(row: Row): void {
    this.rows.delete(row.id);
    this.open.delete(row);
    for (const [column, keys] of this.#keyed) removeKey(keys, column, valueAt(row.values, column), row);
  }

  replace(row: Row, values: readonly Value[]): void {
    const old = row.values;
    row.values = values;
    const at = this.#stampColumn;
    if (at !== null && old[at.index] !== values[at.index]) this.#stamps?.add(row, this.rows.size);
    for (const [column, keys] of this.#keyed) {
      const before = valueAt(old, column);
      const after = valueAt(values, column);
      if (before === after) continue;
      removeKey(keys, column, before, row);
      addKey(keys, column, after, row);
    }
  }

  /** True when `byKey` answers for this column without a scan. */
  isKeyed(column: Column): boolean {
    return this.#keyed.has(column);
  }

  /** Rows with this parent id or this unique value; unique text is compared without regard to capitals. */
  byKey(column: Column, value: Value): ReadonlySet<Row> {
    return this.#keyed.get(column)?.get(keyOf(value, column)) ?? NONE;
  }

  /** Rows whose stored SystemModstamp lies in [low, high], or null when the object has no stamp. */
  byStamp(low: string | null, high: string | null): Set<Row> | null {
    return this.#stamps?.range(low, high) ?? null;
  }

  /** What a reader sees at `now`: null while the creating transaction is open. */
  visible(row: Row, now: number): readonly Value[] | null {
    if (row.visibleAt <= now) return row.values;
    return row.before;
  }

  /** Rows of transactions still open at `now`; forgets the committed ones. */
  openRows(now: number): ReadonlySet<Row> {
    for (const row of this.open) {
      if (row.visibleAt > now) continue;
      row.before = null;
      this.open.delete(row);
    }
    return this.open;
  }
}

const NONE: ReadonlySet<Row> = new Set();

export function valueAt(values: readonly Value[], column: Column | undefined): Value {
  return column === undefined ? null : (values[column.index] ?? null);
}

function keyOf(value: Value, column: Column): Value {
  return typeof value === 'string' && column.field.type !== 'reference' ? value.toLowerCase() : value;
}

function addKey(keys: Keyed, column: Column, value: Value, row: Row): void {
  if (value === null) return;
  const key = keyOf(value, column);
  const rows = keys.get(key);
  if (rows === undefined) keys.set(key, new Set([row]));
  else rows.add(row);
}

function removeKey(keys: Keyed, column: Column, value: Value, row: Row): void {
  const key = keyOf(value, column);
  const rows = keys.get(key);
  if (rows?.delete(row) && rows.size === 0) keys.delete(key);
}
