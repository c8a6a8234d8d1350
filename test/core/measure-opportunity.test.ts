import assert from 'node:assert/strict';
import { measureOpportunity } from '../../src/core/measure-opportunity.ts';
import { at, CONTEXT, closed, measured, opportunity, seen } from './measured.ts';

describe('measures of one opportunity', () => {
  it('time in stage: the last visit, and all visits together, going on after a return', () => {
    const record = opportunity({
      stage: 'Proposal',
      history: [
        seen('2026-01-11', 'stage', 'Discovery', 'Proposal'),
        seen('2026-01-31', 'stage', 'Proposal', 'Discovery'),
        seen('2026-02-05', 'stage', 'Discovery', 'Proposal'),
      ],
    });
    const { stageTimes } = measureOpportunity(record, { ...CONTEXT, asOf: '2026-02-15' });
    assert.deepEqual(
      stageTimes.map(({ stage, visits, latestDays, cumulativeDays }) => [
        stage,
        visits,
        latestDays,
        cumulativeDays,
      ]),
      [
        ['Discovery', 2, 5, 15],
        ['Proposal', 2, 10, 30],
      ],
    );
  });

  it('time in stage is not known where nobody saw the beginning, unless the CRM tells', () => {
    const unwatched = opportunity({ observedSince: null });
    assert.equal(measureOpportunity(unwatched, CONTEXT).stageTimes[0]?.latestDays, null);
    const told = opportunity({ observedSince: null, stageChangedAt: at('2026-06-20') });
    assert.equal(measureOpportunity(told, CONTEXT).stageTimes[0]?.latestDays, 10);
  });

  it('a closed stage has no running time', () => {
    const record = closed('won', '2026-02-01', {
      history: [seen('2026-02-01', 'stage', 'Discovery', 'Won')],
    });
    const times = measureOpportunity(record, CONTEXT).stageTimes;
    assert.deepEqual(
      times.map(({ stage, latestDays }) => [stage, latestDays]),
      [
        ['Discovery', 31],
        ['Won', null],
      ],
    );
  });

  it('regressions are steps back between open stages, loops are returns, and a reopening is neither', () => {
    const record = opportunity({
      stage: 'Proposal',
      history: [
        seen('2026-01-02', 'stage', 'Discovery', 'Negotiation'),
        seen('2026-01-03', 'stage', 'Negotiation', 'Proposal'),
        seen('2026-01-04', 'stage', 'Proposal', 'Negotiation'),
        seen('2026-01-05', 'stage', 'Negotiation', 'Lost'),
        seen('2026-01-05', 'status', 'active', 'closed/lost'),
        seen('2026-02-05', 'stage', 'Lost', 'Proposal'),
        seen('2026-02-05', 'status', 'closed/lost', 'active'),
      ],
    });
    const found = measureOpportunity(record, CONTEXT);
    assert.equal(found.regressions, 1);
    assert.equal(found.loops, 2);
    assert.equal(found.reopenCount, 1);
  });

  it('pushes are counted by day and by month; earlier dates and the rewriting of the date on closing are none', () => {
    const history = [
      seen('2026-02-01', 'closeDate', '2026-03-10', '2026-03-20'),
      seen('2026-02-02', 'closeDate', '2026-03-20', '2026-05-01'),
      seen('2026-02-03', 'closeDate', '2026-05-01', '2026-04-01'),
      seen('2026-04-20', 'closeDate', '2026-04-01', '2026-04-20'),
    ];
    const open = opportunity({ closeDate: '2026-04-20', history });
    assert.equal(measureOpportunity(open, CONTEXT).pushesByDay, 3);
    assert.equal(measureOpportunity(open, CONTEXT).pushesByMonth, 1);
    const closing = [...history, seen('2026-04-20', 'stage', 'Proposal', 'Won')];
    const won = closed('won', '2026-04-20', { history: closing });
    assert.equal(measureOpportunity(won, CONTEXT).pushesByDay, 2);
    const reopened = seen('2026-04-20', 'stage', 'Won', 'Proposal');
    const again = opportunity({ closeDate: '2026-04-20', history: [...history, reopened] });
    assert.equal(measureOpportunity(again, CONTEXT).pushesByDay, 0, 'it was won until it was reopened');
  });

  it('a contact in the future is a plan, not a contact', () => {
    const planned = opportunity({ lastContactAt: at('2026-07-15') });
    assert.equal(measureOpportunity(planned, CONTEXT).lastContact, null);
    const real = opportunity({ lastContactAt: at('2026-06-20') });
    assert.equal(measureOpportunity(real, CONTEXT).daysSinceContact, 10);
  });

  it('a cycle that ends before it begins says nothing and is counted apart', () => {
    const imported = closed('won', '2026-01-15', { createdAt: '2026-03-01' });
    const found = measured([imported, closed('won', '2026-01-11')]);
    assert.equal(found.cycle_won_mean_days, 10);
    assert.equal(found.cycle_unknown_count, 1);
    assert.equal(found.won_count, 2);
  });

  it('stale, quiet and never seen are three things', () => {
    const found = measured([
      opportunity({ lastContactAt: at('2026-05-30'), amount: '7' }),
      opportunity({ lastContactAt: at('2026-05-31') }),
      opportunity(),
    ]);
    assert.deepEqual([found.stale_count, found.stale_amount, found.contact_unknown_count], [1, '7', 1]);
  });

  it('overdue begins the day after the close date, in the workspace’s zone', () => {
    const due = (closeDate: string) => measured([opportunity({ closeDate })]).overdue_count;
    assert.deepEqual([due('2026-06-29'), due('2026-06-30')], [1, 0]);
  });

  it('won and complete, but nobody asked for a reference', () => {
    const proven = { accepted: true, contract: true, finance: null };
    const found = measured([
      closed('won', '2026-02-01', { name: 'ask', completeness: proven }),
      closed('won', '2026-02-01', { name: 'asked', completeness: proven, referenceAsked: true }),
      closed('won', '2026-02-01', { name: 'unpaid', completeness: { ...proven, finance: false } }),
      closed('won', '2026-02-01', { name: 'unproven' }),
    ]);
    assert.deepEqual(
      found.won_complete_no_reference.map(({ name }) => name),
      ['ask'],
    );
  });

  it('reasons: most frequent first, unstated apart, with amount and share', () => {
    const found = measured([
      closed('lost', '2026-02-01', { reason: 'price', amount: '5' }),
      closed('lost', '2026-02-01', { reason: ' price ', amount: '6' }),
      closed('lost', '2026-02-01', { reason: 'no decision', amount: null }),
      closed('lost', '2026-02-01', { reason: '  ' }),
    ]);
    assert.deepEqual(found.lost_reasons, [
      { reason: 'price', count: 2, amount: '11', share: 0.5 },
      { reason: null, count: 1, amount: '100', share: 0.25 },
      { reason: 'no decision', count: 1, amount: '0', share: 0.25 },
    ]);
  });
});
