/** What scoring finds out about two records, as codes; the words are in match-sentences.ts. */

/** One fact that was weighed. `n` is days, per cent or another quantity of its code. */
export interface MatchFact {
  readonly code: MatchCode;
  readonly n?: number;
  readonly what?: string;
}

export type MatchCode =
  | 'name_same'
  | 'name_alike'
  | 'name_partly'
  | 'name_other'
  | 'name_numbers_differ'
  | 'name_number_missing'
  | 'name_words_differ'
  | 'name_words_missing'
  | 'amount_same'
  | 'amount_tax'
  | 'amount_rounded'
  | 'amount_unit'
  | 'amount_near'
  | 'amount_differs'
  | 'currency_differs'
  | 'date_same'
  | 'date_near'
  | 'date_far'
  | 'owner_same'
  | 'owner_differs'
  | 'created_same'
  | 'standing_differs'
  /** What the assignment and people's decisions add. */
  | 'rival'
  | 'duplicate'
  | 'uncoupled'
  /** Why a pair stands that no score had to find. */
  | 'own_key'
  | 'linked'
  | 'accepted'
  | 'apart';

/** What one kind of fact adds. */
export interface Part {
  readonly bits: number;
  readonly doubt: boolean;
}
