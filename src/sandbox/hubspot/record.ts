import type { ObjectType } from './object-type.ts';

/** Gives every property name of one object type a fixed place, so that a record is a short array and not a dictionary. */
export class Slots {
  readonly #places = new Map<string, number>();
  readonly names: string[] = [];

  /** The place of this name, made when there is none. */
  of(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  find(name: string): number | undefined {
    return this.#places.get(name);
  }
}

/** Stored texts by slot; never changed in place: a write makes a new one, so an old one is a version for free. */
export type Values = readonly (string | undefined)[];

/** Who or what wrote a version, in the words of property history (hubspot.md §2.8). */
export interface Source {
  readonly type: string;
  readonly id?: string;
  readonly label?: string;
  readonly userId?: number;
}

export interface Version {
  readonly values: Values;
  /** Epoch ms. */
  readonly at: number;
  readonly source: Source;
}

/** A link to another record; the other record holds the mirror of it. */
export interface Link {
  readonly to: HubRecord;
  /** Association type ids, the plain one last. */
  readonly types: readonly number[];
}

const NO_LINKS: readonly Link[] = Object.freeze([]);

/** One deal, company, call…: its current version, older ones, and its links. */
export class HubRecord {
  readonly type: ObjectType;
  readonly slots: Slots;
  readonly id: string;
  /** The id as a number: the order of lists and the keyset of search. */
  readonly num: number;
  current: Version;
  older: Version[] | undefined;
  links: readonly Link[] = NO_LINKS;
  /** Epoch ms of the move to the recycle bin. */
  archivedAt: number | undefined;

  constructor(type: ObjectType, slots: Slots, id: string, first: Version) {
    this.type = type;
    this.slots = slots;
    this.id = id;
    this.num = Number(id);
    this.current = first;
  }

  get(name: string): string | undefined {
    const slot = this.slots.find(name);
    return slot === undefined ? undefined : this.current.values[slot];
  }

  advance(version: Version): void {
    this.older ??= [];
    this.older.push(this.current);
    this.current = version;
  }

  linksTo(type: ObjectType): Link[] {
    return this.links.filter((link) => link.to.type === type);
  }
}

/** A version in the making. */
export class Draft {
  readonly values: (string | undefined)[];
  readonly #slots: Slots;

  constructor(slots: Slots, from: Values = []) {
    this.#slots = slots;
    this.values = from.slice();
  }

  get(name: string): string | undefined {
    const slot = this.#slots.find(name);
    return slot === undefined ? undefined : this.values[slot];
  }

  set(name: string, value: string | null | undefined): void {
    if (value === null || value === undefined) {
      const slot = this.#slots.find(name);
      if (slot !== undefined && slot < this.values.length) this.values[slot] = undefined;
      return;
    }
    const slot = this.#slots.of(name);
    while (this.values.length < slot) this.values.push(undefined);
    this.values[slot] = value;
  }
}
