/** Items kept in the order of their numeric ids; additions at the end are free, others are sorted in at the next read. */
export class SortedById<T extends { readonly num: number }> {
  #items: T[] = [];
  #late: T[] = [];

  add(item: T): void {
    const last = this.#items.at(-1);
    if (last === undefined || last.num < item.num) this.#items.push(item);
    else this.#late.push(item);
  }

  /** Puts this item where another with the same id was. */
  replace(item: T): void {
    const at = this.position(item.num);
    if (this.#items[at]?.num === item.num) this.#items[at] = item;
    else this.add(item);
  }

  remove(num: number): void {
    const at = this.position(num);
    if (this.#items[at]?.num === num) this.#items.splice(at, 1);
  }

  /** Index of the first item whose id is at least `num`. */
  position(num: number): number {
    return firstAtLeast(this.all, num, (item) => item.num);
  }

  get all(): readonly T[] {
    if (this.#late.length > 0) {
      this.#items = this.#items.concat(this.#late).sort((a, b) => a.num - b.num);
      this.#late = [];
    }
    return this.#items;
  }
}

/** Index of the first item whose key is at least `bound`, in a list sorted by that key. */
export function firstAtLeast<T>(sorted: readonly T[], bound: number, key: (item: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key(sorted[middle] as T) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
