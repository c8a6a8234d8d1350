/** Errors that widely used reporting packages make; each is asserted to be absent here. */
import assert from 'node:assert/strict';
import { closed, measured, opportunity } from './measured.ts';

describe('errors known from other packages', () => {
  it('reversed day difference: an age and a cycle are never negative, and count from creation to the later day', () => {
    assert.equal(measured([opportunity({ createdAt: '2026-06-20' })]).age_mean_days, 10);
    const won = closed('won', '2026-03-01', { createdAt: '2026-02-01' });
    assert.equal(measured([won]).cycle_won_mean_days, 28);
    // Across a change to summer time, whatever the zone.
    const spring = closed('won', '2026-04-01', { createdAt: Date.parse('2026-03-28T23:30:00Z') });
    assert.equal(measured([spring], { timeZone: 'Europe/Paris' }).cycle_won_mean_days, 3);
  });

  it('missing division by 100: a weighted amount is a share of the amount, never a multiple', () => {
    const found = measured([opportunity({ amount: '200', probability: 0.25 })]);
    assert.equal(found.weighted_amount, '50');
    // A probability outside 0..1 is no probability: it is not used, and it is shown.
    const broken = measured([opportunity({ amount: '200', probability: 10 })]);
    assert.equal(broken.weighted_amount, '0');
    assert.equal(broken.unweighted_count, 1);
  });

  it('a category fallen into "other": whatever its forecast category or phase, an open one is in the pipeline', () => {
    const phases = ['prospecting', 'committing', 'finalising', 'paused', null] as const;
    const found = measured(phases.map((phase) => opportunity({ phase, amount: '10' })));
    assert.equal(found.open_count, phases.length);
    assert.equal(found.open_amount, '50');
    // Every record is in exactly one place.
    const all = [
      opportunity(),
      opportunity({ status: 'unknown' }),
      ...(['won', 'lost', 'cancelled'] as const).map((outcome) => closed(outcome, '2026-03-01')),
      opportunity({ status: 'closed' }),
    ];
    const sum = measured(all);
    assert.deepEqual(
      [
        ...[sum.open_count, sum.unknown_count, sum.won_count, sum.lost_count, sum.cancelled_count],
        sum.closed_without_outcome_count,
      ],
      [1, 1, 1, 1, 1, 1],
    );
  });

  it('inconsistent empty denominators: what has nothing to divide by is null everywhere, with and without divisions', () => {
    const rates = [
      ...[
        'win_rate_count',
        'win_rate_amount',
        'won_average_amount',
        'won_median_amount',
        'open_average_amount',
      ],
      ...['cycle_won_mean_days', 'cycle_won_median_days', 'cycle_lost_mean_days', 'cycle_lost_median_days'],
      ...['age_mean_days', 'age_median_days', 'velocity_per_day', 'coverage', 'quota_attainment'],
      ...['slippage_rate_count', 'slippage_rate_amount', 'close_rate_amount', 'agreement_rate'],
      ...['agreement_time_p50_seconds', 'agreement_time_p95_seconds'],
    ] as const;
    const nothing = measured([], { period: { from: '2026-01-01', to: '2026-03-31' } });
    const undecided = measured([opportunity({ status: 'unknown', amount: null })]);
    for (const rate of rates) {
      assert.equal(nothing[rate as keyof typeof nothing], null, rate);
      assert.equal(undecided[rate as keyof typeof undecided], null, rate);
    }
    // Sums and counts over nothing are known: they are 0.
    assert.equal(nothing.open_amount, '0');
    assert.equal(nothing.won_count, 0);
  });

  it('only survivors counted as created: what was created in the period counts whatever became of it', () => {
    const found = measured(
      [
        opportunity({ createdAt: '2026-02-10' }),
        closed('won', '2026-02-20', { createdAt: '2026-02-11' }),
        closed('lost', '2026-02-21', { createdAt: '2026-02-12' }),
        opportunity({ createdAt: '2026-03-01' }),
      ],
      { period: { from: '2026-02-01', to: '2026-02-28' } },
    );
    assert.equal(found.created_count, 3);
    assert.equal(found.created_amount, '300');
  });

  it('"today" by the server: a day begins in the workspace’s zone', () => {
    const created = Date.parse('2026-02-28T23:30:00Z');
    const period = { from: '2026-03-01', to: '2026-03-31' };
    assert.equal(measured([opportunity({ createdAt: created })], { period }).created_count, 0);
    assert.equal(
      measured([opportunity({ createdAt: created })], { period, timeZone: 'Europe/Paris' }).created_count,
      1,
    );
  });
});
