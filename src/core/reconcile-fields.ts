import type { StageInfo } from './account-facts.ts';
import { afterStage } from './agree.ts';
import { type Copy, copyField, stageWritten, valueFor } from './carry-value.ts';
import { isBlank, sameValue } from './compare.ts';
import type { FieldConflict, Group, GroupMember, LeftField, ReconcileContext } from './group.ts';
import type { Crm } from './ids.ts';
import { refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import { mergeFields } from './merge-sides.ts';
import type { FieldChange } from './plan.ts';
import { leftAsIs, type Note, setByCrmNote } from './reconcile-notes.ts';
import { crmThatSetIt, holds, type Resolution, resolutionKey } from './resolve.ts';
import type { FieldPolicy } from './settings.ts';
import { toldKey } from './told-by-history.ts';

/** Why a value is written. */
type Why = Pick<FieldChange, 'reason' | 'from' | 'by'>;

/** What is to become of the fields of a pair. */
export interface FieldDecisions {
  /** Per CRM the values it is given, and what both sides hold once they are acknowledged. */
  readonly changes: ReadonlyMap<Crm, readonly FieldChange[]>;
  readonly agreedByWrite: ReadonlyMap<Crm, Readonly<Record<string, AgreedValues>>>;
  /** Fields whose base is this, without anything being written. */
  readonly agreed: Readonly<Record<string, AgreedValues>>;
  readonly conflicts: readonly FieldConflict[];
  readonly left: readonly LeftField[];
  /** Sides as they will be once a planned stage is written. */
  readonly after: ReadonlyMap<Crm, GroupMember>;
  /** What holds up both records, and what is said of one of them (by {@link refKey}). */
  readonly shared: readonly Note[];
  readonly ownNotes: ReadonlyMap<string, readonly Note[]>;
  /** Decisions of people that were still of use. */
  readonly used: Set<string>;
}

/** Decides field by field: the three-way merge, what people decided where it cannot, and what each side can take. Pure. */
export function decideFields(
  group: Group,
  pair: NonNullable<Group['pair']>,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
): FieldDecisions {
  const shared: Note[] = [];
  const ownNotes = new Map<string, Note[]>();
  const changes = new Map<Crm, FieldChange[]>([
    [a.crm, []],
    [b.crm, []],
  ]);
  const agreedByWrite = new Map<Crm, Record<string, AgreedValues>>();
  const agreed: Record<string, AgreedValues> = {};
  const conflicts: FieldConflict[] = [];
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
  const setWithStage: { field: string; policy: FieldPolicy; by: Crm; leave: () => void }[] = [];
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
      const { by } = decision;
      const leave = (): void => {
        const seen = { [a.crm]: a.fields[field] ?? null, [b.crm]: b.fields[field] ?? null };
        left.push({ field, by, seen });
        // From here on each side's own value is what was agreed, so that the next edit of either is seen.
        agreed[field] = seen;
        push(ownNotes, refKey(a), setByCrmNote(field, by));
      };
      setWithStage.push({ field, policy, by, leave });
    }
    if (decision.is !== 'conflict' && decision.is !== 'copy') continue;
    if (resolution?.decided === 'leave') {
      const by = crmThatSetIt(resolution);
      if (by === null) push(ownNotes, refKey(a), leftAsIs(field, resolution.by));
      else {
        const leave = (): void => push(ownNotes, refKey(a), setByCrmNote(field, by));
        setWithStage.push({ field, policy, by, leave });
      }
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
  // What a CRM set with a stage stays for as long as the stage does. Where another stage is written over that one, people's
  // value, which stands on the other side, comes with it.
  for (const { field, policy, by, leave } of setWithStage) {
    const [from, to] = by === a.crm ? [b, a] : [a, b];
    if (!after.has(by) || isBlank(from.fields[field] ?? null)) leave();
    else {
      const why: Why = { reason: 'copied', from: from.crm };
      carry(field, policy, to, copyField(field, policy, from, to, context), why);
    }
  }
  return { changes, agreedByWrite, agreed, conflicts, left, after, shared, ownNotes, used };
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

/** As it will be once this stage is written. Since when it stands there is then known from the other side. */
function moved(member: GroupMember, stage: StageInfo | null): GroupMember {
  return { ...member, evidence: { ...afterStage(member.evidence, stage), stageChangedAt: null } };
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

function sameAgreement(base: AgreedValues | undefined, agreed: AgreedValues): boolean {
  return base !== undefined && Object.entries(agreed).every(([crm, value]) => base[crm] === value);
}

function push(map: Map<string, Note[]>, key: string, note: Note): void {
  const list = map.get(key) ?? [];
  list.push(note);
  map.set(key, list);
}
