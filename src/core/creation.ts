/** Making the missing counterpart of a record: what may be made, of which values, and why not (design section 7). Pure. */
import { afterStage, agreeVerdict } from './agree.ts';
import { copyField } from './carry-value.ts';
import { isBlank } from './compare.ts';
import {
  apartFrom,
  claimedByOthers,
  linkedElsewhere,
  lostCounterpart,
  maybePaired,
  missingForCreation,
  seemsDuplicate,
  waitsForCompleteReading,
} from './creation-notes.ts';
import type { Group, GroupMember, ReconcileContext } from './group.ts';
import { happenedTo } from './happened.ts';
import { type Crm, type PairKey, type RecordId, type RecordRef, refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import { type Fields, OWNED_FIELDS, type Value } from './opportunity.ts';
import { ownedValues } from './owned.ts';
import { shareEvidence } from './pair-evidence.ts';
import { isRemark, type Note } from './reconcile-notes.ts';
import { RECORD_TYPE } from './record-types.ts';
import type { Verdict } from './verdict.ts';

/** Which records get a counterpart: those that are active, or whatever their status. */
export type CreateOf = 'active' | 'all';

/** What creating depends on besides the record itself. */
export interface CreationRules {
  /** CRMs in which records may be made; the others are left as they are. */
  readonly into: Readonly<Record<Crm, CreateOf>>;
  /**
   * CRMs that this run has read completely. Elsewhere "not there" may mean "not seen yet", and nothing is made on account
   * of that.
   */
  readonly complete: ReadonlySet<Crm>;
  /** Fields a new record cannot be without. */
  readonly required: (crm: Crm) => readonly string[];
}

/** What makes an unpaired record one that may have a counterpart after all. */
export interface Hurdle {
  readonly is: 'proposed' | 'duplicate' | 'ambiguous' | 'apart' | 'linked';
  /** The record it may belong to; empty when nobody says which. */
  readonly other: RecordId;
}

/** A record to be made. */
export interface PlannedCreation {
  /** The CRM to make it in. */
  readonly crm: Crm;
  /** Its unique external id: the same for the same source, whoever plans it and whenever. */
  readonly key: PairKey;
  readonly source: RecordRef;
  readonly name: string;
  /** Values of synced fields, as the target CRM takes them; blanks are left out. */
  readonly fields: Fields;
  /** Values of our own fields, the pair key among them. */
  readonly owned: Fields;
  /** Per synced field sent, what both sides hold once it is made: the base. */
  readonly agreed: Readonly<Record<string, AgreedValues>>;
}

export type CreationDecision =
  /** Nothing is to be made of this record. */
  | { readonly is: 'none' }
  /** It would be made, but something has to be settled first. */
  | { readonly is: 'held'; readonly note: Note }
  /** The target CRM takes no such record, or refused this one before. */
  | { readonly is: 'refused'; readonly note: Note }
  | {
      readonly is: 'planned';
      readonly creation: PlannedCreation;
      readonly remarks: readonly Note[];
      /** As both sides will have it once the counterpart is there. */
      readonly verdict: Verdict;
    };

const NONE: CreationDecision = { is: 'none' };

/** The pair key of a record and the counterpart that is made for it. At most 80 characters for real ids. */
export function creationKey(source: RecordRef): PairKey {
  return `op-${source.crm}-${source.id}`.slice(0, 80);
}

/** What makes two intended creations the same: a refused one is left alone until something changes. */
export function creationIntent({ crm, fields }: Pick<PlannedCreation, 'crm' | 'fields'>): string {
  const lines = Object.entries(fields).map((entry) => JSON.stringify(entry));
  return `create ${crm} [${lines.sort().join()}]`;
}

/** Decides whether the other CRM gets a counterpart of this unpaired, living record. */
export function decideCreation(
  member: GroupMember,
  group: Pick<Group, 'hurdle' | 'refusals'>,
  context: ReconcileContext,
): CreationDecision {
  const { creation: rules, settings } = context;
  const to = settings.sides.find((crm) => crm !== member.crm);
  const of = to === undefined ? undefined : rules?.into[to];
  if (rules === undefined || to === undefined || of === undefined) return NONE;
  if (of === 'active' && context.classify(member).status !== 'active') return NONE;
  const note = hurdleNote(member, group.hurdle ?? null, to);
  if (note !== null) return { is: 'held', note };
  if (!rules.complete.has(to)) return { is: 'held', note: waitsForCompleteReading(to) };
  return composed(member, to, group, rules, context);
}

/** Signs that there is, or was, a counterpart: then none is made beside it. */
function hurdleNote(member: GroupMember, hurdle: Hurdle | null, to: Crm): Note | null {
  if (hurdle?.is === 'proposed') return maybePaired(to);
  if (hurdle?.is === 'ambiguous') return claimedByOthers(to);
  if (hurdle?.is === 'apart') return apartFrom(to);
  if (hurdle?.is === 'linked') return linkedElsewhere(to);
  if (member.linkedId !== null) return linkedElsewhere(to);
  if (member.pairKey !== null) return lostCounterpart(to);
  return hurdle?.is === 'duplicate' ? seemsDuplicate(member.crm) : null;
}

function composed(
  member: GroupMember,
  to: Crm,
  group: Pick<Group, 'refusals' | 'seen'>,
  rules: CreationRules,
  context: ReconcileContext,
): CreationDecision {
  const blank = nothingYet(member, to, context);
  const fields: Record<string, Value> = {};
  const agreed: Record<string, AgreedValues> = {};
  const remarks: Note[] = [];
  for (const [field, policy] of Object.entries(context.settings.fields)) {
    const value = context.isReadable(member.crm, field) ? member.fields[field] : undefined;
    if (value === undefined || isBlank(value)) continue;
    const copy = copyField(field, policy, member, blank, context);
    if (copy.is === 'value') {
      fields[field] = copy.value;
      agreed[field] = { [member.crm]: value, [to]: copy.value };
    } else if (copy.on === 'pair' || (field === 'owner' && rules.required(to).includes(field))) {
      return { is: 'held', note: copy.note };
    } else if (isRemark(copy.note)) remarks.push(copy.note);
    else return { is: 'refused', note: copy.note };
  }
  const missing = rules
    .required(to)
    .filter((field) => context.settings.fields[field] !== undefined || field !== 'owner')
    .filter((field) => fields[field] === undefined);
  if (missing.length > 0) return { is: 'held', note: missingForCreation(to, member.crm, missing) };

  const key = creationKey(member);
  const verdict = verdictOfBoth(member, blank, fields, context);
  const happened = happenedTo([member], group, verdict, context);
  const wanted = ownedValues(verdict, key, context.reasonText, undefined, happened);
  const owned: Record<string, Value> = {};
  for (const field of OWNED_FIELDS)
    if (wanted[field] !== null && context.hasOwned(to, field)) owned[field] = wanted[field];
  const creation: PlannedCreation = {
    crm: to,
    key,
    source: { crm: member.crm, id: member.id },
    name: member.fields['name'] ?? member.id,
    fields,
    owned,
    agreed,
  };
  const refusal = group.refusals.get(refKey(member));
  if (refusal?.unchanged === true && refusal.intent === creationIntent(creation))
    return { is: 'refused', note: refusal.note };
  return { is: 'planned', creation, remarks, verdict };
}

/** The counterpart before it is made: it holds nothing, and will be of the type new records are of. */
function nothingYet(member: GroupMember, crm: Crm, context: ReconcileContext): GroupMember {
  const type = context.newRecordTypes?.[crm];
  return {
    ...member,
    crm,
    id: '',
    fields: {},
    owned: {},
    evidence: type === undefined ? {} : { custom: { [RECORD_TYPE]: type } },
    pairKey: null,
    linkedId: null,
    absorbedIds: [],
  };
}

/** The verdict of the pair that is to be, so that both sides are told the same from the start. */
function verdictOfBoth(
  member: GroupMember,
  blank: GroupMember,
  fields: Fields,
  context: ReconcileContext,
): Verdict {
  const stage = context.stages.get(blank.crm)?.get(fields['stage'] ?? '');
  if (stage === undefined) return context.classify(member);
  const made = { ...blank, evidence: afterStage(blank.evidence, stage) };
  const [ofMember, ofMade] = shareEvidence(member, made, context.now, true);
  const own = {
    crm: member.crm,
    verdict: context.classify({ ...member, evidence: ofMember }),
    stageChangedAt: 0,
  };
  const theirs = {
    crm: made.crm,
    verdict: context.classify({ ...made, evidence: ofMade }),
    stageChangedAt: 1,
  };
  const [a, b] = member.crm < made.crm ? [own, theirs] : [theirs, own];
  return agreeVerdict(a, b, context.settings.statusAuthority, true);
}
