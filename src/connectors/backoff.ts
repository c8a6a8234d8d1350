import type { Randomness } from '../core/ports.ts';

export interface BackoffRange {
  /** Longest pause before the first repeat, ms. */
  readonly firstMs: number;
  /** Longest pause at all, ms. */
  readonly maxMs: number;
}

/**
 * How long to pause before repeating a call that has failed `failures` times (1 or more), ms. The ceiling doubles with each
 * failure; the pause is drawn from the upper half below it, so that processes that failed together do not return together.
 */
export function backoffMs(failures: number, random: Randomness, range: BackoffRange): number {
  const ceiling = Math.min(range.maxMs, range.firstMs * 2 ** (failures - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random.next());
}
