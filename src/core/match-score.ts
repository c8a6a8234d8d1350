/**
 * How likely two records are the same deal, after Fellegi and Sunter: every fact adds the logarithm of how much more often
 * it holds for the same deal than for two strangers. What agrees counts by its rarity in the records at hand (a rare
 * company name, an odd amount); what differs by fixed weights set by judgement, checked on generated portfolios in
 * several styles. Facts that cannot be true of one deal (another year in the name, an amount far off) also bar `certain`.
 */
import { type AmountRelation, relateAmounts } from './match-amount.ts';
import type { Corpus, Prepared } from './match-corpus.ts';
import type { MatchFact, Part } from './match-facts.ts';
import { weighName } from './match-score-name.ts';

export interface Weighing {
  /** Logarithm to base 2 of the odds that the two are one deal. */
  readonly bits: number;
  /** Something speaks against it that only a person can settle. */
  readonly doubtful: boolean;
  /** The names alone leave no doubt that the same thing is meant. */
  readonly named: boolean;
}

/** Compares records of one corpus. Both functions are symmetric: the order of their arguments changes nothing. */
export interface Scorer {
  /** What speaks for and against; far below any threshold it may be a bound instead of the exact number. */
  weigh(x: Prepared, y: Prepared): Weighing;
  explain(x: Prepared, y: Prepared): readonly MatchFact[];
}

/** In a small portfolio a word looks rarer than it is; no portfolio is taken to be smaller than this. */
const LEAST_SIZE = 1000;
/** What a name alone can say at most, above the bits needed to find one record among all. */
const NAME_BONUS = 2;
/** Records that no name could bring together any more: their names are not compared. */
const HOPELESS = -4;

export function scorer(corpus: Corpus): Scorer {
  const [a, b] = corpus.sides;
  const prior = -Math.log2(Math.max(a.records.length, b.records.length, LEAST_SIZE));
  const weigh = (x: Prepared, y: Prepared, facts: MatchFact[] | null): Weighing => {
    // In one order always, so that not even rounding depends on which side a record is on.
    const [p, q] = x.id <= y.id ? [x, y] : [y, x];
    const most = NAME_BONUS - prior;
    const early = facts === null ? null : weighName(p, q, corpus, most, facts);
    const amount = weighAmount(p, q, facts);
    const date = weighDate(p, q, facts);
    const rest = weighRest(p, q, facts);
    const others = amount.bits + date.bits + rest.bits;
    if (early === null && others < HOPELESS)
      return { bits: others + NAME_BONUS, doubtful: true, named: false };
    const name = early ?? weighName(p, q, corpus, most, null);
    // With tax on one side only the date has to agree too.
    const backed = amount.backs ? date.backs || !amount.needsDate : date.backs;
    const doubtful = name.doubt || amount.doubt || date.doubt || rest.doubt || !backed;
    return { bits: prior + name.bits + others, doubtful, named: !name.doubt };
  };
  return {
    weigh: (x, y) => weigh(x, y, null),
    explain(x, y) {
      const facts: MatchFact[] = [];
      weigh(x, y, facts);
      return facts;
    },
  };
}

