import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import { batch, decided, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

describe('syncs and runs in the store', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
  });
  afterEach(() => rig.close());

  it('other settings make every record of that sync dirty, the same ones none', async () => {
    await rig.store.savePage(SYNC, 'r1', [snapshot('left:1', 1, {})], 1);
    await rig.store.saveReconciled(batch('r1', { records: [decided('left:1', 'in_sync')] }));
    assert.deepEqual(await rig.store.registerSync(SYNC, 'settings', 2), { settingsChanged: false });
    assert.deepEqual(await rig.store.registerSync('new', 'first', 2), { settingsChanged: false });
    assert.deepEqual(await rig.dirty(), []);
    assert.deepEqual(await rig.store.registerSync(SYNC, 'changed', 3), { settingsChanged: true });
    assert.deepEqual(await rig.dirty(), ['left:1']);
    assert.deepEqual(await rig.store.registerSync(SYNC, 'changed', 3), { settingsChanged: false });
  });

  it('one run of a sync at a time', async () => {
    await rig.begin('r1');
    await assert.rejects(
      rig.begin('r2'),
      (error) => error instanceof OppsyncError && error.details.code === 'run.going_on',
    );
    assert.equal((await rig.store.runningRun(SYNC))?.run, 'r1');
    await rig.end('r1');
    assert.equal(await rig.store.runningRun(SYNC), null);
    await rig.begin('r2');
  });

  it('a run is given back as it was stored, and patched in what is named only', async () => {
    await rig.begin('r1', { mode: 'plan', by: 'ann', calls: { left: 2 } });
    const before = await rig.store.loadRun('r1');
    assert.ok(before !== null);
    await rig.store.updateRun('r1', {});
    assert.deepEqual(await rig.store.loadRun('r1'), before);
    const problems = [{ brake: 'first_run', message: 'm', remedy: 'r' }];
    const patch = {
      phase: 'seal',
      state: 'failed',
      planDigest: 'd',
      problems,
      finishedAt: 9,
      error: 'e',
      owner: 7,
    } as const;
    await rig.store.updateRun('r1', patch);
    assert.deepEqual(await rig.store.loadRun('r1', true), { ...before, ...patch });
    assert.equal(await rig.store.loadRun('r404'), null);
  });

  it('calls add up per CRM', async () => {
    await rig.begin('r1');
    await rig.store.addCalls('r1', 'left', 2);
    await rig.store.addCalls('r1', 'right', 0);
    await Promise.all([rig.store.addCalls('r1', 'left', 3), rig.store.addCalls('r1', 'right', 1)]);
    assert.deepEqual((await rig.store.loadRun('r1'))?.calls, { left: 5, right: 1 });
  });

  it('the latest runs come first', async () => {
    for (const [at, run] of ['r1', 'r2', 'r3'].entries())
      await rig.begin(run, { state: 'done', startedAt: at });
    assert.deepEqual(
      (await rig.store.listRuns(SYNC, 2)).map(({ run }) => run),
      ['r3', 'r2'],
    );
    assert.deepEqual(await rig.store.listRuns('other', 2), []);
  });

  it('a transaction that fails leaves nothing', async () => {
    const failing = rig.store.tx(async (tx) => {
      await tx.savePage(SYNC, 'r1', [snapshot('left:1', 1, {})], 1);
      await tx.saveCursor(SYNC, 'left', { at: 1 }, 1, true);
      throw new Error('crash');
    });
    await assert.rejects(failing, /crash/);
    assert.deepEqual([await rig.store.countRecords(SYNC), await rig.store.cursor(SYNC, 'left')], [{}, null]);
  });
});
