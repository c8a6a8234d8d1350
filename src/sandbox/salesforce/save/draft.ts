import type { Value } from '../schema/field.ts';
import { type Row, type Table, valueAt } from '../table.ts';

/** A record while it is being saved: what it was, and what it will be. */
export class Draft {
  readonly table: Table;
  readonly id: string;
  /** Stored values; null for a record being created. */
  readonly old: readonly Value[] | null;
  readonly values: Value[];
  /** Fields the caller sent, which computed values must not overwrite. */
  readonly sent = new Set<string>();

  constructor(table: Table, id: string, row: Row | null) {
    this.table = table;
    this.id = id;
    this.old = row?.values ?? null;
    this.values = row === null ? table.columns.map((column) => column.field.initial) : [...row.values];
    for (let i = this.values.length; i < table.columns.length; i += 1) {
      this.values.push(table.columns[i]?.field.initial ?? null);
    }
  }

  get(name: string): Value {
    return valueAt(this.values, this.table.column(name));
  }

  was(name: string): Value {
    return this.old === null ? null : valueAt(this.old, this.table.column(name));
  }

  set(name: string, value: Value): void {
    const column = this.table.column(name);
    if (column !== undefined) this.values[column.index] = value;
  }

  changed(name: string): boolean {
    return this.get(name) !== this.was(name);
  }

  /** Before and after of every changed field but the stamps. */
  difference(): Record<string, { before: Value; after: Value }> {
    const fields: Record<string, { before: Value; after: Value }> = {};
    for (const { field, index } of this.table.columns) {
      const before = this.old?.[index] ?? (field.type === 'boolean' ? false : null);
      const after = this.values[index] ?? null;
      if (before !== after && !STAMPS.has(field.name)) fields[field.name] = { before, after };
    }
    return fields;
  }
}

const STAMPS: ReadonlySet<string> = new Set([
  'Id',
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'LastViewedDate',
  'LastReferencedDate',
]);
