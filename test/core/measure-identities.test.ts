/** What must hold of the metrics of any portfolio, checked on random ones. Money is checked in whole cents, by other means. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addDays } from '../../src/core/calendar.ts';
import { DIVISIONS, type Division, measurePortfolio } from '../../src/core/measure-portfolio.ts';
import type { HistoryEntry, MeasureContext, MeasuredRecord } from '../../src/core/measure-record.ts';
import type { ScopeMetrics } from '../../src/core/measure-scope.ts';
import { at, CONTEXT, opportunity } from './measured.ts';

const day = fc.integer({ min: -200, max: 200 }).map((days) => addDays('2026-03-15', days));
const cents = fc.integer({ min: 0, max: 9_999_999_999 });
const amount = fc.option(
  cents.map((value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`),
  { nil: null },
);
const standing = fc.constantFrom(
  'active',
  'unknown',
  'closed',
  'closed/won',
  'closed/lost',
  'closed/cancelled',
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const change = (
  field: HistoryEntry['field'],
  value: fc.Arbitrary<string | null>,
): fc.Arbitrary<HistoryEntry> =>
  fc.record({ at: day.map(at), field: fc.constant(field), from: value, to: value });

const history = fc
  .array(
    fc.oneof(
      change('stage', fc.constantFrom('Discovery', 'Proposal', 'Negotiation', 'Won', 'Lost', 'Gone')),
      change('amount', amount),
      change('closeDate', maybe(day)),
      change('status', standing),
    ),
    { maxLength: 5 },
  )
  .map((entries) => entries.sort((a, b) => a.at - b.at));

const record: fc.Arbitrary<MeasuredRecord> = fc
  .record({
    standing,
    amount,
    history,
    currency: fc.constantFrom('EUR', 'USD', null),
    probability: maybe(fc.constantFrom(0, 0.1, 0.33, 0.5, 1)),
    createdAt: maybe(fc.oneof(day, day.map(at))),
    closeDate: maybe(day),
    closedAt: maybe(day.map(at)),
    stage: maybe(fc.constantFrom('Discovery', 'Proposal', 'Negotiation', 'Won', 'Lost', 'Gone')),
    pipeline: maybe(fc.constantFrom('Sales', 'Renewals')),
    owner: maybe(fc.constantFrom('ann', 'bob')),
    account: maybe(fc.constantFrom('Acme', '__proto__')),
    lastContactAt: maybe(day.map(at)),
    observedSince: maybe(fc.constant(0)),
    reason: maybe(fc.constantFrom('price', 'time')),
  })
  .map(({ standing: text, ...fields }) => {
    const [status, outcome = null] = text.split('/') as [
      MeasuredRecord['status'],
      MeasuredRecord['outcome']?,
    ];
    return opportunity({ ...fields, status, outcome, phase: null });
  });

const records = fc.array(record, { maxLength: 30 });
const context: fc.Arbitrary<MeasureContext> = fc
  .record({ asOf: day, from: maybe(day), to: maybe(day), quota: maybe(fc.constantFrom('1000', '99999999')) })
  .map(({ asOf, from, to, quota }) => ({
    ...CONTEXT,
    ...{ asOf, quota, present: '2026-06-30', timeZone: 'America/New_York' },
    period: from !== null && to !== null && from > to ? { from: to, to: from } : { from, to },
  }));

const SUMS = [
  ...['open_amount', 'weighted_amount', 'won_amount', 'lost_amount', 'cancelled_amount', 'created_amount'],
  ...['stale_amount', 'overdue_amount', 'unknown_amount'],
] as const;
const COUNTS = [
  ...['open_count', 'won_count', 'lost_count', 'cancelled_count', 'created_count', 'unknown_count'],
  ...['stale_count', 'overdue_count', 'closed_without_outcome_count', 'next_step_missing_count'],
] as const;

/** A decimal text in millionths of a cent, exact. */
function units(text: unknown): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text));
  assert.ok(match, `${text} is no plain decimal number`);
  const [, sign, whole = '', part = ''] = match;
  assert.ok(part.length <= 8, `${text} has too many decimals for a sum`);
  return BigInt(`${sign}${whole}${part.padEnd(8, '0')}`);
}

function total(list: readonly ScopeMetrics[], name: (typeof SUMS)[number]): bigint {
  return list.reduce((sum, metrics) => sum + units(metrics[name as keyof ScopeMetrics]), 0n);
}

const measure = (list: readonly MeasuredRecord[], given: MeasureContext, by: readonly Division[] = []) =>
  measurePortfolio(list, given, { by, rates: null });

