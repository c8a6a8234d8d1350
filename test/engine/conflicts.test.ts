import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import { openConflicts, resolveConflicts } from '../../src/engine/conflicts.ts';
import { quarantined, replay } from '../../src/engine/quarantine.ts';
import { verify } from '../../src/engine/verify.ts';
import { engineRig, type Rig, SETTINGS } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

async function agreed(): Promise<Rig> {
  const rig = await engineRig();
  for (let i = 0; i < 10; i++) {
    const fields = { name: `Deal ${i}`, stage: 'Negotiating', amount: `${100 + i}`, nextStep: 'call' };
    put(rig.left, `L${i}`, fields);
    put(rig.right, `R${i}`, fields, `L${i}`);
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  await rig.report('sync');
  return rig;
}

const amounts = (rig: Rig, i: number) => [
  rig.left.records.get(`L${i}`)?.fields['amount'],
  rig.right.records.get(`R${i}`)?.fields['amount'],
];
const conflicting = async (rig: Rig, ...pairs: number[]): Promise<void> => {
  for (const i of pairs) {
    rig.left.edit(`L${i}`, { amount: `1${i}` });
    rig.right.edit(`R${i}`, { amount: `2${i}` });
  }
  await rig.report('sync');
};
const resolve = (rig: Rig, request: Parameters<typeof resolveConflicts>[2], by = 'ann') =>
  resolveConflicts(rig.deps, SETTINGS, request, by);

describe('conflicts', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });

  it('are listed with both values, what was agreed, the policy, and an id that stays', async () => {
    await conflicting(rig, 3);
    const [row, ...others] = await openConflicts(rig.store, 'main');
    assert.equal(others.length, 0);
    assert.equal(row?.conflict.field, 'amount');
    assert.deepEqual(
      ['left', 'right'].map((crm) => [row?.conflict.sides[crm]?.id, row?.conflict.sides[crm]?.value]),
      [
        ['L3', '13'],
        ['R3', '23'],
      ],
    );
    assert.deepEqual(row?.conflict.base, { left: '103', right: '103' });
    assert.equal(row?.conflict.policy, 'ask');
    await rig.report('sync');
    const [again] = await openConflicts(rig.store, 'main');
    assert.deepEqual([again?.id, again?.since], [row?.id, row?.since]);
  });

  it('name who set both values and when, and ask the CRMs once per value', async () => {
    rig.left.edit('L3', { amount: '13' });
    rig.right.edit('R3', { amount: '23' }, 'automation:Discounts');
    const priced = rig.left.records.get('L3')?.changedAt;
    const edited = rig.right.records.get('R3')?.changedAt;
    rig.right.edit('R3', { nextStep: 'visit' });
    await rig.report('sync');
    const sides = async () => (await openConflicts(rig.store, 'main'))[0]?.conflict.sides;
    const [left, right] = [(await sides())?.['left'], (await sides())?.['right']];
    assert.deepEqual([left?.actor, right?.actor], ['human:Ann Lee', 'automation:Discounts']);
    assert.equal(left?.at, priced, 'not when we wrote something else into it');
    assert.equal(right?.at, edited, 'not that of the next step');
    const asked = [rig.left.history.asked.length, rig.right.history.asked.length];
    await rig.report('sync');
    assert.deepEqual([rig.left.history.asked.length, rig.right.history.asked.length], asked);
    assert.equal((await sides())?.['right']?.actor, 'automation:Discounts');
    rig.right.edit('R3', { amount: '24' });
    await rig.report('sync');
    assert.deepEqual(
      [(await sides())?.['left']?.actor, (await sides())?.['right']?.actor],
      ['human:Ann Lee', 'human:Ann Lee'],
    );
    assert.deepEqual(
      [rig.left.history.asked.length, rig.right.history.asked.length],
      [asked[0], (asked[1] ?? 0) + 1],
    );
  });

  it('of many are asked about in full batches; what is not kept is not known', async () => {
    rig.right.history.untracked.add('amount');
    await conflicting(rig, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const asked = rig.left.history.asked.map((ids) => ids.length);
    assert.deepEqual(asked, [10]);
    const open = await openConflicts(rig.store, 'main');
    assert.equal(open.length, 10);
    for (const { conflict } of open) {
      assert.equal(conflict.sides['left']?.actor, 'human:Ann Lee');
      assert.equal(conflict.sides['right']?.actor ?? null, null);
    }
    await rig.report('sync');
    assert.equal(rig.right.history.asked.length, 1, 'what it does not know it is not asked again');
  });

  it('the calls for names are counted in the report, and their failure fails no run', async () => {
    const { left } = rig;
    const read = left.history.read;
    left.history.read = async () => {
      throw new OppsyncError({ recovery: 'stop', code: 'NO', message: 'no', remedy: 'none' });
    };
    await conflicting(rig, 1);
    assert.equal((await openConflicts(rig.store, 'main'))[0]?.conflict.sides['left']?.actor ?? null, null);
    left.history.read = read;
    const before = left.calls();
    const report = await rig.report('sync');
    assert.equal(report.calls['left'], left.calls() - before);
    assert.equal((await openConflicts(rig.store, 'main'))[0]?.conflict.sides['left']?.actor, 'human:Ann Lee');
  });

  it('the side a person names wins with the next run, and the change says who', async () => {
    await conflicting(rig, 1, 2);
    const rows = await openConflicts(rig.store, 'main');
    const first = rows.find((row) => row.conflict.sides['left']?.id === 'L1');
    const before = rig.left.written.length + rig.right.written.length;
    await resolve(rig, { ids: [first?.id ?? ''], use: 'right' });
    assert.equal(
      rig.left.written.length + rig.right.written.length,
      before,
      'nothing is written by deciding',
    );
    const report = await rig.report('sync');
    assert.deepEqual(amounts(rig, 1), ['21', '21']);
    assert.deepEqual(amounts(rig, 2), ['12', '22'], 'the other one still waits');
    assert.equal(report.outcomes.conflict, 2);
    const [write] = await rig.store.changeRows(await changeIds(rig, report.run));
    assert.deepEqual(
      write?.changes.map(({ reason, by, from }) => [reason, by, from]),
      [['resolved', 'ann', 'right']],
    );
    assert.equal((await rig.report('sync')).plan?.changes, 0);
  });

  it('a value goes to both sides', async () => {
    await conflicting(rig, 4);
    const [row] = await openConflicts(rig.store, 'main');
    await resolve(rig, { ids: [row?.id ?? ''], value: '7.50' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 4), ['7.50', '7.50']);
    const next = await rig.report('sync');
    assert.deepEqual([next.plan?.changes, next.outcomes.conflict], [0, 0]);
    rig.left.edit('L4', { amount: '8' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 4), ['8', '8']);
  });

  it('in bulk by field, or all at once', async () => {
    await conflicting(rig, 1, 2, 3);
    rig.left.edit('L5', { nextStep: 'a' });
    rig.right.edit('R5', { nextStep: 'b' });
    await rig.report('sync');
    assert.equal((await resolve(rig, { ids: 'all', field: 'amount', use: 'left' })).length, 3);
    await rig.report('sync');
    assert.deepEqual(
      [1, 2, 3].map((i) => amounts(rig, i)),
      [
        ['11', '11'],
        ['12', '12'],
        ['13', '13'],
      ],
    );
    assert.equal((await openConflicts(rig.store, 'main')).length, 1);
    await resolve(rig, { ids: 'all', use: 'right' });
    await rig.report('sync');
    assert.equal(rig.left.records.get('L5')?.fields['nextStep'], 'b');
    assert.equal((await openConflicts(rig.store, 'main')).length, 0);
  });

  it('a decision holds only for the values it was made for', async () => {
    await conflicting(rig, 6);
    const [row] = await openConflicts(rig.store, 'main');
    await resolve(rig, { ids: [row?.id ?? ''], use: 'left' });
    rig.right.edit('R6', { amount: '99' });
    const report = await rig.report('sync');
    assert.deepEqual(amounts(rig, 6), ['16', '99']);
    assert.equal(report.outcomes.conflict, 2);
    const [again] = await openConflicts(rig.store, 'main');
    assert.equal(again?.resolution, null);
    // Back at the old value: a new conflict, not an old decision coming true.
    rig.right.edit('R6', { amount: '26' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 6), ['16', '26']);
  });

  it('a stage is decided by side only; unknown ids and sides are refused', async () => {
    rig.left.edit('L7', { stage: 'Won' });
    rig.right.edit('R7', { stage: 'Lost' });
    await rig.report('sync');
    const [row] = await openConflicts(rig.store, 'main');
    await assert.rejects(resolve(rig, { ids: [row?.id ?? ''], value: 'Won' }), /stage/);
    await assert.rejects(resolve(rig, { ids: ['c_0'], use: 'left' }), /no open conflict c_0/);
    await assert.rejects(resolve(rig, { ids: 'all', use: 'middle' }), /no side is called middle/);
    await resolve(rig, { ids: [row?.id ?? ''], use: 'right' });
    await rig.report('sync');
    assert.equal(rig.left.records.get('L7')?.fields['stage'], 'Lost');
  });
});

