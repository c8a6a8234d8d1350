import type { Crm, RecordId, RecordRef, SyncName } from './ids.ts';
import type { MatchFact } from './match-facts.ts';

/** How two records stand to each other: paired already, proposed, or kept apart. */
export const PAIR_BANDS = ['adopted', 'accepted', 'certain', 'ask', 'ambiguous', 'apart'] as const;
export type PairBand = (typeof PAIR_BANDS)[number];

export interface ReportedPair {
  readonly ids: Readonly<Record<Crm, RecordId>>;
  readonly names: Readonly<Record<Crm, string>>;
  readonly band: PairBand;
  /** Probability that they are one deal; 1 for pairs that are made, 0 for records kept apart. */
  readonly score: number;
  readonly facts: readonly MatchFact[];
}

/** Everything pairing knows of a sync (design section 10, `pair --json`). */
export interface PairingReport {
  readonly sync: SyncName;
  readonly sides: readonly [Crm, Crm];
  /** Records that exist, paired or not. */
  readonly records: Readonly<Record<Crm, number>>;
  /** Proposals first, the likeliest first; then pairs that are made, then records kept apart. */
  readonly pairs: readonly ReportedPair[];
  /** Neither paired nor proposed, and no duplicate of such a record. */
  readonly orphans: Readonly<Record<Crm, readonly RecordId[]>>;
  readonly duplicates: Readonly<Record<Crm, readonly (readonly RecordId[])[]>>;
}

/** What deciding about pairs has done. */
export interface DecidedPairs {
  /** Names the decision, so that it can be undone as a whole. */
  readonly batch: string;
  readonly decided: number;
  /** Left as they were, each with why: paired otherwise, gone, or decided so already. */
  readonly skipped: readonly { readonly refs: readonly RecordRef[]; readonly reason: SkipReason }[];
}

export type SkipReason = 'already' | 'paired' | 'gone' | 'same_crm' | 'unknown' | 'nothing';
