import assert from 'node:assert/strict';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

describe('engine: two CRMs brought into agreement', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await engineRig();
  });
  afterEach(async () => {
    await rig.close();
  });

  const pairUp = (n: number): void => {
    for (let i = 0; i < n; i++) {
      const id = String(i).padStart(4, '0');
      put(rig.left, `L${id}`, { stage: i % 5 === 0 ? 'Won' : 'Negotiating', amount: `${i}.50` });
      put(rig.right, `R${id}`, { name: `L${id}`, stage: 'Negotiating', amount: `${i}.5` }, `L${id}`);
    }
  };

  it('never writes in the first run, and shows what it would do', async () => {
    pairUp(130);
    const report = await rig.report('sync');
    assert.deepEqual(
      report.brakes.map((brake) => brake.brake),
      ['first_run'],
    );
    assert.equal(rig.left.written.length + rig.right.written.length, 0);
    assert.equal(report.pairs.linked, 130);
    assert.equal(report.outcomes.changed, 260);
    assert.equal(report.converged, false);
  });

  it('applies the approved plan; the next sync has nothing to do', async () => {
    pairUp(130);
    const plan = await rig.report('plan');
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(applied.writes['right']?.update, 130);
    assert.equal(applied.converged, true);
    for (const [id, record] of rig.left.records) {
      const twin = rig.right.records.get(`R${id.slice(1)}`);
      assert.equal(twin?.fields['stage'], record.fields['stage']);
      assert.equal(twin?.owned['pairKey'], record.owned['pairKey']);
      assert.equal(record.owned['status'], record.fields['stage'] === 'Won' ? 'closed' : 'active');
    }
    const second = await rig.report('sync');
    assert.equal(second.plan?.changes, 0);
    assert.equal(second.outcomes.in_sync, 260);
    assert.equal(second.converged, true);
    assert.equal(second.writes['left']?.update, 0);
  });

  it('the same state gives the same digest', async () => {
    pairUp(30);
    const first = await rig.report('plan');
    const second = await rig.report('plan');
    assert.equal(first.plan?.digest, second.plan?.digest);
    assert.notEqual(first.run, second.run);
  });

  it('carries a later edit to the other side, and leaves a two-sided one to a person', async () => {
    pairUp(10);
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    await rig.report('sync');
    rig.right.edit('R0003', { nextStep: 'call on Monday' });
    rig.left.edit('L0004', { amount: '100' });
    rig.right.edit('R0004', { amount: '200' });
    const report = await rig.report('sync');
    assert.equal(rig.left.records.get('L0003')?.fields['nextStep'], 'call on Monday');
    assert.equal(rig.left.records.get('L0004')?.fields['amount'], '100');
    assert.equal(rig.right.records.get('R0004')?.fields['amount'], '200');
    assert.equal(report.outcomes.conflict, 2);
    assert.equal(report.outcomes.changed, 1);
    const again = await rig.report('sync');
    assert.equal(again.plan?.changes, 0);
    assert.equal(again.outcomes.conflict, 2);
  });

  it('decides again when a record moves between plan and write', async () => {
    pairUp(10);
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    await rig.report('sync');
    rig.left.edit('L0002', { nextStep: 'from the left' });
    let raced = false;
    const { readByIds } = rig.right;
    rig.right.readByIds = async (ids, facts, signal) => {
      if (!raced) {
        raced = true;
        rig.right.edit('R0002', { nextStep: 'typed meanwhile' });
      }
      return readByIds(ids, facts, signal);
    };
    const report = await rig.report('sync');
    assert.equal(rig.right.records.get('R0002')?.fields['nextStep'], 'typed meanwhile');
    assert.equal(report.outcomes.conflict, 2);
  });

  it('a refused record is quarantined with the words of the CRM and costs nobody else', async () => {
    pairUp(50);
    rig.right.refuse = (write) =>
      write.id === 'R0007'
        ? { recovery: 'skip', code: 'BAD', message: 'nextStep is not allowed', remedy: 'change it' }
        : null;
    const plan = await rig.report('plan');
    const report = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(report.outcomes.quarantined, 1);
    assert.equal(report.writes['right']?.update, 49);
    assert.equal(report.writes['right']?.failed, 1);
    assert.ok(report.attention.some((entry) => entry.cause === 'nextStep is not allowed'));
    const before = rig.right.written.length;
    const second = await rig.report('sync');
    assert.equal(second.outcomes.quarantined, 1);
    assert.equal(rig.right.written.length, before, 'a refused write is not tried again unchanged');
    rig.right.refuse = () => null;
    const retried = await rig.report('sync', { retryRefused: true });
    assert.equal(retried.outcomes.quarantined, 0);
    assert.equal(rig.right.records.get('R0007')?.owned['status'], 'active');
  });

  it('never carries a delete over and never makes the record again', async () => {
    pairUp(30);
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    const gone = rig.right.records.get('R0001');
    assert.ok(gone);
    gone.deleted = true;
    const report = await rig.report('sync');
    assert.equal(report.outcomes.held, 1);
    assert.equal(rig.left.records.get('L0001')?.deleted, false);
    assert.equal(rig.right.records.size, 30);
  });

  it('does not believe a source that lost most of its records', async () => {
    pairUp(100);
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    await rig.report('sync');
    for (const record of rig.right.records.values()) record.deleted = true;
    rig.left.edit('L0001', { nextStep: 'x' });
    const report = await rig.report('sync');
    assert.deepEqual(
      report.brakes.map((brake) => brake.brake),
      ['source_shrank'],
    );
  });

  it('accounts for every record: unpaired, excluded and the rest add up to those read', async () => {
    pairUp(20);
    put(rig.left, 'L9000', {});
    put(rig.right, 'R9000', {});
    const report = await rig.report('plan');
    const sum = Object.values(report.outcomes).reduce((total, n) => total + n, 0);
    assert.equal(sum, 42);
    assert.deepEqual(report.read, { left: 21, right: 21 });
    assert.deepEqual(report.pairs.orphans, { left: 1, right: 1 });
  });
});
