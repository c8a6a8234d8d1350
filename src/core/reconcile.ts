import { afterStage, agreeVerdict } from './agree.ts';
import { sameValue } from './compare.ts';
import type { ErrorDetails } from './errors.ts';
import type { Crm, EpochMs, PairKey, RecordRef } from './ids.ts';
import { refKey } from './ids.ts';
import { type AgreedValues, type MergeDecision, mergeField } from './merge.ts';
import { bindMoney } from './merge-money.ts';
import type { Snapshot, Value } from './opportunity.ts';
import { type OwnedContext, ownedChanges } from './owned.ts';
import { type FieldChange, intentOf, type PlannedWrite } from './plan.ts';
import type { StageInfo } from './ports.ts';
import {
  COUNTERPART_DELETED,
  DELETED,
  excludedPipeline,
  isRemark,
  leftAsIs,
  lineItems,
  type Note,
  readOnly,
  refusedValue,
  unmappedStage,
} from './reconcile-notes.ts';
import type { RecordOutcome } from './report.ts';
import { holds, type Resolution, type Resolutions, resolutionKey, withoutUndone } from './resolve.ts';
import type { FieldPolicy, StageRow, SyncSettings } from './settings.ts';
import { isMapped, type StageIndex, sameStage, translateStage } from './stage-map.ts';
import type { Verdict } from './verdict.ts';

/** What reconciling needs of a snapshot; `raw` stays in the store. */
export type GroupMember = Omit<Snapshot, 'raw'>;

/** A write of this record that the CRM refused, and whether anything about the record has changed since. */
export interface Refusal {
  readonly intent: string;
  readonly unchanged: boolean;
  readonly note: Note;
}

/** A pair, or one unpaired record. */
export interface Group {
  readonly pair: { readonly key: PairKey; readonly base: Readonly<Record<string, AgreedValues>> } | null;
  readonly members: readonly GroupMember[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** What people decided about its fields. */
  readonly resolutions?: Resolutions;
}

export interface FieldConflict {
  readonly field: string;
  readonly sides: Readonly<
    Record<
      Crm,
      { readonly id: string; readonly value: Value; readonly at: EpochMs; readonly actor?: string | null }
    >
  >;
  readonly base: AgreedValues | null;
  readonly policy: string;
}

export interface RecordResult {
  readonly ref: RecordRef;
  readonly outcome: RecordOutcome;
  readonly notes: readonly Note[];
  /** The verdict as reconciled: the one that is pushed. */
  readonly verdict: Verdict;
}

export interface GroupResult {
  readonly records: readonly RecordResult[];
  readonly writes: readonly PlannedWrite[];
  /** Fields on which both sides were found to agree: their base is now this. */
  readonly agreed: Readonly<Record<string, AgreedValues>>;
  readonly conflicts: readonly FieldConflict[];
  /** Keys of the decisions of people that took effect; the others of this group no longer apply. */
  readonly used?: ReadonlySet<string>;
}

/** Everything a decision depends on besides the group itself. The same context and group give the same result. */
export interface ReconcileContext extends OwnedContext {
  readonly settings: SyncSettings;
  readonly stageRows: readonly StageRow[];
  readonly stages: StageIndex;
  /** Server clock minus ours per CRM, ms. */
  readonly clockOffsets: Readonly<Record<Crm, number>>;
  readonly isReadable: (crm: Crm, field: string) => boolean;
  readonly isWritable: (crm: Crm, field: string) => boolean;
  readonly refusals: (crm: Crm, fields: Readonly<Record<string, Value>>) => readonly ErrorDetails[];
  /** Throws OppsyncError `skip` when a rule fails: the record is then quarantined. */
  readonly classify: (member: GroupMember) => Verdict;
}

/** Decides everything about one group: verdicts, writes, conflicts, and one outcome per record. Pure. */
export function reconcileGroup(group: Group, context: ReconcileContext): GroupResult {
  const live = group.members.filter((member) => !member.deleted);
  const excludedBy = group.members.map((member) => exclusion(member, context)).find((note) => note !== null);
  if (excludedBy !== undefined || live.length === 0) return leaveOut(group, excludedBy, context);
  const [first, second] = live;
  if (group.pair !== null && first !== undefined && second !== undefined)
    return reconcilePair(group, group.pair, first, second, context);
  return reconcileSingle(group, context);
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
    if (stage !== undefined) after.set(to.crm, { ...to, evidence: afterStage(to.evidence, stage) });
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

  const decisions = mergeFields(pair.base, a, b, context);
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
    if (decision.is !== 'conflict' && decision.is !== 'copy') continue;
    if (resolution?.decided === 'leave') {
      push(ownNotes, refKey(a), leftAsIs(field, resolution.by));
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
    } else {
      const [from, to] = decision.from === a.crm ? [a, b] : [b, a];
      const why: Why = { reason: decision.reason, from: from.crm };
      carry(field, policy, to, copyField(field, policy, from, to, context), why);
    }
  }

