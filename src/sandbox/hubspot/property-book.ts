import { ACTIVITY_PROPERTIES } from './catalogue/activities.ts';
import { DEAL_PROPERTIES } from './catalogue/deals.ts';
import { custom, EVERY_OBJECT, hubspotDefined } from './catalogue/entry.ts';
import { COMPANY_PROPERTIES, CONTACT_PROPERTIES } from './catalogue/people.ts';
import { PROVISIONED, PROVISIONED_GROUP } from './catalogue/provisioned.ts';
import { definition, type PropertyDefinition } from './property-definition.ts';

export interface PropertyGroup {
  readonly name: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly archived: boolean;
}

/** Per-stage stamps exist without being listed by the properties API (hubspot.md §2.7). */
const PER_STAGE = /^hs_v2_date_(entered|exited)_[a-z0-9_]+$/;

/** The properties and property groups of one object type. */
export class PropertyBook {
  readonly #live = new Map<string, PropertyDefinition>();
  readonly archived = new Map<string, PropertyDefinition>();
  readonly groups = new Map<string, PropertyGroup>();
  readonly #perStage: boolean;

  constructor(plural: string, provisioned: boolean) {
    this.#perStage = plural === 'deals';
    const group = `${plural === 'deals' ? 'deal' : plural}information`;
    this.addGroup(group, group);
    for (const entry of hubspotDefined(group, [...EVERY_OBJECT, ...builtIn(plural)])) this.put(entry);
    const owned = provisioned ? (PROVISIONED[plural] ?? []) : [];
    if (owned.length > 0) this.addGroup(PROVISIONED_GROUP, PROVISIONED_GROUP);
    for (const entry of custom(PROVISIONED_GROUP, owned)) this.put(entry);
  }

  /** The definition by exact name, per-stage stamps included; undefined when there is no such property. */
  get(name: string): PropertyDefinition | undefined {
    const found = this.#live.get(name);
    if (found !== undefined || !this.#perStage || !PER_STAGE.test(name)) return found;
    return definition({
      name,
      type: 'datetime',
      calculated: true,
      readOnlyValue: true,
      hubspotDefined: true,
    });
  }

  put(entry: PropertyDefinition): void {
    this.#live.set(entry.name, entry);
    this.archived.delete(entry.name);
  }

  archive(name: string): void {
    const found = this.#live.get(name);
    if (found === undefined) return;
    this.#live.delete(name);
    this.archived.set(name, found);
  }

  addGroup(name: string, label: string, displayOrder = -1): PropertyGroup {
    const group = { name, label, displayOrder, archived: false };
    this.groups.set(name, group);
    return group;
  }

  all(): Iterable<PropertyDefinition> {
    return this.#live.values();
  }

  unique(): PropertyDefinition[] {
    return [...this.#live.values()].filter((entry) => entry.hasUniqueValue);
  }

  /** The known name most like this one, for messages about a misspelling. */
  nearest(name: string): string {
    let best = '';
    let least = Number.POSITIVE_INFINITY;
    for (const known of this.#live.keys()) {
      const distance = editDistance(name.toLowerCase(), known);
      if (distance < least) [best, least] = [known, distance];
    }
    return best;
  }
}

function builtIn(plural: string): (typeof DEAL_PROPERTIES)[number][] {
  if (plural === 'deals') return [...DEAL_PROPERTIES];
  if (plural === 'companies') return [...COMPANY_PROPERTIES];
  if (plural === 'contacts') return [...CONTACT_PROPERTIES];
  return [...(ACTIVITY_PROPERTIES[plural] ?? [])];
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
