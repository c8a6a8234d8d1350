import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { refKey } from '../../src/core/ids.ts';
import { type NewPair, pairByLinks } from '../../src/core/pairing.ts';
import { batch, decided, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

const pair = (key: string, left: string, right: string): NewPair => ({
  key,
  how: 'adopted',
  members: [
    { crm: 'left', id: left },
    { crm: 'right', id: right },
  ],
});

describe('pairs in the store', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
    for (const crm of ['left', 'right']) await rig.store.saveCursor(SYNC, crm, {}, 1, true);
  });
  afterEach(() => rig.close());

  const put = (name: string, more: { pairKey?: string; linkedId?: string } = {}) =>
    rig.store.savePage(SYNC, 'r1', [snapshot(name, 1, {}, more)], 1);
  const pairOf = async () =>
    Object.fromEntries(
      (
        await rig.look(
          sql<{
            name: string;
            pair: string;
          }>`select crm || ':' || id as name, pair from snapshots where pair is not null`,
        )
      ).map(({ name, pair: key }) => [name, key]),
    );
  const settle = async (...names: string[]) =>
    rig.store.saveReconciled(batch('r1', { records: names.map((name) => decided(name, 'in_sync')) }));

  it('a record has one counterpart: a second pair does not take it', async () => {
    for (const name of ['left:1', 'right:1', 'right:2']) await put(name);
    await rig.store.savePairs(SYNC, 'r1', [pair('k1', '1', '1')], 'test', 1);
    await rig.store.savePairs(SYNC, 'r1', [pair('k2', '1', '2')], 'test', 1);
    // Nor does it leave half a pair behind.
    assert.deepEqual(await pairOf(), { 'left:1': 'k1', 'right:1': 'k1' });
    assert.deepEqual(await rig.look(sql`select pair from pairs`), [{ pair: 'k1' }]);
  });

  it('two living records of one side cannot bear one key', async () => {
    for (const name of ['left:1', 'right:1', 'right:2']) await put(name);
    await rig.store.savePairs(SYNC, 'r1', [pair('k1', '1', '1')], 'test', 1);
    await assert.rejects(
      rig.look(sql`update snapshots set pair = 'k1' where crm = 'right' and id = '2'`),
      /one_per_side/,
    );
  });

  it('pairing makes both records dirty and says who made it; again, nothing changes', async () => {
    for (const name of ['left:1', 'right:1']) await put(name);
    await settle('left:1', 'right:1');
    await rig.store.savePairs(SYNC, 'r1', [pair('k1', '1', '1')], 'ann', 7);
    assert.deepEqual(await rig.dirty(), ['left:1', 'right:1']);
    await settle('left:1', 'right:1');
    await rig.store.savePairs(SYNC, 'r2', [pair('k1', '1', '1')], 'bob', 9);
    await rig.store.savePairs(SYNC, 'r2', [], 'bob', 9);
    assert.deepEqual(await rig.dirty(), []);
    const made = await rig.look(sql<{ by: string }>`select made_by as by from pairs`);
    assert.deepEqual(made, [{ by: 'ann' }]);
  });

  it('gives records with a key or a link in batches, each with everybody who takes part in its claims', async () => {
    await put('left:1', { pairKey: 'k' });
    await put('right:1', { pairKey: 'k' });
    await put('left:2');
    await put('right:2', { linkedId: '2' });
    await put('right:3', { linkedId: '2' });
    await put('left:4');
    const seen: string[][] = [];
    let after: string | null = '';
    while (after !== null) {
      const { rows, next } = await rig.store.linkBatch(SYNC, after, 1);
      if (rows.length > 0) seen.push(rows.map(refKey).sort());
      after = next;
    }
    assert.deepEqual(seen, [
      ['left:1', 'right:1'],
      ['left:1', 'right:1'],
      ['left:2', 'right:2', 'right:3'],
      ['left:2', 'right:2', 'right:3'],
    ]);
  });

  it('pairs the same whatever the size of a batch, also where links contradict each other', async () => {
    await put('left:1', { linkedId: '1' });
    await put('right:1', { linkedId: '2' });
    await put('left:2');
    await put('right:5', { linkedId: '1' });
    await put('left:7', { linkedId: '7' });
    await put('right:7');
    const result = async (limit: number) => {
      const found = new Set<string>();
      let after: string | null = '';
      while (after !== null) {
        const { rows, next } = await rig.store.linkBatch(SYNC, after, limit);
        for (const { members } of pairByLinks(rows, ['left', 'right']).pairs)
          found.add(members.map(refKey).join('+'));
        after = next;
      }
      return [...found];
    };
    assert.deepEqual(await result(100), ['left:7+right:7']);
    assert.deepEqual(await result(1), ['left:7+right:7']);
  });

  it('members of the pair that has a key take part, also before the key is written in them', async () => {
    for (const name of ['left:1', 'right:1']) await put(name);
    await rig.store.savePairs(SYNC, 'r1', [pair('k', '1', '1')], 'test', 1);
    await put('left:2', { pairKey: 'k' });
    await put('right:2', { pairKey: 'k' });
    const { rows } = await rig.store.linkBatch(SYNC, '', 100);
    const found = pairByLinks(rows, ['left', 'right']);
    assert.deepEqual([found.pairs, found.ambiguous.map(refKey).sort()], [[], ['left:2', 'right:2']]);
  });

  it('paired and deleted records ask for no pair', async () => {
    await put('left:1', { pairKey: 'k' });
    await put('right:1', { linkedId: '1' });
    await rig.store.markDeleted(SYNC, 'r1', 'right', ['1'], 1);
    await rig.store.savePairs(SYNC, 'r1', [pair('k', '1', '1')], 'test', 1);
    assert.deepEqual(await rig.store.linkBatch(SYNC, '', 10), { rows: [], next: null });
  });

  it('an ambiguous record is counted until it is paired', async () => {
    for (const name of ['left:1', 'right:1']) await put(name);
    await rig.store.noteAmbiguous(SYNC, 'r1', [{ crm: 'right', id: '1' }]);
    await settle('left:1', 'right:1');
    assert.equal((await rig.store.tally(SYNC, 'r1')).ambiguous, 1);
    await rig.store.savePairs(SYNC, 'r1', [pair('k', '1', '1')], 'test', 1);
    await settle('left:1', 'right:1');
    assert.equal((await rig.store.tally(SYNC, 'r1')).ambiguous, 0);
  });
});
