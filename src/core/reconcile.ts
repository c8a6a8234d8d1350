import { afterStage, agreeVerdict } from './agree.ts';
import { type Copy, copyField, stageWritten, valueFor } from './carry-value.ts';
import { sameValue } from './compare.ts';
import { type CreationDecision, decideCreation, type PlannedCreation } from './creation.ts';
import { editsOfWidowed } from './edit-versus-delete.ts';
import { withFindings } from './findings.ts';
import type {
  FieldConflict,
  Group,
  GroupMember,
  GroupResult,
  LeftField,
  ReconcileContext,
  RecordResult,
} from './group.ts';
import { happenedTo } from './happened.ts';
import type { Crm, PairKey } from './ids.ts';
import { refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import { mergeFields } from './merge-sides.ts';
import type { Evidence } from './opportunity.ts';
import { ownedChanges } from './owned.ts';
import { shareEvidence } from './pair-evidence.ts';
import { type FieldChange, intentOf, type PlannedWrite } from './plan.ts';
import type { StageInfo } from './ports.ts';
import {
  COUNTERPART_DELETED,
  DELETED,
  EDITED_AND_DELETED,
  excludedPipeline,
  isRemark,
  leftAsIs,
  type Note,
  setByCrmNote,
} from './reconcile-notes.ts';
import type { RecordOutcome } from './report.ts';
import { crmThatSetIt, holds, type Resolution, resolutionKey, withoutUndone } from './resolve.ts';
import type { FieldPolicy } from './settings.ts';
import { sameStage } from './stage-map.ts';
import { toldKey } from './told-by-history.ts';

/** Decides everything about one group: verdicts, writes, conflicts, and one outcome per record. Pure. */
export function reconcileGroup(given: Group, context: ReconcileContext): GroupResult {
  const group = { ...given, members: given.members.map((member) => completed(member, context.now)) };
  const live = group.members.filter((member) => !member.deleted);
  const excludedBy = group.members.map((member) => exclusion(member, context)).find((note) => note !== null);
  if (excludedBy !== undefined || live.length === 0) return leaveOut(group, excludedBy, context);
  const [first, second] = live;
  if (group.pair !== null && first !== undefined && second !== undefined)
    return reconcilePair(group, group.pair, first, second, context);
  return reconcileSingle(group, context);
}

/** The record with what was found beside it. */
function completed(member: GroupMember, now: number): GroupMember {
  const { findings, crm, evidence } = member;
  if (findings === undefined || findings.length === 0) return member;
  return { ...member, evidence: withFindings(evidence, crm, findings, now) };
}

function reconcilePair(
  group: Group,
  pair: NonNullable<Group['pair']>,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
): GroupResult {
  const shared: Note[] = [];
  const ownNotes = new Map<string, Note[]>();
  const changes = new Map<Crm, FieldChange[]>([
    [a.crm, []],
    [b.crm, []],
  ]);
  const agreedByWrite = new Map<Crm, Record<string, AgreedValues>>();
  const agreed: Record<string, AgreedValues> = {};
  const conflicts: FieldConflict[] = [];
  // Sides as they will be once a planned stage is written.
  const after = new Map<Crm, GroupMember>();
  const used = new Set<string>();
  const carry = (field: string, policy: FieldPolicy, to: GroupMember, copy: Copy, why: Why): void => {
    if (copy.is === 'note') {
      if (copy.on === 'pair') shared.push(copy.note);
      else push(ownNotes, refKey(to), copy.note);
      return;
    }
    const other = to === a ? b : a;
    const stage = policy.kind === 'stage' ? stageWritten(copy.value, to.crm, context) : undefined;
    if (stage !== undefined) after.set(to.crm, moved(to, stage));
    changes.get(to.crm)?.push({
      field,
      owned: false,
      before: to.fields[field] ?? null,
      after: copy.value,
      ...why,
      was: pair.base[field]?.[other.crm] ?? null,
    });
    const write = agreedByWrite.get(to.crm) ?? {};
    write[field] = { [other.crm]: other.fields[field] ?? null, [to.crm]: copy.value };
    agreedByWrite.set(to.crm, write);
  };

  const left: LeftField[] = [];
  const decisions = mergeFields(pair.base, a, b, context, group.told);
  for (const [field, policy] of Object.entries(context.settings.fields)) {
    const base = pair.base[field];
    const decision = decisions.get(field);
    if (decision === undefined) continue;
    if (decision.is === 'equal') {
      if (!sameAgreement(base, decision.agreed)) agreed[field] = decision.agreed;
      continue;
    }
    const key = resolutionKey(`pair:${pair.key}`, field);
    const resolution = standingResolution(group, key, policy.kind, field, a, b);
    // A side that was not read says nothing about whether a decision still holds.
    if (resolution !== null || decision.is === 'absent') used.add(key);
    if (decision.is === 'left') {
      const seen = { [a.crm]: a.fields[field] ?? null, [b.crm]: b.fields[field] ?? null };
      left.push({ field, by: decision.by, seen });
      // From here on each side's own value is what was agreed, so that the next edit of either is seen.
      agreed[field] = seen;
      push(ownNotes, refKey(a), setByCrmNote(field, decision.by));
    }
    if (decision.is !== 'conflict' && decision.is !== 'copy') continue;
    if (resolution?.decided === 'leave') {
      const crm = crmThatSetIt(resolution);
      push(ownNotes, refKey(a), crm === null ? leftAsIs(field, resolution.by) : setByCrmNote(field, crm));
    } else if (resolution?.decided === 'value') {
      const why: Why = { reason: 'resolved', from: null, by: resolution.by };
      for (const to of [a, b]) {
        if (sameValue(policy.kind, to.fields[field] ?? null, resolution.choice)) continue;
        carry(field, policy, to, valueFor(field, policy, resolution.choice, to, context), why);
      }
    } else if (resolution !== null) {
      const [from, to] = resolution.choice === a.crm ? [a, b] : [b, a];
      const why: Why = { reason: 'resolved', from: from.crm, by: resolution.by };
      carry(field, policy, to, copyField(field, policy, from, to, context), why);
    } else if (decision.is === 'conflict') {
      conflicts.push(conflictOf(field, policy, a, b, base));
    } else if (group.told?.loops.has(toldKey(decision.from, field)) === true) {
      conflicts.push({ ...conflictOf(field, policy, a, b, base), cause: 'loop' });
    } else {
      const [from, to] = decision.from === a.crm ? [a, b] : [b, a];
      const why: Why = { reason: decision.reason, from: from.crm };
      carry(field, policy, to, copyField(field, policy, from, to, context), why);
    }
  }

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
    const owned = ownedChanges(member, verdict, pair.key, context, carried, happened);
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
      outcome: outcomeOf(
        refusal !== null || faults.length > 0,
        conflicts.length > 0,
        shared.length > 0,
        planned,
        true,
      ),
      notes,
      verdict,
    });
  }
  return { records, writes, agreed, conflicts, left, used };
}

