import type { Value } from './opportunity.ts';

/** One write of ours to a field: what was found, and what was put in its place. */
export interface PastWrite {
  readonly before: Value;
  readonly after: Value;
}

/**
 * Is a field going round in a circle? Once, a value that a CRM puts in the place of ours is an edit like any other and is
 * followed. When we wrote the same value again later, and the same other value stands there again, nobody will win by going
 * on. Pure.
 *
 * @param past our writes to this field of this record, oldest first
 * @param base what we last wrote and both sides agreed on · @param now what the record holds instead
 */
export function isLoop(
  past: readonly PastWrite[],
  base: Value,
  now: Value,
  same: (a: Value, b: Value) => boolean,
): boolean {
  const last = past.at(-1);
  if (last === undefined || !same(last.after, base)) return false;
  // The last write replaced just what stands there now, so it has come back...
  if (!same(last.before, now)) return false;
  // ...and it had come in the place of the same value of ours before.
  return past.slice(0, -1).some((write) => same(write.after, base));
}
