/** What became of the opportunities that were open when the period began. */
import { isWithin } from './calendar.ts';
import type { DecimalText } from './ids.ts';
import { decimalOf, type Money, ratio, ZERO } from './measure-amount.ts';
import type { MeasureContext, MeasuredRecord } from './measure-record.ts';
import { stateOn } from './measure-state.ts';
import { isWatchedSince, spanOf } from './measure-waterfall.ts';

export interface SlippageMeasures {
  readonly due_count: number | null;
  readonly due_amount: DecimalText | null;
  readonly slipped_count: number | null;
  readonly slipped_amount: DecimalText | null;
  readonly slippage_rate_count: number | null;
  readonly slippage_rate_amount: number | null;
  readonly close_rate_amount: number | null;
}

const UNKNOWN: SlippageMeasures = Object.freeze({
  due_count: null,
  due_amount: null,
  slipped_count: null,
  slipped_amount: null,
  slippage_rate_count: null,
  slippage_rate_amount: null,
  close_rate_amount: null,
});

/**
 * Slippage: of the opportunities open at the start of the period and due in it, those still open whose close date now lies
 * after the period, by count and by amount at the start. Only records watched since the start are counted, because a date
 * that was moved unseen looks as if it had always been there; without any, or without a period with both ends, null.
 * `close_rate_amount`: amount won in the period of what was open at its start ÷ Σ open at its start; above 1 when it was
 * won for more than it was worth then.
 */
export function measureSlippage(
  records: readonly MeasuredRecord[],
  context: MeasureContext,
): SlippageMeasures {
  const span = spanOf(context);
  const { period } = context;
  if (span === null || period.to === null) return UNKNOWN;
  const watched = records.filter((record) => isWatchedSince(record, span.before, context));
  if (watched.length === 0) return UNKNOWN;
  const due = { count: 0, amount: ZERO };
  const slipped = { count: 0, amount: ZERO };
  let open: Money = ZERO;
  let won: Money = ZERO;
  for (const record of watched) {
    const start = stateOn(record, span.before, context);
    const end = stateOn(record, span.end, context);
    if (start?.standing !== 'active' || end === null) continue;
    const amount = start.amount ?? ZERO;
    open = open.plus(amount);
    if (end.standing === 'closed/won') won = won.plus(end.amount ?? ZERO);
    if (start.closeDate === null || !isWithin(start.closeDate, period)) continue;
    add(due, amount);
    if (end.standing === 'active' && end.closeDate !== null && end.closeDate > period.to)
      add(slipped, amount);
  }
  return {
    due_count: due.count,
    due_amount: decimalOf(due.amount),
    slipped_count: slipped.count,
    slipped_amount: decimalOf(slipped.amount),
    slippage_rate_count: ratio(slipped.count, due.count),
    slippage_rate_amount: ratio(slipped.amount, due.amount),
    close_rate_amount: ratio(won, open),
  };
}

function add(sum: { count: number; amount: Money }, amount: Money): void {
  sum.count += 1;
  sum.amount = sum.amount.plus(amount);
}
