/** The open pipeline: a state, told as of a day; no period restricts it. */
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
  sumOf,
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
  const amounts = open.map((item) => item.amount).filter((amount) => amount !== null);
  const ages = open.map((item) => ageDays(item.record, context)).filter((age) => age !== null);
  const stale = open.filter((item) => isStale(item, context));
  const overdue = open.filter((item) => daysOverdue(item.record, context) !== null);
  const sum = sumOf(amounts);
  return {
    open_count: open.length,
    open_amount: decimalOf(sum),
    open_average_amount: amounts.length === 0 ? null : quotientText(sum.div(amounts.length)),
    open_largest_amount: amounts.length === 0 ? null : decimalOf(largest(amounts)),
    open_without_amount_count: open.length - amounts.length,
    weighted_amount: decimalOf(weightedAmount(open)),
    unweighted_count: open.filter((item) => item.amount !== null && shareOf(item) === null).length,
    age_mean_days: mean(ages),
    age_median_days: quantile(ages, 0.5),
    paused_count: open.filter((item) => item.record.phase === 'paused').length,
    stale_count: stale.length,
    stale_amount: decimalOf(sumOf(stale.map((item) => item.amount))),
    contact_unknown_count: open.filter((item) => lastContactDay(item.record, context) === null).length,
    overdue_count: overdue.length,
    overdue_amount: decimalOf(sumOf(overdue.map((item) => item.amount))),
    next_step_missing_count: open.filter((item) => (item.record.nextStep ?? '').trim() === '').length,
  };
}

/** Σ amount × probability over open opportunities, exact. */
export function weightedAmount(open: readonly MeasuredItem[]): Money {
  return sumOf(
    open.map((item) => {
      const share = shareOf(item);
      return item.amount === null || share === null ? null : item.amount.times(share);
    }),
  );
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

function isStale(item: MeasuredItem, context: MeasureContext): boolean {
  const contact = lastContactDay(item.record, context);
  return contact !== null && daysBetween(contact, context.asOf) > context.staleAfterDays;
}

function shareOf({ record: { probability } }: MeasuredItem): number | null {
  return probability !== null && probability >= 0 && probability <= 1 ? probability : null;
}

function largest(amounts: readonly Money[]): Money {
  let found = amounts[0] ?? ZERO;
  for (const amount of amounts) if (amount.greaterThan(found)) found = amount;
  return found;
}
