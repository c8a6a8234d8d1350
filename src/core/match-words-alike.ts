/** Whether two words could be one word typed twice. */

/** Letters that occur in a word, as bits: a quick way to see that two words cannot be alike. */
export function letterMask(word: string): number {
  let mask = 0;
  for (let i = 0; i < word.length; i++) mask |= 1 << (word.charCodeAt(i) & 31);
  return mask;
}

/**
 * How alike two different words are, 0..1: a typo or two in a longer word, or one abbreviating the other. 0 when they are
 * simply different. Symmetric.
 */
export function wordsAlike(x: string, maskX: number, y: string, maskY: number): number {
  const [short, long] = x.length <= y.length ? [x, y] : [y, x];
  if (short.length < 3) return 0;
  if (long.startsWith(short)) return short.length >= 4 || long.length - short.length <= 2 ? 0.8 : 0.7;
  const allowed = short.length >= 8 ? 2 : short.length >= 4 ? 1 : 0;
  if (long.length - short.length > allowed || bitCount(maskX ^ maskY) > 2 * allowed) return 0;
  const distance = editDistance(short, long, allowed);
  return distance > allowed ? 0 : 1 - 0.2 * distance;
}

function bitCount(bits: number): number {
  let left = bits;
  let count = 0;
  while (left !== 0) {
    left &= left - 1;
    count++;
  }
  return count;
}

const MOST = 64;
const ROWS = [new Uint8Array(MOST + 1), new Uint8Array(MOST + 1), new Uint8Array(MOST + 1)] as const;

/** Insertions, deletions, replacements and swaps of neighbours; anything above `limit` is `limit + 1`. */
export function editDistance(x: string, y: string, limit: number): number {
  if (x.length > MOST || y.length > MOST) return x === y ? 0 : limit + 1;
  let [before, last, row] = ROWS as readonly [Uint8Array, Uint8Array, Uint8Array];
  for (let j = 0; j <= y.length; j++) last[j] = j;
  for (let i = 1; i <= x.length; i++) {
    row[0] = i;
    let least = i;
    for (let j = 1; j <= y.length; j++) {
      const same = x.charCodeAt(i - 1) === y.charCodeAt(j - 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped =
        i > 1 &&
        j > 1 &&
        x.charCodeAt(i - 1) === y.charCodeAt(j - 2) &&
        x.charCodeAt(i - 2) === y.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    [before, last, row] = [last, row, before];
  }
  return Math.min(last[y.length] ?? 0, limit + 1);
}