describe('identities of metrics', () => {
  it('both waterfalls balance to the cent', () => {
    fc.assert(
      fc.property(records, context, (list, given) => {
        for (const { metrics } of measure(list, given, ['owner']).scopes)
          for (const flow of [metrics.waterfall, metrics.waterfall_due]) {
            if (flow === null) continue;
            const [start, end] = [units(flow.start), units(flow.end)];
            const into = [flow.new, flow.reopened, flow.pulled_in, flow.increased].map(units);
            const out = [
              flow.decreased,
              flow.moved_out,
              flow.won,
              flow.lost,
              flow.cancelled,
              flow.undecided,
            ].map(units);
            const sum = (parts: bigint[]): bigint => parts.reduce((a, b) => a + b, 0n);
            assert.equal(start + sum(into) - sum(out), end);
            for (const part of [start, end, ...into, ...out]) assert.ok(part >= 0n);
          }
      }),
      { numRuns: 300 },
    );
  });

  it('the pipeline at the end of a waterfall is the open pipeline', () => {
    fc.assert(
      fc.property(records, context, (list, given) => {
        for (const { metrics } of measure(list, { ...given, period: { from: '2025-01-01', to: null } })
          .scopes)
          if (metrics.waterfall !== null) assert.equal(metrics.waterfall.end, metrics.open_amount);
      }),
      { numRuns: 200 },
    );
  });

  it('sums and counts over any division equal the whole', () => {
    const divided = fc.subarray([...DIVISIONS], { minLength: 1 });
    fc.assert(
      fc.property(records, context, divided, (list, given, by) => {
        const whole = measure(list, { ...given, period: { from: null, to: null } });
        const parts = measure(list, { ...given, period: { from: null, to: null } }, by);
        for (const scope of whole.scopes) {
          const mine = parts.scopes
            .filter((part) => part.currency === scope.currency)
            .map(({ metrics }) => metrics);
          for (const name of SUMS) assert.equal(total(mine, name), total([scope.metrics], name), name);
          for (const name of COUNTS) {
            const count = mine.reduce((sum, metrics) => sum + Number(metrics[name as keyof ScopeMetrics]), 0);
            assert.equal(count, scope.metrics[name as keyof ScopeMetrics], name);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('months of a period add up to the period for what is placed by a day', () => {
    fc.assert(
      fc.property(records, context, (list, given) => {
        const whole = measure(list, given);
        const months = measure(list, given, ['month']);
        for (const scope of whole.scopes) {
          const mine = months.scopes
            .filter((part) => part.currency === scope.currency)
            .map(({ metrics }) => metrics);
          for (const name of ['won_amount', 'lost_amount', 'cancelled_amount', 'created_amount'] as const)
            assert.equal(total(mine, name), total([scope.metrics], name), name);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('every record that exists is in exactly one place', () => {
    fc.assert(
      fc.property(records, context, (list, given) => {
        const document = measure(list, { ...given, period: { from: null, to: null } });
        const placed = document.scopes.reduce(
          (sum, { metrics: m }) =>
            sum +
            m.open_count +
            m.unknown_count +
            m.won_count +
            m.lost_count +
            m.cancelled_count +
            m.closed_without_outcome_count,
          0,
        );
        assert.equal(placed, document.counted.opportunities);
        assert.equal(placed + document.counted.created_later, list.length);
      }),
      { numRuns: 200 },
    );
  });

  it('weighted is at most open, rates lie in [0, 1] or are null, nothing is NaN, and order changes nothing', () => {
    fc.assert(
      fc.property(records, context, (list, given) => {
        const document = measure(list, given, ['pipeline']);
        for (const { metrics } of document.scopes) {
          assert.ok(units(metrics.weighted_amount) <= units(metrics.open_amount));
          for (const [name, value] of Object.entries(metrics)) {
            if (typeof value === 'number')
              assert.ok(Number.isFinite(value) && value >= 0, `${name} ${value}`);
            // What was open at the start may be won for more than it was worth then.
            const grows = name === 'close_rate_amount';
            if (/rate|attainment/.test(name) && !/quota/.test(name) && value !== null && !grows)
              assert.ok(Number(value) >= 0 && Number(value) <= 1, `${name} ${value}`);
          }
          for (const step of metrics.stage_conversion.steps) {
            assert.ok(step.advanced <= step.entered && step.next_in_order <= step.in_order);
            assert.ok(step.in_order <= step.entered);
          }
        }
        const sorted = [...list].sort((a, b) => (a.amount ?? '').localeCompare(b.amount ?? ''));
        const comparable = (found: unknown): string =>
          JSON.stringify(found, (key, value: unknown) => (key === 'won_complete_no_reference' ? 0 : value));
        assert.equal(comparable(measure(sorted, given, ['pipeline']).scopes), comparable(document.scopes));
      }),
      { numRuns: 200 },
    );
  });
});
