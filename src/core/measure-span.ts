/** What opportunities were at the two ends of a period: told once, for everything that compares them. */
import { addDays } from './calendar.ts';
import type { MeasuredItem } from './measure-item.ts';
import type { MeasureContext } from './measure-record.ts';
import { type RecordState, stateOn } from './measure-state.ts';

/** One opportunity that existed at the end of the period. */
export interface Spanned {
  /** Null: it was created since. */
  readonly start: RecordState | null;
  readonly end: RecordState;
  /** Was every change of it since the beginning seen? One created later was watched if it was at all. */
  readonly watched: boolean;
}

/**
 * The states at the end of the day before the period, and at its last or the as-of day, whichever comes first. Null when the
 * period has no beginning, or none yet.
 */
export function statesAtEnds(
  items: readonly MeasuredItem[],
  context: MeasureContext,
): readonly Spanned[] | null {
  const { from, to } = context.period;
  if (from === null || from > context.asOf) return null;
  const before = addDays(from, -1);
  const last = to !== null && to < context.asOf ? to : context.asOf;
  const spanned: Spanned[] = [];
  const since = Date.parse(from);
  for (const { present: record, presentAmount, state, created } of items) {
    const end = last === context.asOf ? state : stateOn(record, last, context, presentAmount, created);
    if (end === null) continue;
    const isNew = created !== null && created > before;
    // Open all the while, and never seen to change: it was what it is.
    const still = record.status === 'active' && record.history.length === 0;
    spanned.push({
      start: isNew ? null : still ? end : stateOn(record, before, context, presentAmount, created),
      end,
      watched: record.observedSince !== null && (isNew || record.observedSince <= since),
    });
  }
  return spanned;
}
