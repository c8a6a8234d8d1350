import assert from 'node:assert/strict';
import { OUTCOMES } from '../../src/core/report.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig, verdict } from './store-rig.ts';

describe('the account of a run', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
  });
  afterEach(() => rig.close());

  const read = (run: string, ...names: string[]) =>
    rig.store.savePage(
      SYNC,
      run,
      names.map((name) => snapshot(name, 1, {})),
      1,
    );

  it('adds up: every record read has one outcome, by CRM and by verdict', async () => {
    const names = OUTCOMES.map((_, at) => `${at % 2 === 0 ? 'left' : 'right'}:${at}`);
    await read('r1', ...names);
    const verdicts = [
      verdict(),
      verdict({ status: 'closed', outcome: 'won' }),
      verdict({ status: 'closed', outcome: 'lost' }),
      verdict({ status: 'closed', outcome: 'cancelled' }),
      verdict({ status: 'unknown' }),
      verdict(),
      verdict(),
    ];
    await rig.store.saveReconciled(
      batch('r1', {
        records: OUTCOMES.map((outcome, at) =>
          decided(names[at] ?? '', outcome, { verdict: verdicts[at] ?? verdict() }),
        ),
      }),
    );
    const tally = await rig.store.tally(SYNC, 'r1');
    assert.deepEqual(tally.outcomes, Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 1])));
    assert.deepEqual(tally.read, { left: 4, right: 3 });
    assert.deepEqual(tally.verdicts, { active: 3, won: 1, lost: 1, cancelled: 1, unknown: 1 });
    assert.equal(tally.unaccounted, 0);
    assert.deepEqual(tally.orphans, { left: 4, right: 3 });
  });

  it('a record read and never decided is missed, also when an earlier run had decided it', async () => {
    await read('r1', 'left:1', 'left:2');
    await rig.store.saveReconciled(batch('r1', { records: [decided('left:1', 'in_sync')] }));
    assert.deepEqual(
      [(await rig.store.tally(SYNC, 'r1')).unaccounted, (await rig.store.tally(SYNC, 'r1')).outcomes.in_sync],
      [1, 1],
    );
    await rig.store.saveReconciled(batch('r1', { records: [decided('left:2', 'in_sync')] }));
    await rig.store.savePage(
      SYNC,
      'r2',
      [snapshot('left:1', 2, { name: 'new' }), snapshot('left:2', 1, {})],
      2,
    );
    const tally = await rig.store.tally(SYNC, 'r2');
    assert.deepEqual([tally.read, tally.unaccounted, tally.outcomes.in_sync], [{ left: 2 }, 1, 1]);
  });

  it('counts what this run read or decided, and nothing of other runs and syncs', async () => {
    await read('r1', 'left:1', 'left:2');
    await rig.store.saveReconciled(
      batch('r1', { records: [decided('left:1', 'in_sync'), decided('left:2', 'held')] }),
    );
    await rig.store.savePage('other', 'r2', [snapshot('left:9', 1, {})], 1);
    // Waiting records are looked at by every run, also when the CRM did not show them again.
    await rig.store.saveReconciled(batch('r2', { records: [decided('left:2', 'held')] }));
    const tally = await rig.store.tally(SYNC, 'r2');
    assert.deepEqual([tally.read, tally.outcomes.held, tally.unaccounted], [{ left: 1 }, 1, 0]);
    assert.deepEqual((await rig.store.tally(SYNC, 'none')).read, {});
  });

  it('says why records need attention, most frequent first, with an example', async () => {
    await read('r1', 'left:1', 'left:2', 'left:3', 'right:1');
    const members = [
      { crm: 'left', id: '3' },
      { crm: 'right', id: '1' },
    ] as const;
    await rig.store.savePairs(SYNC, 'r1', [{ key: 'k', how: 'key', members }], 'test', 1);
    const note = (message: string) => [{ cause: 'c', message, remedy: 'r' }];
    const conflict = { field: 'amount', policy: 'ask', base: null, sides: {} };
    await rig.store.saveReconciled(
      batch('r1', {
        records: [
          decided('left:1', 'held', { notes: note('often') }),
          decided('left:2', 'held', { notes: note('often') }),
          decided('left:3', 'quarantined', { notes: note('once') }),
          decided('right:1', 'in_sync'),
        ],
        conflicts: { k: [conflict] },
      }),
    );
    const { attention } = await rig.store.tally(SYNC, 'r1');
    assert.deepEqual(attention[0], {
      outcome: 'held',
      cause: 'often',
      remedy: 'r',
      code: 'c',
      count: 2,
      example: { crm: 'left', id: '1' },
    });
    assert.deepEqual(
      attention.map(({ outcome, count, example }) => [outcome, count, example.crm, example.id]),
      [
        ['held', 2, 'left', '1'],
        ['conflict', 1, 'left', '3'],
        ['quarantined', 1, 'left', '3'],
      ],
    );
  });

  it('a write that was neither made nor refused is unsettled', async () => {
    await read('r1', 'left:1', 'left:2', 'left:3', 'left:4');
    const writes = ['left:1', 'left:2', 'left:3', 'left:4'].map((name) => planned(name, { name: 'x' }));
    const made = (await rig.store.saveReconciled(batch('r1', { writes }))).map(({ change }) => change);
    assert.equal(await rig.store.unsettled('r1'), 4);
    const [a = 0, b = 0, c = 0] = made;
    const error = { recovery: 'skip', code: 'X', message: 'no', remedy: 'ask' } as const;
    await rig.store.savePushed(
      SYNC,
      'r1',
      [
        {
          change: a,
          is: 'applied',
          version: null,
          changedAt: null,
          after: snapshot('left:1', 1, { name: 'x' }),
        },
        { change: b, is: 'failed', error, quarantine: null },
        { change: c, is: 'moved', fields: [] },
      ],
      2,
    );
    assert.equal(await rig.store.unsettled('r1'), 2);
    assert.equal(await rig.store.unsettled('r2'), 0);
  });
});
