/** How many cases properties were tried with in this run of the tests, told at its end. */

const counts = new Map<string, number>();

export function countCases(what: string, cases = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + cases);
}

/** One line, or null when no property ran. */
export function casesTold(): string | null {
  if (counts.size === 0) return null;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([what, count]) => `${what} ${count}`);
  return `property cases: ${total} (${parts.join(', ')})`;
}