  const verdict = agreeVerdict(
    ofSide(after.get(a.crm) ?? a, after.has(a.crm), context),
    ofSide(after.get(b.crm) ?? b, after.has(b.crm), context),
    context.settings.statusAuthority,
    after.size > 0 || inSameStage(a, b, context),
  );
  const records: RecordResult[] = [];
  const writes: PlannedWrite[] = [];
  for (const member of [a, b]) {
    const moved = changes.get(member.crm) ?? [];
    const owned = ownedChanges(member, verdict, pair.key, context, moved);
    const all = [...moved, ...withoutUndone(owned, refKey(member), group.resolutions, used)];
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
  return { records, writes, agreed, conflicts, used };
}

/** Every synced field merged by itself, then the amount bound to its currency. */
function mergeFields(
  bases: Readonly<Record<string, AgreedValues>>,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
): ReadonlyMap<string, MergeDecision> {
  const { fields, initial, tieMarginMs } = context.settings;
  const merged = Object.entries(fields).map(([field, policy]) => {
    const rules = { policy, initial, tieMarginMs, ...stageRules(policy, context) };
    return [
      field,
      mergeField(side(a, field, context), side(b, field, context), bases[field], rules),
    ] as const;
  });
  return bindMoney(new Map(merged), a, b);
}

/** An unpaired record, or what is left of a pair whose other side was deleted: it still gets its verdict. */
function reconcileSingle(group: Group, context: ReconcileContext): GroupResult {
  const records: RecordResult[] = [];
  const writes: PlannedWrite[] = [];
  const widowed = group.pair !== null;
  const used = new Set<string>();
  for (const member of group.members) {
    const ref = { crm: member.crm, id: member.id };
    const verdict = context.classify(member);
    if (member.deleted) {
      records.push({ ref, outcome: 'excluded', notes: [DELETED], verdict });
      continue;
    }
    const owned = ownedChanges(member, verdict, group.pair?.key ?? null, context);
    const changes = withoutUndone(owned, refKey(member), group.resolutions, used);
    const write = toWrite(member, group.pair?.key ?? null, changes, {});
    const refusal = standing(group, write);
    const notes = [...(widowed ? [COUNTERPART_DELETED] : []), ...(refusal === null ? [] : [refusal])];
    const planned = refusal === null && changes.length > 0;
    if (planned) writes.push(write);
    records.push({
      ref,
      outcome: outcomeOf(refusal !== null, false, widowed, planned, widowed),
      notes,
      verdict,
    });
  }
  // What was decided for the pair is kept in case its other side is restored.
  for (const key of group.resolutions?.keys() ?? []) if (key.startsWith('pair:')) used.add(key);
  return { records, writes, agreed: {}, conflicts: [], used };
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

/** The stage a write sets; null when it clears it, undefined when the CRM lists no such stage. */
function stageWritten(value: Value, crm: Crm, context: ReconcileContext): StageInfo | null | undefined {
  return value === null ? null : context.stages.get(crm)?.get(value);
}

/** Why a value is written. */
type Why = Pick<FieldChange, 'reason' | 'from' | 'by'>;

type Copy =
  | { readonly is: 'value'; readonly value: Value }
  | { readonly is: 'note'; readonly on: 'pair' | 'target'; readonly note: Note };

/** The value as the target CRM would hold it, or why it cannot go there. */
function copyField(
  field: string,
  policy: FieldPolicy,
  from: GroupMember,
  to: GroupMember,
  context: ReconcileContext,
): Copy {
  const source = from.fields[field] ?? null;
  let value = source;
  if (policy.kind === 'stage' && source !== null) {
    const current = to.fields[field] ?? null;
    const out = context.settings.excludePipelines[to.crm] ?? [];
    value = translateStage(
      context.stageRows,
      context.stages,
      { crm: from.crm, key: source },
      { crm: to.crm, current, out },
    );
    if (value === null)
      return { is: 'note', on: 'pair', note: unmapped(from.crm, source, to.crm, current, context) };
  }
  return valueFor(field, policy, value, to, context);
}

/** A value as it can be written into a record, or why it cannot. */
function valueFor(
  field: string,
  policy: FieldPolicy,
  value: Value,
  to: GroupMember,
  context: ReconcileContext,
): Copy {
  if (!context.isWritable(to.crm, field)) return { is: 'note', on: 'target', note: readOnly(field, to.crm) };
  if (field === 'amount' && to.evidence.custom?.['hasLineItems'] === true)
    return { is: 'note', on: 'target', note: lineItems(to.crm) };
  const [refused] = context.refusals(to.crm, { [field]: value });
  if (refused !== undefined) {
    const note = refusedValue(field, refused);
    // A stage that cannot be set waits for the map; an owner unknown over there is no fault of the record.
    return { is: 'note', on: policy.kind === 'stage' ? 'pair' : 'target', note };
  }
  return { is: 'value', value };
}

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

function stageRules(policy: FieldPolicy, context: ReconcileContext) {
  if (policy.kind !== 'stage') return {};
  return {
    equal: (x: { crm: Crm; value: Value | undefined }, y: { crm: Crm; value: Value | undefined }) =>
      sameStage(context.stageRows, { crm: x.crm, key: x.value ?? '' }, { crm: y.crm, key: y.value ?? '' }),
    progress: (x: { crm: Crm; value: Value | undefined }) =>
      stageProgress(context.stages, x.crm, x.value ?? ''),
  };
}

/** 0..1 for open stages by their place in the pipeline, more for closed ones. NaN for a stage nobody lists. */
function stageProgress(stages: StageIndex, crm: Crm, key: string): number {
  const stage = stages.get(crm)?.get(key);
  if (stage === undefined) return Number.NaN;
  if (stage.closed === true) return stage.won === true ? 3 : 2;
  const pipeline = [...(stages.get(crm)?.values() ?? [])].filter(
    (other) => other.pipeline === stage.pipeline,
  );
  const ordered = pipeline.sort((x, y) => x.order - y.order);
  return ordered.indexOf(stage) / Math.max(1, ordered.length);
}

function side(member: GroupMember, field: string, context: ReconcileContext) {
  return {
    crm: member.crm,
    value: context.isReadable(member.crm, field) ? member.fields[field] : undefined,
    changedAt: member.changedAt - (context.clockOffsets[member.crm] ?? 0),
  };
}

/** `moving`: its stage is about to be written, which will be its newest change. */
function ofSide(member: GroupMember, moving: boolean, context: ReconcileContext) {
  const stageChangedAt = moving ? Number.POSITIVE_INFINITY : (member.evidence.stageChangedAt ?? null);
  const offset = context.clockOffsets[member.crm] ?? 0;
  return {
    crm: member.crm,
    verdict: context.classify(member),
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

/** Why a stage has no counterpart: nobody mapped it, or not within the pipeline the deal is in. */
function unmapped(from: Crm, key: string, to: Crm, current: string | null, context: ReconcileContext): Note {
  const label = context.stages.get(from)?.get(key)?.label ?? key;
  const pipeline = context.stages.get(to)?.get(current ?? '')?.pipelineLabel ?? null;
  return unmappedStage({
    from,
    key,
    label,
    to,
    pipeline: isMapped(context.stageRows, { crm: from, key }) ? pipeline : null,
  });
}

function push(map: Map<string, Note[]>, key: string, note: Note): void {
  const list = map.get(key) ?? [];
  list.push(note);
  map.set(key, list);
}

/** Do the two sides mean the same in one field, whatever was agreed before? */
export function compareField(
  field: string,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
): 'agree' | 'differ' | 'unread' {
  const policy = context.settings.fields[field];
  if (policy === undefined) return 'unread';
  const { initial, tieMarginMs } = context.settings;
  const rules = { policy, initial, tieMarginMs, ...stageRules(policy, context) };
  const decision = mergeField(side(a, field, context), side(b, field, context), undefined, rules);
  return decision.is === 'equal' ? 'agree' : decision.is === 'absent' ? 'unread' : 'differ';
}
