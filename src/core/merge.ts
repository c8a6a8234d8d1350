import { isBlank, sameValue } from './compare.ts';
import type { Crm, EpochMs } from './ids.ts';
import type { FieldKind, Value } from './opportunity.ts';
import type { FieldPolicy, SyncSettings } from './settings.ts';

/** What each CRM held when both last agreed on a field: the ancestor of the three-way merge. */
export type AgreedValues = Readonly<Record<Crm, Value>>;

export interface MergeSide {
  readonly crm: Crm;
  /** undefined = not read: never to be taken for a blank. */
  readonly value: Value | undefined;
  /** The CRM set it itself, and nobody entered it: it never counts as an edit ({@link ./close-date-guard.ts}). */
  readonly setByCrm?: boolean;
  /** It was edited since the last agreement and is back at what was agreed: that counts as an edit all the same. */
  readonly editedBack?: boolean;
  /** When the record last changed, by the CRM's clock corrected to ours. Epoch ms. */
  readonly changedAt: EpochMs;
}

export type MergeReason = 'copied' | 'initial' | 'filled' | 'policy';

export type MergeDecision =
  /** Nothing to write. `agreed` is what both now hold; it becomes the base when it differs from it. */
  | { readonly is: 'equal'; readonly agreed: AgreedValues }
  | { readonly is: 'copy'; readonly from: Crm; readonly to: Crm; readonly reason: MergeReason }
  | { readonly is: 'conflict' }
  /** They differ by a CRM's own doing, and nobody edited: both stay as they are. */
  | { readonly is: 'left'; readonly by: Crm }
  /** One side was not read (permission, unknown property): leave both alone. */
  | { readonly is: 'absent'; readonly missing: readonly Crm[] }
  /** A side was blanked and the policy says that a blank is not a value. */
  | { readonly is: 'blank_ignored'; readonly blank: Crm };

export interface MergeRules {
  readonly policy: FieldPolicy;
  readonly initial: SyncSettings['initial'];
  readonly tieMarginMs: number;
  /** Equality across the two CRMs, when it is not plain equality of the kind (stages). */
  readonly equal?: (a: MergeSide, b: MergeSide) => boolean;
  /** How far along a value is, for `max_progress`. */
  readonly progress?: (side: MergeSide) => number;
}

/**
 * Three-way merge of one field (design section 7). Symmetric: swapping the sides gives the mirrored decision.
 * `base` undefined means the sides never agreed (first run, or a base lost): equal values are adopted, different ones
 * follow `initial`.
 */
export function mergeField(
  a: MergeSide,
  b: MergeSide,
  base: AgreedValues | undefined,
  rules: MergeRules,
): MergeDecision {
  const missing = [a, b].filter((side) => side.value === undefined).map((side) => side.crm);
  if (missing.length > 0) return { is: 'absent', missing };
  const valueA = a.value as Value;
  const valueB = b.value as Value;
  const kind = rules.policy.kind;
  const equal =
    rules.equal !== undefined && !isBlank(valueA) && !isBlank(valueB)
      ? rules.equal(a, b)
      : sameValue(kind, valueA, valueB);
  if (equal) return { is: 'equal', agreed: { [a.crm]: valueA, [b.crm]: valueB } };

  const movedA = moved(kind, a, base);
  const movedB = moved(kind, b, base);
  const rewritten = [a, b].find((side) => side.setByCrm === true);
  if (rewritten !== undefined && !movedA && !movedB) return { is: 'left', by: rewritten.crm };
  if (movedA !== movedB) return carry(movedA ? a : b, movedA ? b : a, rules);
  // Both moved apart, or neither has a base, or neither moved and yet they differ (a map or a setting changed).
  return decide(a, b, base === undefined, rules);
}

/** Has this side moved since the last agreement? Without a base nothing can be said, so both count as moved. */
function moved(kind: FieldKind, side: MergeSide, base: AgreedValues | undefined): boolean {
  if (side.setByCrm === true) return false;
  if (side.editedBack === true) return true;
  const before = base?.[side.crm];
  return before === undefined || !sameValue(kind, before, side.value ?? null);
}

/** One side moved: its value goes to the other, unless it was blanked and blanks do not travel. */
function carry(from: MergeSide, to: MergeSide, rules: MergeRules): MergeDecision {
  if (isBlank(from.value ?? null) && rules.policy.blank === 'ignore')
    return { is: 'blank_ignored', blank: from.crm };
  return { is: 'copy', from: from.crm, to: to.crm, reason: 'copied' };
}

function decide(a: MergeSide, b: MergeSide, first: boolean, rules: MergeRules): MergeDecision {
  const blankA = isBlank(a.value ?? null);
  const blankB = isBlank(b.value ?? null);
  const choice = first ? rules.initial : rules.policy.policy;
  if (blankA !== blankB && (rules.policy.blank === 'ignore' || choice === 'non_blank')) {
    const [from, to] = blankA ? [b, a] : [a, b];
    return { is: 'copy', from: from.crm, to: to.crm, reason: 'filled' };
  }
  const winner = winnerBy(choice, a, b, rules);
  if (winner === null) return { is: 'conflict' };
  const loser = winner === a ? b : a;
  return { is: 'copy', from: winner.crm, to: loser.crm, reason: first ? 'initial' : 'policy' };
}

/** The side a choice names; null when it names none, so that a person has to. */
function winnerBy(choice: string, a: MergeSide, b: MergeSide, rules: MergeRules): MergeSide | null {
  if (choice === a.crm) return a;
  if (choice === b.crm) return b;
  if (choice === 'newest') {
    const gap = a.changedAt - b.changedAt;
    return Math.abs(gap) <= rules.tieMarginMs ? null : gap > 0 ? a : b;
  }
  if (choice === 'max_progress' && rules.progress !== undefined) {
    const gap = rules.progress(a) - rules.progress(b);
    return gap === 0 || Number.isNaN(gap) ? null : gap > 0 ? a : b;
  }
  return null;
}
