/** How the open pipeline got from its value at the start of a period to its value at the end, balanced to the cent. */
import { NOTHING, Total } from './amount.ts';
import { isWithin, type Period } from './calendar.ts';
import type { DecimalText } from './ids.ts';
import { decimalOf } from './measure-amount.ts';
import { isClosedStanding } from './measure-record.ts';
import type { Spanned } from './measure-span.ts';
import type { RecordState } from './measure-state.ts';

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

/**
 * start + new + reopened + pulled_in + increased − decreased − moved_out − won − lost − cancelled − undecided = end.
 *
 * With `due` null the pipeline is everything open, and nothing is pulled in or moved out. With a period it is what is open
 * and due in that period. States at the two ends are compared, so moves within the period that cancel out do not show.
 * An amount that changed on the way to closing is first increased or decreased, so that `won` is what was booked. New and
 * closed within the period is both new and closed. Unit: money. No period: null. Source: the pipeline inspection and
 * trend reports of several forecasting tools; balancing is ours.
 */
export function measureWaterfall(spanned: readonly Spanned[] | null, due: Period | null): Waterfall | null {
  if (spanned === null) return null;
  const sums = Object.fromEntries(FLOWS.map((flow) => [flow, new Total()])) as Record<Flow, Total>;
  const isMember = (state: RecordState | null): boolean =>
    state?.standing === 'active' && (due === null || isWithin(state.closeDate, due));
  let watched = true;
  for (const { start, end, watched: wasWatched } of spanned) {
    watched &&= wasWatched;
    if (isMember(start)) {
      const before = start?.amount ?? null;
      sums.start.add(before);
      if (before !== end.amount) {
        const more = (end.amount ?? NOTHING).compare(before ?? NOTHING) > 0;
        const [to, less] = more ? [end.amount, before] : [before, end.amount];
        const flow = more ? sums.increased : sums.decreased;
        flow.add(to);
        flow.subtract(less);
      }
      sums[isMember(end) ? 'end' : leaving(end)].add(end.amount);
    } else if (isMember(end)) {
      sums[entering(start)].add(end.amount);
      sums.end.add(end.amount);
    } else if (isClosedStanding(end.standing) && !isClosedStanding(start?.standing ?? null)) {
      sums[entering(start)].add(end.amount);
      sums[leaving(end)].add(end.amount);
    }
  }
  return { ...textOf(sums), watched };
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

function textOf(sums: Readonly<Record<Flow, Total>>): Record<Flow, DecimalText> {
  return Object.fromEntries(FLOWS.map((flow) => [flow, decimalOf(sums[flow].money)])) as Record<
    Flow,
    DecimalText
  >;
}
