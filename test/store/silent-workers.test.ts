import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { shutOutSilent } from '../../src/store/silent-workers.ts';
import { holdWorkerLock, WORKER_LOCK_CLASS } from '../../src/store/worker-lock.ts';
import { storeRig } from './store-rig.ts';

const SILENT_MS = 1_000;
const STALLED = 4_242;

describe('workers that give no sign of life', () => {
  it('are shut out, so that their tasks go to others; one that comes back does so without them', async () => {
    const rig = await storeRig();
    const { db, pool } = rig.database;
    const lively = await holdWorkerLock(pool, Math.random, SILENT_MS / 20);
    /** A process that is stopped: its session is there, and nobody at its other end. */
    const arrive = async () => {
      const session = await pool.connect();
      await session.query('select pg_advisory_lock($1, $2)', [WORKER_LOCK_CLASS, STALLED]);
      return session;
    };
    const stalled = await arrive();
    try {
      await rig.begin('r1');
      const payload = { kind: 'push', crm: 'left', changes: [] } as const;
      const [task] = await rig.store.addTasks('r1', [{ queue: 'push', payload, size: 1 }]);
      const id = task?.id ?? '';
      assert.notEqual(await rig.store.claimTask(id, 1, STALLED), null);
      assert.equal(await shutOutSilent(db, 60_000), 0);
      await delay(SILENT_MS);
      assert.equal(await rig.store.claimTask(id, 1, lively.worker), null);

      // The rig itself gives a sign every five seconds only, and takes its own key again.
      const shutOut = await shutOutSilent(db, SILENT_MS);
      assert.ok(shutOut === 1 || shutOut === 2, `${shutOut} were shut out`);
      assert.equal(await rig.store.isWorkerAlive(STALLED), false);
      assert.equal(await rig.store.isWorkerAlive(lively.worker), true);
      assert.notEqual(await rig.store.claimTask(id, 1, lively.worker), null);
      const again = await arrive();
      assert.equal(await rig.store.isWorkerAlive(STALLED), true);
      assert.equal(await rig.store.holdsTask(id, 1, STALLED), false);
      assert.equal(await rig.store.holdsTask(id, 1, lively.worker), true);
      again.release();
    } finally {
      stalled.release(true);
      await lively.release();
      await rig.close();
    }
  });
});
