/** What pairs and single records have in common when it is decided about one of them. Pure. */
import type { Group, GroupMember } from './group.ts';
import type { PairKey } from './ids.ts';
import { refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import { type FieldChange, intentOf, type PlannedWrite } from './plan.ts';
import type { Note } from './reconcile-notes.ts';
import type { RecordOutcome } from './report.ts';

/** Where several fit, the gravest (design section 2). */
export function outcomeOf(is: {
  readonly refused: boolean;
  readonly conflict: boolean;
  readonly held: boolean;
  readonly planned: boolean;
  readonly paired: boolean;
}): RecordOutcome {
  if (is.refused) return 'quarantined';
  if (is.conflict) return 'conflict';
  if (is.held) return 'held';
  if (is.planned) return 'changed';
  return is.paired ? 'in_sync' : 'unpaired';
}

/** The refusal that still stands against exactly this write: same values, and nothing changed since. */
export function standing(group: Group, write: PlannedWrite): Note | null {
  const refusal = group.refusals.get(refKey(write));
  if (refusal === undefined || write.changes.length === 0) return null;
  return refusal.unchanged && refusal.intent === intentOf(write) ? refusal.note : null;
}

/** The write these changes of a record make up. */
export function toWrite(
  member: GroupMember,
  pair: PairKey | null,
  changes: readonly FieldChange[],
  agreed: Readonly<Record<string, AgreedValues>>,
): PlannedWrite {
  return { crm: member.crm, id: member.id, pair, name: member.fields['name'] ?? member.id, changes, agreed };
}
