import assert from 'node:assert/strict';
import { compareCounterparts } from '../../src/core/measure-agreement.ts';
import { at, closed, measured, opportunity, seen } from './measured.ts';

const MARCH = { period: { from: '2026-03-01', to: '2026-03-31' } };

describe('flows of a period', () => {
  it('waterfall: everything that may happen to a pipeline, each in its own flow', () => {
    const found = measured(
      [
        opportunity({ amount: '100' }),
        opportunity({ amount: '70', history: [seen('2026-03-10', 'amount', '50', '70')] }),
        opportunity({ amount: '30', history: [seen('2026-03-10', 'amount', '40', '30')] }),
        opportunity({ amount: '8', createdAt: '2026-03-05' }),
        closed('won', '2026-03-20', { amount: '25', history: [seen('2026-03-19', 'amount', '20', '25')] }),
        closed('lost', '2026-03-21', { amount: '10' }),
        closed('cancelled', '2026-03-22', { amount: '5' }),
        closed('won', '2026-03-23', { amount: '3', createdAt: '2026-03-02' }),
        closed('won', '2026-02-10', { amount: '999' }),
        opportunity({ amount: '4', history: [seen('2026-03-12', 'status', 'closed/lost', 'active')] }),
        opportunity({ amount: '999', createdAt: '2026-04-02' }),
      ],
      MARCH,
    );
    assert.deepEqual(found.waterfall, {
      start: '225',
      new: '11',
      reopened: '4',
      pulled_in: '0',
      increased: '25',
      decreased: '10',
      moved_out: '0',
      won: '28',
      lost: '10',
      cancelled: '5',
      undecided: '0',
      end: '212',
      watched: true,
    });
    assert.equal(found.waterfall?.won, found.won_amount);
  });

  it('waterfall of what is due: close dates move opportunities in and out', () => {
    const found = measured(
      [
        opportunity({
          ...{ amount: '10', closeDate: '2026-05-01' },
          history: [seen('2026-03-10', 'closeDate', '2026-03-15', '2026-05-01')],
        }),
        opportunity({
          ...{ amount: '20', closeDate: '2026-03-30' },
          history: [seen('2026-03-10', 'closeDate', '2026-05-01', '2026-03-30')],
        }),
        opportunity({ amount: '40', closeDate: '2026-03-25' }),
        opportunity({ amount: '80', closeDate: '2026-08-01' }),
      ],
      MARCH,
    ).waterfall_due;
    assert.deepEqual(
      [found?.start, found?.pulled_in, found?.moved_out, found?.end],
      ['50', '20', '10', '60'],
    );
  });

  it('a close date that still lies ahead does not keep what is closed out of the flows', () => {
    const early = closed('won', '2026-07-20', { amount: '9' });
    const found = measured([early], { period: { from: '2026-06-01', to: '2026-07-31' } });
    assert.deepEqual([found.won_amount, found.waterfall?.start, found.waterfall?.won], ['9', '9', '9']);
    assert.equal(measured([early]).won_amount, '9');
  });

  it('says when the past could not be watched', () => {
    const found = measured([opportunity({ observedSince: at('2026-05-01') })], MARCH);
    assert.equal(found.waterfall?.watched, false);
    assert.equal(found.slippage_rate_count, null);
  });

  it('slippage: due at the start, still open, and now due after the period', () => {
    const slipped = { history: [seen('2026-03-20', 'closeDate', '2026-03-15', '2026-04-15')] };
    const found = measured(
      [
        opportunity({ ...slipped, closeDate: '2026-04-15', amount: '30' }),
        opportunity({ closeDate: '2026-03-15', amount: '30' }),
        closed('won', '2026-03-15', { amount: '40' }),
        opportunity({ closeDate: '2026-08-01', amount: '900' }),
      ],
      MARCH,
    );
    assert.deepEqual(
      [found.due_count, found.due_amount, found.slipped_count, found.slipped_amount],
      [3, '100', 1, '30'],
    );
    assert.equal(found.slippage_rate_count, 0.333333);
    assert.equal(found.slippage_rate_amount, 0.3);
    assert.equal(found.close_rate_amount, 0.04);
  });

  it('coverage and quota: what is due against what is missing', () => {
    const records = [
      opportunity({ closeDate: '2026-03-15', amount: '90' }),
      opportunity({ closeDate: '2026-08-15', amount: '900' }),
      closed('won', '2026-03-02', { amount: '40' }),
    ];
    const found = measured(records, { ...MARCH, quota: '100' });
    assert.equal(found.coverage, 1.5);
    assert.equal(found.quota_attainment, 0.4);
    assert.equal(measured(records, { ...MARCH, quota: '40' }).coverage, null);
  });

  it('conversion: who leaves out a stage passes in any order, and leaves the strict funnel', () => {
    const path = (...stages: string[]) =>
      stages.slice(1).map((to, index) => seen(`2026-01-${10 + index}`, 'stage', stages[index] ?? null, to));
    const found = measured([
      opportunity({ stage: 'Negotiation', history: path('Discovery', 'Proposal', 'Negotiation') }),
      opportunity({ stage: 'Negotiation', history: path('Discovery', 'Negotiation') }),
      closed('won', '2026-02-01', { history: path('Discovery', 'Proposal', 'Negotiation', 'Won') }),
      closed('lost', '2026-02-01', { history: path('Discovery', 'Proposal', 'Lost') }),
      opportunity({ stage: 'Discovery' }),
      closed('won', '2026-02-01', { observedSince: null }),
    ]).stage_conversion;
    assert.equal(found.unobserved_count, 1);
    assert.deepEqual(
      found.steps.map(({ stage, entered, advanced, in_order, next_in_order }) => [
        ...[stage, entered, advanced, in_order, next_in_order],
      ]),
      [
        ['Discovery', 5, 4, 5, 3],
        ['Proposal', 3, 2, 3, 2],
        ['Negotiation', 3, 1, 2, 1],
      ],
    );
    assert.equal(found.steps[0]?.conversion_any_order, 0.8);
    assert.equal(found.steps[0]?.conversion_strict, 0.6);
  });

  it('told as of an earlier day: what closed later was open, what was created later is not there', () => {
    const found = measured(
      [
        closed('won', '2026-05-10', { amount: '10' }),
        closed('won', '2026-02-10', { amount: '20' }),
        opportunity({ createdAt: '2026-04-01' }),
        opportunity({ amount: '5', history: [seen('2026-05-01', 'amount', '3', '5')] }),
      ],
      { asOf: '2026-03-15' },
    );
    assert.deepEqual([found.open_amount, found.won_amount, found.created_count], ['13', '20', 3]);
    // What its probability was then, nobody knows now.
    assert.equal(found.unweighted_count, 1);
  });

  it('velocity: open count × win rate × average won ÷ mean won cycle', () => {
    const found = measured([
      opportunity(),
      opportunity(),
      closed('won', '2026-01-11', { amount: '300' }),
      closed('lost', '2026-01-31'),
    ]);
    assert.equal(found.velocity_per_day, '30');
  });

  it('agreement: same status, amount and date, and how long a change took to arrive', () => {
    const left = opportunity({ amount: '120.00', history: [seen('2026-03-01', 'amount', '100', '120')] });
    const right = opportunity({
      amount: '120',
      history: [{ at: at('2026-03-01') + 90_000, field: 'amount', from: '100', to: '120.0' }],
    });
    assert.deepEqual(compareCounterparts(left, right), { agrees: true, secondsToAgreement: [90] });
    assert.equal(compareCounterparts(left, { ...right, amount: null }).agrees, false);
    assert.equal(compareCounterparts(left, { ...right, currency: 'EUR' }).agrees, false);
    assert.equal(compareCounterparts(left, { ...right, status: 'closed', outcome: 'won' }).agrees, false);
    const found = measured([
      { ...left, counterpart: compareCounterparts(left, right) },
      opportunity({ counterpart: { agrees: false, secondsToAgreement: [10] } }),
    ]);
    assert.deepEqual(
      [found.linked_count, found.agreement_rate, found.agreement_time_p50_seconds],
      [2, 0.5, 50],
    );
  });
});
