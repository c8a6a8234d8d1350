/** What was won, lost and cancelled, how often, how large, how fast, and why. */
import { type Amount, meanAmount, medianAmount, sumOf, Total } from './amount.ts';
import type { DecimalText } from './ids.ts';
import { decimalOf, mean, quantile, quotientText, ratio, ZERO } from './measure-amount.ts';
import type { MeasuredItem } from './measure-item.ts';
import { cycleDays } from './measure-opportunity.ts';

export interface ClosingMeasures {
  readonly won_count: number;
  readonly won_amount: DecimalText;
  readonly lost_count: number;
  readonly lost_amount: DecimalText;
  readonly cancelled_count: number;
  readonly cancelled_amount: DecimalText;
  readonly win_rate_count: number | null;
  readonly win_rate_amount: number | null;
  readonly won_average_amount: DecimalText | null;
  readonly won_median_amount: DecimalText | null;
  readonly won_without_amount_count: number;
  readonly cycle_won_mean_days: number | null;
  readonly cycle_won_median_days: number | null;
  readonly cycle_lost_mean_days: number | null;
  readonly cycle_lost_median_days: number | null;
  readonly cycle_unknown_count: number;
  readonly won_reasons: readonly ReasonMeasure[];
  readonly lost_reasons: readonly ReasonMeasure[];
}

export interface ReasonMeasure {
  /** The team's own words; null = none given. */
  readonly reason: string | null;
  readonly count: number;
  readonly amount: DecimalText;
  /** Of all with this outcome. */
  readonly share: number | null;
}

/**
 * Measures of closed opportunities whose closing day lies in the period:
 * - `won_amount` (bookings), `lost_amount`, `cancelled_amount` Σ amount.
 * - `win_rate_count` W ÷ (W + L); `win_rate_amount` ΣW ÷ (ΣW + ΣL), null also when a sum is negative. Cancelled and
 *   unknown ones are in neither: they were not decided against us. Both null when nothing was won or lost.
 * - `won_average_amount`, `won_median_amount` over won ones with an amount. - `cycle_*` {@link cycleDays}, mean and
 *   median; what has no cycle is counted in `cycle_unknown_count`. - reasons: count, amount and share per reason.
 */
export function measureClosing(
  won: readonly MeasuredItem[],
  lost: readonly MeasuredItem[],
  cancelled: readonly MeasuredItem[],
  timeZone: string,
): ClosingMeasures {
  const wonAmounts = amountsOf(won);
  const wonSum = sumOf(wonAmounts);
  const lostSum = sumOf(amountsOf(lost));
  const wonCycles = cyclesOf(won, timeZone);
  const lostCycles = cyclesOf(lost, timeZone);
  return {
    won_count: won.length,
    won_amount: decimalOf(wonSum),
    lost_count: lost.length,
    lost_amount: decimalOf(lostSum),
    cancelled_count: cancelled.length,
    cancelled_amount: decimalOf(sumOf(amountsOf(cancelled))),
    win_rate_count: ratio(won.length, won.length + lost.length),
    win_rate_amount: wonSum.isNegative() || lostSum.isNegative() ? null : ratio(wonSum, wonSum.plus(lostSum)),
    won_average_amount: quotientText(meanAmount(wonAmounts)),
    won_median_amount: quotientText(medianAmount(wonAmounts)),
    won_without_amount_count: won.length - wonAmounts.length,
    cycle_won_mean_days: mean(wonCycles),
    cycle_won_median_days: quantile(wonCycles, 0.5),
    cycle_lost_mean_days: mean(lostCycles),
    cycle_lost_median_days: quantile(lostCycles, 0.5),
    cycle_unknown_count: won.length + lost.length - wonCycles.length - lostCycles.length,
    won_reasons: reasonsOf(won),
    lost_reasons: reasonsOf(lost),
  };
}

/**
 * Velocity: open count × win rate by count × average won amount ÷ mean won cycle, in money per day. Null when any of the
 * three is null or the cycle is 0 days. Source: the formula sales teams use; the terms are those shown beside it.
 */
export function velocityPerDay(
  openCount: number,
  won: readonly MeasuredItem[],
  lostCount: number,
  timeZone: string,
): DecimalText | null {
  const average = meanAmount(amountsOf(won));
  const cycles = cyclesOf(won, timeZone);
  let days = ZERO;
  for (const cycle of cycles) days = days.plus(cycle);
  if (average === null || days.isZero()) return null;
  const cycle = days.div(cycles.length);
  return quotientText(
    average
      .times(openCount)
      .times(won.length)
      .div(won.length + lostCount)
      .div(cycle),
  );
}

/**
 * Won and complete, but no reference was asked for: won, at least one proof of completeness observed and none denied, and
 * no evidence that the customer was asked.
 */
export function wonWithoutReference(won: readonly MeasuredItem[]): readonly MeasuredItem[] {
  return won.filter(({ record }) => {
    const proofs = Object.values(record.completeness);
    return proofs.includes(true) && !proofs.includes(false) && record.referenceAsked !== true;
  });
}

/** Most frequent first; equal counts by amount, then by reason, unstated last. */
function reasonsOf(items: readonly MeasuredItem[]): readonly ReasonMeasure[] {
  const groups = new Map<string | null, { count: number; readonly total: Total }>();
  for (const { record, amount } of items) {
    const stated = record.reason?.trim() ?? '';
    const reason = stated === '' ? null : stated;
    const group = groups.get(reason) ?? { count: 0, total: new Total() };
    group.count += 1;
    group.total.add(amount);
    groups.set(reason, group);
  }
  return [...groups]
    .map(([reason, { count, total }]) => [reason, { count, amount: total.money }] as const)
    .sort(
      ([a, x], [b, y]) =>
        y.count - x.count ||
        y.amount.comparedTo(x.amount) ||
        (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1),
    )
    .map(([reason, { count, amount }]) => ({
      reason,
      count,
      amount: decimalOf(amount),
      share: ratio(count, items.length),
    }));
}

function amountsOf(items: readonly MeasuredItem[]): readonly Amount[] {
  return items.map((item) => item.amount).filter((amount) => amount !== null);
}

function cyclesOf(items: readonly MeasuredItem[], timeZone: string): readonly number[] {
  return items.map((item) => cycleDays(item.record, timeZone)).filter((days) => days !== null);
}
