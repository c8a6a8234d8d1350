import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Store } from '../../src/core/store-port.ts';
import { holdingAccounts } from '../../src/engine/hold-accounts.ts';
import type { TaskContext } from '../../src/engine/task.ts';
import { type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

const ACCOUNTS = 6;
const RECORDS = 60;
const OF = { org: 'org', sync: SYNC, crm: 'left', ids: [], accounts: [] } as const;

describe('locks on accounts', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
    await rig.begin('r1');
    const page = Array.from({ length: RECORDS }, (_, at) =>
      snapshot(`left:${at}`, 10, {}, { evidence: { custom: { accountId: `a${at % ACCOUNTS}` } } }),
    );
    await rig.store.savePage(SYNC, 'r1', [...page, snapshot('left:alone', 10, {})], 20);
  });
  afterEach(() => rig.close());

  const records = (...ids: string[]) => ({ ...OF, ids });
  /** An open task of a worker. */
  const taskOf = async (store: Store): Promise<string> => {
    const payload = { kind: 'push', crm: 'left', changes: [] } as const;
    const [task] = await rig.store.addTasks('r1', [{ queue: 'push', payload, size: 1 }]);
    assert.ok((await store.claimTask(task?.id ?? '', 1, store.worker)) !== null);
    return task?.id ?? '';
  };
  const held = () => rig.look(sql<{ account: string }>`select account from account_locks order by 1`);

  it('all or none, and free again when given back', async () => {
    const { store: other } = await rig.another();
    const [mine, theirs] = [await taskOf(rig.store), await taskOf(other)];
    assert.equal(await rig.store.lockAccounts(mine, rig.store.worker, records('0', '1', '6', 'alone')), true);
    assert.deepEqual(
      (await held()).map(({ account }) => account),
      ['a0', 'a1'],
    );
    assert.equal(await other.lockAccounts(theirs, other.worker, records('1', '2')), false);
    assert.deepEqual(
      (await held()).map(({ account }) => account),
      ['a0', 'a1'],
      'nothing is kept of what was not whole',
    );
    assert.equal(await other.lockAccounts(theirs, other.worker, records('3', 'alone')), true);
    await other.unlockAccounts(mine, other.worker);
    assert.equal((await held()).length, 3, 'what another has taken stays taken');
    await rig.store.unlockAccounts(mine, rig.store.worker);
    assert.equal(await other.lockAccounts(theirs, other.worker, records('1', '2')), true);
  });

  it('whoever is done, or dead, holds nothing', async () => {
    const { store: other, lock } = await rig.another();
    const [done, dying, mine] = [await taskOf(other), await taskOf(other), await taskOf(rig.store)];
    assert.equal(await other.lockAccounts(done, other.worker, records('0')), true);
    assert.equal(await other.lockAccounts(dying, other.worker, records('1')), true);
    await other.finishTask(done, 1);
    assert.equal(await rig.store.lockAccounts(mine, rig.store.worker, records('0')), true);
    assert.equal(await rig.store.lockAccounts(mine, rig.store.worker, records('1')), false);
    await lock.release();
    while (await rig.store.isWorkerAlive(other.worker))
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await rig.store.lockAccounts(mine, rig.store.worker, records('1')), true);
  });

  it('two processes never write records of one account at the same time, and both come to their end', async () => {
    const { store: other } = await rig.another();
    const writing = new Map<string, number>();
    const written: string[] = [];
    let most = 0;
    let together = 0;
    const contextOf = (store: Store, task: string): TaskContext =>
      ({
        connector: () => ({ capabilities: { locksAccounts: true } }),
        facts: () => ({ accountId: 'org' }),
        deps: {
          store,
          random: { next: () => Math.random() },
          sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms / 50)),
        },
        run: { sync: SYNC },
        task: { id: task },
        signal: new AbortController().signal,
        requireHold: async () => {},
      }) as unknown as TaskContext;
    const work = async (store: Store, from: number): Promise<void> => {
      for (let turn = 0; turn < 15; turn++) {
        const ids = [0, 1, 2].map((step) => String((from + 7 * turn + step * 11) % RECORDS));
        const task = await taskOf(store);
        await holdingAccounts(contextOf(store, task), 'left', { ids }, async () => {
          const accounts = new Set(ids.map((id) => `a${Number(id) % ACCOUNTS}`));
          for (const account of accounts) writing.set(account, (writing.get(account) ?? 0) + 1);
          most = Math.max(most, ...writing.values());
          together = Math.max(together, [...writing.values()].reduce((sum, n) => sum + n, 0) - accounts.size);
          await new Promise((resolve) => setTimeout(resolve, 2));
          for (const account of accounts) writing.set(account, (writing.get(account) ?? 0) - 1);
          written.push(...ids);
        });
        await rig.store.finishTask(task, 1);
      }
    };
    await Promise.all([work(rig.store, 0), work(other, 1), work(rig.store, 5), work(other, 8)]);
    assert.equal(most, 1);
    assert.ok(together > 0, 'accounts that differ are written at the same time');
    assert.equal(written.length, 4 * 15 * 3);
    assert.deepEqual(await held(), []);
  });
});
