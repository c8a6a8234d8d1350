import assert from 'node:assert/strict';
import { dayOf } from '../../src/core/calendar.ts';
import type { MetricsQuery } from '../../src/core/measure-query.ts';
import { series } from '../../src/store/measures.ts';
import { historyOf } from '../../src/store/record-history.ts';
import { storedMetrics } from '../../src/stored-metrics.ts';
import { engineRig, type Rig, SETTINGS } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

const ALL: MetricsQuery = {
  asOf: null,
  period: { from: null, to: null },
  by: [],
  crm: null,
  quota: null,
  rates: null,
};

describe('measures of the stored state', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await engineRig();
    put(rig.left, 'a', { name: 'Alpha', amount: '100.10', stage: 'Prospecting', closeDate: '2026-01-31' });
    put(
      rig.right,
      'x',
      { name: 'Alpha', amount: '100.10', stage: 'Prospecting', closeDate: '2026-01-31' },
      'a',
    );
    put(rig.left, 'b', { name: 'Beta', amount: '50', stage: 'Won', closeDate: '2026-02-01' });
    await approve();
  });
  afterEach(() => rig.close());

  const approve = async (): Promise<void> => {
    const planned = await rig.report('plan');
    await rig.report('apply', { digest: planned.plan?.digest ?? '' });
  };
  const metrics = async (query: Partial<MetricsQuery> = {}) =>
    storedMetrics(rig.database.db, rig.store, SETTINGS, { ...ALL, ...query }, Date.now(), 30);

  it('counts a pair once and an unpaired record too', async () => {
    const document = await metrics();
    assert.deepEqual(document.counted, { opportunities: 2, paired: 1, created_later: 0 });
    const found = document.scopes[0]?.metrics;
    assert.equal(found?.open_amount, '100.1');
    assert.equal(found?.won_amount, '50');
    assert.equal(found?.linked_count, 1);
    assert.equal(found?.agreement_rate, 1);
  });

  it('keeps what changed, in which CRM and when, our own writes included, and nothing twice', async () => {
    rig.left.edit('a', { amount: '120', closeDate: '2026-03-15' });
    const edited = rig.left.records.get('a')?.changedAt;
    await rig.report('sync');
    await rig.report('sync');
    const left = await historyOf(rig.database.db, 'main', 'left', ['a']);
    assert.deepEqual(
      left
        .map(({ at, field, from, to }) => ({ at, field, from, to }))
        .sort((x, y) => (x.field < y.field ? -1 : 1)),
      [
        { at: edited, field: 'amount', from: '100.10', to: '120' },
        { at: edited, field: 'closeDate', from: '2026-01-31', to: '2026-03-15' },
      ],
    );
    const right = await historyOf(rig.database.db, 'main', 'right', ['x']);
    assert.deepEqual(right.map(({ field, to }) => [field, to]).sort(), [
      ['amount', '120'],
      ['closeDate', '2026-03-15'],
    ]);
    const found = (await metrics()).scopes[0]?.metrics;
    assert.equal(found?.pushes_by_day, 1);
    assert.equal(found?.pushes_by_month, 1);
  });

  it('notes no change where the amount is only written differently', async () => {
    rig.left.edit('a', { amount: '100.100' });
    await rig.report('sync');
    assert.deepEqual(await historyOf(rig.database.db, 'main', 'left', ['a']), []);
  });

  it('counts a reopening from the history of verdicts', async () => {
    rig.left.edit('b', { stage: 'Negotiating' });
    await rig.report('sync');
    const found = (await metrics()).scopes[0]?.metrics;
    assert.equal(found?.reopened_count, 1);
    assert.equal(found?.open_amount, '150.1');
  });

  it('stores one row per scope and day', async () => {
    const day = dayOf(Date.now(), 'UTC');
    const stored = await series(rig.database.db, 'main', day, day);
    assert.equal(stored.length, 1);
    assert.deepEqual(stored[0], {
      day,
      pipeline: '',
      currency: 'USD',
      metrics: {
        open_count: 1,
        open_amount: '100.10',
        weighted_amount: '0',
        overdue_count: 1,
        won_count: 1,
        won_amount: '50',
        lost_count: 0,
        lost_amount: '0',
        cancelled_count: 0,
        unknown_count: 0,
      },
    });
  });

  it('replaces the row of the day with a full run, and only then within the hour', async () => {
    const day = dayOf(Date.now(), 'UTC');
    const won = async () => (await series(rig.database.db, 'main', day, day))[0]?.metrics['won_amount'];
    rig.left.edit('b', { amount: '70' });
    await rig.report('sync');
    assert.equal(await won(), '50');
    await rig.report('sync', { full: true });
    assert.equal(await won(), '70');
  });
});
