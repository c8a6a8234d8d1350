/** What an opportunity was at the end of a given day, told from its present state and what was seen to change. */
import { Amount } from './amount.ts';
import { dayOf } from './calendar.ts';
import type { DecimalText, EpochMs, PlainDate } from './ids.ts';

import {
  changesOf,
  type HistoryField,
  isClosedStanding,
  type MeasureContext,
  type MeasuredRecord,
  stageOf,
  standingOf,
} from './measure-record.ts';

export interface RecordState {
  readonly standing: string;
  readonly amount: Amount | null;
  readonly closeDate: PlainDate | null;
  readonly stage: string | null;
  /** 0..1; null = not known for that day. */
  readonly probability: number | null;
}

type StateContext = Pick<MeasureContext, 'present' | 'timeZone' | 'stages'>;

/**
 * The day a closed opportunity counts as closed: the close date the team recorded, else the day of the CRM's own closing
 * moment. This one day places won and lost in a period and ends the cycle. Null when open or when neither is known.
 */
export function closingDay(
  record: Pick<MeasuredRecord, 'status' | 'closeDate' | 'closedAt'>,
  timeZone: string,
): PlainDate | null {
  if (record.status !== 'closed') return null;
  return record.closeDate ?? (record.closedAt === null ? null : dayOf(record.closedAt, timeZone));
}

/** The day it was created; null when the CRM did not say. */
export function createdDay(record: Pick<MeasuredRecord, 'createdAt'>, timeZone: string): PlainDate | null {
  return record.createdAt === null ? null : dayOf(record.createdAt, timeZone);
}

/**
 * The state at the end of a day; null when it did not exist yet. On the present day and after it: as the record says.
 * Before: observed changes are taken back one by one; a closed one whose closing day is later was open. What nothing was
 * seen of stays as it is, and stage and probability of an opportunity that has closed since are not known.
 *
 * @param present the amount the record has, where it was read already
 * @param created the day it was created, where it was told already
 */
export function stateOn(
  record: MeasuredRecord,
  day: PlainDate,
  context: StateContext,
  present: Amount | null = Amount.of(record.amount),
  created: PlainDate | null = createdDay(record, context.timeZone),
): RecordState | null {
  if (created !== null && created > day) return null;
  const standing = standingOf(record);
  if (day >= context.present) {
    const { closeDate, stage, probability } = record;
    return { standing, amount: present, closeDate, stage, probability };
  }
  const before = standingBefore(record, day, context);
  const stage = takenBack(record, 'stage', day, context.timeZone, record.stage);
  const stageKnown = isClosedStanding(before) === isClosedStanding(standing) || stage !== record.stage;
  return {
    standing: before,
    amount: amountBefore(record, day, context.timeZone, present),
    closeDate: takenBack(record, 'closeDate', day, context.timeZone, record.closeDate),
    stage: stageKnown ? stage : null,
    probability: !stageKnown
      ? null
      : stage === record.stage
        ? record.probability
        : (stageOf(context.stages, record.crm, stage)?.probability ?? null),
  };
}

function amountBefore(
  record: MeasuredRecord,
  day: PlainDate,
  timeZone: string,
  present: Amount | null,
): Amount | null {
  if (record.history.length === 0) return present;
  const text = takenBack(record, 'amount', day, timeZone, record.amount);
  return text === record.amount ? present : Amount.of(text);
}

/** The value before the first change seen after that day; without one, the present value. */
function takenBack(
  record: MeasuredRecord,
  field: HistoryField,
  day: PlainDate,
  timeZone: string,
  present: DecimalText | null,
): string | null {
  if (record.history.length === 0) return present;
  const later = changesOf(record, field).find((entry) => dayOf(entry.at, timeZone) > day);
  return later === undefined ? present : later.from;
}

/** The standing at the end of an earlier day. The last closing took place on the closing day, however late it was seen. */
function standingBefore(record: MeasuredRecord, day: PlainDate, context: StateContext): string {
  const standing = standingOf(record);
  if (record.status === 'active' && record.history.length === 0) return standing;
  const changes = changesOf(record, 'status');
  const closedBy = changes.findLastIndex(
    (entry) => isClosedStanding(entry.to) && !isClosedStanding(entry.from),
  );
  const closing = closedOn(record, changes[closedBy]?.at ?? record.closedAt, context);
  if (closing === null) return takenBack(record, 'status', day, context.timeZone, standing) ?? standing;
  if (day >= closing) return standing;
  // The change that closed it is known by its day already; what was seen before it tells the rest.
  const earlier = closedBy < 0 ? [] : changes.slice(0, closedBy);
  const later = earlier.find((entry) => dayOf(entry.at, context.timeZone) > day);
  return later?.from ?? changes[closedBy]?.from ?? 'active';
}

/**
 * The day it really closed: a recorded close date that still lies ahead is none, so then the day it was seen closing, or at
 * the latest the present day.
 */
function closedOn(record: MeasuredRecord, seenAt: EpochMs | null, context: StateContext): PlainDate | null {
  const recorded = closingDay(record, context.timeZone);
  if (recorded === null || recorded <= context.present) return recorded;
  const seen = seenAt === null ? null : dayOf(seenAt, context.timeZone);
  if (seen !== null && seen < context.present) return seen;
  return context.present;
}