describe('quarantine', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });
  const refuse = (...ids: string[]): void => {
    rig.right.refuse = (write) =>
      ids.includes(write.id)
        ? { recovery: 'skip', code: 'BAD', message: 'a rule says no', remedy: 'ask the admin' }
        : null;
  };
  const broken = async (...numbers: number[]): Promise<void> => {
    refuse(...numbers.map((i) => `R${i}`));
    for (const i of numbers) rig.left.edit(`L${i}`, { nextStep: 'refused' });
    await rig.report('sync');
  };

  it('keeps cause and remedy, and lets go what a replay got through', async () => {
    await broken(1, 2);
    const entries = await quarantined(rig.store, 'main');
    assert.deepEqual(
      entries.map(({ ref, message, remedy, attempts }) => [ref.id, message, remedy, attempts]),
      [
        ['R1', 'a rule says no', 'ask the admin', 1],
        ['R2', 'a rule says no', 'ask the admin', 1],
      ],
    );
    refuse();
    assert.equal((await rig.report('sync')).outcomes.quarantined, 2, 'not tried again by itself');
    assert.deepEqual(await replay(rig.deps, 'main', ['R1'], 'ann'), [{ crm: 'right', id: 'R1' }]);
    assert.equal((await quarantined(rig.store, 'main')).length, 2, 'nothing leaves before it succeeded');
    const report = await rig.report('sync');
    assert.equal(report.outcomes.quarantined, 1);
    assert.equal(rig.right.records.get('R1')?.fields['nextStep'], 'refused');
    assert.notEqual(rig.right.records.get('R2')?.fields['nextStep'], 'refused');
    await replay(rig.deps, 'main', 'all', 'ann');
    await rig.report('sync');
    assert.deepEqual(await quarantined(rig.store, 'main'), []);
  });

  it('what is refused again is quarantined again', async () => {
    await broken(3);
    await replay(rig.deps, 'main', 'all', 'ann');
    const report = await rig.report('sync');
    assert.equal(report.outcomes.quarantined, 1);
    assert.equal((await quarantined(rig.store, 'main'))[0]?.replayed, false);
  });

  it('a replay leaves an entry alone that was renewed since it was looked at', async () => {
    await broken(4);
    const seen = await quarantined(rig.store, 'main');
    rig.left.edit('L4', { nextStep: 'also refused' });
    await rig.report('sync');
    assert.deepEqual(await rig.store.replayQuarantine('main', seen), []);
    assert.equal((await quarantined(rig.store, 'main'))[0]?.replayed, false);
  });

  it('a record that is not in quarantine is refused', async () => {
    await assert.rejects(replay(rig.deps, 'main', ['R9'], 'ann'), /R9 is not in quarantine/);
  });
});

