import { agreeVerdict } from './agree.ts';
import type { Group, GroupMember, GroupResult, ReconcileContext, RecordResult } from './group.ts';
import { happenedTo } from './happened.ts';
import { refKey } from './ids.ts';
import type { Evidence } from './opportunity.ts';
import { ownedChanges } from './owned.ts';
import { withoutCircling } from './owned-circles.ts';
import { shareEvidence } from './pair-evidence.ts';
import type { PlannedWrite } from './plan.ts';
import { decideFields } from './reconcile-fields.ts';
import { isRemark } from './reconcile-notes.ts';
import { outcomeOf, standing, toWrite } from './record-decision.ts';
import { withoutUndone } from './resolve.ts';
import { sameStage } from './stage-map.ts';

/** Decides about two records that belong together. Pure. */
export function reconcilePair(
  group: Group,
  pair: NonNullable<Group['pair']>,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
): GroupResult {
  const fields = decideFields(group, pair, a, b, context);
  const { changes, agreedByWrite, agreed, conflicts, left, after, shared, ownNotes, used } = fields;
  const sameStage = after.size > 0 || inSameStage(a, b, context);
  const [thenA, thenB] = [after.get(a.crm) ?? a, after.get(b.crm) ?? b];
  const [evidenceA, evidenceB] = shareEvidence(thenA, thenB, context.now, sameStage);
  const verdict = agreeVerdict(
    ofSide(thenA, evidenceA, after.has(a.crm), context),
    ofSide(thenB, evidenceB, after.has(b.crm), context),
    context.settings.statusAuthority,
    sameStage,
  );
  const happened = happenedTo([a, b], group, verdict, context);
  const records: RecordResult[] = [];
  const writes: PlannedWrite[] = [];
  for (const member of [a, b]) {
    const carried = changes.get(member.crm) ?? [];
    const wanted = ownedChanges(member, verdict, pair.key, context, carried, happened);
    const owned = withoutCircling(wanted, member, group.circles);
    const all = [...carried, ...withoutUndone(owned, refKey(member), group.resolutions, used)];
    const write = toWrite(member, pair.key, all, agreedByWrite.get(member.crm) ?? {});
    const refusal = standing(group, write);
    const own = ownNotes.get(refKey(member)) ?? [];
    const faults = own.filter((note) => !isRemark(note));
    // What decides comes last, after what is only remarked on.
    const notes = [...shared, ...own.filter(isRemark), ...faults, ...(refusal === null ? [] : [refusal])];
    const planned = refusal === null && all.length > 0;
    if (planned) writes.push(write);
    records.push({
      ref: { crm: member.crm, id: member.id },
      outcome: outcomeOf({
        refused: refusal !== null || faults.length > 0,
        conflict: conflicts.length > 0,
        held: shared.length > 0,
        planned,
        paired: true,
      }),
      notes,
      verdict,
      ...(owned.length < wanted.length ? { again: true } : {}),
    });
  }
  return { records, writes, agreed, conflicts, left, used };
}

/**
 * `evidence`: its own, completed by the other side's. `moving`: its stage is about to be written, which will be its newest
 * change.
 */
function ofSide(member: GroupMember, evidence: Evidence, moving: boolean, context: ReconcileContext) {
  const stageChangedAt = moving ? Number.POSITIVE_INFINITY : (member.evidence.stageChangedAt ?? null);
  const offset = context.clockOffsets[member.crm] ?? 0;
  return {
    crm: member.crm,
    verdict: context.classify({ ...member, evidence }),
    stageChangedAt: stageChangedAt === null ? null : stageChangedAt - offset,
  };
}

function inSameStage(a: GroupMember, b: GroupMember, context: ReconcileContext): boolean {
  const [keyA, keyB] = [a.evidence.stageKey ?? null, b.evidence.stageKey ?? null];
  if (keyA === null || keyB === null) return keyA === keyB;
  return sameStage(context.stageRows, { crm: a.crm, key: keyA }, { crm: b.crm, key: keyB });
}
