import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Snapshot } from '../../src/core/opportunity.ts';
import { contentHash } from '../../src/store/snapshots.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

describe('snapshots of records', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
  });
  afterEach(() => rig.close());

  const save = (run: string, ...list: Snapshot[]) => rig.store.savePage(SYNC, run, list, 50);
  const names = async () =>
    Object.fromEntries(
      (
        await rig.look(
          sql<{
            ref: string;
            name: string;
          }>`select crm || ':' || id as ref, fields ->> 'name' as name from snapshots`,
        )
      ).map(({ ref, name }) => [ref, name]),
    );
  const settle = async (run: string, ...refs: string[]) => {
    await rig.store.saveReconciled(batch(run, { records: refs.map((ref) => decided(ref, 'in_sync')) }));
  };

  it('a new record is dirty, an unchanged one is not dirty again', async () => {
    const first = snapshot('left:1', 10, { name: 'a' });
    await save('r1', first, snapshot('right:1', 10, { name: 'b' }));
    assert.deepEqual(await rig.dirty(), ['left:1', 'right:1']);
    await settle('r1', 'left:1', 'right:1');
    await save('r2', first, { ...first, crm: 'right', fields: { name: 'c' } });
    assert.deepEqual(await rig.dirty(), ['right:1']);
  });

  it('a version that says nothing new, or only other raw fields, changes nothing', async () => {
    await save('r1', snapshot('left:1', 10, { name: 'a' }));
    await settle('r1', 'left:1');
    await save('r2', snapshot('left:1', 20, { name: 'a' }, { raw: { other: 1 } }));
    assert.deepEqual(await rig.dirty(), []);
  });

  it('an older version never replaces a newer one', async () => {
    await save('r1', snapshot('left:1', 20, { name: 'new' }));
    await save('r2', snapshot('left:1', 10, { name: 'old' }));
    assert.deepEqual(await names(), { 'left:1': 'new' });
  });

  it('nor one that came between two readings of the same content', async () => {
    await save('r1', snapshot('left:1', 10, { name: 'a' }));
    await save('r2', snapshot('left:1', 30, { name: 'a' }));
    await save('r3', snapshot('left:1', 20, { name: 'b' }));
    assert.deepEqual(await names(), { 'left:1': 'a' });
    const [held] = await rig.look(sql<{ version: string }>`select version from snapshots`);
    assert.equal(held?.version, 'v30');
  });

  it('a record is as new as its synced fields: neither other changes of it nor our own writes make it newer', async () => {
    const changedAt = async () =>
      (await rig.store.loadGroups(SYNC, ['left:1']))[0]?.members.map((member) => member.changedAt);
    await save('r1', snapshot('left:1', 10, { name: 'a' }, { owned: { status: null } }));
    await save('r2', snapshot('left:1', 20, { name: 'a' }, { evidence: { isClosed: true } }));
    assert.deepEqual(await changedAt(), [10]);
    const [made] = await rig.store.saveReconciled(
      batch('r2', { writes: [planned('left:1', { name: 'b' }, { owned: { status: 'active' } })] }),
    );
    const change = made?.change ?? 0;
    const after = snapshot('left:1', 20, { name: 'b' }, { owned: { status: 'active' } });
    const written = { change, is: 'applied', version: 'v30', changedAt: 30, after } as const;
    await rig.store.savePushed(SYNC, 'r2', [written], 60);
    await save('r3', snapshot('left:1', 25, { name: 'late' }));
    await save('r3', snapshot('left:1', 30, { name: 'b' }, { owned: { status: 'active' } }));
    assert.deepEqual(await changedAt(), [10]);
    assert.deepEqual(await names(), { 'left:1': 'b' });
    await save('r4', snapshot('left:1', 40, { name: 'c' }));
    assert.deepEqual(await changedAt(), [40]);
  });

  it('of two versions in one page the newer counts, in whatever order they come', async () => {
    const [old, fresh] = [snapshot('left:1', 10, { name: 'old' }), snapshot('left:1', 20, { name: 'new' })];
    await save('r1', old, fresh);
    assert.deepEqual(await names(), { 'left:1': 'new' });
    await save('r2', snapshot('left:2', 20, { name: 'new' }), snapshot('left:2', 10, { name: 'old' }));
    assert.deepEqual(await names(), { 'left:1': 'new', 'left:2': 'new' });
  });

  it('what says nothing new is not written again', async () => {
    const page = [snapshot('left:1', 10, { name: 'a' }), snapshot('left:2', 10, { name: 'b' })];
    const written = () =>
      rig.look(sql<{ id: string; at: string }>`select id, xmin::text as at from snapshots order by id`);
    await save('r1', ...page);
    const before = await written();
    await save('r1', ...page);
    assert.deepEqual(await written(), before, 'the same run meets them again');
    await rig.store.savePage(SYNC, 'r2', page, 70, 'look');
    assert.deepEqual(await written(), before, 'a look before a write');
    assert.equal((await rig.store.notMet(SYNC, 'r2', 'left', 10)).ids.length, 2, 'a look meets nothing');
    await rig.store.savePage(SYNC, 'r2', [snapshot('left:2', 20, { name: 'c' })], 70, 'look');
    const after = await written();
    assert.deepEqual([after[0], after[1]?.at === before[1]?.at], [before[0], false]);
  });

  it('after our own write the next reading finds nothing to decide', async () => {
    await save('r1', snapshot('left:1', 10, { name: 'a' }));
    const [made] = await rig.store.saveReconciled(
      batch('r1', { records: [decided('left:1', 'changed')], writes: [planned('left:1', { name: 'b' })] }),
    );
    const after = snapshot('left:1', 10, { name: 'b' });
    await rig.store.savePushed(
      SYNC,
      'r1',
      [{ change: made?.change ?? 0, is: 'applied', version: null, changedAt: null, after }],
      60,
    );
    await save('r2', snapshot('left:1', 30, { name: 'b' }));
    assert.deepEqual(await rig.dirty(), []);
    const tally = await rig.store.tally(SYNC, 'r2');
    assert.deepEqual([tally.outcomes.unpaired, tally.outcomes.changed, tally.unaccounted], [1, 0, 0]);
    await save('r3', snapshot('left:1', 40, { name: 'an automation' }));
    assert.deepEqual(await rig.dirty(), ['left:1'], 'what differs from what was written is looked at');
  });

  it('a record met counts as met, whatever its version', async () => {
    await save('r1', snapshot('left:1', 20, { name: 'a' }), snapshot('left:2', 20, { name: 'a' }));
    await save('r2', snapshot('left:1', 10, { name: 'older' }));
    assert.deepEqual(await rig.store.notMet(SYNC, 'r2', 'left', 10), { ids: ['2'], known: 2 });
  });

  it('a deletion is looked at once; the record is known no more, and comes back when it is read again', async () => {
    const both = [snapshot('left:1', 10, { name: 'a' }), snapshot('left:2', 10, { name: 'b' })];
    await save('r1', ...both);
    await settle('r1', 'left:1', 'left:2');
    await rig.store.markDeleted(SYNC, 'r2', 'left', ['2'], 60);
    assert.deepEqual(await rig.dirty(), ['left:2']);
    assert.deepEqual(await rig.store.countRecords(SYNC), { left: 1 });
    assert.deepEqual(await rig.store.notMet(SYNC, 'r2', 'left', 10), { ids: ['1'], known: 1 });
    await settle('r2', 'left:2');
    await rig.store.markDeleted(SYNC, 'r3', 'left', ['2'], 70);
    assert.deepEqual(await rig.dirty(), []);
    await save('r4', ...both);
    assert.deepEqual([await rig.dirty(), await rig.store.countRecords(SYNC)], [['left:2'], { left: 2 }]);
  });

  it('the hash covers what a decision can depend on, and nothing else', () => {
    const one = snapshot('left:1', 10, { name: 'a' });
    const hashes = [
      one,
      { ...one, deleted: true },
      { ...one, fields: { name: null } },
      { ...one, fields: {} },
      { ...one, owned: { status: 'active' } },
      { ...one, evidence: { isClosed: true } },
      { ...one, pairKey: 'k' },
      { ...one, linkedId: '9' },
      { ...one, absorbedIds: ['9'] },
    ].map(contentHash);
    assert.equal(new Set(hashes).size, hashes.length);
    assert.equal(contentHash({ ...one, changedAt: 99, version: 'v99' }), contentHash(one));
  });

  it('plans that were never written are dropped and their records looked at again', async () => {
    await save('r1', snapshot('left:1', 10, {}), snapshot('left:2', 10, {}), snapshot('left:3', 10, {}));
    const [, sent] = await rig.store.saveReconciled(
      batch('r1', {
        records: ['left:1', 'left:2', 'left:3'].map((ref) => decided(ref, 'changed')),
        writes: ['left:1', 'left:2', 'left:3'].map((ref) => planned(ref, { name: 'x' })),
      }),
    );
    const last = await rig.look(sql<{ id: number }>`select max(id)::int as id from changes`);
    await rig.store.markSending([sent?.change ?? 0, last[0]?.id ?? 0], 60);
    const applied = {
      change: last[0]?.id ?? 0,
      is: 'applied',
      version: null,
      changedAt: null,
      after: snapshot('left:3', 10, { name: 'x' }),
    } as const;
    await rig.store.savePushed(SYNC, 'r1', [applied], 60);
    assert.deepEqual(await rig.dirty(), []);
    await rig.store.dropUnwritten(SYNC, 'r1');
    assert.deepEqual(await rig.dirty(), [], 'its own plan is left alone');
    await rig.store.dropUnwritten(SYNC, 'r2');
    assert.deepEqual(await rig.dirty(), ['left:1', 'left:2']);
    const states = await rig.look(sql<{ state: string }>`select state from changes order by id`);
    assert.deepEqual(
      states.map(({ state }) => state),
      ['dropped', 'dropped', 'applied'],
    );
  });

  it('a cursor remembers its mark, and the last full reading with its size', async () => {
    assert.equal(await rig.store.cursor(SYNC, 'left'), null);
    await save('r1', snapshot('left:1', 10, {}), snapshot('left:2', 10, {}));
    await rig.store.saveCursor(SYNC, 'left', { at: 1 }, 100, true);
    await save('r2', snapshot('left:3', 10, {}));
    await rig.store.saveCursor(SYNC, 'left', { at: 2 }, 200, false);
    assert.deepEqual(await rig.store.cursor(SYNC, 'left'), { mark: { at: 2 }, fullAt: 100, fullRows: 2 });
    await rig.store.saveCursor(SYNC, 'left', { at: 3 }, 300, true);
    assert.deepEqual(await rig.store.cursor(SYNC, 'left'), { mark: { at: 3 }, fullAt: 300, fullRows: 3 });
    assert.equal(await rig.store.cursor('other', 'left'), null);
  });

  it('other syncs see and touch nothing', async () => {
    await save('r1', snapshot('left:1', 10, { name: 'a' }));
    await rig.store.savePage('other', 'r9', [snapshot('left:1', 90, { name: 'z' })], 50);
    await rig.store.markDeleted('other', 'r9', 'left', ['1'], 60);
    assert.deepEqual(await rig.store.countRecords(SYNC), { left: 1 });
    const [held] = await rig.look(
      sql<{ name: string }>`select fields ->> 'name' as name from snapshots where sync = ${SYNC}`,
    );
    assert.equal(held?.name, 'a');
  });
});
