/** The measures of one opportunity. */
import { dayOf, daysBetween, monthOf } from './calendar.ts';
import type { PlainDate } from './ids.ts';
import { changesOf, isClosedStanding, type MeasureContext, type MeasuredRecord } from './measure-record.ts';
import { loopsOf, regressionsOf, type StageTime, stageTimes } from './measure-stage-time.ts';
import { closingDay, createdDay, stateOn } from './measure-state.ts';

export interface OpportunityMeasures {
  readonly ageDays: number | null;
  readonly cycleDays: number | null;
  readonly stageTimes: readonly StageTime[];
  readonly regressions: number;
  readonly loops: number;
  readonly pushesByDay: number;
  readonly pushesByMonth: number;
  readonly reopenCount: number;
  readonly lastContact: PlainDate | null;
  readonly daysSinceContact: number | null;
  readonly daysOverdue: number | null;
}

/** Everything that is measured on a single opportunity; each measure is defined at its own function. */
export function measureOpportunity(record: MeasuredRecord, context: MeasureContext): OpportunityMeasures {
  const contact = lastContactDay(record, context);
  const { pushesByDay, pushesByMonth } = pushesOf(record, context);
  return {
    ageDays: ageDays(record, context),
    cycleDays: cycleDays(record, context.timeZone),
    stageTimes: stageTimes(record, context),
    regressions: regressionsOf(record, context),
    loops: loopsOf(record, context),
    pushesByDay,
    pushesByMonth,
    reopenCount: reopenCount(record),
    lastContact: contact,
    daysSinceContact: contact === null ? null : daysBetween(contact, context.asOf),
    daysOverdue: daysOverdue(record, context),
  };
}

/** Age: whole days from creation to the as-of day, of an open opportunity. Null when closed or creation is not known. */
export function ageDays(
  record: MeasuredRecord,
  context: Pick<MeasureContext, 'asOf' | 'timeZone'>,
): number | null {
  const created = createdDay(record, context.timeZone);
  if (record.status !== 'active' || created === null || created > context.asOf) return null;
  return daysBetween(created, context.asOf);
}

/**
 * Cycle: whole days from creation to closing, of a closed opportunity. Null when open, when a day is not known, or when it
 * closed before it was created (records imported afterwards): such a span says nothing and would pull every mean down.
 */
export function cycleDays(record: MeasuredRecord, timeZone: string): number | null {
  const created = createdDay(record, timeZone);
  const closed = closingDay(record, timeZone);
  if (created === null || closed === null || closed < created) return null;
  return daysBetween(created, closed);
}

/**
 * Pushes: how often the expected close date was moved to a later day, and to a later calendar month (what Salesforce
 * counts in `PushCount`). Only moves of an open opportunity count: CRMs rewrite the date themselves on closing.
 */
export function pushesOf(
  record: MeasuredRecord,
  context: Pick<MeasureContext, 'present' | 'timeZone' | 'stages'>,
): { readonly pushesByDay: number; readonly pushesByMonth: number } {
  let pushesByDay = 0;
  let pushesByMonth = 0;
  for (const { at, from, to } of changesOf(record, 'closeDate')) {
    if (from === null || to === null || to <= from) continue;
    const state = stateOn(record, dayOf(at, context.timeZone), context);
    if (state !== null && isClosedStanding(state.standing)) continue;
    pushesByDay += 1;
    if (monthOf(to) > monthOf(from)) pushesByMonth += 1;
  }
  return { pushesByDay, pushesByMonth };
}

/** Reopenings: observed moves from closed, whatever the outcome, to active. */
export function reopenCount(record: MeasuredRecord): number {
  return changesOf(record, 'status').filter((entry) => isClosedStanding(entry.from) && entry.to === 'active')
    .length;
}

/** Day of the last real two-way contact. One that lies after the as-of day is a plan, not a contact. */
export function lastContactDay(
  record: MeasuredRecord,
  context: Pick<MeasureContext, 'asOf' | 'timeZone'>,
): PlainDate | null {
  if (record.lastContactAt === null) return null;
  const day = dayOf(record.lastContactAt, context.timeZone);
  return day > context.asOf ? null : day;
}

/** Whole days since the expected close date of an open opportunity passed; null when it has not, or when it is closed. */
export function daysOverdue(record: MeasuredRecord, context: Pick<MeasureContext, 'asOf'>): number | null {
  if (record.status !== 'active' || record.closeDate === null || record.closeDate >= context.asOf)
    return null;
  return daysBetween(record.closeDate, context.asOf);
}
