/** What people decide about two records, and what each decision allows. Pure. */
import type { EpochMs, PairKey, RecordRef } from './ids.ts';
import { refKey } from './ids.ts';
import type { AgreedValues } from './merge.ts';

/**
 * - `accepted`: they are one deal. - `rejected`: not proposed by score again; keys and links still count.
 * - `apart`: never paired, whatever keys and links say.
 * - `uncoupled`: an accepted pair was taken back; our own keys, still in both records, do not bring it back.
 */
export type PairDecision = 'accepted' | 'rejected' | 'apart' | 'uncoupled';

/** A pair that a decision ended, kept so that undoing brings it back with everything agreed on. */
export interface DissolvedPair {
  readonly key: PairKey;
  readonly how: string;
  readonly base: Readonly<Record<string, AgreedValues>>;
}

export interface StandingDecision {
  readonly id: string;
  /** Decisions made by one command. */
  readonly batch: string;
  /** In the order of {@link inOrder}. */
  readonly refs: readonly [RecordRef, RecordRef];
  readonly decision: PairDecision;
  readonly dissolved: DissolvedPair | null;
  readonly by: string;
  readonly at: EpochMs;
}

/** Two records in the order of their CRMs' names, so that a decision does not depend on which side is named first. */
export function inOrder(x: RecordRef, y: RecordRef): readonly [RecordRef, RecordRef] {
  const [first, second] = x.crm < y.crm || (x.crm === y.crm && x.id <= y.id) ? [x, y] : [y, x];
  return [
    { crm: first.crm, id: first.id },
    { crm: second.crm, id: second.id },
  ];
}

/** One text for two records, whichever comes first. */
export function pairOfRefs(x: RecordRef, y: RecordRef): string {
  const [first, second] = inOrder(x, y);
  return `${refKey(first)} ${refKey(second)}`;
}

/** Looks decisions up by the two records they are about. */
export class DecisionBook {
  readonly #byPair = new Map<string, PairDecision>();

  constructor(standing: readonly Pick<StandingDecision, 'refs' | 'decision'>[]) {
    for (const { refs, decision } of standing) this.#byPair.set(pairOfRefs(...refs), decision);
  }

  about(x: RecordRef, y: RecordRef): PairDecision | null {
    return this.#byPair.size === 0 ? null : (this.#byPair.get(pairOfRefs(x, y)) ?? null);
  }

  /** May our own keys, or a link of another connector, pair these two? */
  bars(x: RecordRef, y: RecordRef, how: 'key' | 'adopted'): boolean {
    const decision = this.about(x, y);
    return decision === 'apart' || (decision === 'uncoupled' && how === 'key');
  }

  /** What scoring may do with these two. */
  forScore(x: RecordRef, y: RecordRef): 'never' | 'ask' | null {
    const decision = this.about(x, y);
    if (decision === 'apart' || decision === 'rejected') return 'never';
    return decision === 'uncoupled' ? 'ask' : null;
  }
}
