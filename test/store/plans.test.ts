import assert from 'node:assert/strict';
import type { PlanView } from '../../src/core/report.ts';
import { batch, planned, type StoreRig, SYNC, storeRig } from './store-rig.ts';

describe('plans in the store', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
  });
  afterEach(() => rig.close());

  const plan = (run: string, digest: string, createdAt: number, more: Partial<PlanView> = {}): PlanView => ({
    digest,
    sync: SYNC,
    run,
    state: 'open',
    createdAt,
    expiresAt: createdAt + 1000,
    records: { left: 1 },
    changes: 2,
    predictedCalls: { left: 3 },
    byReason: [],
    ...more,
  });

  it('the writes of a run come in order of CRM and record, page by page, each once', async () => {
    const names = ['right:2', 'left:9', 'right:10', 'left:1', 'right:1'];
    await rig.store.saveReconciled(
      batch('r1', { writes: names.map((name) => planned(name, { name: 'x' })) }),
    );
    await rig.store.saveReconciled(batch('r2', { writes: [planned('left:5', { name: 'x' })] }));
    const seen: string[] = [];
    let after = null;
    for (;;) {
      const page = await rig.store.plannedWrites('r1', after, 2);
      seen.push(...page.map(({ crm, id }) => `${crm}:${id}`));
      const last = page[page.length - 1];
      if (last === undefined) break;
      after = { crm: last.crm, id: last.id };
    }
    assert.deepEqual(seen, ['left:1', 'left:9', 'right:1', 'right:10', 'right:2']);
  });

  it('counts records and changes, and says why by field', async () => {
    const made = await rig.store.saveReconciled(
      batch('r1', {
        writes: [
          planned('left:1', { name: 'x', amount: '1' }),
          planned('right:1', { name: 'x' }, { owned: { status: 'active' } }),
        ],
      }),
    );
    assert.deepEqual(await rig.store.plannedCounts('r1'), {
      records: { left: 1, right: 1 },
      ofTeams: { left: 1, right: 1 },
      changes: 4,
    });
    assert.deepEqual(await rig.store.planReasons('r1'), [
      { reason: 'classified', field: 'status', crm: 'right', count: 1 },
      { reason: 'copied', field: 'amount', crm: 'left', count: 1 },
      { reason: 'copied', field: 'name', crm: 'left', count: 1 },
      { reason: 'copied', field: 'name', crm: 'right', count: 1 },
    ]);
    await rig.store.markSending([made[0]?.change ?? 0], 5);
    assert.deepEqual(await rig.store.plannedCounts('r1'), {
      records: { right: 1 },
      ofTeams: { right: 1 },
      changes: 2,
    });
  });

  it('what was planned is given back whole', async () => {
    const write = planned(
      'left:1',
      { name: 'x', amount: null },
      { pair: 'k', agreed: { name: { left: 'x', right: 'x' } } },
    );
    const [made] = await rig.store.saveReconciled(batch('r1', { round: 3, writes: [write] }));
    assert.deepEqual(await rig.store.changeRows([made?.change ?? 0, 404]), [
      { ...write, change: made?.change, run: 'r1', state: 'planned', round: 3 },
    ]);
  });

  it('only a planned write can begin to be sent', async () => {
    const [made] = await rig.store.saveReconciled(
      batch('r1', { writes: [planned('left:1', { name: 'x' })] }),
    );
    const change = made?.change ?? 0;
    await rig.store.savePushed(SYNC, 'r1', [{ change, is: 'moved', fields: [] }], 1);
    await rig.store.markSending([change], 5);
    assert.equal((await rig.store.changeRows([change]))[0]?.state, 'moved');
  });

  it('the latest open plan is found, any by the beginning of its digest, none of another sync', async () => {
    assert.equal(await rig.store.findPlan(SYNC, null), null);
    assert.equal(await rig.store.plansBefore(SYNC), 0);
    await rig.store.insertPlan(plan('r1', 'aaaa1111', 1));
    await rig.store.insertPlan(plan('r2', 'bbbb2222', 2));
    assert.equal((await rig.store.findPlan(SYNC, null))?.run, 'r2');
    assert.deepEqual(await rig.store.findPlan(SYNC, 'aaaa'), plan('r1', 'aaaa1111', 1));
    assert.equal(await rig.store.findPlan('other', 'aaaa'), null);
    assert.equal(await rig.store.findPlan(SYNC, '%'), null);
    assert.equal(await rig.store.plansBefore(SYNC), 2);
  });

  it('sealing a run again replaces its plan', async () => {
    await rig.store.insertPlan(plan('r1', 'aaaa', 1));
    await rig.store.insertPlan(plan('r1', 'cccc', 1, { changes: 9, records: { left: 5 } }));
    assert.equal(await rig.store.plansBefore(SYNC), 1);
    assert.deepEqual(
      await rig.store.findPlan(SYNC, null),
      plan('r1', 'cccc', 1, { changes: 9, records: { left: 5 } }),
    );
  });

  it('a new plan supersedes the open ones, and leaves those that were applied', async () => {
    await rig.store.insertPlan(plan('r1', 'aaaa', 1));
    await rig.store.insertPlan(plan('r2', 'bbbb', 2));
    await rig.store.insertPlan(plan('r3', 'cccc', 3));
    await rig.store.setPlanState(SYNC, 'r1', 'applied');
    await rig.store.supersedePlans(SYNC, 'r3');
    const states = await Promise.all(
      ['aaaa', 'bbbb', 'cccc'].map((digest) => rig.store.findPlan(SYNC, digest)),
    );
    assert.deepEqual(
      states.map((found) => found?.state),
      ['applied', 'superseded', 'open'],
    );
  });
});
