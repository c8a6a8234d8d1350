import type { Row } from './table.ts';

interface Entry {
  readonly stamp: string;
  readonly row: Row;
}

/**
 * Rows by SystemModstamp. Writes append; a stamp older than the last one (an import, a clock set back) only marks the
 * list for sorting, and entries a later write made stale are dropped when they outnumber the rows.
 */
export class StampIndex {
  #entries: Entry[] = [];
  #sorted = true;
  readonly #stampOf: (row: Row) => string;

  constructor(stampOf: (row: Row) => string) {
    this.#stampOf = stampOf;
  }

  add(row: Row, rows: number): void {
    const stamp = this.#stampOf(row);
    const last = this.#entries.at(-1);
    if (last !== undefined && last.stamp > stamp) this.#sorted = false;
    this.#entries.push({ stamp, row });
    if (this.#entries.length > 2 * rows + 1000) this.#compact();
  }

  /** Rows whose stamp lies in [low, high]; null leaves that side open. */
  range(low: string | null, high: string | null): Set<Row> {
    if (!this.#sorted) this.#sort();
    const found = new Set<Row>();
    for (let i = low === null ? 0 : this.#firstAtOrAfter(low); i < this.#entries.length; i += 1) {
      const entry = this.#entries[i];
      if (entry === undefined || (high !== null && entry.stamp > high)) break;
      if (this.#stampOf(entry.row) === entry.stamp) found.add(entry.row);
    }
    return found;
  }

  #firstAtOrAfter(stamp: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.stamp ?? '') < stamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    this.#entries.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
    this.#sorted = true;
  }

  #compact(): void {
    const seen = new Set<Row>();
    this.#entries = this.#entries.filter((entry) => {
      if (seen.has(entry.row) || this.#stampOf(entry.row) !== entry.stamp) return false;
      seen.add(entry.row);
      return true;
    });
  }
}
