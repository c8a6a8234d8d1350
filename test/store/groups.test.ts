import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { GroupMember } from '../../src/core/group.ts';
import type { PushResult } from '../../src/core/store-rows.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig, verdict } from './store-rig.ts';

const NOTE = { cause: 'refused_X', message: 'no', remedy: 'ask' };
const ACTIVE = verdict();
const WON = verdict({ status: 'closed', outcome: 'won' });

describe('groups to reconcile and what was decided', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
    const names = ['left:1', 'right:1', 'left:2', 'right:9'];
    await rig.store.savePage(
      SYNC,
      'r1',
      names.map((name) => snapshot(name, 1, { name })),
      1,
    );
    const members = [
      { crm: 'left', id: '1' },
      { crm: 'right', id: '1' },
    ] as const;
    await rig.store.savePairs(SYNC, 'r1', [{ key: 'k', how: 'key', members }], 'test', 1);
  });
  afterEach(() => rig.close());

  const load = (...keys: string[]) => rig.store.loadGroups(SYNC, keys);
  const baseOf = async () => (await load('pair:k'))[0]?.pair?.base;
  const outcome = async (id: string) =>
    (
      await rig.look(
        sql<{
          outcome: string;
          dirty: boolean;
        }>`select outcome, dirty from snapshots where crm || ':' || id = ${id}`,
      )
    )[0];
  const count = async (table: string) =>
    (await rig.look(sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`))[0]?.n;

  it('are pairs with both members and their base, or single records; what is not there is left out', async () => {
    await rig.store.saveReconciled(batch('r1', { agreed: { k: { name: { left: 'a', right: 'b' } } } }));
    const groups = await load('pair:k', 'left:2', 'left:404', 'pair:404', 'left:1');
    assert.deepEqual(
      groups.map((group) => [group.pair?.key ?? null, group.members.map(({ crm, id }) => `${crm}:${id}`)]),
      [
        ['k', ['left:1', 'right:1']],
        [null, ['left:2']],
      ],
    );
    assert.deepEqual(groups[0]?.pair?.base, { name: { left: 'a', right: 'b' } });
    assert.deepEqual(await rig.store.loadGroups('other', ['pair:k', 'left:2']), []);
  });

  it('deciding settles a record, unless it waits for somebody', async () => {
    await rig.store.saveReconciled(
      batch('r1', {
        records: [
          decided('left:1', 'conflict'),
          decided('right:1', 'changed'),
          decided('left:2', 'held'),
          decided('right:9', 'quarantined'),
        ],
      }),
    );
    assert.deepEqual(await rig.dirty(), ['left:1', 'left:2', 'right:9']);
    assert.deepEqual(await outcome('right:1'), { outcome: 'changed', dirty: false });
  });

  it('deciding twice plans once, and leaves one conflict and one attempt', async () => {
    const conflict = { field: 'name', policy: 'ask', base: null, sides: {} };
    const given = batch('r1', {
      records: [
        decided('left:1', 'conflict', { verdict: WON }),
        decided('right:1', 'conflict', { verdict: WON }),
      ],
      writes: [planned('right:1', { name: 'x' }, { pair: 'k' })],
      agreed: { k: { amount: { left: '1', right: '1' } } },
      conflicts: { k: [conflict] },
    });
    await rig.store.saveReconciled(given);
    await rig.store.saveReconciled(given);
    assert.deepEqual(
      [await count('changes'), await count('conflicts'), await count('verdict_history')],
      [1, 1, 0],
    );
    assert.deepEqual(await baseOf(), { amount: { left: '1', right: '1' } });
    const [since] = await rig.look(sql<{ since: number }>`select since::int as since from conflicts`);
    await rig.store.saveReconciled({ ...given, at: 900 });
    const [later] = await rig.look(sql<{ since: number }>`select since::int as since from conflicts`);
    assert.deepEqual(later, since, 'a conflict keeps the time it was first seen');
    await rig.store.saveReconciled({ ...given, conflicts: { k: [] } });
    assert.equal(await count('conflicts'), 0);
  });

  it('another run does not take back what an earlier one planned', async () => {
    const given = { records: [decided('left:1', 'changed')], writes: [planned('left:1', { name: 'x' })] };
    await rig.store.saveReconciled(batch('r1', given));
    await rig.store.saveReconciled(batch('r2', given));
    assert.equal(await count('changes'), 2);
  });

  it('deciding takes no longer the more a run has planned, also while the statistics are those of an empty table', async () => {
    for (const table of ['changes', 'creations']) {
      await rig.look(sql`alter table ${sql.table(table)} set (autovacuum_enabled = false)`);
      await rig.look(sql`analyze ${sql.table(table)}`);
    }
    await rig.look(sql`
      insert into changes (sync, run, crm, record, name, fields, agreed, state, round)
      select ${SYNC}, 'r1', 'left', 'a' || n, '', '[]', '{}', 'planned', 0 from generate_series(1, 60000) n`);
    await rig.look(sql`
      insert into creations (sync, run, crm, pair, source_crm, source_id, name, fields, owned, agreed, state)
      select ${SYNC}, 'r1', 'right', n, 'left', 'a' || n, '', '{}', '{}', '{}', 'planned' from generate_series(1, 60000) n`);
    const records = Array.from({ length: 2000 }, (_, n) => decided(`left:b${n}`, 'in_sync'));
    const began = performance.now();
    await rig.store.saveReconciled(batch('r1', { records }));
    const took = performance.now() - began;
    assert.ok(took < 1500, `${took.toFixed(0)} ms`);
    assert.deepEqual([await count('changes'), await count('creations')], [60000, 60000]);
  });

  it('history has a row for every transition of a verdict, and none without one', async () => {
    const say = (what: typeof ACTIVE, at: number) =>
      rig.store.saveReconciled(
        batch('r1', { at, records: [decided('left:2', 'in_sync', { verdict: what })] }),
      );
    await say(ACTIVE, 1);
    await say({ ...ACTIVE, flags: ['overdue'] }, 2);
    await say(WON, 3);
    await say(WON, 4);
    await say({ ...ACTIVE, phase: 'meeting' }, 5);
    await say({ ...ACTIVE, phase: 'proposing' }, 6);
    const rows = await rig.look(
      sql<{ at: number; was: string; now: string }>`select at::int as at,
        concat(before ->> 'status', '/', before ->> 'outcome', '/', before ->> 'phase') as was,
        concat(after ->> 'status', '/', after ->> 'outcome', '/', after ->> 'phase') as now
        from verdict_history order by id`,
    );
    assert.deepEqual(rows, [
      { at: 3, was: 'active//', now: 'closed/won/' },
      { at: 5, was: 'closed/won/', now: 'active//meeting' },
      { at: 6, was: 'active//meeting', now: 'active//proposing' },
    ]);
  });

  it('come with what was seen to happen to their records: edits, our own writes marked as such, verdicts', async () => {
    const move = (changedAt: number, stage: string, closeDate: string) =>
      rig.store.savePage(SYNC, 'r1', [snapshot('left:2', changedAt, { stage, closeDate })], changedAt);
    const write = async (run: string, stage: string, reason: 'copied' | 'undo') => {
      const { changes, ...rest } = planned('left:2', { stage });
      const writes = [{ ...rest, changes: changes.map((change) => ({ ...change, before: 'B', reason })) }];
      const records = [decided('left:2', 'changed', { verdict: WON })];
      const [made] = await rig.store.saveReconciled(batch(run, { at: 30, records, writes }));
      const { raw: _raw, ...after } = snapshot('left:2', 40, { stage, closeDate: '2026-02-01' });
      const result = {
        change: made?.change ?? 0,
        is: 'applied',
        version: null,
        changedAt: 40,
        after,
      } as const;
      await rig.store.savePushed(SYNC, run, [result], 40);
    };
    const seen = async () => (await load('left:2'))[0]?.seen?.get('left:2');
    assert.deepEqual(await seen(), { standing: null, history: [] });
    await move(10, 'A', '2026-01-01');
    await move(20, 'B', '2026-02-01');
    await rig.store.saveReconciled(
      batch('r1', { at: 25, records: [decided('left:2', 'in_sync', { verdict: ACTIVE })] }),
    );
    await write('r2', 'C', 'copied');
    await write('r3', 'D', 'undo');
    assert.deepEqual(await seen(), {
      standing: 'closed/won',
      history: [
        { at: 20, field: 'closeDate', from: '2026-01-01', to: '2026-02-01' },
        { at: 20, field: 'stage', from: 'A', to: 'B' },
        { at: 30, field: 'status', from: 'active', to: 'closed/won' },
        { at: 40, field: 'stage', from: 'B', to: 'C', own: true },
        { at: 40, field: 'stage', from: 'B', to: 'D', own: true },
      ],
    });
  });

  it('a refusal is shown with its group until the record changes, and is forgotten when it is healed', async () => {
    const quarantined = [{ ref: { crm: 'right', id: '1' }, note: { ...NOTE, field: 'name' }, intent: 'i' }];
    await rig.store.saveReconciled(
      batch('r1', { records: [decided('right:1', 'quarantined')], quarantined }),
    );
    const refusal = async () => (await load('pair:k'))[0]?.refusals.get('right:1');
    assert.deepEqual(await refusal(), { intent: 'i', unchanged: true, note: { ...NOTE, field: 'name' } });
    await rig.store.savePage(SYNC, 'r2', [snapshot('right:1', 2, { name: 'edited' })], 2);
    assert.equal((await refusal())?.unchanged, false);
    await rig.store.saveReconciled(batch('r2', { records: [decided('right:1', 'changed')] }));
    assert.equal(await refusal(), undefined);
  });

  it('forgetting refusals wakes their records', async () => {
    const quarantined = [{ ref: { crm: 'left', id: '2' }, note: NOTE, intent: 'i' }];
    await rig.store.saveReconciled(batch('r1', { records: [decided('left:2', 'in_sync')], quarantined }));
    assert.ok(!(await rig.dirty()).includes('left:2'));
    assert.equal(await rig.store.clearQuarantine(SYNC), 1);
    assert.ok((await rig.dirty()).includes('left:2'));
    assert.equal(await rig.store.clearQuarantine(SYNC), 0);
  });

  describe('after writes', () => {
    const plan = async () => {
      const made = await rig.store.saveReconciled(
        batch('r1', {
          records: [
            decided('left:1', 'changed'),
            decided('right:1', 'changed'),
            decided('left:2', 'changed'),
          ],
          writes: [
            planned('left:1', { amount: '1' }, { pair: 'k', agreed: { amount: { left: '1', right: '1' } } }),
            planned(
              'right:1',
              { name: 'x' },
              { pair: 'k', agreed: { name: { left: 'x', right: 'x' } }, owned: { pairKey: 'k' } },
            ),
            planned('left:2', {}, { owned: { status: 'active' } }),
          ],
        }),
      );
      const rows = await rig.store.changeRows(made.map(({ change }) => change));
      return (name: string) => rows.find((row) => `${row.crm}:${row.id}` === name)?.change ?? 0;
    };
    const RIGHT = snapshot('right:1', 5, { name: 'x' }, { owned: { pairKey: 'k' }, pairKey: 'k' });
    const done = (change: number, after: GroupMember = RIGHT): PushResult => ({
      change,
      is: 'applied',
      version: 'v9',
      changedAt: null,
      after,
    });
    const error = { recovery: 'skip', code: 'X', message: 'no', remedy: 'ask' } as const;

    it('only a write that was acknowledged advances its own base', async () => {
      const change = await plan();
      await rig.store.markSending([change('left:1'), change('right:1'), change('left:2')], 5);
      await rig.store.savePushed(
        SYNC,
        'r1',
        [
          {
            change: change('left:1'),
            is: 'failed',
            error,
            quarantine: { ref: { crm: 'left', id: '1' }, note: NOTE, intent: 'i' },
          },
          done(change('right:1')),
          {
            change: change('left:2'),
            is: 'dropped',
            note: { cause: 'moved_since_plan', message: 'm', remedy: 'r' },
          },
        ],
        6,
      );
      assert.deepEqual(await baseOf(), { name: { left: 'x', right: 'x' } });
      assert.deepEqual(await outcome('left:1'), { outcome: 'quarantined', dirty: true });
      assert.deepEqual(await outcome('right:1'), { outcome: 'changed', dirty: false });
      assert.deepEqual(await outcome('left:2'), { outcome: 'held', dirty: true });
      const right = (await load('pair:k'))[0]?.members[1];
      assert.deepEqual([right?.fields, right?.owned, right?.pairKey], [{ name: 'x' }, { pairKey: 'k' }, 'k']);
      assert.deepEqual(await rig.store.pushTally('r1'), {
        left: { update: 0, create: 0, failed: 1 },
        right: { update: 1, create: 0, failed: 0 },
      });
      assert.equal(await rig.store.unsettled('r1'), 1);
    });

    it('a record found to hold everything already advances its base without counting as a write', async () => {
      const change = await plan();
      const seen = snapshot('right:1', 5, { name: 'x' }, { owned: { pairKey: 'k' }, pairKey: 'k' });
      await rig.store.savePushed(
        SYNC,
        'r1',
        [{ change: change('right:1'), is: 'already', snapshot: seen }],
        6,
      );
      assert.deepEqual(await baseOf(), { name: { left: 'x', right: 'x' } });
      assert.deepEqual(await rig.store.pushTally('r1'), { right: { update: 0, create: 0, failed: 0 } });
    });

    it('a write that moved leaves the record as it is', async () => {
      const change = await plan();
      await rig.store.savePushed(
        SYNC,
        'r1',
        [{ change: change('right:1'), is: 'moved', fields: ['name'] }],
        6,
      );
      assert.deepEqual(await baseOf(), {});
      assert.equal((await load('pair:k'))[0]?.members[1]?.fields['name'], 'right:1');
    });

    it('a record that waits for a person goes on waiting when other fields of it are written', async () => {
      for (const waiting of ['conflict', 'held', 'quarantined'] as const) {
        const [made] = await rig.store.saveReconciled(
          batch('r1', {
            records: [decided('left:2', waiting)],
            writes: [planned('left:2', { name: waiting })],
          }),
        );
        await rig.store.savePushed(
          SYNC,
          'r1',
          [done(made?.change ?? 0, snapshot('left:2', 5, { name: waiting }))],
          6,
        );
        assert.deepEqual(await outcome('left:2'), { outcome: waiting, dirty: true });
      }
    });

    it('a write that was dropped does not hide a graver outcome', async () => {
      const [made] = await rig.store.saveReconciled(
        batch('r1', { records: [decided('left:2', 'conflict')], writes: [planned('left:2', { name: 'x' })] }),
      );
      await rig.store.savePushed(SYNC, 'r1', [{ change: made?.change ?? 0, is: 'dropped', note: NOTE }], 6);
      assert.deepEqual(await outcome('left:2'), { outcome: 'conflict', dirty: true });
    });

    it('telling it twice changes nothing more', async () => {
      const change = await plan();
      await rig.store.markSending([change('right:1')], 5);
      await rig.store.savePushed(SYNC, 'r1', [done(change('right:1'))], 6);
      await rig.store.savePushed(SYNC, 'r1', [done(change('right:1'))], 6);
      assert.deepEqual(await rig.store.pushTally('r1'), { right: { update: 1, create: 0, failed: 0 } });
      assert.deepEqual(await baseOf(), { name: { left: 'x', right: 'x' } });
    });
  });
});
