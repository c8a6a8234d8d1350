/** How long an answer may be used again, at the least. */
const GOOD_MS = 5_000;
/** And at the most this share of the time goes into finding it. */
const SHARE = 20;

/**
 * An answer that costs much, for whoever asks often: found anew when the last one is older than twenty times what it took.
 * Who asks meanwhile gets the last one; who asks together waits for the same one.
 */
export function unhurried<T>(find: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly value: T; readonly until: number } | null = null;
  let finding: Promise<T> | null = null;
  const again = async (): Promise<T> => {
    const from = now();
    try {
      const value = await find();
      last = { value, until: now() + Math.max(GOOD_MS, (now() - from) * SHARE) };
      return value;
    } finally {
      finding = null;
    }
  };
  return () => {
    if (last !== null && now() < last.until) return Promise.resolve(last.value);
    finding ??= again();
    return finding;
  };
}
