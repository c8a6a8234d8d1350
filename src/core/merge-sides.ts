import { setByCrm } from './close-date-guard.ts';
import type { GroupMember, ReconcileContext } from './group.ts';
import type { Crm } from './ids.ts';
import { type AgreedValues, type MergeDecision, type MergeSide, mergeField } from './merge.ts';
import { bindMoney } from './merge-money.ts';
import type { Value } from './opportunity.ts';
import type { FieldPolicy } from './settings.ts';
import { type StageIndex, sameStage } from './stage-map.ts';
import { NOTHING_TOLD, type ToldByHistory, toldKey } from './told-by-history.ts';

/** Every synced field merged by itself, then the amount bound to its currency. */
export function mergeFields(
  bases: Readonly<Record<string, AgreedValues>>,
  a: GroupMember,
  b: GroupMember,
  context: ReconcileContext,
  told: ToldByHistory = NOTHING_TOLD,
): ReadonlyMap<string, MergeDecision> {
  const { fields, initial, tieMarginMs } = context.settings;
  const merged = Object.entries(fields).map(([field, policy]) => {
    const rules = { policy, initial, tieMarginMs, ...stageRules(policy, context) };
    const [one, other] = [a, b].map((member) => ({
      ...side(member, field, context),
      setByCrm: isSetByCrm(field, member, bases, context),
      editedBack: told.editedBack.has(toldKey(member.crm, field)),
    })) as [MergeSide, MergeSide];
    return [field, mergeField(one, other, bases[field], rules)] as const;
  });
  return bindMoney(new Map(merged), a, b);
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
  const listed = stages.get(crm);
  const stage = listed?.get(key);
  if (listed === undefined || stage === undefined) return Number.NaN;
  if (stage.closed === true) return stage.won === true ? 3 : 2;
  const pipeline = [...listed.values()].filter((other) => other.pipeline === stage.pipeline);
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

/** Did the CRM set this side's close date itself, with its stage? Nothing can be said of a date that was never agreed on. */
function isSetByCrm(
  field: string,
  member: GroupMember,
  bases: Readonly<Record<string, AgreedValues>>,
  context: ReconcileContext,
): boolean {
  if (field !== 'closeDate') return false;
  const { crm, fields, evidence } = member;
  const manners = context.closeDates?.[crm];
  const [stageField] = Object.entries(context.settings.fields).find(([, { kind }]) => kind === 'stage') ?? [];
  if (manners === undefined || stageField === undefined) return false;
  const stage = (key: Value | undefined) => context.stages.get(crm)?.get(key ?? '');
  return setByCrm({
    ...manners,
    dateBefore: bases[field]?.[crm],
    dateNow: fields[field],
    stageBefore: stage(bases[stageField]?.[crm]),
    stageNow: stage(fields[stageField]),
    stageChangedAt: evidence.stageChangedAt ?? null,
  });
}
