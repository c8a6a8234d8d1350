/**
 * Which records are compared at all. Every record is filed under several keys: its rare words, the ends of those (for
 * typos), pairs of its common words, its amount, most also together with the weeks around its close date. Only records
 * that meet under a small key are compared, so that the work grows with the number of records and not with its square.
 */
import type { Corpus, Prepared } from './match-corpus.ts';

/** A key under which more than this many records of a side stand tells nothing. */
const LARGEST_BLOCK = 64;
const BUCKET_DAYS = 30;
const MOST_RARE = 4;
const MOST_COMMON = 5;
/** 31 bits of key and 22 of record fit one exact double: four million records a side. */
const SPAN = 2 ** 22;

/** The records of one side under their keys: `key * SPAN + record`, ascending. */
export type Filing = Float64Array;

export function fileRecords(records: readonly Prepared[], corpus: Corpus): Filing {
  let filed = new Float64Array(Math.max(1024, records.length * 32));
  let used = 0;
  const own: number[] = [];
  for (const [at, record] of records.entries()) {
    own.length = 0;
    keysOf(record, corpus, own);
    if (used + own.length > filed.length) {
      const larger = new Float64Array(filed.length * 2);
      larger.set(filed);
      filed = larger;
    }
    for (const key of own) filed[used++] = key * SPAN + at;
  }
  return filed.subarray(0, used).sort();
}

/** For each record of a side the other side's records that it should be compared with, ascending. */
export interface Partners {
  of(record: number): readonly number[];
}

/**
 * Partners come from the smallest keys, until `most` are found. A key counts whole or not at all, because half of one
 * would depend on the order of the records.
 */
export function partnersIn(
  own: Filing,
  other: Filing,
  counts: readonly [number, number],
  most: number,
): Partners {
  const { offsets, starts, sizes } = meet(own, other, counts[0]);
  const seen = new Int32Array(counts[1]).fill(-1);
  return {
    of(record) {
      const [from, to] = [offsets[record] ?? 0, offsets[record + 1] ?? 0];
      const order: number[] = [];
      for (let at = from; at < to; at++) order.push((sizes[at] ?? 0) * 2 ** 32 + (starts[at] ?? 0));
      order.sort((x, y) => x - y);
      const found: number[] = [];
      for (const block of order) {
        const size = Math.floor(block / 2 ** 32);
        const start = block % 2 ** 32;
        if (found.length > 0 && found.length + size > most) break;
        for (let at = start; at < start + size; at++) {
          const partner = (other[at] ?? 0) % SPAN;
          if (seen[partner] === record) continue;
          seen[partner] = record;
          found.push(partner);
        }
      }
      return found.sort((x, y) => x - y);
    },
  };
}

/** The blocks each record finds on the other side: where they start and how large they are, record by record. */
function meet(own: Filing, other: Filing, count: number) {
  const sizeAt = new Uint8Array(own.length);
  const startAt = new Uint32Array(own.length);
  const offsets = new Uint32Array(count + 1);
  let i = 0;
  let j = 0;
  while (i < own.length && j < other.length) {
    const key = Math.floor((own[i] ?? 0) / SPAN);
    const start = key * SPAN;
    const limit = start + SPAN;
    while (j < other.length && (other[j] ?? 0) < start) j++;
    let end = j;
    while (end < other.length && (other[end] ?? 0) < limit) end++;
    const size = end - j;
    for (; i < own.length && (own[i] ?? 0) < limit; i++) {
      if (size === 0 || size > LARGEST_BLOCK) continue;
      const record = (own[i] ?? 0) % SPAN;
      sizeAt[i] = size;
      startAt[i] = j;
      offsets[record + 1] = (offsets[record + 1] ?? 0) + 1;
    }
    j = end;
  }
  for (let at = 1; at <= count; at++) offsets[at] = (offsets[at] ?? 0) + (offsets[at - 1] ?? 0);
  const total = offsets[count] ?? 0;
  const starts = new Uint32Array(total);
  const sizes = new Uint8Array(total);
  const next = offsets.slice();
  for (let at = 0; at < own.length; at++) {
    const size = sizeAt[at] ?? 0;
    if (size === 0) continue;
    const record = (own[at] ?? 0) % SPAN;
    const slot = next[record] ?? 0;
    next[record] = slot + 1;
    starts[slot] = startAt[at] ?? 0;
    sizes[slot] = size;
  }
  return { offsets, starts, sizes };
}

function keysOf(record: Prepared, corpus: Corpus, keys: number[]): void {
  const { words } = corpus;
  const count = (word: number): number => words[word]?.count ?? 0;
  const text = (word: number): string => words[word]?.text ?? '';
  const all = [...record.words, ...record.company].sort(
    (x, y) => count(x) - count(y) || (text(x) < text(y) ? -1 : 1),
  );
  const rare = all.filter((word) => count(word) <= LARGEST_BLOCK).slice(0, MOST_RARE);
  const common = all.filter((word) => count(word) > LARGEST_BLOCK / 4).slice(0, MOST_COMMON);
  const buckets = bucketsOf(record.closeDay);
  const amounts = record.amounts.map((amount) => hashText(amount.toFixed(2)));
  const put = (a: number, b: number): void => {
    keys.push(mix(a, b));
  };
  const inTime = (hash: number): void => {
    for (const bucket of buckets) put(hash, 1000 + bucket);
  };
  for (const word of rare) {
    const whole = text(word);
    put(hashText(whole), 1);
    // A typo changes one end of a word at most.
    if (whole.length < 6) continue;
    for (const end of [hashText(`${whole.slice(0, 4)}…`), hashText(`…${whole.slice(-4)}`)]) {
      put(end, 2);
      inTime(end);
    }
  }
  const hashes = common.map((word) => hashText(text(word)));
  for (const [at, hash] of hashes.entries()) {
    inTime(hash);
    for (const amount of amounts) put(hash, amount);
    for (const other of hashes.slice(at + 1)) {
      const both = mix(Math.min(hash, other), Math.max(hash, other));
      keys.push(both);
      inTime(both);
    }
  }
  // The whole name, for records without dates in a portfolio of few words.
  if (common.length > 2)
    put(
      common.map((word) => hashText(text(word))).reduce((x, y) => (x ^ y) >>> 0, 0),
      4,
    );
  for (const amount of amounts) {
    put(amount, 3);
    inTime(amount);
  }
}

/** Two overlapping months: dates up to half of one apart share at least one. */
function bucketsOf(day: number | null): readonly number[] {
  if (day === null) return [];
  const half = BUCKET_DAYS / 2;
  return [2 * Math.floor(day / BUCKET_DAYS), 2 * Math.floor((day + half) / BUCKET_DAYS) + 1];
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** 31 bits of two numbers. */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 1;
}
