import type { HubRecord, Values } from './record.ts';
import { firstAtLeast, SortedById } from './sorted-by-id.ts';

/** A record as search knows it, which may be an older version than the record itself. */
export interface Doc {
  readonly record: HubRecord;
  readonly num: number;
  readonly values: Values;
  /** Epoch ms of the last-change stamp in these values. */
  readonly modified: number;
  dead: boolean;
}

interface Pending {
  readonly record: HubRecord;
  readonly values: Values;
  readonly visibleAt: number;
  readonly seq: number;
}

const SETTLE_EVERY = 20_000;

/**
 * The delayed index behind search (hubspot.md §2.4): a write is seen only when its moment has come, and until then search
 * answers with the values from before it. Moments are compared with the clock at each read; there are no timers.
 */
export class SearchIndex {
  readonly #docs = new Map<HubRecord, Doc>();
  readonly #applied = new Map<HubRecord, number>();
  readonly #byId = new SortedById<Doc>();
  #byModified: Doc[] = [];
  #fresh: Doc[] = [];
  #dead = 0;
  #pending: Pending[] = [];
  #settleAt = SETTLE_EVERY;
  #seq = 0;
  /** Grows whenever an answer could differ from before. */
  generation = 0;

  /** Makes these values visible from `visibleAt` (epoch ms) on. */
  write(record: HubRecord, values: Values, visibleAt: number, now: number): void {
    const seq = ++this.#seq;
    if (visibleAt <= now) {
      this.#show({ record, values, visibleAt, seq });
      return;
    }
    this.#pending.push({ record, values, visibleAt, seq });
    if (this.#pending.length > this.#settleAt) {
      this.settle(now);
      this.#settleAt = Math.max(SETTLE_EVERY, this.#pending.length * 2);
    }
  }

  /** Archived and merged records vanish at once: search never answers them. */
  remove(record: HubRecord): void {
    this.#applied.set(record, ++this.#seq);
    const doc = this.#docs.get(record);
    if (doc === undefined) return;
    this.#docs.delete(record);
    this.#byId.remove(doc.num);
    this.#bury(doc);
  }

  /** Lets everything whose moment has come be seen. */
  settle(now: number): void {
    if (this.#pending.length === 0) return;
    const waiting: Pending[] = [];
    for (const entry of this.#pending) {
      if (entry.visibleAt <= now) this.#show(entry);
      else waiting.push(entry);
    }
    this.#pending = waiting;
  }

  byId(): readonly Doc[] {
    return this.#byId.all;
  }

  /** Documents last changed in [from, to], oldest first. */
  changedBetween(from: number, to: number): readonly Doc[] {
    const sorted = this.#sorted();
    const start = firstAtLeast(sorted, from, (doc) => doc.modified);
    const end = firstAtLeast(sorted, to + 1, (doc) => doc.modified);
    return start === 0 && end === sorted.length ? sorted : sorted.slice(start, end);
  }

  #show({ record, values, seq }: Pending): void {
    if ((this.#applied.get(record) ?? 0) > seq) return;
    this.#applied.set(record, seq);
    const modified = Date.parse(values[record.slots.find(record.type.modified) ?? -1] ?? '') || 0;
    const doc: Doc = { record, num: record.num, values, modified, dead: false };
    const before = this.#docs.get(record);
    this.#docs.set(record, doc);
    if (before === undefined) this.#byId.add(doc);
    else {
      this.#byId.replace(doc);
      this.#bury(before);
    }
    this.#fresh.push(doc);
    this.generation += 1;
  }

  #bury(doc: Doc): void {
    doc.dead = true;
    this.#dead += 1;
    this.generation += 1;
  }

  #sorted(): readonly Doc[] {
    if (this.#fresh.length === 0 && this.#dead === 0) return this.#byModified;
    const added = this.#fresh.filter((doc) => !doc.dead).sort(oldestFirst);
    const merged: Doc[] = [];
    let next = 0;
    for (const doc of this.#byModified) {
      if (doc.dead) continue;
      for (let other = added[next]; other !== undefined && oldestFirst(other, doc) < 0; other = added[next]) {
        merged.push(other);
        next += 1;
      }
      merged.push(doc);
    }
    for (; next < added.length; next += 1) merged.push(added[next] as Doc);
    this.#byModified = merged;
    this.#fresh = [];
    this.#dead = 0;
    return merged;
  }
}

function oldestFirst(a: Doc, b: Doc): number {
  return a.modified - b.modified || a.num - b.num;
}
