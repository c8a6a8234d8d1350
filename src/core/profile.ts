/** A profile says when a sale is truly closed: the rules that refine what the CRM says (design section 6). */
import type { EngagementThresholds } from './engagement.ts';
import type { Condition, VariableType } from './rules.ts';
import type { Texts } from './sentence-locale.ts';
import type { Outcome, Phase } from './verdict.ts';

/** What to do with a won opportunity when a required proof is neither there nor denied. */
export type WhenMissing = 'trust-crm' | 'hold' | 'review';

/** One proof of completeness. `accepted`, `contract` and `finance` are reported in the verdict; other names are allowed. */
export interface Criterion {
  readonly name: string;
  /** Required for a won opportunity to count as closed. Otherwise it is only reported. */
  readonly required: boolean;
  readonly when: Condition;
  readonly describe: Texts;
}

/** What a rule does when its condition holds. */
export interface RuleEffect {
  /** Sets the phase of an active opportunity. The first rule that sets one wins. */
  readonly phase: Phase | null;
  /** Says how it ended. A rule may close as lost or cancelled; it never makes anything won. */
  readonly outcome: Exclude<Outcome, 'won'> | null;
  readonly flag: string | null;
}

export interface Rule {
  readonly id: string;
  readonly when: Condition;
  readonly effect: RuleEffect;
  readonly describe: Texts;
}

/** A profile, checked and compiled. */
export interface Profile {
  readonly name: string;
  readonly describe: Texts;
  readonly engagement: EngagementThresholds;
  readonly whenMissing: WhenMissing;
  /** Evidence fields of the team's own, with their types. */
  readonly evidence: Readonly<Record<string, VariableType>>;
  readonly criteria: readonly Criterion[];
  readonly rules: readonly Rule[];
}
