/** The open pipeline: a state, told as of a day; no period restricts it. */
import { type Amount, sumOf, Total } from './amount.ts';
import { daysBetween } from './calendar.ts';
import type { DecimalText } from './ids.ts';
import {
  decimalOf,
  type Money,
  mean,
  moneyOf,
  quantile,
  quotientText,
  ratio,
  ZERO,
} from './measure-amount.ts';
import type { MeasuredItem } from './measure-item.ts';
import { ageDays, daysOverdue, lastContactDay } from './measure-opportunity.ts';
import type { MeasureContext } from './measure-record.ts';

export interface PipelineMeasures {
  readonly open_count: number;
  readonly open_amount: DecimalText;
  readonly open_average_amount: DecimalText | null;
  readonly open_largest_amount: DecimalText | null;
  readonly open_without_amount_count: number;
  readonly weighted_amount: DecimalText;
  readonly unweighted_count: number;
  readonly age_mean_days: number | null;
  readonly age_median_days: number | null;
  readonly paused_count: number;
  readonly stale_count: number;
  readonly stale_amount: DecimalText;
  readonly contact_unknown_count: number;
  readonly overdue_count: number;
  readonly overdue_amount: DecimalText;
  readonly next_step_missing_count: number;
}

/**
 * Measures of open (active) opportunities:
 * - `open_amount` Σ amount; `open_average_amount` ÷ those with an amount, null without any.
 * - `weighted_amount` Σ amount × probability, probability being a share 0..1 (a percentage is divided by 100 where it is
 *   read, once). What has no probability adds nothing and is counted in `unweighted_count`. Never above `open_amount` as
 *   long as no amount is negative. Source: Salesforce `ExpectedRevenue`.
 * - `stale_count` last two-way contact more than `staleAfterDays` whole days ago; no known contact is not stale but
 *   counted in `contact_unknown_count`. - `overdue_count` close date before the as-of day.
 * - `next_step_missing_count` no next step written down. - `age_*_days` {@link ageDays}.
 */
export function measurePipeline(open: readonly MeasuredItem[], context: MeasureContext): PipelineMeasures {
  const sums = { all: new Total(), stale: new Total(), overdue: new Total() };
  const counts = { amount: 0, unweighted: 0, paused: 0, stale: 0, silent: 0, overdue: 0, nextStep: 0 };
  const ages: number[] = [];
  let largest: Amount | null = null;
  for (const { record, amount } of open) {
    if (amount !== null) {
      counts.amount += 1;
      sums.all.add(amount);
      if (largest === null || amount.compare(largest) > 0) largest = amount;
      if (shareOf(record) === null) counts.unweighted += 1;
    }
    const age = ageDays(record, context);
    if (age !== null) ages.push(age);
    if (record.phase === 'paused') counts.paused += 1;
    const contact = lastContactDay(record, context);
    if (contact === null) counts.silent += 1;
    else if (daysBetween(contact, context.asOf) > context.staleAfterDays) {
      counts.stale += 1;
      sums.stale.add(amount);
    }
    if (daysOverdue(record, context) !== null) {
      counts.overdue += 1;
      sums.overdue.add(amount);
    }
    if ((record.nextStep ?? '').trim() === '') counts.nextStep += 1;
  }
  const sum = sums.all.money;
  return {
    open_count: open.length,
    open_amount: decimalOf(sum),
    open_average_amount: counts.amount === 0 ? null : quotientText(sum.div(counts.amount)),
    open_largest_amount: largest === null ? null : decimalOf(largest.money),
    open_without_amount_count: open.length - counts.amount,
    weighted_amount: decimalOf(weightedAmount(open)),
    unweighted_count: counts.unweighted,
    age_mean_days: mean(ages),
    age_median_days: quantile(ages, 0.5),
    paused_count: counts.paused,
    stale_count: counts.stale,
    stale_amount: decimalOf(sums.stale.money),
    contact_unknown_count: counts.silent,
    overdue_count: counts.overdue,
    overdue_amount: decimalOf(sums.overdue.money),
    next_step_missing_count: counts.nextStep,
  };
}

/** Σ amount × probability over open opportunities, exact: amounts of equal probability are added up before. */
export function weightedAmount(open: readonly MeasuredItem[]): Money {
  const byShare = new Map<number, Total>();
  for (const item of open) {
    const share = shareOf(item.record);
    if (item.amount === null || share === null) continue;
    const total = byShare.get(share) ?? new Total();
    total.add(item.amount);
    byShare.set(share, total);
  }
  let sum = ZERO;
  for (const [share, total] of byShare) sum = sum.plus(total.money.times(share));
  return sum;
}

/** Coverage: open amount due in the period ÷ what is left of the quota (quota − won in the period), in times. */
export interface CoverageMeasures {
  readonly coverage: number | null;
  /** Won in the period ÷ quota. */
  readonly quota_attainment: number | null;
}

/** Null without a quota, and `coverage` null once the quota is reached: nothing is left to cover. Source: Salesforce Sales Analytics KPI. */
export function measureCoverage(
  due: readonly MeasuredItem[],
  won: Money,
  quota: DecimalText | null,
): CoverageMeasures {
  const goal = moneyOf(quota);
  if (goal === null || !goal.greaterThan(ZERO)) return { coverage: null, quota_attainment: null };
  const left = goal.minus(won);
  return {
    coverage: left.greaterThan(ZERO) ? ratio(sumOf(due.map((item) => item.amount)), left) : null,
    quota_attainment: ratio(won, goal),
  };
}

function shareOf({ probability }: MeasuredItem['record']): number | null {
  return probability !== null && probability >= 0 && probability <= 1 ? probability : null;
}
