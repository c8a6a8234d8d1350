/** Records made ready for scopes: told as of the day, amounts read once, converted where a rate table is given. */
import { Amount } from './amount.ts';
import { dayOf } from './calendar.ts';
import type { PlainDate } from './ids.ts';
import { decimalOf, moneyOf } from './measure-amount.ts';
import type { HistoryEntry, MeasureContext, MeasuredRecord } from './measure-record.ts';
import { closingDay, createdDay, type RecordState, stateOn } from './measure-state.ts';
import { type RateTable, rateOn } from './rates.ts';
import type { Outcome, Status } from './verdict.ts';

export interface MeasuredItem {
  /** As of the as-of day. */
  readonly record: MeasuredRecord;
  /** As of the present day. */
  readonly present: MeasuredRecord;
  readonly amount: Amount | null;
  /** As of the present day. */
  readonly presentAmount: Amount | null;
  /** As of the as-of day. */
  readonly state: RecordState;
  readonly created: PlainDate | null;
  /** Null while open. */
  readonly closed: PlainDate | null;
}

/** The record as of a day, or null when it was created later. On the present day it is the record itself. */
export function itemAsOf(record: MeasuredRecord, context: MeasureContext): MeasuredItem | null {
  const presentAmount = Amount.of(record.amount);
  const created = createdDay(record, context.timeZone);
  const state = stateOn(record, context.asOf, context, presentAmount, created);
  if (state === null) return null;
  const told = context.asOf >= context.present ? record : toldBack(record, state, context);
  return {
    record: told,
    present: record,
    amount: state.amount,
    presentAmount,
    state,
    created,
    closed: closingDay(told, context.timeZone),
  };
}

function toldBack(record: MeasuredRecord, state: RecordState, context: MeasureContext): MeasuredRecord {
  const [status, outcome] = state.standing.split('/');
  return {
    ...record,
    status: status as Status,
    outcome: (outcome as Outcome | undefined) ?? null,
    phase: status === record.status ? record.phase : null,
    amount: state.amount === null ? null : decimalOf(state.amount.money),
    closeDate: state.closeDate,
    closedAt: status === 'closed' ? record.closedAt : null,
    stage: state.stage,
    probability: state.probability,
    stageChangedAt: state.stage === record.stage ? record.stageChangedAt : null,
    history: record.history.filter((entry) => dayOf(entry.at, context.timeZone) <= context.asOf),
  };
}

export interface Unconverted {
  readonly crm: string;
  readonly id: string;
  readonly currency: string | null;
  readonly date: PlainDate;
}

/**
 * Converts amounts, each record with one rate for all it ever was, so that waterfalls stay balanced: the rate of its closing
 * day, or of the as-of day while it is open. A record without a rate, or with an amount but no currency, keeps its own
 * currency and is reported: it is never taken over as if it were converted.
 */
export function convertRecords(
  records: readonly MeasuredRecord[],
  table: RateTable,
  context: Pick<MeasureContext, 'asOf' | 'timeZone'>,
): { readonly records: readonly MeasuredRecord[]; readonly unconverted: readonly Unconverted[] } {
  const unconverted: Unconverted[] = [];
  const converted = records.map((record) => {
    const closing = closingDay(record, context.timeZone);
    const date = closing !== null && closing < context.asOf ? closing : context.asOf;
    const rate = record.currency === null ? null : rateOn(table, record.currency, date);
    if (rate === null) {
      unconverted.push({ crm: record.crm, id: record.id, currency: record.currency, date });
      return record;
    }
    const convert = (text: string | null): string | null => {
      const amount = moneyOf(text);
      return amount === null ? null : decimalOf(amount.times(rate));
    };
    return {
      ...record,
      currency: table.target,
      amount: convert(record.amount),
      history: record.history.map(
        (entry): HistoryEntry =>
          entry.field === 'amount' ? { ...entry, from: convert(entry.from), to: convert(entry.to) } : entry,
      ),
    };
  });
  return { records: converted, unconverted };
}
