import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Job } from '../../src/core/queue-port.ts';
import { awaitRun } from '../../src/engine/await-run.ts';
import type { EngineDeps } from '../../src/engine/deps.ts';
import { handleTask } from '../../src/engine/handle-task.ts';
import { startRun } from '../../src/engine/runs.ts';
import { createStore } from '../../src/store/create-store.ts';
import { holdWorkerLock } from '../../src/store/worker-lock.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';

describe('a task that one process cannot work on', () => {
  const { signal } = new AbortController();
  let rig: Rig;
  let run: string;
  let job: Job;
  beforeEach(async () => {
    rig = await engineRig();
    const jobs: Job[] = [];
    const queue = { ...rig.deps.queue, add: async (some: readonly Job[]) => void jobs.push(...some) };
    const runtime = rig.deps.syncs.get('main') ?? assert.fail();
    run = await startRun({ ...rig.deps, queue }, runtime, 'plan', { by: 'test', full: false }, signal);
    job = jobs[0] ?? assert.fail();
    await rig.deps.queue.add(jobs.slice(1));
  });
  afterEach(() => rig.close());

  it('is left to others by one that does not know the sync, or cannot reach what all share', async () => {
    const other = await holdWorkerLock(rig.database.pool, Math.random);
    const store = createStore(rig.database.db, other.worker);
    const older: EngineDeps = { ...rig.deps, store, syncs: new Map() };
    const away = (code: string) => async (): Promise<never> => {
      throw new OppsyncError({ recovery: 'retry', code, message: 'away', remedy: 'wait' });
    };
    const left = { ...rig.left, readPage: away('quota.unreachable') };
    const runtime = rig.deps.syncs.get('main') ?? assert.fail();
    const held = 'select 1 from tasks where worker is not null and id = $1';
    for (const one of [
      older,
      { ...older, syncs: new Map([['main', { ...runtime, connectors: { left, right: left } }]]) },
      // It learns too late that the task is its own.
      { ...older, syncs: rig.deps.syncs, reach: away('database.unreachable') },
    ]) {
      assert.equal((await handleTask(one, job, signal)).is, 'later');
      // It lives on, and may hold nothing.
      while ((await rig.database.pool.query(held, [job.task])).rowCount !== 0) await delay(5);
    }
    await rig.deps.queue.add([job]);
    assert.equal((await awaitRun(rig.deps, run, signal)).state, 'done');
    await other.release();
  });

  it('ends no run, when it is of a kind this version does not know', async () => {
    const kind = (name: string) =>
      rig.database.pool.query(
        `update tasks set payload = jsonb_set(payload::jsonb, '{kind}', to_jsonb($2::text)) where id = $1`,
        [job.task, name],
      );
    const { rows } = await rig.database.pool.query('select kind from tasks where id = $1', [job.task]);
    await kind('of_tomorrow');
    assert.equal((await handleTask(rig.deps, job, signal)).is, 'later');
    await kind(rows[0].kind);
    await rig.deps.queue.add([job]);
    assert.equal((await awaitRun(rig.deps, run, signal)).state, 'done');
  });
});
