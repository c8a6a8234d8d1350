import assert from 'node:assert/strict';
import { type Views, views } from '../../src/store/views.ts';
import { batch, decided, planned, RUN, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

const LONG = '006000000000001AAA';

describe('the state as people look at it', () => {
  let rig: StoreRig;
  let view: Views;
  beforeEach(async () => {
    rig = await storeRig();
    view = views(rig.database.db);
    await rig.store.savePage(
      SYNC,
      'r1',
      [
        snapshot(`left:${LONG}`, 1, { name: 'L' }),
        snapshot('right:1', 1, { name: 'R' }),
        snapshot('right:2', 1, {}),
      ],
      1,
    );
    const members = [
      { crm: 'left', id: LONG },
      { crm: 'right', id: '1' },
    ] as const;
    await rig.store.savePairs(SYNC, 'r1', [{ key: 'k', how: 'key', members }], 'test', 7);
  });
  afterEach(() => rig.close());

  const find = async (id: string) =>
    (await view.findRecords(SYNC, id)).map(({ ref }) => `${ref.crm}:${ref.id}`);

  it('a record is found by its id, the short form of it, and the key of its pair; never by less', async () => {
    assert.deepEqual(await find('1'), ['right:1']);
    assert.deepEqual(await find(LONG), [`left:${LONG}`]);
    assert.deepEqual(await find(LONG.slice(0, 15)), [`left:${LONG}`]);
    assert.deepEqual(await find(LONG.slice(0, 14)), []);
    assert.deepEqual(await find('k'), [`left:${LONG}`, 'right:1']);
    assert.deepEqual(await find('%'), []);
    assert.deepEqual(await view.findRecords('other', '1'), []);
  });

  it('tells when somebody last began a run, if lately', async () => {
    await rig.store.insertRun({ ...RUN, state: 'done' });
    assert.equal(await view.lastBegunBy(SYNC, 'test', 1), 1);
    assert.equal(await view.lastBegunBy(SYNC, 'test', 2), null);
    assert.equal(await view.lastBegunBy(SYNC, 'refused webhooks', 0), null);
  });

  it('shows what was decided, with the counterpart and what both agreed on', async () => {
    const note = { cause: 'c', message: 'm', remedy: 'r' };
    await rig.store.saveReconciled(
      batch('r1', {
        records: [decided('right:1', 'held', { notes: [note] })],
        agreed: { k: { name: { left: 'L', right: 'R' } } },
      }),
    );
    const [found] = await view.findRecords(SYNC, '1');
    assert.deepEqual([found?.outcome, found?.notes, found?.verdict?.status], ['held', [note], 'active']);
    assert.deepEqual(found?.pair, {
      key: 'k',
      how: 'key',
      since: 7,
      base: { name: { left: 'L', right: 'R' } },
      counterpart: { crm: 'left', id: LONG },
      counterpartFields: { name: 'L' },
    });
    const [single] = await view.findRecords(SYNC, '2');
    assert.deepEqual([single?.pair, single?.outcome, single?.notes, single?.verdict], [null, null, [], null]);
  });

  it('the journal of a record is what was written, latest first', async () => {
    const write = async (run: string, name: string, applied: boolean) => {
      const [made] = await rig.store.saveReconciled(batch(run, { writes: [planned('right:1', { name })] }));
      const change = made?.change ?? 0;
      await rig.store.savePushed(
        SYNC,
        run,
        [
          applied
            ? {
                change,
                is: 'applied',
                version: null,
                changedAt: null,
                after: snapshot('right:1', 1, { name }),
              }
            : { change, is: 'moved', fields: [] },
        ],
        Number(run.slice(1)),
      );
    };
    await write('r1', 'one', true);
    await write('r2', 'two', false);
    await write('r3', 'three', true);
    const journal = (limit: number) => view.journalOf(SYNC, { crm: 'right', id: '1' }, limit);
    assert.deepEqual(
      (await journal(9)).map(({ run, at, changes }) => [run, at, changes[0]?.after]),
      [
        ['r3', 3, 'three'],
        ['r1', 1, 'one'],
      ],
    );
    assert.equal((await journal(1)).length, 1);
  });

  it('counts', async () => {
    const conflict = { field: 'name', policy: 'ask', base: null, sides: {} };
    await rig.store.saveReconciled(
      batch('r1', {
        records: [decided('right:1', 'conflict'), decided('right:2', 'quarantined')],
        conflicts: { k: [conflict] },
        quarantined: [
          { ref: { crm: 'right', id: '2' }, note: { cause: 'c', message: 'm', remedy: 'r' }, intent: '' },
        ],
      }),
    );
    assert.deepEqual(await view.counts(SYNC), { pairs: 1, conflicts: 1, quarantined: 1 });
    assert.deepEqual(await view.outcomeCounts(SYNC), { conflict: 1, quarantined: 1, new: 1 });
    assert.deepEqual(await view.counts('other'), { pairs: 0, conflicts: 0, quarantined: 0 });
  });

  it('changes of one reason, record by record, page by page', async () => {
    await rig.store.saveReconciled(
      batch('r1', {
        writes: [
          planned('right:1', { name: 'x' }, { owned: { status: 'active' } }),
          planned('right:2', {}, { owned: { status: 'closed' } }),
        ],
      }),
    );
    const fields = async (reason: string) =>
      (await view.changesByReason('r1', reason, 0, 9)).map(({ id, changes }) => [
        id,
        changes.map(({ field }) => field),
      ]);
    assert.deepEqual(await fields('copied'), [['1', ['name']]]);
    assert.deepEqual(await fields('classified'), [
      ['1', ['status']],
      ['2', ['status']],
    ]);
    const [first] = await view.changesByReason('r1', 'classified', 0, 1);
    const rest = await view.changesByReason('r1', 'classified', first?.change ?? 0, 9);
    assert.deepEqual(
      rest.map(({ id }) => id),
      ['2'],
    );
  });
});
