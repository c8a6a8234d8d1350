import assert from 'node:assert/strict';
import { openConflicts, resolveConflicts } from '../../src/engine/conflicts.ts';
import { engineRig, type Rig, SETTINGS } from '../support/engine-rig.ts';
import { type MemoryCrm, put } from '../support/memory-crm.ts';

const PAIRS = 8;

async function agreed(): Promise<Rig> {
  const rig = await engineRig();
  for (let i = 0; i < PAIRS; i++) {
    const fields = { name: `Deal ${i}`, stage: 'Negotiating', amount: '100', nextStep: 'call' };
    put(rig.left, `L${i}`, fields);
    put(rig.right, `R${i}`, fields, `L${i}`);
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  await rig.report('sync');
  return rig;
}

function setDeleted(crm: MemoryCrm, id: string, deleted: boolean): void {
  crm.edit(id, {});
  const record = crm.records.get(id);
  if (record !== undefined) record.deleted = deleted;
}

describe('edit versus delete', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });
  const writes = (): number => rig.left.written.length + rig.right.written.length;

  it('is a conflict with the edit, its author and its time; nothing is written or made again', async () => {
    rig.left.edit('L1', { amount: '150' });
    setDeleted(rig.right, 'R1', true);
    const before = writes();
    const report = await rig.report('sync');
    assert.equal(report.outcomes.conflict, 1);
    assert.equal(writes(), before);
    const [row, ...others] = await openConflicts(rig.store, 'main');
    assert.equal(others.length, 0);
    assert.deepEqual([row?.conflict.field, row?.conflict.cause], ['amount', 'deleted']);
    assert.deepEqual(
      [row?.conflict.sides['left']?.value, row?.conflict.sides['left']?.actor],
      ['150', 'human:Ann Lee'],
    );
    assert.deepEqual([row?.conflict.sides['right']?.id, row?.conflict.sides['right']?.deleted], ['R1', true]);
    assert.match(
      report.attention.map(({ cause }) => cause).join(),
      /edited on one side and the record deleted/,
    );
    assert.equal(report.attention.length, 1, 'told once');
    await assert.rejects(
      resolveConflicts(rig.deps, SETTINGS, { ids: [row?.id ?? ''], use: 'left' }, 'ann'),
      /deleted and is never made again/,
    );
    await rig.report('sync');
    assert.equal(rig.right.records.get('R1')?.deleted, true);
    assert.equal((await openConflicts(rig.store, 'main')).length, 1);
  });

  it('whichever came first; a record nobody edited is held as before', async () => {
    setDeleted(rig.right, 'R2', true);
    assert.equal((await rig.report('sync')).outcomes.held, 1);
    assert.equal((await openConflicts(rig.store, 'main')).length, 0);
    rig.left.edit('L2', { nextStep: 'visit' });
    assert.equal((await rig.report('sync')).outcomes.conflict, 1);
    rig.left.edit('L2', { nextStep: 'call' });
    assert.equal((await rig.report('sync')).outcomes.held, 1, 'taken back: nothing is lost any more');
    assert.equal((await openConflicts(rig.store, 'main')).length, 0);
  });

  it('ends when the record is restored: it comes back to its pair and the edit is carried over', async () => {
    rig.left.edit('L3', { amount: '150' });
    setDeleted(rig.right, 'R3', true);
    await rig.report('sync');
    setDeleted(rig.right, 'R3', false);
    const report = await rig.report('sync', { full: true });
    assert.equal((await openConflicts(rig.store, 'main')).length, 0);
    assert.equal(rig.right.records.get('R3')?.fields['amount'], '150');
    assert.equal(report.pairs.linked, PAIRS);
    assert.equal((await rig.report('sync')).plan?.changes, 0);
  });

  it('ends when the other record is deleted too', async () => {
    rig.left.edit('L4', { amount: '150' });
    setDeleted(rig.right, 'R4', true);
    await rig.report('sync');
    setDeleted(rig.left, 'L4', true);
    await rig.report('sync');
    assert.equal((await openConflicts(rig.store, 'main')).length, 0);
  });
});
