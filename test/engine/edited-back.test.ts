/** Edits that values alone do not show: somebody changes a field and changes it back while the other side moves. */
import assert from 'node:assert/strict';
import type { SyncSettings } from '../../src/core/settings.ts';
import { openConflicts, resolveConflicts } from '../../src/engine/conflicts.ts';
import { engineRig, type Rig, SETTINGS } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

async function agreed(settings: Partial<SyncSettings> = {}): Promise<Rig> {
  const rig = await engineRig(settings);
  for (let i = 0; i < 5; i++) {
    const fields = { name: `Deal ${i}`, stage: 'Negotiating', amount: '100', nextStep: 'call' };
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
const thereAndBack = (rig: Rig, i: number, by?: string): void => {
  rig.left.edit(`L${i}`, { amount: '150' }, by);
  rig.left.edit(`L${i}`, { amount: '100' }, by);
};

describe('a field edited and edited back', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });

  it('counts as moved when the other side moved: a conflict, which stays one until it is decided', async () => {
    thereAndBack(rig, 1);
    rig.right.edit('R1', { amount: '200' });
    for (let i = 0; i < 2; i++) {
      await rig.report('sync');
      assert.deepEqual(amounts(rig, 1), ['100', '200']);
      const [row] = await openConflicts(rig.store, 'main');
      assert.deepEqual(
        [row?.conflict.sides['left']?.value, row?.conflict.sides['left']?.actor],
        ['100', 'human:Ann Lee'],
      );
    }
    const [row] = await openConflicts(rig.store, 'main');
    await resolveConflicts(rig.deps, SETTINGS, { ids: [row?.id ?? ''], use: 'right' }, 'ann');
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 1), ['200', '200']);
    rig.right.edit('R1', { amount: '300' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 1), ['300', '300'], 'what was decided is settled');
  });

  it('goes by the policy of the field', async () => {
    await rig.close();
    rig = await agreed({
      fields: { ...SETTINGS.fields, amount: { kind: 'decimal', policy: 'left', blank: 'ignore' } },
    });
    thereAndBack(rig, 2);
    rig.right.edit('R2', { amount: '200' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 2), ['100', '100']);
  });

  it('before the last agreement it is known already, and by an automation it is no edit', async () => {
    thereAndBack(rig, 3);
    await rig.report('sync');
    rig.right.edit('R3', { amount: '200' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 3), ['200', '200']);
    thereAndBack(rig, 4, 'automation:Rounding');
    rig.right.edit('R4', { amount: '200' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 4), ['200', '200']);
  });

  it('another field that was edited back is no edit of this one', async () => {
    rig.left.edit('L0', { nextStep: 'visit' });
    rig.left.edit('L0', { nextStep: 'call' });
    rig.right.edit('R0', { amount: '200' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 0), ['200', '200']);
  });

  it('is asked about only where the other record was touched, and is not known without a history', async () => {
    const before = rig.left.history.asked.length;
    rig.right.edit('R1', { amount: '200' });
    await rig.report('sync');
    // One look at what was written, none for an edit that cannot have been.
    assert.equal(rig.left.history.asked.length - before, 1);
    rig.left.history.untracked.add('amount');
    rig.left.edit('L2', { amount: '150' });
    rig.left.edit('L2', { amount: '100' });
    rig.right.edit('R2', { amount: '200' });
    await rig.report('sync');
    assert.deepEqual(amounts(rig, 2), ['200', '200']);
  });
});
