import type { Crm } from './ids.ts';

/** What only the history of fields can tell of a pair, by {@link toldKey}. */
export interface ToldByHistory {
  /** Fields that somebody edited since the last agreement and edited back. */
  readonly editedBack: ReadonlySet<string>;
  /** Fields that go round in a circle between us and a CRM ({@link ./automation-loop.ts}). */
  readonly loops: ReadonlySet<string>;
}

export const NOTHING_TOLD: ToldByHistory = { editedBack: new Set(), loops: new Set() };

export function toldKey(crm: Crm, field: string): string {
  return `${crm} ${field}`;
}
