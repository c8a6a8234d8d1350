import type { Actor, TruthEntry } from '../../simulator.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { stampText } from '../stamps.ts';
import type { Row, Table } from '../table.ts';

/** Who acts, as whom, and how long others cannot see it. */
export interface Author {
  readonly actor: Actor;
  readonly userId: string;
  /** Ms between the stamp and the commit; 0 commits at once. */
  readonly commitDelay: number;
}

type Change = Omit<TruthEntry, 'seq'>;

/** A point to return to. */
export interface Mark {
  readonly undo: number;
  readonly truth: number;
  readonly writes: number;
}

/**
 * Writes applied to the tables at once and undone on request; the truth log and the counters learn of them at commit.
 * Its stamp is taken at the start, as the platform does.
 */
export class Transaction {
  readonly org: Org;
  readonly author: Author;
  readonly startedAt: number;
  readonly stamp: string;
  /** Accounts another request holds: rows that need them are refused. */
  blockedAccounts: ReadonlySet<string> = new Set();
  readonly #undo: (() => void)[] = [];
  readonly #truth: Change[] = [];
  readonly #writes: boolean[] = [];

  constructor(org: Org, author: Author) {
    this.org = org;
    this.author = author;
    this.startedAt = org.now();
    this.stamp = stampText(this.startedAt);
  }

  insert(table: Table, id: string, values: readonly Value[]): Row {
    const { commitDelay } = this.author;
    const visibleAt = commitDelay > 0 ? this.startedAt + commitDelay : 0;
    const row: Row = { id, table, values, before: null, visibleAt, deletedAt: null };
    table.insert(row);
    this.#undo.push(() => table.forget(row));
    return row;
  }

  /** A writer that meets an open transaction has waited for its lock: by now the other one is committed. */
  replace(row: Row, values: readonly Value[], deletedAt: number | null = row.deletedAt): void {
    const { table, values: old, before, visibleAt, deletedAt: oldDeletedAt } = row;
    const { commitDelay } = this.author;
    const opens = commitDelay > 0 && visibleAt <= this.startedAt;
    if (opens) {
      row.before = old;
      row.visibleAt = this.startedAt + commitDelay;
      table.open.add(row);
    } else if (commitDelay === 0 && row.visibleAt !== 0) {
      row.before = null;
      row.visibleAt = 0;
      table.open.delete(row);
    }
    table.replace(row, values);
    row.deletedAt = deletedAt;
    this.#undo.push(() => {
      table.replace(row, old);
      row.before = before;
      row.visibleAt = visibleAt;
      row.deletedAt = oldDeletedAt;
      if (visibleAt === 0) table.open.delete(row);
      else table.open.add(row);
    });
  }

  /** Undone together with the writes around it. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  record(entry: Omit<Change, 'at' | 'crm'>): void {
    if (entry.action === 'update' && Object.keys(entry.fields).length === 0) return;
    this.#truth.push({ at: this.startedAt, crm: 'salesforce', ...entry });
  }

  /** Counts one record written by an API call. */
  countWrite(redundant: boolean): void {
    this.#writes.push(redundant);
  }

  mark(): Mark {
    return { undo: this.#undo.length, truth: this.#truth.length, writes: this.#writes.length };
  }

  rollbackTo(mark: Mark): void {
    while (this.#undo.length > mark.undo) this.#undo.pop()?.();
    this.#truth.length = mark.truth;
    this.#writes.length = mark.writes;
  }

  commit(): void {
    for (const entry of this.#truth) this.org.deps.truth.append(entry);
    const { userId, commitDelay } = this.author;
    this.org.changes.committed(this.#truth, userId, this.startedAt + commitDelay);
    for (const redundant of this.#writes) this.org.deps.counters.write(redundant);
    this.#undo.length = 0;
    this.#truth.length = 0;
    this.#writes.length = 0;
  }
}
