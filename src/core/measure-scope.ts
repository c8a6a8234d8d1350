/** All metrics of one scope: a set of opportunities in one currency. */
import { sumOf } from './amount.ts';
import { isWithin } from './calendar.ts';
import type { Crm, DecimalText, RecordId } from './ids.ts';
import { type AgreementMeasures, measureAgreement } from './measure-agreement.ts';
import { decimalOf } from './measure-amount.ts';
import {
  type ClosingMeasures,
  measureClosing,
  velocityPerDay,
  wonWithoutReference,
} from './measure-closing.ts';
import { type ConversionMeasures, measureConversion } from './measure-conversion.ts';
import type { MeasuredItem } from './measure-item.ts';
import { pushesOf, reopenCount } from './measure-opportunity.ts';
import {
  type CoverageMeasures,
  measureCoverage,
  measurePipeline,
  type PipelineMeasures,
} from './measure-pipeline.ts';
import type { MeasureContext, MeasuredRecord } from './measure-record.ts';
import { measureSlippage, type SlippageMeasures } from './measure-slippage.ts';
import { statesAtEnds } from './measure-span.ts';
import { regressionsOf } from './measure-stage-time.ts';
import { measureWaterfall, type Waterfall } from './measure-waterfall.ts';
import type { Outcome } from './verdict.ts';

export interface ScopeItems {
  /** Open and undecided ones, and closed ones whatever the day they closed. */
  readonly placed: readonly MeasuredItem[];
  /** Those whose creation may count; differs from `placed` only for a month. */
  readonly created: readonly MeasuredItem[];
  /** The pipeline that flows are told of; differs from `placed` only for a month. */
  readonly flowing: readonly MeasuredItem[];
}

export interface ScopeMetrics
  extends PipelineMeasures,
    ClosingMeasures,
    CoverageMeasures,
    SlippageMeasures,
    AgreementMeasures {
  readonly created_count: number;
  readonly created_amount: DecimalText;
  readonly velocity_per_day: DecimalText | null;
  readonly regressed_count: number;
  readonly reopened_count: number;
  readonly pushed_count: number;
  readonly pushes_by_day: number;
  readonly pushes_by_month: number;
  readonly unknown_count: number;
  readonly unknown_amount: DecimalText;
  /** Closed, but whether won or lost is not known. */
  readonly closed_without_outcome_count: number;
  readonly won_complete_no_reference: readonly {
    readonly crm: Crm;
    readonly id: RecordId;
    readonly name: string;
  }[];
  readonly waterfall: Waterfall | null;
  readonly waterfall_due: Waterfall | null;
  readonly stage_conversion: ConversionMeasures;
}

/**
 * Measures one scope. Open ones count as of the as-of day whatever the period; closed ones by their closing day and
 * created ones by their day of creation when those lie in the period. `unknown_*` (the verdict could not be reached) is in
 * no other figure. All amounts must be of one currency.
 */
export function measureScope(items: ScopeItems, context: MeasureContext): ScopeMetrics {
  const { period, timeZone } = context;
  const open: MeasuredItem[] = [];
  const unknown: MeasuredItem[] = [];
  const ended: Record<Outcome | 'none', MeasuredItem[]> = { won: [], lost: [], cancelled: [], none: [] };
  const records: MeasuredRecord[] = [];
  for (const item of items.placed) {
    const { status, outcome } = item.record;
    records.push(item.record);
    if (status === 'active') open.push(item);
    else if (status === 'unknown') unknown.push(item);
    else if (isWithin(item.closed, period)) ended[outcome ?? 'none'].push(item);
  }
  const { won, lost } = ended;
  const created = items.created.filter(({ created: day }) => isWithin(day, period));
  const due = open.filter(({ record }) => isWithin(record.closeDate, period));
  const spanned = statesAtEnds(items.flowing, context);
  // Most have none, and nothing to count then.
  const changed = records.filter((record) => record.history.length > 0);
  const pushes = changed.map((record) => pushesOf(record, context));
  return {
    ...measurePipeline(open, context),
    created_count: created.length,
    created_amount: amountOf(created),
    ...measureClosing(won, lost, ended.cancelled, timeZone),
    velocity_per_day: velocityPerDay(open.length, won, lost.length, timeZone),
    ...measureCoverage(due, sumOf(won.map(({ amount }) => amount)), context.quota),
    ...measureSlippage(spanned, period),
    regressed_count: changed.filter((record) => regressionsOf(record, context) > 0).length,
    reopened_count: changed.filter((record) => reopenCount(record) > 0).length,
    pushed_count: pushes.filter(({ pushesByDay }) => pushesByDay > 0).length,
    pushes_by_day: pushes.reduce((sum, { pushesByDay }) => sum + pushesByDay, 0),
    pushes_by_month: pushes.reduce((sum, { pushesByMonth }) => sum + pushesByMonth, 0),
    unknown_count: unknown.length,
    unknown_amount: amountOf(unknown),
    closed_without_outcome_count: ended.none.length,
    won_complete_no_reference: wonWithoutReference(won).map(({ record: { crm, id, name } }) => ({
      crm,
      id,
      name,
    })),
    ...measureAgreement(records),
    waterfall: measureWaterfall(spanned, null),
    waterfall_due: period.to === null ? null : measureWaterfall(spanned, period),
    stage_conversion: measureConversion(records, context),
  };
}

function amountOf(items: readonly MeasuredItem[]): DecimalText {
  return decimalOf(sumOf(items.map(({ amount }) => amount)));
}
