/** A run that meets the end of a day's allowance rests and goes on; one that cannot fit is refused; nobody writes late. */
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Job } from '../../src/core/queue-port.ts';
import type { Priority } from '../../src/core/quota-window.ts';
import { sweepQueue } from '../../src/engine/sweep.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

const PAIRS = 130;

function usedUp(): OppsyncError {
  return new OppsyncError({
    recovery: 'stop',
    code: 'quota.daily',
    message: 'the calls of the day are used up',
    remedy: 'start it again later',
    resumesAt: Date.now() + 3_600_000,
  });
}

async function failure(work: Promise<unknown>): Promise<OppsyncError> {
  const error: unknown = await work.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OppsyncError, String(error));
  return error;
}

describe('engine: the allowance of a day', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await engineRig();
    for (let i = 0; i < PAIRS; i++) {
      const id = String(i).padStart(4, '0');
      put(rig.left, `L${id}`, { stage: 'Negotiating', amount: `${i}.50` });
      put(rig.right, `R${id}`, { name: `L${id}`, stage: 'Prospecting', amount: `${i}.5` }, `L${id}`);
    }
  });
  afterEach(async () => {
    await rig.close();
  });

  it('a reading that is cut off rests, and goes on with the page it had reached', async () => {
    const { right } = rig;
    const read = right.readPage.bind(right);
    let left = 2;
    const pages: string[] = [];
    right.readPage = async (position, facts, signal) => {
      if (left-- <= 0) throw usedUp();
      pages.push(String(position['after']));
      return read(position, facts, signal);
    };
    const error = await failure(rig.run('plan'));
    assert.equal(error.details.code, 'quota.daily');
    assert.ok((error.details.resumesAt ?? 0) > Date.now());
    const [resting] = await rig.store.listRuns('main', 5);
    assert.equal(resting?.state, 'running');
    left = Number.POSITIVE_INFINITY;
    const done = await rig.run('plan');
    assert.equal(done.run, resting?.run, 'the same run went on');
    assert.equal(done.error, null);
    assert.deepEqual(done.report?.outcomes['changed'], 2 * PAIRS);
    assert.equal(new Set(pages).size, 3, 'every page of 50 was read');
    assert.equal(pages.length, 3, 'and none twice');
  });

  it('a first complete reading lets everything else go before it, a later one only events', async () => {
    const { right } = rig;
    const asked: (readonly [string, Priority])[] = [];
    let priority: Priority = 'nightly';
    right.prioritise = (given) => {
      priority = given;
    };
    const read = right.readPage.bind(right);
    right.readPage = (position, facts, signal) => {
      asked.push(['reading', priority]);
      return read(position, facts, signal);
    };
    right.beforeWrite = () => asked.push(['writing', priority]);
    const { plan } = await rig.report('plan');
    assert.deepEqual(new Set(asked.map(([, given]) => given)), new Set(['backfill']));
    await rig.report('apply', { digest: plan?.digest ?? '' });
    assert.deepEqual(asked.at(-1), ['writing', 'nightly']);
    await rig.report('sync');
    assert.deepEqual(asked.at(-1), ['reading', 'nightly']);
  });

  it('a push that is cut off rests, and then writes the rest only', async () => {
    const plan = await rig.report('plan');
    const digest = plan.plan?.digest ?? '';
    let batches = 2;
    rig.right.beforeWrite = () => {
      if (batches-- <= 0) throw usedUp();
    };
    assert.equal((await failure(rig.run('apply', { digest }))).details.code, 'quota.daily');
    rig.right.beforeWrite = () => undefined;
    const applied = await rig.report('apply', { digest });
    assert.equal(applied.converged, true);
    const ids = rig.right.written.map(({ id }) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [PAIRS, PAIRS]);
  });

  it('refuses a run whose reading, or whose plan, needs more calls than are left, and says when there are more', async () => {
    const plan = await rig.report('plan');
    const { right } = rig;
    const resumesAt = Date.now() + 3_600_000;
    right.allowance = async () => ({ limit: 100, used: 78, left: 2, reserve: 0.2, resumesAt });
    const calls = right.calls();
    const apply = await failure(rig.run('apply', { digest: plan.plan?.digest ?? '' }));
    assert.deepEqual([apply.recovery, apply.details.code], ['refuse', 'quota.cannot_fit']);
    assert.match(apply.message, /needs about \d+ right calls and 2 are left \(78 of 100 are used, 20 %/);
    const read = await failure(rig.run('sync'));
    assert.match(read.message, /needs about 3 right calls and 2 are left/);
    assert.equal(right.written.length, 0);
    assert.equal(right.calls() - calls, 1, 'only the account was looked at');
    right.allowance = async () => ({ limit: 5, used: 0, left: 2, reserve: 0.5, resumesAt });
    const never = await failure(rig.run('sync'));
    assert.deepEqual([never.recovery, never.details.code], ['refuse', 'quota.never_fits']);
    assert.match(never.message, /needs about 3 right calls/);
    right.allowance = async () => ({ limit: 100, used: 40, left: 40, reserve: 0.2, resumesAt });
    assert.equal((await rig.report('apply', { digest: plan.plan?.digest ?? '' })).converged, true);
  });

  it('a run that rests is not ended by another that cannot begin', async () => {
    const plan = await rig.report('plan');
    const digest = plan.plan?.digest ?? '';
    const { right } = rig;
    right.beforeWrite = () => {
      throw usedUp();
    };
    await failure(rig.run('apply', { digest }));
    const resumesAt = Date.now() + 3_600_000;
    right.allowance = async () => ({ limit: 100, used: 80, left: 0, reserve: 0.2, resumesAt });
    assert.equal((await failure(rig.run('plan'))).details.code, 'quota.cannot_fit');
    const [resting] = await rig.store.listRuns('main', 1);
    assert.deepEqual([resting?.mode, resting?.state], ['apply', 'running']);
    right.beforeWrite = () => undefined;
    const applied = await rig.run('apply', { digest });
    assert.deepEqual([applied.run, applied.report?.converged], [resting?.run, true]);
  });

  it('a worker that lost its task while it looked at the records writes nothing', async () => {
    const plan = await rig.report('plan');
    const { right, database, deps } = rig;
    const look = right.readByIds.bind(right);
    let taken = 0;
    right.readByIds = async (ids, facts, signal) => {
      const found = await look(ids, facts, signal);
      if (taken++ === 0)
        await sql`update tasks set epoch = epoch + 1, worker = null, queued = false
                  where kind = 'push' and payload ->> 'crm' = 'right' and not done`.execute(database.db);
      return found;
    };
    const looksBefore: number[] = [];
    right.beforeWrite = () => looksBefore.push(taken);
    const applying = rig.run('apply', { digest: plan.plan?.digest ?? '' });
    while (taken === 0) await deps.sleep(1);
    await sweepQueue(deps);
    assert.equal((await applying).report?.converged, true);
    assert.ok(Math.min(...looksBefore) > 1, 'the first look led to no write');
    assert.equal(right.written.length, PAIRS);
  });

  it('what the queue has lost is found in the store and put back, once', async () => {
    const { queue } = rig.deps;
    const add = queue.add.bind(queue);
    const lost: Job[] = [];
    queue.add = async (jobs) => {
      lost.push(...jobs);
    };
    const planning = rig.run('plan');
    while (lost.length < 2) await rig.deps.sleep(1);
    queue.add = add;
    while ((await rig.store.waitingTasks(10)).count < 2) await rig.deps.sleep(1);
    assert.equal(await sweepQueue(rig.deps), 2);
    assert.equal((await planning).state, 'done');
    assert.equal(await sweepQueue(rig.deps), 0);
  });

  it('the tasks of a dead process go to others', async function () {
    // A server that has just been started is given time for its workers to come back.
    this.timeout(40_000);
    const { queue } = rig.deps;
    const add = queue.add.bind(queue);
    queue.add = async () => {};
    const planning = rig.run('plan');
    while ((await rig.store.waitingTasks(10)).count < 2) await rig.deps.sleep(1);
    const nobody = 2_147_483_647;
    for (const { id, epoch } of (await rig.store.waitingTasks(10)).oldest)
      assert.notEqual(await rig.store.claimTask(id, epoch, nobody), null);
    queue.add = add;
    // Whoever waits for the run looks after it as well, and may be first.
    let ended = false;
    const row = planning.finally(() => {
      ended = true;
    });
    while (!ended && (await sweepQueue(rig.deps)) === 0) await rig.deps.sleep(5);
    assert.equal((await row).state, 'done');
  });
});
