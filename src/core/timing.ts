/** Back-off as a function of what happened before: nothing here reads a clock or waits, so that it can be replayed. */
export interface BackOff {
  /** Shortest wait, ms. */
  readonly baseMs: number;
  /** Longest wait, ms. */
  readonly capMs: number;
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
