/** What happens to the agreed values and to decisions of people, as a script for two stores at once. */
import assert from 'node:assert/strict';
import type { Value } from '../../src/core/opportunity.ts';
import type { FieldChange, PlannedWrite } from '../../src/core/plan.ts';
import type { NewResolution } from '../../src/core/resolve.ts';
import type { Store } from '../../src/core/store-port.ts';
import type { PushResult } from '../../src/core/store-rows.ts';
import { batch, decided, planned, RUN, snapshot } from '../store/store-rig.ts';

const SYNC = 'main';
const MEMBERS = [
  { crm: 'left', id: '1' },
  { crm: 'right', id: '1' },
] as const;

/** Plans a write to each side of one pair, has them acknowledged, and lets people decide about what is left. */
export async function writtenAndDecided(store: Store): Promise<void> {
  const load = async () => (await store.loadGroups(SYNC, ['pair:k']))[0];
  const read = { name: 'old', amount: '1' };
  await store.registerSync(SYNC, 'settings', 1);
  await store.savePage(SYNC, 'r1', [snapshot('left:1', 1, read), snapshot('right:1', 1, read)], 1);
  await store.savePairs(SYNC, 'r1', [{ key: 'k', how: 'key', members: MEMBERS }], 'test', 1);
  await store.saveReconciled(
    batch('r1', {
      agreed: { k: { name: { left: 'old', right: 'old' }, amount: { left: '1', right: '1' } } },
    }),
  );

  const push = async (run: string, writes: readonly PlannedWrite[], order: readonly number[]) => {
    const made = await store.saveReconciled(
      batch(run, { records: [decided('left:1', 'changed'), decided('right:1', 'changed')], writes }),
    );
    for (const at of order) {
      const [entry, write] = [made[at], writes[at]];
      assert.ok(entry !== undefined && write !== undefined);
      await store.noteSent([{ change: entry.change, sent: write.changes }]);
      await store.markSending([entry.change], 200);
      await store.savePushed(SYNC, run, [applied(entry.change, write)], 300);
    }
  };
  const [left, right] = [
    planned('left:1', { name: 'new' }, { pair: 'k', agreed: { name: { left: 'new', right: 'old' } } }),
    planned(
      'right:1',
      { name: 'new', amount: '2' },
      {
        ...{ pair: 'k', agreed: { name: { left: 'old', right: 'new' }, amount: { left: '1', right: '2' } } },
      },
    ),
  ];
  // A value a person chose goes to both sides at once; each acknowledgement knows of the other.
  for (const [n, order] of [
    [0, 1],
    [1, 0],
  ].entries()) {
    await push(`both-${n}`, [left, right], order);
    assert.deepEqual((await load())?.pair?.base, {
      name: { left: 'new', right: 'new' },
      amount: { left: '1', right: '2' },
    });
  }

  const resolution: NewResolution = {
    ...{ subject: 'pair:k', field: 'amount', decided: 'use', choice: 'right', by: 'ann', at: 5, run: null },
    seen: { left: '1', right: '2' },
  };
  const owned = {
    ...resolution,
    subject: 'left:1',
    field: 'owned:status',
    decided: 'leave',
    choice: null,
  } as const;
  await store.saveResolutions(SYNC, [resolution, owned]);
  assert.equal((await load())?.resolutions?.size, 2);
  await store.saveResolutions(SYNC, [{ ...resolution, choice: 'left', by: 'bob' }]);
  assert.equal((await load())?.resolutions?.get('pair:k amount')?.by, 'bob');
  await store.insertRun({ ...RUN, run: 'woken' });
  assert.equal((await store.addReconcileTasks(SYNC, 'woken', 10)).length, 1, 'a decision wakes its pair');

  const seen = { left: '2026-01-01', right: '2026-02-02' };
  await store.saveReconciled(
    batch('left', {
      left: [{ pair: 'k', field: 'closeDate', by: 'right', seen }],
      outdated: [{ subject: 'pair:k', field: 'amount' }],
    }),
  );
  assert.deepEqual([...((await load())?.resolutions?.keys() ?? [])].sort(), [
    'left:1 owned:status',
    'pair:k closeDate',
  ]);
  await store.dropResolutions(SYNC, [{ subject: 'left:1', field: 'owned:status' }]);

  const taken: PlannedWrite = {
    ...planned('left:1', { name: 'old' }, { pair: 'k', agreed: { name: { left: 'old', right: 'new' } } }),
  };
  const undo = (change: FieldChange): FieldChange => ({ ...change, reason: 'undo', by: 'cy' });
  const status = {
    ...planned('left:1', {}, { owned: { status: 'active' } }).changes,
  } as readonly FieldChange[];
  await push('undo', [{ ...taken, changes: [...taken.changes, ...Object.values(status)].map(undo) }], [0]);
  assert.deepEqual([...((await load())?.resolutions?.keys() ?? [])].sort(), [
    'left:1 owned:status',
    'pair:k closeDate',
    'pair:k name',
  ]);
  await namedConflicts(store);
}

/** Of whose open conflicts the names are asked for: of all, or of the records that events name. */
async function namedConflicts(store: Store): Promise<void> {
  const others = [
    { crm: 'left', id: '2' },
    { crm: 'right', id: '2' },
  ] as const;
  await store.savePage(SYNC, 'r1', [snapshot('left:2', 1, {}), snapshot('right:2', 1, {})], 1);
  await store.savePairs(SYNC, 'r1', [{ key: 'm', how: 'key', members: others }], 'test', 1);
  const conflict = (id: string) => ({
    ...{ field: 'amount', policy: 'ask', base: null },
    sides: { left: { id, value: '1', at: 1 }, right: { id, value: '2', at: 1 } },
  });
  await store.saveReconciled(batch('r1', { conflicts: { k: [conflict('1')], m: [conflict('2')] } }));
  await store.updateRun('woken', { state: 'done' });
  await store.insertRun({ ...RUN, run: 'events', mode: 'events' });
  const event = {
    sync: SYNC,
    crm: 'right',
    id: '2',
    kind: 'changed',
    key: 'e',
    account: '',
    at: null,
  } as const;
  await store.storeEvents([event], 1);
  await store.takeEvents(SYNC, 'events', 10);
  const pairs = async (named?: string) =>
    (await store.unnamedConflicts(SYNC, 10, named)).map(({ pair }) => pair);
  assert.deepEqual([await pairs(), await pairs('events')], [['k', 'm'], ['m']]);
  const who = { left: { value: '1', actor: 'ann', at: 5 }, right: { value: '2', actor: null, at: null } };
  await store.noteActors(SYNC, [{ pair: 'm', field: 'amount', who }]);
  assert.deepEqual([await pairs(), await pairs('events')], [['k'], []]);
}

function applied(change: number, write: PlannedWrite): PushResult {
  const values = (owned: boolean): Record<string, Value> =>
    Object.fromEntries(write.changes.flatMap((one) => (one.owned === owned ? [[one.field, one.after]] : [])));
  const { raw: _raw, ...after } = snapshot(`${write.crm}:${write.id}`, 2, values(false), {
    owned: values(true),
  });
  return { change, is: 'applied', version: 'v2', changedAt: 2, after };
}
