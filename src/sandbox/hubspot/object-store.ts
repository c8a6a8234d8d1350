import type { ObjectType } from './object-type.ts';
import { PropertyBook } from './property-book.ts';
import { HubRecord, Slots, type Version } from './record.ts';
import { SearchIndex } from './search-index.ts';
import { SortedById } from './sorted-by-id.ts';

/** Generated ids start here, well above the ids people put in datasets by hand. */
const FIRST_ID = 10_000_000_001;

/** All records of one object type. */
export class ObjectStore {
  readonly type: ObjectType;
  readonly properties: PropertyBook;
  readonly slots = new Slots();
  readonly live = new SortedById<HubRecord>();
  readonly archived = new SortedById<HubRecord>();
  readonly index = new SearchIndex();
  readonly #byId = new Map<string, HubRecord>();
  /** From an absorbed id to the id of the merge that absorbed it. */
  readonly #redirects = new Map<string, string>();
  readonly #unique = new Map<string, Map<string, HubRecord>>();
  #nextId = FIRST_ID;

  constructor(type: ObjectType, provisioned: boolean) {
    this.type = type;
    this.properties = new PropertyBook(type.plural, provisioned);
  }

  get size(): number {
    return this.#byId.size;
  }

  newId(): string {
    return String(this.#nextId++);
  }

  add(id: string, version: Version): HubRecord {
    const record = new HubRecord(this.type, this.slots, id, version);
    this.#nextId = Math.max(this.#nextId, record.num + 1);
    this.#byId.set(id, record);
    this.live.add(record);
    return record;
  }

  /** A record by its own id, archived or not; absorbed ids are not followed. */
  get(id: string): HubRecord | undefined {
    return this.#byId.get(id);
  }

  /** A record by its own or an absorbed id. */
  resolve(id: string): HubRecord | undefined {
    let at = id;
    for (let to = this.#redirects.get(at); to !== undefined; to = this.#redirects.get(at)) at = to;
    return this.#byId.get(at);
  }

  byUnique(property: string, value: string): HubRecord | undefined {
    return this.#unique.get(property)?.get(value);
  }

  /** Among the archived ones, which keep their values while others may take them: the one archived last. */
  archivedByUnique(property: string, value: string): HubRecord | undefined {
    let found: HubRecord | undefined;
    for (const record of this.archived.all)
      if (record.get(property) === value && (found?.archivedAt ?? 0) <= (record.archivedAt ?? 0))
        found = record;
    return found;
  }

  archive(record: HubRecord, at: number): void {
    record.archivedAt = at;
    this.live.remove(record.num);
    this.archived.add(record);
    this.index.remove(record);
    this.#claim(record, false);
  }

  restore(record: HubRecord): void {
    record.archivedAt = undefined;
    this.archived.remove(record.num);
    this.live.add(record);
    this.#claim(record, true);
  }

  /** Takes a record out for good, its id leading to another record from now on. */
  absorb(record: HubRecord, into: string): void {
    this.live.remove(record.num);
    this.index.remove(record);
    this.#claim(record, false);
    this.#byId.delete(record.id);
    this.#redirects.set(record.id, into);
  }

  /** Keeps the index of unique values in step with a change of one of them. */
  moved(record: HubRecord, property: string, before: string | undefined, after: string | undefined): void {
    const index = this.#unique.get(property) ?? new Map<string, HubRecord>();
    this.#unique.set(property, index);
    if (before !== undefined && index.get(before) === record) index.delete(before);
    if (after !== undefined) index.set(after, record);
  }

  #claim(record: HubRecord, held: boolean): void {
    for (const { name } of this.properties.unique()) {
      const value = record.get(name);
      if (value !== undefined) this.moved(record, name, held ? undefined : value, held ? value : undefined);
    }
  }
}
