/** How much the names of two records say for or against their being one deal. */
import type { Corpus, Prepared } from './match-corpus.ts';
import type { MatchFact, Part } from './match-facts.ts';
import { wordsAlike } from './match-words-alike.ts';

/** A spelling met less often than once in so many is taken for a slip of the other. */
const SLIP_SHARE = 50;

/** @param most bits a name can add at most */
export function weighName(
  x: Prepared,
  y: Prepared,
  corpus: Corpus,
  most: number,
  facts: MatchFact[] | null,
): Part {
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

function sum(list: readonly number[], of: (item: number) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
