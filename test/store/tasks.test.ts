import assert from 'node:assert/strict';
import type { NewTask, TaskPayload } from '../../src/core/store-rows.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

describe('tasks of a run', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
    await rig.begin('r1');
  });
  afterEach(() => rig.close());

  const pull = (seen: number, expected: number | null = null): TaskPayload => ({
    kind: 'pull',
    crm: 'left',
    position: null,
    since: null,
    seen,
    expected,
  });
  const task = (payload: TaskPayload, size = 1): NewTask => ({ queue: 'pull', payload, size });
  const add = async (): Promise<string> => {
    const [made] = await rig.store.addTasks('r1', [task(pull(0))]);
    return made?.id ?? '';
  };

  it('a living worker keeps its task: nobody else may take it, it may again', async () => {
    const id = await add();
    const { store: other } = await rig.another();
    assert.equal((await rig.store.claimTask(id, 1, rig.store.worker))?.id, id);
    assert.equal(await other.claimTask(id, 1, other.worker), null);
    assert.equal((await rig.store.claimTask(id, 1, rig.store.worker))?.id, id);
    assert.equal(await rig.store.isWorkerAlive(rig.store.worker), true);
  });

  it('the task of a dead worker is revived with a new epoch, and the dead one can store nothing more', async () => {
    const id = await add();
    const { store: dying, lock } = await rig.another();
    await dying.claimTask(id, 1, dying.worker);
    assert.deepEqual(await rig.store.reviveTasks('r1'), [], 'not while it lives');
    await lock.release();
    await until(async () => !(await rig.store.isWorkerAlive(dying.worker)));
    const [revived] = await rig.store.reviveTasks('r1');
    assert.deepEqual([revived?.id, revived?.epoch], [id, 2]);
    assert.equal(await dying.checkpointTask(id, 1, pull(99)), false);
    assert.equal(await dying.finishTask(id, 1), false);
    assert.equal(await dying.claimTask(id, 1, dying.worker), null);
    const taken = await rig.store.claimTask(id, 2, rig.store.worker);
    assert.deepEqual(taken?.payload, pull(0));
    assert.equal(await rig.store.finishTask(id, 2), true);
    assert.equal(await rig.store.openTasks('r1'), 0);
  });

  it('a task of a dead worker that is still on the queue may be taken at once', async () => {
    const id = await add();
    const { store: dying, lock } = await rig.another();
    await dying.claimTask(id, 1, dying.worker);
    await lock.release();
    await until(async () => !(await rig.store.isWorkerAlive(dying.worker)));
    assert.equal((await rig.store.claimTask(id, 1, rig.store.worker))?.id, id);
  });

  it('is finished once', async () => {
    const id = await add();
    assert.equal(await rig.store.finishTask(id, 1), true);
    assert.equal(await rig.store.finishTask(id, 1), false);
    assert.equal(await rig.store.claimTask(id, 1, rig.store.worker), null);
    assert.equal(await rig.store.checkpointTask(id, 1, pull(1)), false);
    assert.deepEqual(await rig.store.reviveTasks('r1'), []);
  });

  it('goes on from its checkpoint', async () => {
    const id = await add();
    assert.equal(await rig.store.checkpointTask(id, 1, pull(7, 9)), true);
    assert.deepEqual((await rig.store.claimTask(id, 1, rig.store.worker))?.payload, pull(7, 9));
    assert.deepEqual(await rig.store.progress('r1'), { phase: 'pull', done: 7, total: 9 });
  });

  it('of which the queue knows nothing is listed until it was told, and again after a revival', async () => {
    assert.deepEqual(await rig.store.addTasks('r1', []), []);
    const made = await rig.store.addTasks('r1', [task(pull(0)), task({ kind: 'sweep', crm: 'left' })]);
    assert.deepEqual(await rig.store.unqueuedTasks('r1'), made);
    await rig.store.markQueued(made.slice(0, 1));
    assert.deepEqual(await rig.store.unqueuedTasks('r1'), made.slice(1));
    const revived = await rig.store.reviveTasks('r1');
    await rig.store.markQueued(made);
    assert.deepEqual(
      (await rig.store.unqueuedTasks('r1')).map(({ epoch }) => epoch),
      [2, 2],
      'the old epoch is no news',
    );
    await rig.store.markQueued(revived);
    assert.deepEqual(await rig.store.unqueuedTasks('r1'), []);
  });

  it('progress: what is not counted yet has no total, later phases count the size of tasks', async () => {
    const pulls = await rig.store.addTasks('r1', [task(pull(3, 5)), task(pull(4))]);
    assert.deepEqual(await rig.store.progress('r1'), { phase: 'pull', done: 7, total: null });
    await rig.store.finishTask(pulls[1]?.id ?? '', 1);
    assert.deepEqual(await rig.store.progress('r1'), { phase: 'pull', done: 7, total: 9 });
    await rig.store.finishTask(pulls[0]?.id ?? '', 1);
    assert.deepEqual(await rig.store.progress('r1'), { phase: 'pull', done: 9, total: 9 });
    await rig.store.updateRun('r1', { phase: 'reconcile' });
    const made = await rig.store.addTasks('r1', [
      task({ kind: 'reconcile', groups: [], round: 0 }, 30),
      task({ kind: 'reconcile', groups: [], round: 0 }, 12),
    ]);
    await rig.store.finishTask(made[0]?.id ?? '', 1);
    assert.deepEqual(await rig.store.progress('r1'), { phase: 'reconcile', done: 30, total: 42 });
    assert.deepEqual(await rig.store.progress('none'), { phase: 'finish', done: 0, total: null });
  });

  it('reconcile tasks cover every dirty group once, a pair as one', async () => {
    const names = ['left:1', 'left:2', 'left:3', 'right:1', 'right:2'];
    await rig.store.savePage(
      SYNC,
      'r1',
      names.map((name) => snapshot(name, 1, {})),
      1,
    );
    await rig.store.savePairs(
      SYNC,
      'r1',
      [
        {
          key: 'k',
          how: 'key',
          members: [
            { crm: 'left', id: '1' },
            { crm: 'right', id: '1' },
          ],
        },
      ],
      'test',
      1,
    );
    await rig.store.saveReconciled(batch('r1', { records: [decided('left:3', 'in_sync')] }));
    const made = await rig.store.addReconcileTasks(SYNC, 'r1', 2);
    const groups = made.map((one) => (one.payload.kind === 'reconcile' ? one.payload.groups : []));
    assert.deepEqual(groups.flat().sort(), ['left:2', 'pair:k', 'right:2']);
    assert.deepEqual(
      groups.map((list) => list.length),
      [2, 1],
    );
    assert.ok(made.every((one) => one.payload.kind === 'reconcile' && one.payload.round === 0));
    assert.deepEqual(await rig.store.addReconcileTasks('other', 'r1', 2), []);
  });

  it('push tasks cover every planned write of a CRM once, also of the run whose plan is applied', async () => {
    const names = ['left:1', 'left:2', 'left:3', 'right:1'];
    await rig.store.savePage(
      SYNC,
      'r1',
      names.map((name) => snapshot(name, 1, {})),
      1,
    );
    const made = await rig.store.saveReconciled(
      batch('r1', { writes: names.map((name) => planned(name, { name: 'x' })) }),
    );
    const left = made.filter((one) => one.crm === 'left').map((one) => one.change);
    await rig.store.markSending(left.slice(0, 1), 5);
    await rig.end('r1');
    await rig.begin('r2');
    const tasks = await rig.store.addPushTasks('r2', 'r1', 'left', 1);
    assert.deepEqual(
      tasks.map((one) => (one.payload.kind === 'push' ? one.payload.changes : null)),
      left.slice(1).map((change) => [change]),
    );
    assert.ok(tasks.every((one) => one.run === 'r2' && one.queue === 'push'));
  });

  it('pairs of which a write found its record moved are given to be decided again, once, in the next round', async () => {
    const made = await rig.store.saveReconciled(
      batch('r1', {
        round: 2,
        writes: [
          planned('left:1', { name: 'x' }, { pair: 'k' }),
          planned('right:1', { name: 'x' }, { pair: 'k' }),
          planned('left:2', { name: 'x' }, { pair: 'other' }),
        ],
      }),
    );
    const moved = made.slice(0, 2).map(({ change }) => ({ change, is: 'moved', fields: ['name'] }) as const);
    await rig.store.savePushed(SYNC, 'r1', moved, 5);
    const tasks = await rig.store.addMovedTasks('r1', 10);
    assert.deepEqual(
      tasks.map((one) => one.payload),
      [{ kind: 'reconcile', round: 3, groups: ['pair:k'] }],
    );
    assert.deepEqual(await rig.store.addMovedTasks('r1', 10), []);
  });
});

/** Asks the database until it says yes; a released session ends a moment after the call. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setImmediate(resolve));
}
