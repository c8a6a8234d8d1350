import { isLoop, type PastWrite } from './automation-loop.ts';
import type { RecordRef } from './ids.ts';
import { refKey } from './ids.ts';
import type { Fields, Value } from './opportunity.ts';
import type { FieldChange } from './plan.ts';

/** Fields of ours that go round between us and somebody else, each with our value, by {@link circleKey}. */
export type Circles = ReadonlyMap<string, Value>;

export function circleKey(ref: RecordRef, field: string): string {
  return `${refKey(ref)} ${field}`;
}

/**
 * Fields of ours on a record in which another value has come in the place of ours, been replaced, and come again: an
 * automation sets them too, or another sync that judges otherwise. Pure.
 *
 * @param past our writes to its fields of ours, oldest first · @param held what they hold now
 */
export function circlesOf(
  ref: RecordRef,
  held: Fields,
  past: Readonly<Record<string, readonly PastWrite[]>>,
): [string, Value][] {
  return Object.entries(past).flatMap(([field, writes]): [string, Value][] => {
    const last = writes.at(-1);
    if (last === undefined || !isLoop(writes, last.after, held[field] ?? null, isSame)) return [];
    return [[circleKey(ref, field), last.after]];
  });
}

/** Changes of our own fields without those that would only go round once more. */
export function withoutCircling(
  changes: readonly FieldChange[],
  ref: RecordRef,
  circles: Circles | undefined,
): readonly FieldChange[] {
  if (circles === undefined) return changes;
  return changes.filter(({ field, after }) => {
    const key = circleKey(ref, field);
    return !circles.has(key) || !isSame(circles.get(key) ?? null, after);
  });
}

function isSame(a: Value, b: Value): boolean {
  return (a ?? '') === (b ?? '');
}
