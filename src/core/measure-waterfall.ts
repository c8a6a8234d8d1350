/** How the open pipeline got from its value at the start of a period to its value at the end, balanced to the cent. */
import { addDays, isWithin, type Period } from './calendar.ts';
import type { DecimalText, PlainDate } from './ids.ts';
import { decimalOf, type Money, ZERO } from './measure-amount.ts';
import { isClosedStanding, type MeasureContext, type MeasuredRecord } from './measure-record.ts';
import { createdDay, type RecordState, stateOn } from './measure-state.ts';

const FLOWS = [
  'start',
  'new',
  'reopened',
  'pulled_in',
  'increased',
  'decreased',
  'moved_out',
  'won',
  'lost',
  'cancelled',
  'undecided',
  'end',
] as const;
export type Flow = (typeof FLOWS)[number];

export interface Waterfall extends Readonly<Record<Flow, DecimalText>> {
  /** False: some records were not watched since the start of the period, so their earlier amounts and dates are today's. */
  readonly watched: boolean;
}

/** A whole period: from its first day to its last or the as-of day, whichever comes first. Null when it has no beginning. */
export function spanOf(
  context: MeasureContext,
): { readonly before: PlainDate; readonly end: PlainDate } | null {
  const { from, to } = context.period;
  if (from === null || from > context.asOf) return null;
  return { before: addDays(from, -1), end: to !== null && to < context.asOf ? to : context.asOf };
}

/**
 * start + new + reopened + pulled_in + increased − decreased − moved_out − won − lost − cancelled − undecided = end.
 *
 * With `due` null the pipeline is everything open, and nothing is pulled in or moved out. With a period it is what is open
 * and due in that period. States at the two ends are compared, so moves within the period that cancel out do not show.
 * An amount that changed on the way to closing is first increased or decreased, so that `won` is what was booked. New and
 * closed within the period is both new and closed. Unit: money. No period: null. Source: the pipeline inspection and
 * trend reports of several forecasting tools; balancing is ours.
 */
export function measureWaterfall(
  records: readonly MeasuredRecord[],
  context: MeasureContext,
  due: Period | null,
): Waterfall | null {
  const span = spanOf(context);
  if (span === null) return null;
  const sums: Record<Flow, Money> = emptyFlows();
  const add = (flow: Flow, amount: Money): void => {
    sums[flow] = sums[flow].plus(amount);
  };
  const isMember = (state: RecordState | null): boolean =>
    state?.standing === 'active' && (due === null || isWithin(state.closeDate, due));
  let watched = true;
  for (const record of records) {
    const start = stateOn(record, span.before, context);
    const end = stateOn(record, span.end, context);
    if (end === null) continue;
    watched &&= isWatchedSince(record, span.before, context);
    const before = start?.amount ?? ZERO;
    const after = end.amount ?? ZERO;
    if (isMember(start)) {
      add('start', before);
      if (after.greaterThan(before)) add('increased', after.minus(before));
      else add('decreased', before.minus(after));
      add(isMember(end) ? 'end' : leaving(end), after);
    } else if (isMember(end)) {
      add(entering(start), after);
      add('end', after);
    } else if (isClosedStanding(end.standing) && !isClosedStanding(start?.standing ?? null)) {
      add(entering(start), after);
      add(leaving(end), after);
    }
  }
  return { ...textOf(sums), watched };
}

/** Was every change of the record since the end of that day seen? One created later was watched if it was at all. */
export function isWatchedSince(
  record: MeasuredRecord,
  day: PlainDate,
  context: Pick<MeasureContext, 'timeZone'>,
): boolean {
  if (record.observedSince === null) return false;
  const created = createdDay(record, context.timeZone);
  return (created !== null && created > day) || record.observedSince <= Date.parse(addDays(day, 1));
}

function entering(start: RecordState | null): Flow {
  if (start === null) return 'new';
  return start.standing === 'active' ? 'pulled_in' : 'reopened';
}

function leaving(end: RecordState): Flow {
  switch (end.standing) {
    case 'closed/won':
      return 'won';
    case 'closed/lost':
      return 'lost';
    case 'closed/cancelled':
      return 'cancelled';
    case 'active':
      return 'moved_out';
    default:
      return 'undecided';
  }
}

function emptyFlows(): Record<Flow, Money> {
  return Object.fromEntries(FLOWS.map((flow) => [flow, ZERO])) as Record<Flow, Money>;
}

function textOf(sums: Record<Flow, Money>): Record<Flow, DecimalText> {
  return Object.fromEntries(FLOWS.map((flow) => [flow, decimalOf(sums[flow])])) as Record<Flow, DecimalText>;
}
