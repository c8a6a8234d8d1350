import type { ObjectType } from './object-type.ts';

/** What one direction of a link is called by number; null where it has no primary form. */
export interface PairTypes {
  readonly plain: number;
  readonly primary: number | null;
}

/** [from, to, plain there, plain back, primary there, primary back] (hubspot.md §5.1 and the public type table). */
const PAIRS: readonly (readonly [string, string, number, number, number?, number?])[] = [
  ['deals', 'companies', 341, 342, 5, 6],
  ['contacts', 'companies', 279, 280, 1, 2],
  ['deals', 'contacts', 3, 4],
  ['deals', 'line_items', 19, 20],
  ['deals', 'quotes', 63, 64],
  ['deals', 'calls', 205, 206],
  ['deals', 'emails', 209, 210],
  ['deals', 'meetings', 211, 212],
  ['deals', 'notes', 213, 214],
  ['deals', 'tasks', 215, 216],
  ['deals', 'commerce_payments', 392, 391],
  ['deals', 'invoices', 176, 175],
  ['quotes', 'line_items', 67, 68],
  ['quotes', 'contacts', 69, 70],
  ['quotes', 'companies', 71, 72],
  ['companies', 'calls', 181, 182],
  ['companies', 'emails', 185, 186],
  ['companies', 'meetings', 187, 188],
  ['companies', 'notes', 189, 190],
  ['companies', 'tasks', 191, 192],
  ['contacts', 'calls', 193, 194],
  ['contacts', 'emails', 197, 198],
  ['contacts', 'meetings', 199, 200],
  ['contacts', 'notes', 201, 202],
  ['contacts', 'tasks', 203, 204],
  ['deals', 'deals', 451, 451],
  ['companies', 'companies', 450, 450],
  ['contacts', 'contacts', 449, 449],
];

const TYPES = new Map<string, PairTypes>();
const MIRRORS = new Map<number, number>();
for (const [from, to, there, back, primaryThere, primaryBack] of PAIRS) {
  TYPES.set(`${from}>${to}`, { plain: there, primary: primaryThere ?? null });
  TYPES.set(`${to}>${from}`, { plain: back, primary: primaryBack ?? null });
  MIRRORS.set(there, back).set(back, there);
  if (primaryThere !== undefined && primaryBack !== undefined) {
    MIRRORS.set(primaryThere, primaryBack).set(primaryBack, primaryThere);
  }
}

/** The type ids between two kinds of records; undefined when they cannot be linked. */
export function pairTypes(from: ObjectType, to: ObjectType): PairTypes | undefined {
  return TYPES.get(`${from.plural}>${to.plural}`);
}

/** The id of the same link seen from the other side; labels made by users have one id for both. */
export function mirrorOf(typeId: number): number {
  return MIRRORS.get(typeId) ?? typeId;
}

/** Whether HubSpot itself defines this type for this direction. */
export function isDefinedFor(from: ObjectType, to: ObjectType, typeId: number): boolean {
  const types = pairTypes(from, to);
  return types !== undefined && (types.plain === typeId || types.primary === typeId);
}