/**
 * An unpaired record, or what is left of a pair whose other side was deleted: it still gets its verdict, and the unpaired
 * one a counterpart where the configuration says so.
 */
function reconcileSingle(group: Group, context: ReconcileContext): GroupResult {
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
    const owned = ownedChanges(member, verdict, group.pair?.key ?? null, context, [], happened);
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
      outcome: outcomeOf(
        refusal !== null || creating.is === 'refused',
        conflicts.length > 0,
        widowed || creating.is === 'held',
        planned || creating.is === 'planned',
        widowed,
      ),
      notes,
      verdict,
    });
  }
  // What was decided for the pair is kept in case its other side is restored.
  for (const key of group.resolutions?.keys() ?? []) if (key.startsWith('pair:')) used.add(key);
  return { records, writes, creations, agreed: {}, conflicts, used };
}

function leaveOut(group: Group, note: Note | undefined, context: ReconcileContext): GroupResult {
  const records = group.members.map((member) => ({
    ref: { crm: member.crm, id: member.id },
    outcome: 'excluded' as const,
    notes: [member.deleted ? DELETED : (note ?? DELETED)],
    verdict: context.classify(member),
  }));
  return { records, writes: [], agreed: {}, conflicts: [] };
}

/** Why a value is written. */
type Why = Pick<FieldChange, 'reason' | 'from' | 'by'>;

/** What a person decided for a field, when it was decided for the values both sides hold. */
function standingResolution(
  group: Group,
  key: string,
  kind: FieldPolicy['kind'],
  field: string,
  a: GroupMember,
  b: GroupMember,
): Resolution | null {
  const found = group.resolutions?.get(key);
  const sides = [a, b].map((member) => ({ crm: member.crm, value: member.fields[field] }));
  return found !== undefined && holds(found, kind, sides) ? found : null;
}

/** Where several fit, the gravest (design section 2). */
function outcomeOf(
  refused: boolean,
  conflict: boolean,
  held: boolean,
  planned: boolean,
  paired: boolean,
): RecordOutcome {
  if (refused) return 'quarantined';
  if (conflict) return 'conflict';
  if (held) return 'held';
  if (planned) return 'changed';
  return paired ? 'in_sync' : 'unpaired';
}

/** The refusal that still stands against exactly this write: same values, and nothing changed since. */
function standing(group: Group, write: PlannedWrite): Note | null {
  const refusal = group.refusals.get(refKey(write));
  if (refusal === undefined || write.changes.length === 0) return null;
  return refusal.unchanged && refusal.intent === intentOf(write) ? refusal.note : null;
}

/** As it will be once this stage is written. Since when it stands there is then known from the other side. */
function moved(member: GroupMember, stage: StageInfo | null): GroupMember {
  return { ...member, evidence: { ...afterStage(member.evidence, stage), stageChangedAt: null } };
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

function conflictOf(
  field: string,
  policy: FieldPolicy,
  a: GroupMember,
  b: GroupMember,
  base: AgreedValues | undefined,
): FieldConflict {
  const one = (member: GroupMember) => ({
    id: member.id,
    value: member.fields[field] ?? null,
    at: member.changedAt,
  });
  return { field, policy: policy.policy, base: base ?? null, sides: { [a.crm]: one(a), [b.crm]: one(b) } };
}

function toWrite(
  member: GroupMember,
  pair: PairKey | null,
  changes: readonly FieldChange[],
  agreed: Readonly<Record<string, AgreedValues>>,
): PlannedWrite {
  return { crm: member.crm, id: member.id, pair, name: member.fields['name'] ?? member.id, changes, agreed };
}

function sameAgreement(base: AgreedValues | undefined, agreed: AgreedValues): boolean {
  return base !== undefined && Object.entries(agreed).every(([crm, value]) => base[crm] === value);
}

function exclusion(member: GroupMember, context: ReconcileContext): Note | null {
  const left = context.settings.excludePipelines[member.crm] ?? [];
  if (left.length === 0) return null;
  const key = member.fields['stage'] ?? '';
  const pipeline = context.stages.get(member.crm)?.get(key)?.pipeline;
  if (pipeline === undefined || pipeline === null || !left.includes(pipeline)) return null;
  return excludedPipeline(member.crm, pipeline);
}

function push(map: Map<string, Note[]>, key: string, note: Note): void {
  const list = map.get(key) ?? [];
  list.push(note);
  map.set(key, list);
}
