import type { Crm, RecordId } from './ids.ts';
import type { LostEdit } from './lost-race.ts';
import type { Value } from './opportunity.ts';

/** A {@link LostEdit}, with the record it was made in and what we put in its place. */
export interface LostWrite extends LostEdit {
  readonly crm: Crm;
  readonly id: RecordId;
  readonly name: string;
  readonly written: Value;
}

/** What a run replaced without having seen it: how many values, and the first of them. */
export interface LostEdits {
  readonly count: number;
  readonly edits: readonly LostWrite[];
}
