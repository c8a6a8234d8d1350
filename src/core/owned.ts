import type { Crm, PairKey } from './ids.ts';
import { OWNED_FIELDS, type OwnedField, type Value } from './opportunity.ts';
import type { FieldChange } from './plan.ts';
import type { Verdict } from './verdict.ts';

export interface OwnedContext {
  /** Which owned fields exist and may be written in a CRM. */
  readonly hasOwned: (crm: Crm, field: OwnedField) => boolean;
  /** The reason sentence as pushed into the CRM: at most 255 characters, never changing with the clock alone. */
  readonly reasonText: (verdict: Verdict) => string;
}

/** The values oppsync wants its own fields to hold for a verdict. `null` clears. */
export function ownedValues(
  verdict: Verdict,
  pairKey: PairKey | null,
  reasonText: (verdict: Verdict) => string,
): Readonly<Record<OwnedField, Value>> {
  return {
    status: verdict.status,
    outcome: verdict.outcome,
    phase: verdict.phase,
    engagement: verdict.status === 'active' ? verdict.engagement.state : null,
    reason: reasonText(verdict),
    pairKey,
  };
}

/**
 * What has to be written into the owned fields of a record. A field that the record did not show (not provisioned, not
 * permitted) is left alone. An unpaired record keeps the pair key it has: it may be the only trace of a lost pair.
 */
export function ownedChanges(
  member: { readonly crm: Crm; readonly owned: Readonly<Record<string, Value>> },
  verdict: Verdict,
  pairKey: PairKey | null,
  context: OwnedContext,
): FieldChange[] {
  const wanted = ownedValues(verdict, pairKey, context.reasonText);
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
      reason: field === 'pairKey' ? 'pair_key' : 'classified',
      from: null,
      was: null,
    });
  }
  return changes;
}
