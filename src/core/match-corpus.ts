import type { Crm, EpochMs, PlainDate, RecordId } from './ids.ts';
import { amountReadings } from './match-amount.ts';
import { nameParts } from './match-name.ts';
import { letterMask } from './match-words-alike.ts';
import type { Value } from './opportunity.ts';

/** What scoring needs of a record; nothing else of it is loaded. Absent facts are null and count neither way. */
export interface MatchRecord {
  readonly id: RecordId;
  readonly name: Value;
  /** The company's name, where the CRM tells it with the record. */
  readonly account: string | null;
  readonly amount: Value;
  readonly currency: Value;
  readonly closeDate: PlainDate | null;
  readonly createdAt: EpochMs | null;
  /** E-mail address. */
  readonly owner: Value;
  readonly standing: 'open' | 'won' | 'lost' | null;
}

/** A record ready to be compared: numbers instead of texts. */
export interface Prepared {
  readonly id: RecordId;
  /** Words of the name, as indexes into {@link Corpus.words}. */
  readonly words: readonly number[];
  readonly numbers: readonly string[];
  /** Words of the company that are not in the name. */
  readonly company: readonly number[];
  readonly amounts: readonly number[];
  readonly currency: string | null;
  /** Days since 1970-01-01; null when not known. */
  readonly closeDay: number | null;
  readonly createdDay: number | null;
  readonly owner: string | null;
  /** The owner's address up to the @. */
  readonly ownerName: string | null;
  readonly standing: MatchRecord['standing'];
  /** Bits of information in sharing the amount, the close day, the day of creation, the owner: by their rarity. */
  readonly rarity: Rarity;
}

export interface Rarity {
  amount: number;
  closeDay: number;
  createdDay: number;
  owner: number;
}

export interface Word {
  readonly text: string;
  readonly mask: number;
  /** Records of both sides that hold it. */
  count: number;
}

/** Two lists of records with what is common and what is rare among them. */
export interface Corpus {
  readonly sides: readonly [Side, Side];
  readonly words: readonly Word[];
  /** Bits of information in meeting this word in two records. */
  readonly wordBits: Float64Array;
  readonly size: number;
}

export interface Side {
  readonly crm: Crm;
  /** By id, so that the order of reading changes nothing. */
  readonly records: readonly Prepared[];
}

const DAY = 86_400_000;
const LEAST_WORD_BITS = 0.3;
const MOST_WORD_BITS = 12;
/** What is met in no other record at all is taken to be this rare, however few records there are. */
const UNSEEN = 200;

/** A corpus under construction: records may come in any order and in portions. */
export interface CorpusBuilder {
  add(side: 0 | 1, record: MatchRecord): void;
  finish(): Corpus;
}

export function corpusBuilder(sides: readonly [Crm, Crm]): CorpusBuilder {
  const index = new Map<string, number>();
  const words: Word[] = [];
  const lists: [Prepared[], Prepared[]] = [[], []];
  const amountCounts = new Map<number, number>();
  const closeDayCounts = new Map<number, number>();
  const createdDayCounts = new Map<number, number>();
  const ownerCounts = new Map<string, number>();

  const wordIndex = (text: string): number => {
    const known = index.get(text);
    if (known !== undefined) return known;
    index.set(text, words.length);
    words.push({ text, mask: letterMask(text), count: 0 });
    return words.length - 1;
  };
  const add: CorpusBuilder['add'] = (side, record) => {
    const prepared = prepare(record, wordIndex);
    for (const word of prepared.words) (words[word] as Word).count++;
    const [amount] = prepared.amounts;
    if (amount !== undefined) bump(amountCounts, amount);
    if (prepared.closeDay !== null) bump(closeDayCounts, prepared.closeDay);
    if (prepared.createdDay !== null) bump(createdDayCounts, prepared.createdDay);
    if (prepared.owner !== null) bump(ownerCounts, prepared.owner);
    lists[side].push(prepared);
  };
  const finish = (): Corpus => {
    const size = lists[0].length + lists[1].length;
    for (const list of lists) list.sort((x, y) => (x.id < y.id ? -1 : x.id > y.id ? 1 : 0));
    const bits = (count: number | undefined): number => rarityBits(count ?? 0, size);
    const wordBits = Float64Array.from(words, ({ count }) =>
      Math.min(MOST_WORD_BITS, Math.max(LEAST_WORD_BITS, bits(count))),
    );
    for (const record of lists.flat()) {
      const { rarity, amounts, closeDay, createdDay, owner } = record;
      rarity.amount = bits(amountCounts.get(amounts[0] ?? Number.NaN));
      rarity.closeDay = bits(closeDayCounts.get(closeDay ?? Number.NaN));
      rarity.createdDay = bits(createdDayCounts.get(createdDay ?? Number.NaN));
      rarity.owner = bits(ownerCounts.get(owner ?? ''));
    }
    return {
      sides: [
        { crm: sides[0], records: lists[0] },
        { crm: sides[1], records: lists[1] },
      ],
      ...{ words, wordBits, size },
    };
  };
  return { add, finish };
}

function prepare(record: MatchRecord, wordIndex: (text: string) => number): Prepared {
  const name = nameParts(record.name ?? '');
  const owner = record.owner === null || record.owner === '' ? null : record.owner.toLowerCase();
  const company = record.account === null ? [] : nameParts(record.account).words;
  return {
    id: record.id,
    words: name.words.map(wordIndex),
    numbers: name.numbers,
    company: company.filter((word) => !name.words.includes(word)).map(wordIndex),
    amounts: record.amount === null ? [] : amountReadings(record.amount),
    currency: record.currency === null ? null : record.currency.toUpperCase(),
    closeDay: dayOf(record.closeDate),
    createdDay: record.createdAt === null ? null : Math.floor(record.createdAt / DAY),
    owner,
    ownerName: owner === null ? null : (owner.split('@')[0] ?? owner),
    standing: record.standing,
    rarity: { amount: 0, closeDay: 0, createdDay: 0, owner: 0 },
  };
}

/**
 * Bits of information in two records sharing what `count` records of `size` hold: how rare it is among the others. The two
 * themselves do not count, otherwise nothing would be rare in a small portfolio.
 */
function rarityBits(count: number, size: number): number {
  const others = count - 2;
  return others > 0 ? Math.log2((size - 2) / others) : Math.log2(size + UNSEEN);
}

function dayOf(date: PlainDate | null): number | null {
  const at = date === null ? Number.NaN : Date.parse(date.slice(0, 10));
  return Number.isNaN(at) ? null : Math.floor(at / DAY);
}

function bump<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