describe('verify', () => {
  it('tells per field how far both sides agree and why the rest waits, and writes nothing anywhere', async () => {
    const rig = await agreed();
    try {
      await conflicting(rig, 1);
      rig.left.edit('L2', { nextStep: 'moved' });
      rig.right.edit('R3', { nextStep: null });
      const plan = await rig.report('plan');
      const written = rig.left.written.length + rig.right.written.length;
      const runtime = rig.deps.syncs.get('main');
      assert.ok(runtime !== undefined);
      const report = await verify(rig.deps, runtime, new AbortController().signal);
      assert.deepEqual([report.pairs, report.agree], [10, 7]);
      assert.deepEqual(report.fields['amount'], { agree: 9, differ: 1, unread: 0 });
      assert.deepEqual(report.fields['nextStep'], { agree: 8, differ: 2, unread: 0 });
      assert.deepEqual(report.waiting, { conflict: 1, planned: 1, blank: 1 });
      assert.equal(rig.left.written.length + rig.right.written.length, written);
      const open = await rig.store.findPlan('main', null);
      assert.equal(open?.digest, plan.plan?.digest, 'an open plan stays open');
    } finally {
      await rig.close();
    }
  });
});

async function changeIds(rig: Rig, run: string): Promise<number[]> {
  const found = await rig.database.pool.query<{ id: string }>('select id from changes where run = $1', [run]);
  return found.rows.map(({ id }) => Number(id));
}
