/** Roll-ups in the database, and the same asked of the store in memory: every answer is compared. */
import assert from 'node:assert/strict';
import type { ErrorDetails } from '../../src/core/errors.ts';
import type { FieldChange } from '../../src/core/plan.ts';
import type { Store } from '../../src/core/store-port.ts';
import { createTwins } from '../simulation/twin-store.ts';
import { createMemoryDatabase } from '../support/memory-store.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig, verdict } from './store-rig.ts';

const PAGE = { after: '', limit: 10 };
const WON = verdict({ status: 'closed', outcome: 'won' });

describe('stored roll-ups', function () {
  this.timeout(30_000);
  let rig: StoreRig;
  let store: Store;

  beforeEach(async () => {
    rig = await storeRig();
    const memory = createMemoryDatabase().connect().store;
    await memory.registerSync(SYNC, 'settings', 1);
    store = createTwins().join(rig.store, memory);
    const run = await begin('r1');
    const sale = (name: string, account: string | null, amount: string) =>
      snapshot(
        name,
        1,
        { amount, currency: 'USD', closeDate: '2026-05-01', stage: 'Open' },
        {
          evidence: { createdAt: 1_000, custom: { accountId: account } },
        },
      );
    await store.savePage(
      SYNC,
      run,
      [
        ...[sale('left:1', 'A', '10'), sale('left:2', 'A', '20'), sale('left:3', 'B', '30')],
        ...[sale('left:4', null, '40'), sale('left:5', 'C', '50'), sale('right:1', 'A', '60')],
      ],
      1,
    );
    await store.saveReconciled(
      batch(run, {
        records: [
          ...[decided('left:1', 'changed'), decided('left:2', 'in_sync', { verdict: WON })],
          ...[decided('left:3', 'in_sync'), decided('left:4', 'in_sync'), decided('right:1', 'in_sync')],
        ],
        writes: [
          planned('left:1', { amount: '11', closeDate: null, stage: 'Won' }, { owned: { status: 'x' } }),
        ],
      }),
    );
  });
  afterEach(() => rig.close());

  async function begin(run: string): Promise<string> {
    const row = { mode: 'sync', phase: 'pull', state: 'running', by: 'test', owner: 1, full: true } as const;
    await store.insertRun({
      ...{ ...row, run, sync: SYNC, settingsDigest: 'settings', facts: {}, planDigest: null, problems: [] },
      ...{ calls: {}, startedAt: 1, finishedAt: null, report: null, error: null },
    });
    return run;
  }
  const read = (run = 'r1') => store.rollupAccounts(SYNC, run, 'left', PAGE);
  const change = (
    field: string,
    after: string | null,
    reason: FieldChange['reason'] = 'rolled_up',
  ): FieldChange => ({
    ...{ field, owned: true, before: null, after, reason, from: null, was: null },
  });
  const plan = (account: string, changes: readonly FieldChange[]) => ({
    crm: 'left',
    account,
    name: account,
    changes,
  });

  it('gathers the judged records of each account, as they will be once the plan is written', async () => {
    const gathered = await store.gatherAccounts(SYNC, 'left');
    assert.deepEqual(gathered, { accounts: 2, unseen: 0 }, 'C has no record with a verdict');
    const [a, b] = await read();
    assert.deepEqual(
      a?.records.map(({ status, outcome, amount, closeDate }) => [status, outcome, amount, closeDate]),
      [
        ['active', null, '11', null],
        ['closed', 'won', '20', '2026-05-01'],
      ],
    );
    assert.deepEqual([a?.records[0]?.createdAt, a?.records[0]?.currency], [1_000, 'USD']);
    assert.deepEqual([b?.account, b?.records.length, b?.held], ['B', 1, {}]);
    assert.equal((await read('r0'))[0]?.records[0]?.amount, '10', 'another run has planned nothing');
    assert.deepEqual(
      (await store.rollupAccounts(SYNC, 'r1', 'left', { after: 'A', limit: 1 })).map(
        ({ account }) => account,
      ),
      ['B'],
    );
  });

  it('forgets a record that went elsewhere, and shows an account as long as it holds a roll-up', async () => {
    await store.gatherAccounts(SYNC, 'left');
    await store.noteAccounts(SYNC, 'left', [
      { account: 'B', name: 'Bee', held: { openAmount: '30', winRate: null } },
    ]);
    await store.markDeleted(SYNC, 'r1', 'left', ['3', '1'], 2);
    assert.deepEqual(await store.gatherAccounts(SYNC, 'left'), { accounts: 1, unseen: 0 });
    const [a, b] = await read();
    assert.deepEqual([a?.records.length, b?.name, b?.records], [1, 'Bee', []]);
    await store.noteAccounts(SYNC, 'left', [{ account: 'B', name: 'Bee', held: { openAmount: null } }]);
    assert.deepEqual(
      (await read()).map(({ account }) => account),
      ['A'],
    );
  });

  it('keeps a journal: planned once, sent, settled row by row, counted, and known to an undo', async () => {
    await store.gatherAccounts(SYNC, 'left');
    for (let i = 0; i < 2; i++)
      await store.planRollups(SYNC, 'r1', [
        plan('A', [change('openAmount', '11'), change('winRate', '1')]),
        plan('B', [change('openAmount', '30')]),
      ]);
    assert.deepEqual(await store.rollupCounts('r1'), { left: 2 });
    assert.deepEqual(
      (await store.rollupReasons('r1')).map(({ field, count }) => [field, count]),
      [
        ['openAmount', 2],
        ['winRate', 1],
      ],
    );
    const rows = await store.plannedRollups('r1', null, 10);
    assert.deepEqual(await store.plannedRollups('r1', { crm: 'left', account: 'A' }, 10), rows.slice(1));
    await begin2();
    const tasks = await store.addRollupTasks('r2', 'r1', 'left', 1);
    assert.deepEqual(
      tasks.map(({ payload }) => payload),
      rows.map(({ change: id }) => ({ kind: 'push_rollups', crm: 'left', changes: [id] })),
    );
    const [first, second] = rows.map(({ change: id }) => id);
    const sent = [{ field: 'openAmount', before: '1', after: '11' }];
    await store.markRollups([{ change: first ?? 0, sent }], 5);
    await store.markRollups([{ change: first ?? 0, sent: [] }], 6);
    assert.deepEqual(
      (await store.rollupRows([first ?? 0])).map(({ state }) => state),
      ['sending'],
    );
    const error: ErrorDetails = { recovery: 'skip', code: 'no', message: 'Frozen.', remedy: 'Thaw it.' };
    const held = { openAmount: '11' };
    await store.saveRollups(
      SYNC,
      'r2',
      [
        { change: first ?? 0, is: 'applied', held, undone: { openAmount: { held: '11', wanted: '12' } } },
        { change: second ?? 0, is: 'failed', error },
      ],
      7,
    );
    assert.deepEqual(await store.rollupTally('r1'), {
      left: {
        ...{ written: 1, already: 0, failed: 1, waiting: 0 },
        remarks: [{ message: 'Frozen.', remedy: 'Thaw it.', count: 1, example: 'B' }],
      },
    });
    assert.deepEqual(await store.rollupsWrittenBy(SYNC, 'r2', 'left', '', 10), [
      { account: 'A', name: 'A', sent },
    ]);
    assert.deepEqual(await store.rollupsWrittenBy(SYNC, 'r1', 'left', '', 10), [
      { account: 'A', name: 'A', sent },
    ]);
    assert.deepEqual(await store.rollupsWrittenBy(SYNC, 'r2', 'left', 'A', 10), []);
    const [a] = await read();
    assert.deepEqual([a?.held, a?.undone], [held, { openAmount: { held: '11', wanted: '12' } }]);
    // What is written anew is not undone any more; what had been written already is not counted as written.
    await store.planRollups(SYNC, 'r2', [plan('A', [change('openAmount', '9')])]);
    const [again] = await store.plannedRollups('r2', null, 1);
    await store.saveRollups(
      SYNC,
      'r2',
      [{ change: again?.change ?? 0, is: 'applied', held: { openAmount: '9' }, undone: {} }],
      8,
    );
    assert.deepEqual((await read())[0]?.undone, {});
    assert.equal((await store.rollupTally('r2'))['left']?.already, 1);
    const note = { code: 'moved', message: 'Moved.', remedy: 'Plan again.' };
    await store.saveRollups(SYNC, 'r2', [{ change: again?.change ?? 0, is: 'dropped', note }], 9);
    assert.equal((await store.rollupTally('r2'))['left']?.already, 1, 'what is settled stays so');
  });

  async function begin2(): Promise<void> {
    await store.updateRun('r1', { state: 'done' });
    await begin('r2');
  }

  it('changes nothing while it was not seen of a record whose it is', async () => {
    await store.gatherAccounts(SYNC, 'left');
    const before = await read();
    await store.savePage(
      SYNC,
      'r1',
      [snapshot('left:3', 9, { amount: '30' }, { evidence: { custom: {} } })],
      9,
    );
    assert.deepEqual(await store.gatherAccounts(SYNC, 'left'), { accounts: 1, unseen: 1 });
    assert.deepEqual(
      (await read()).map(({ account }) => account),
      before.map(({ account }) => account),
    );
  });

  it('remembers what a run found', async () => {
    assert.equal(await store.rollupFindings(SYNC, 'left'), null);
    for (const accounts of [1, 2])
      await store.saveRollupFindings(SYNC, 'left', { run: 'r1', accounts, withheld: 0, problems: [] });
    assert.equal((await store.rollupFindings(SYNC, 'left'))?.accounts, 2);
  });
});
