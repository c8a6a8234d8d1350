/** From records to the metrics document: counted once, in one currency per scope, divided as asked. */
import { isWithin, monthOf, type Period } from './calendar.ts';
import type { Crm, PlainDate } from './ids.ts';
import { convertRecords, itemAsOf, type MeasuredItem, type Unconverted } from './measure-item.ts';
import type { MeasureContext, MeasuredRecord } from './measure-record.ts';
import { measureScope, type ScopeMetrics } from './measure-scope.ts';
import type { RateTable } from './rates.ts';

export const DIVISIONS = ['pipeline', 'owner', 'account', 'month'] as const;
export type Division = (typeof DIVISIONS)[number];

export interface MetricsScope {
  /** What the scope holds: the value of each division asked for; null = the record has none. Empty = everything. */
  readonly by: Readonly<Partial<Record<Division, string | null>>>;
  readonly currency: string | null;
  readonly metrics: ScopeMetrics;
}

/** What `oppsync metrics --json` prints. */
export interface MetricsDocument {
  readonly asOf: PlainDate;
  readonly period: Period;
  readonly timeZone: string;
  /** Opportunities counted, and records left out because the other one of their pair counts. */
  readonly counted: {
    readonly opportunities: number;
    readonly paired: number;
    readonly created_later: number;
  };
  /** Records that no rate was given for; they stand in a scope of their own currency. */
  readonly unconverted: readonly Unconverted[];
  readonly scopes: readonly MetricsScope[];
}

export interface PortfolioOptions {
  readonly by: readonly Division[];
  /** Convert everything to one currency. */
  readonly rates: RateTable | null;
}

/** A record with what tells which others are the same opportunity. */
export interface PairedRecord {
  readonly record: MeasuredRecord;
  /** Equal keys are one opportunity; null = alone. */
  readonly pair: string | null;
}

/**
 * Which records count: with `only` those of that CRM; otherwise every record that has no pair, and of a pair the one of the
 * CRM that comes first in `order`. A pair is never counted twice. Answers how many were left out as the other of a pair.
 */
export function countedRecords(
  found: readonly PairedRecord[],
  order: readonly Crm[],
  only: Crm | null,
): { readonly records: readonly MeasuredRecord[]; readonly paired: number } {
  if (only !== null) {
    return { records: found.map(({ record }) => record).filter(({ crm }) => crm === only), paired: 0 };
  }
  const rank = (crm: Crm): number => (order.includes(crm) ? order.indexOf(crm) : order.length);
  const first = new Map<string, MeasuredRecord>();
  for (const { record, pair } of found) {
    if (pair === null) continue;
    const known = first.get(pair);
    if (known === undefined || rank(record.crm) < rank(known.crm)) first.set(pair, record);
  }
  const records = found
    .filter(({ record, pair }) => pair === null || first.get(pair) === record)
    .map(({ record }) => record);
  return { records, paired: found.length - records.length };
}

/**
 * Measures a portfolio. Each scope has one currency; currencies are never added up unless a rate table is given. Scopes are
 * sorted by currency and division values, so that equal records in any order give an equal document. No record at all
 * gives one empty scope, so that there is always something to read.
 */
export function measurePortfolio(
  records: readonly MeasuredRecord[],
  context: MeasureContext,
  options: PortfolioOptions,
  paired = 0,
): MetricsDocument {
  const { records: converted, unconverted } =
    options.rates === null ? { records, unconverted: [] } : convertRecords(records, options.rates, context);
  const items = converted.map((record) => itemAsOf(record, context)).filter((item) => item !== null);
  const plain = options.by.filter((division) => division !== 'month');
  const groups = new Map<string, MeasuredItem[]>();
  for (const item of items) {
    const key = JSON.stringify([
      item.present.currency,
      ...plain.map((division) => divisionValue(item, division, context)),
    ]);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  const empty = options.rates?.target ?? null;
  if (groups.size === 0 && plain.length === 0) groups.set(JSON.stringify([empty]), []);
  const scopes = [...groups].flatMap(([key, group]): MetricsScope[] => {
    const [currency = null, ...values] = JSON.parse(key) as (string | null)[];
    const by = Object.fromEntries(plain.map((division, index) => [division, values[index] ?? null]));
    if (options.by.includes('month'))
      return months(group, context).map((scope) => ({ ...scope, by: { ...by, ...scope.by }, currency }));
    return [
      { by, currency, metrics: measureScope({ placed: group, created: group, flowing: group }, context) },
    ];
  });
  return {
    asOf: context.asOf,
    period: context.period,
    timeZone: context.timeZone,
    counted: { opportunities: items.length, paired, created_later: converted.length - items.length },
    unconverted,
    scopes: scopes.sort((a, b) => compareTexts(sortKey(a), sortKey(b))),
  };
}

/**
 * One scope per month of the period: closed ones by closing day, open and undecided ones by expected close date, created
 * ones by their day of creation, so that each figure, added up over the months, gives the whole. Flows (waterfall,
 * slippage) are those of all records during that month. Records without a date come last, and only without a period.
 */
function months(
  group: readonly MeasuredItem[],
  context: MeasureContext,
): readonly Omit<MetricsScope, 'currency'>[] {
  const placed = new Map<string | null, MeasuredItem[]>();
  const created = new Map<string | null, MeasuredItem[]>();
  for (const item of group) {
    const day = item.record.status === 'closed' ? item.closed : item.record.closeDate;
    if (isWithin(day, context.period)) push(placed, day === null ? null : monthOf(day), item);
    if (isWithin(item.created, context.period))
      push(created, item.created === null ? null : monthOf(item.created), item);
  }
  return [...new Set([...placed.keys(), ...created.keys()])].map((month) => ({
    by: { month },
    metrics: measureScope(
      {
        placed: placed.get(month) ?? [],
        created: created.get(month) ?? [],
        flowing: month === null ? [] : group,
      },
      { ...context, period: month === null ? { from: null, to: null } : monthPeriod(month, context.period) },
    ),
  }));
}

/** The days of a month that lie in the period. */
function monthPeriod(month: string, { from, to }: Period): Period {
  const first = `${month}-01`;
  const next = new Date(Date.parse(`${month}-28`) + 4 * 86_400_000).toISOString().slice(0, 8);
  const last = new Date(Date.parse(`${next}01`) - 86_400_000).toISOString().slice(0, 10);
  return { from: from !== null && from > first ? from : first, to: to !== null && to < last ? to : last };
}

function push(map: Map<string | null, MeasuredItem[]>, key: string | null, item: MeasuredItem): void {
  const list = map.get(key) ?? [];
  list.push(item);
  map.set(key, list);
}

function divisionValue(
  { present }: MeasuredItem,
  division: Division,
  context: MeasureContext,
): string | null {
  if (division === 'pipeline') {
    const stage = present.stage === null ? undefined : context.stages.get(present.crm)?.get(present.stage);
    return present.pipeline ?? stage?.pipeline ?? null;
  }
  return division === 'owner' ? present.owner : present.account;
}

/** Scopes without a value come last. */
function sortKey({ by, currency }: MetricsScope): string {
  return JSON.stringify([...Object.values(by), currency].map((value) => (value === null ? '\uffff' : value)));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
