/** What became of the opportunities that were open when the period began. */
import { type Amount, Total } from './amount.ts';
import { isWithin, type Period } from './calendar.ts';
import type { DecimalText } from './ids.ts';
import { decimalOf, ratio } from './measure-amount.ts';
import type { Spanned } from './measure-span.ts';

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
export function measureSlippage(spanned: readonly Spanned[] | null, period: Period): SlippageMeasures {
  if (spanned === null || period.to === null) return UNKNOWN;
  let watched = false;
  const due = { count: 0, amount: new Total() };
  const slipped = { count: 0, amount: new Total() };
  const open = new Total();
  const won = new Total();
  for (const { start, end, watched: wasWatched } of spanned) {
    if (!wasWatched) continue;
    watched = true;
    if (start?.standing !== 'active') continue;
    open.add(start.amount);
    if (end.standing === 'closed/won') won.add(end.amount);
    if (start.closeDate === null || !isWithin(start.closeDate, period)) continue;
    add(due, start.amount);
    if (end.standing === 'active' && end.closeDate !== null && end.closeDate > period.to)
      add(slipped, start.amount);
  }
  if (!watched) return UNKNOWN;
  return {
    due_count: due.count,
    due_amount: decimalOf(due.amount.money),
    slipped_count: slipped.count,
    slipped_amount: decimalOf(slipped.amount.money),
    slippage_rate_count: ratio(slipped.count, due.count),
    slippage_rate_amount: ratio(slipped.amount.money, due.amount.money),
    close_rate_amount: ratio(won.money, open.money),
  };
}

function add(sum: { count: number; readonly amount: Total }, amount: Amount | null): void {
  sum.count += 1;
  sum.amount.add(amount);
}
