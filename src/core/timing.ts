/** Back-off as a function of what happened before: nothing here reads a clock or waits, so that it can be replayed. */
export interface BackOff {
  /** Shortest wait, ms. */
  readonly baseMs: number;
  /** Longest wait, ms. */
  readonly capMs: number;
}

/**
 * The wait after the n-th failure in a row (n >= 1): twice as long each time, capped, and up to a quarter shorter by chance
 * (uniform in [0, 1)), so that many that failed together do not all come back together.
 */
export function growingBackOff({ baseMs, capMs }: BackOff, failures: number, chance: number): number {
  const longest = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(longest * (1 - chance / 4));
}

/**
 * The next wait of a back-off with decorrelated jitter: uniform between the base and three times the previous wait,
 * capped. `previousMs` is 0 before the first retry; `chance` is uniform in [0, 1).
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function nextBackOff(rule: BackOff, previousMs: number, chance: number): number {
  const ceiling = Math.max(rule.baseMs, previousMs * 3);
  return Math.min(rule.capMs, Math.round(rule.baseMs + chance * (ceiling - rule.baseMs)));
}
