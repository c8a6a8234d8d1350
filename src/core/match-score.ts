/**
 * How likely two records are the same deal, after Fellegi and Sunter: every fact adds the logarithm of how much more often
 * it holds for the same deal than for two strangers. What agrees counts by its rarity in the records at hand (a rare
 * company name, an odd amount); what differs by fixed weights set by judgement, checked on generated portfolios in
 * several styles. Facts that cannot be true of one deal (another year in the name, an amount far off) also bar `certain`.
 */
import { type AmountRelation, relateAmounts } from './match-amount.ts';
import type { Corpus, Prepared } from './match-corpus.ts';
import { wordsAlike } from './match-words-alike.ts';

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
/** A spelling met less often than once in so many is taken for a slip of the other. */
const SLIP_SHARE = 50;
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

interface Part {
  readonly bits: number;
  readonly doubt: boolean;
}

function weighName(x: Prepared, y: Prepared, corpus: Corpus, most: number, facts: MatchFact[] | null): Part {
  if (x.words.length + x.numbers.length === 0 || y.words.length + y.numbers.length === 0)
    return { bits: 0, doubt: true };
  const { shared, onlyX, onlyY, typos } = compareWords(x, y, corpus);
  const swapped = Math.min(onlyX, onlyY);
  const added = Math.max(onlyX, onlyY) - swapped;
  const numbers = compareNumbers(x, y);
  const bits =
    Math.min(shared + numbers.shared, most) -
    Math.min(8, swapped) -
    Math.min(4, 0.4 * added) -
    (numbers.differ ? 6 : numbers.missing ? 2 : 0);
  const whole = swapped < 0.5 && added < 0.5;
  if (shared < 2) facts?.push({ code: 'name_other' });
  else if (whole && !numbers.differ && !numbers.missing)
    facts?.push({ code: typos ? 'name_alike' : 'name_same' });
  else facts?.push({ code: shared >= 3 * (swapped + added) ? 'name_alike' : 'name_partly' });
  if (numbers.differ)
    facts?.push({
      code: 'name_numbers_differ',
      what: [x.numbers.join(' '), y.numbers.join(' ')].sort().join(' / '),
    });
  else if (numbers.missing) facts?.push({ code: 'name_number_missing' });
  if (swapped >= 2) facts?.push({ code: 'name_words_differ' });
  else if (added >= 2) facts?.push({ code: 'name_words_missing' });
  return {
    bits,
    // A word more in one of the names is often a branch, a site or a second product: somebody should look.
    doubt: numbers.differ || numbers.serial || swapped >= 2 || added >= 2 || shared < 4,
  };
}

interface SharedWords {
  /** Bits of what both names say. */
  readonly shared: number;
  readonly onlyX: number;
  readonly onlyY: number;
  readonly typos: boolean;
}

function compareWords(x: Prepared, y: Prepared, corpus: Corpus): SharedWords {
  const { wordBits, words } = corpus;
  const bitsOf = (word: number): number => wordBits[word] ?? 0;
  let shared = 0;
  let typos = false;
  let restX: number[] = [];
  let restY: number[] = [];
  for (const word of x.words) {
    if (y.words.includes(word)) shared += bitsOf(word);
    else restX.push(word);
  }
  for (const word of y.words) if (!x.words.includes(word)) restY.push(word);

  // The company may stand in one name and beside the other.
  const beside = (rest: number[], company: readonly number[]): number[] =>
    rest.filter((word) => {
      if (!company.includes(word)) return true;
      shared += bitsOf(word);
      return false;
    });
  if (y.company.length > 0) restX = beside(restX, y.company);
  if (x.company.length > 0) restY = beside(restY, x.company);

  while (restX.length > 0 && restY.length > 0) {
    let best = 0;
    let [atX, atY] = [0, 0];
    for (const [i, one] of restX.entries()) {
      for (const [j, other] of restY.entries()) {
        const left = words[one];
        const right = words[other];
        if (left === undefined || right === undefined) continue;
        // Two words that many records hold are two words, however alike they look; a slip is rare beside its word.
        const [rarer, commoner] = [Math.min(left.count, right.count), Math.max(left.count, right.count)];
        const known = rarer > 3 && rarer * SLIP_SHARE > commoner;
        const alike = wordsAlike(left.text, left.mask, right.text, right.mask) * (known ? 0.3 : 1);
        if (alike > best) [best, atX, atY] = [alike, i, j];
      }
    }
    if (best < 0.5) break;
    shared += best * Math.min(bitsOf(restX[atX] ?? 0), bitsOf(restY[atY] ?? 0));
    typos = true;
    restX = restX.filter((_, i) => i !== atX);
    restY = restY.filter((_, j) => j !== atY);
  }
  if (restX.length > 0 && restY.length > 0 && joinedAlike(restX, restY, corpus)) {
    shared += Math.min(sum(restX, bitsOf), sum(restY, bitsOf));
    [restX, restY, typos] = [[], [], true];
  }
  return { shared, onlyX: sum(restX, bitsOf), onlyY: sum(restY, bitsOf), typos };
}

/** `Data Center` and `Datacenter`, and words of scripts that leave no space between them. */
function joinedAlike(x: readonly number[], y: readonly number[], corpus: Corpus): boolean {
  if (x.length === y.length && x.length === 1) return false;
  if (x.length > 3 || y.length > 3) return false;
  const text = (list: readonly number[]): string[] => list.map((word) => corpus.words[word]?.text ?? '');
  const [few, many] = x.length <= y.length ? [text(x), text(y)] : [text(y), text(x)];
  if (few.length !== 1) return false;
  const [whole = ''] = few;
  return (
    many.reduce((length, part) => length + part.length, 0) === whole.length &&
    many.every((part) => whole.includes(part))
  );
}

function compareNumbers(x: Prepared, y: Prepared) {
  const same = (one: string, other: string): boolean =>
    one === other ||
    (one.length === 2 && other === `20${one}`) ||
    (other.length === 2 && one === `20${other}`);
  const onlyX = x.numbers.filter((one) => !y.numbers.some((other) => same(one, other)));
  const onlyY = y.numbers.filter((one) => !x.numbers.some((other) => same(one, other)));
  const left = [...onlyX, ...onlyY];
  return {
    shared: x.numbers.length - onlyX.length > 0 ? 1.5 : 0,
    differ: onlyX.length > 0 && onlyY.length > 0,
    missing: left.length > 0,
    /** A number that is no year tells the second order from the first. */
    serial: left.some((number) => !isYear(number)),
  };
}

function isYear(number: string): boolean {
  return /^(19|20)\d\d$/.test(number);
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

function sum(list: readonly number[], of: (item: number) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