function weighAmount(
  x: Prepared,
  y: Prepared,
  facts: MatchFact[] | null,
): Part & { readonly backs: boolean; readonly needsDate: boolean } {
  const none = { doubt: false, backs: false, needsDate: false };
  if (x.amounts.length === 0 || y.amounts.length === 0) return { bits: 0, ...none };
  const relation = bestRelation(x.amounts, y.amounts);
  const otherCurrency = x.currency !== null && y.currency !== null && x.currency !== y.currency;
  if (otherCurrency) {
    facts?.push({ code: 'currency_differs', what: [x.currency, y.currency].sort().join(' / ') });
    return { bits: relation.is === 'equal' ? 1.5 : -1, ...none, doubt: true };
  }
  const rarity = clamp(Math.min(x.rarity.amount, y.rarity.amount) - 0.6, 1, 9);
  switch (relation.is) {
    case 'equal':
      facts?.push({ code: 'amount_same' });
      return { bits: rarity, doubt: false, backs: rarity >= 3, needsDate: false };
    case 'tax':
      facts?.push({ code: 'amount_tax', n: relation.percent });
      return { bits: Math.min(4, rarity - 2), doubt: false, backs: true, needsDate: true };
    case 'rounded':
      facts?.push({ code: 'amount_rounded' });
      return { bits: 2.5, doubt: false, backs: true, needsDate: true };
    case 'unit':
      facts?.push({ code: 'amount_unit' });
      return { bits: 1, ...none, needsDate: true };
    case 'apart': {
      const near = relation.percent <= 12;
      facts?.push({ code: near ? 'amount_near' : 'amount_differs', n: relation.percent });
      return { bits: near ? -2 : relation.percent <= 60 ? -3.5 : -5, ...none, doubt: true };
    }
  }
}

const RELATION_RANK: Readonly<Record<AmountRelation['is'], number>> = {
  equal: 0,
  tax: 1,
  rounded: 2,
  unit: 3,
  apart: 4,
};

function bestRelation(x: readonly number[], y: readonly number[]): AmountRelation {
  let best = relateAmounts(x[0] ?? 0, y[0] ?? 0);
  for (const one of x)
    for (const other of y) {
      const relation = relateAmounts(one, other);
      if (RELATION_RANK[relation.is] < RELATION_RANK[best.is]) best = relation;
    }
  return best;
}

function weighDate(x: Prepared, y: Prepared, facts: MatchFact[] | null): Part & { readonly backs: boolean } {
  if (x.closeDay === null || y.closeDay === null) return { bits: 0, doubt: false, backs: false };
  const days = Math.abs(x.closeDay - y.closeDay);
  if (days === 0) {
    // Many deals close on the last day of a quarter; that says less.
    const bits = clamp(x.rarity.closeDay - 1.3, 1, 6);
    facts?.push({ code: 'date_same' });
    return { bits, doubt: false, backs: bits >= 3 };
  }
  facts?.push({ code: days <= 60 ? 'date_near' : 'date_far', n: days });
  for (const [limit, bits] of DATE_BITS)
    if (days <= limit) return { bits, doubt: days > 60, backs: days <= 21 };
  return { bits: -7, doubt: true, backs: false };
}

/** Weight of close dates up to so many days apart. */
const DATE_BITS: readonly (readonly [days: number, bits: number])[] = [
  [3, 4.5],
  [7, 3.5],
  [14, 2.5],
  [31, 1],
  [60, -0.5],
  [120, -2.5],
  [300, -5],
];

function weighRest(x: Prepared, y: Prepared, facts: MatchFact[] | null): Part {
  let bits = 0;
  let doubt = false;
  if (x.owner !== null && y.owner !== null) {
    if (x.owner === y.owner) {
      bits += clamp(x.rarity.owner - 0.3, 0.3, 4);
      facts?.push({ code: 'owner_same' });
    } else if (x.ownerName === y.ownerName) bits += 1;
    else {
      bits -= 1.5;
      facts?.push({ code: 'owner_differs' });
    }
  }
  if (x.createdDay !== null && y.createdDay !== null) {
    const days = Math.abs(x.createdDay - y.createdDay);
    if (days <= 1) {
      // After an import thousands of records were created on one day.
      bits += clamp(Math.min(x.rarity.createdDay, y.rarity.createdDay) - 1, 0, 4);
      facts?.push({ code: 'created_same' });
    } else if (days <= 7) bits += 0.7;
    else if (days > 540) bits -= 1;
  }
  if (x.standing !== null && y.standing !== null && x.standing !== y.standing) {
    const contrary = x.standing !== 'open' && y.standing !== 'open';
    bits -= contrary ? 2 : 0.5;
    doubt = contrary;
    facts?.push({ code: 'standing_differs' });
  }
  return { bits, doubt };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
