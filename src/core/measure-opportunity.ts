/** The measures of one opportunity. */
import { dayOf, daysBetween, monthOf } from './calendar.ts';
import type { EpochMs, PlainDate } from './ids.ts';
import {
  changesOf,
  type HistoryEntry,
  isClosedStanding,
  type MeasureContext,
  type MeasuredRecord,
  type StagePlaces,
  stageOf,
  standingOf,
} from './measure-record.ts';
import { loopsOf, regressionsOf, type StageTime, stageTimes } from './measure-stage-time.ts';
import { closingDay, createdDay } from './measure-state.ts';

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
export function cycleDays(
  record: Pick<MeasuredRecord, 'status' | 'createdAt' | 'closeDate' | 'closedAt'>,
  timeZone: string,
): number | null {
  const created = createdDay(record, timeZone);
  const closed = closingDay(record, timeZone);
  if (created === null || closed === null || closed < created) return null;
  return daysBetween(created, closed);
}

/** What counting pushes needs of a record. */
type Pushed = Pick<MeasuredRecord, 'crm' | 'history' | 'stage' | 'status' | 'outcome'>;

/**
 * Pushes: how often the expected close date was moved to a later day, and to a later calendar month (what Salesforce
 * counts in `PushCount`). Only moves of an open opportunity count: CRMs rewrite the date themselves on closing and on
 * reopening. Told by the stage at the moment of the move (where the CRM does not say whether it is closed, by the
 * standing), so that the count never changes with the clock.
 */
export function pushesOf(
  record: Pushed,
  context: { readonly stages: StagePlaces },
): { readonly pushesByDay: number; readonly pushesByMonth: number } {
  let pushesByDay = 0;
  let pushesByMonth = 0;
  for (const { at, from, to, own } of changesOf(record, 'closeDate')) {
    if (own === true) continue;
    if (from === null || to === null || to <= from || !isOpenThrough(record, at, context.stages)) continue;
    pushesByDay += 1;
    if (monthOf(to) > monthOf(from)) pushesByMonth += 1;
  }
  return { pushesByDay, pushesByMonth };
}

/** Was it open right before and right after what happened at that moment? */
function isOpenThrough(record: Pushed, at: EpochMs, stages: StagePlaces): boolean {
  const path = changesOf(record, 'stage');
  const before = path.find((entry) => entry.at === at)?.from ?? null;
  const after = stageOf(stages, record.crm, valueAt(path, at, record.stage))?.closed ?? null;
  if (after === true || stageOf(stages, record.crm, before)?.closed === true) return false;
  if (after === false) return true;
  return !isClosedStanding(valueAt(changesOf(record, 'status'), at, standingOf(record)));
}

/** The value right after everything that happened up to that moment. */
function valueAt(changes: readonly HistoryEntry[], at: EpochMs, present: string | null): string | null {
  const last = changes.findLast((entry) => entry.at <= at);
  if (last !== undefined) return last.to;
  const [first] = changes;
  return first === undefined ? present : first.from;
}

/** Reopenings: observed moves from closed, whatever the outcome, to active. */
export function reopenCount(record: Pick<MeasuredRecord, 'history'>): number {
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
