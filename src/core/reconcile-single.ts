import { type CreationDecision, decideCreation, type PlannedCreation } from './creation.ts';
import { editsOfWidowed } from './edit-versus-delete.ts';
import type { Group, GroupResult, ReconcileContext, RecordResult } from './group.ts';
import { happenedTo } from './happened.ts';
import { refKey } from './ids.ts';
import { ownedChanges } from './owned.ts';
import { withoutCircling } from './owned-circles.ts';
import type { PlannedWrite } from './plan.ts';
import { COUNTERPART_DELETED, DELETED, EDITED_AND_DELETED } from './reconcile-notes.ts';
import { outcomeOf, standing, toWrite } from './record-decision.ts';
import { withoutUndone } from './resolve.ts';

/**
 * An unpaired record, or what is left of a pair whose other side was deleted: it still gets its verdict, and the unpaired
 * one a counterpart where the configuration says so. Pure.
 */
export function reconcileSingle(group: Group, context: ReconcileContext): GroupResult {
  const records: RecordResult[] = [];
  const writes: PlannedWrite[] = [];
  const creations: PlannedCreation[] = [];
  const widowed = group.pair !== null;
  const used = new Set<string>();
  const conflicts = editsOfWidowed(group, context);
  for (const member of group.members) {
    const ref = { crm: member.crm, id: member.id };
    if (member.deleted) {
      records.push({ ref, outcome: 'excluded', notes: [DELETED], verdict: context.classify(member) });
      continue;
    }
    const creating: CreationDecision = widowed ? { is: 'none' } : decideCreation(member, group, context);
    const verdict = creating.is === 'planned' ? creating.verdict : context.classify(member);
    const happened = happenedTo([member], group, verdict, context);
    const wanted = ownedChanges(member, verdict, group.pair?.key ?? null, context, [], happened);
    const owned = withoutCircling(wanted, ref, group.circles);
    const changes = withoutUndone(owned, refKey(member), group.resolutions, used);
    const write = toWrite(member, group.pair?.key ?? null, changes, {});
    const refusal = standing(group, write);
    const notes = [
      ...(widowed ? [conflicts.length > 0 ? EDITED_AND_DELETED : COUNTERPART_DELETED] : []),
      ...(creating.is === 'planned' ? creating.remarks : []),
      ...(creating.is === 'held' || creating.is === 'refused' ? [creating.note] : []),
      ...(refusal === null ? [] : [refusal]),
    ];
    const planned = refusal === null && changes.length > 0;
    if (planned) writes.push(write);
    if (creating.is === 'planned') creations.push(creating.creation);
    records.push({
      ref,
      outcome: outcomeOf({
        refused: refusal !== null || creating.is === 'refused',
        conflict: conflicts.length > 0,
        held: widowed || creating.is === 'held',
        planned: planned || creating.is === 'planned',
        paired: widowed,
      }),
      notes,
      verdict,
      ...(owned.length < wanted.length ? { again: true } : {}),
    });
  }
  // What was decided for the pair is kept in case its other side is restored.
  for (const key of group.resolutions?.keys() ?? []) if (key.startsWith('pair:')) used.add(key);
  return { records, writes, creations, agreed: {}, conflicts, used };
}
