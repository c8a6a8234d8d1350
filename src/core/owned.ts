import { dayOf, daysBetween } from './calendar.ts';
import type { Happened } from './happened.ts';
import type { Crm, PairKey } from './ids.ts';
import { type Evidence, type Fields, OWNED_FIELDS, type OwnedField, type Value } from './opportunity.ts';
import type { FieldChange } from './plan.ts';
import type { Verdict } from './verdict.ts';

export interface OwnedContext {
  /** Which owned fields exist and may be written in a CRM. */
  readonly hasOwned: (crm: Crm, field: OwnedField) => boolean;
  /** The reason sentence as pushed into the CRM: at most 255 characters, never changing with the clock alone. */
  readonly reasonText: (verdict: Verdict) => string;
}

/** When a record was created and closed, for the length of its cycle. */
export interface Span {
  readonly createdAt: Evidence['createdAt'];
  readonly closeDate: Value | undefined;
}

const NO_SPAN: Span = { createdAt: null, closeDate: null };
const NOTHING_SEEN: Happened = { regressions: 0, pushes: 0, reopened: 0, lastContact: null };

/** Fields whose value is told by what was seen to happen, not by the verdict. */
const OBSERVED: ReadonlySet<OwnedField> = new Set(['regressions', 'pushes', 'reopened', 'lastContact']);

/** The values oppsync wants its own fields to hold for a verdict. `null` clears. */
export function ownedValues(
  verdict: Verdict,
  pairKey: PairKey | null,
  reasonText: (verdict: Verdict) => string,
  span: Span = NO_SPAN,
  happened: Happened = NOTHING_SEEN,
): Readonly<Record<OwnedField, Value>> {
  return {
    status: verdict.status,
    outcome: verdict.outcome,
    phase: verdict.phase,
    engagement: verdict.status === 'active' ? verdict.engagement.state : null,
    reason: reasonText(verdict),
    completeness: completenessText(verdict),
    cycleDays: cycleText(verdict, span),
    regressions: String(happened.regressions),
    pushes: String(happened.pushes),
    reopened: String(happened.reopened),
    lastContact: happened.lastContact,
    pairKey,
  };
}

/** Which proofs there are, in fixed English words (machine values do not change with the locale); null when none is evidenced. */
function completenessText({ completeness }: Verdict): Value {
  const proofs = Object.entries(completeness);
  if (proofs.every(([, seen]) => seen === null)) return null;
  return proofs
    .map(([name, seen]) => `${name} ${seen === null ? 'unknown' : seen ? 'yes' : 'no'}`)
    .join(', ');
}

/** Whole days from the day of creation (UTC) to the close date of a closed one; null when one of them is not known. */
function cycleText(verdict: Verdict, { createdAt, closeDate }: Span): Value {
  if (verdict.status !== 'closed' || typeof createdAt !== 'number' || typeof closeDate !== 'string')
    return null;
  const days = daysBetween(dayOf(createdAt, 'UTC'), closeDate);
  // A record imported after it was closed has no cycle that says anything.
  return days >= 0 ? String(days) : null;
}

/**
 * What has to be written into the owned fields of a record. A field that the record did not show (not provisioned, not
 * permitted) is left alone. `planned` is what else is about to be written into it. An unpaired record keeps the pair key it has: it may be the only trace of a lost pair.
 */
export function ownedChanges(
  member: {
    readonly crm: Crm;
    readonly owned: Readonly<Record<string, Value>>;
    readonly fields?: Fields;
    readonly evidence?: Evidence;
  },
  verdict: Verdict,
  pairKey: PairKey | null,
  context: OwnedContext,
  planned: readonly FieldChange[] = [],
  happened: Happened = NOTHING_SEEN,
): FieldChange[] {
  const closeDate = planned.find(({ field }) => field === 'closeDate')?.after ?? member.fields?.['closeDate'];
  const span = { createdAt: member.evidence?.createdAt, closeDate };
  const wanted = ownedValues(verdict, pairKey, context.reasonText, span, happened);
  const changes: FieldChange[] = [];
  for (const field of OWNED_FIELDS) {
    const before = member.owned[field];
    if (before === undefined || !context.hasOwned(member.crm, field)) continue;
    if (field === 'pairKey' && pairKey === null) continue;
    const after = wanted[field];
    if ((before ?? '') === (after ?? '')) continue;
    changes.push({
      field,
      owned: true,
      before,
      after,
      reason: field === 'pairKey' ? 'pair_key' : OBSERVED.has(field) ? 'observed' : 'classified',
      from: null,
      was: null,
    });
  }
  return changes;
}
