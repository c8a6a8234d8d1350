/** Edits made between our last look at a record and our write: neither CRM lets us exclude them, so they are found afterwards. */
import assert from 'node:assert/strict';
import type { SyncSettings } from '../../src/core/settings.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { type MemoryCrm, put } from '../support/memory-crm.ts';

const PAIRS = 12;

async function agreed(settings: Partial<SyncSettings> = {}): Promise<Rig> {
  const rig = await engineRig({ brakes: undefined, ...settings } as Partial<SyncSettings>);
  for (let i = 10; i < 10 + PAIRS; i++) {
    const fields = { name: `Deal ${i}`, stage: 'Negotiating', amount: `${100 + i}`, nextStep: 'call' };
    put(rig.left, `L${i}`, fields);
    put(rig.right, `R${i}`, fields, `L${i}`);
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  await rig.report('sync');
  return rig;
}

/** Somebody edits right before the next write reaches the CRM. */
function race(crm: MemoryCrm, id: string, fields: Record<string, string>): void {
  crm.beforeWrite = (writes) => {
    if (!writes.some((write) => write.id === id)) return;
    crm.beforeWrite = () => undefined;
    crm.edit(id, fields);
  };
}

describe('edits lost in a race', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });
  const right = (id: string) => rig.right.records.get(id)?.fields;
  const asked = (): number => rig.left.history.asked.length + rig.right.history.asked.length;

  it('are reported with who and when, written to the audit, and undo brings them back', async () => {
    rig.left.edit('L10', { amount: '500' });
    race(rig.right, 'R10', { amount: '777' });
    const report = await rig.report('sync');
    assert.equal(right('R10')?.['amount'], '500', 'nothing could stop the write');
    const [edit, ...others] = report.lostEdits?.edits ?? [];
    assert.deepEqual([report.lostEdits?.count, others.length], [1, 0]);
    assert.deepEqual(
      [edit?.crm, edit?.id, edit?.field, edit?.value, edit?.written, edit?.actor],
      ['right', 'R10', 'amount', '777', '500', 'human:Ann Lee'],
    );
    const rows = await rig.store.auditRows(0, 1000);
    const told = rows.filter(({ action }) => action === 'write.replaced_edit');
    assert.equal(told.length, 1);
    assert.match(told[0]?.details ?? '', /"editedBy":"human:Ann Lee"/);

    const plan = await rig.report('undo', { undoes: report.run });
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(right('R10')?.['amount'], '777');
    assert.equal(rig.left.records.get('L10')?.fields['amount'], '500');
    const next = await rig.report('sync');
    assert.deepEqual([right('R10')?.['amount'], next.plan?.changes], ['777', 0]);
  });

  it('are found in the application of a plan too', async () => {
    rig.left.edit('L11', { nextStep: 'ours' });
    const { plan } = await rig.report('plan');
    race(rig.right, 'R11', { nextStep: 'theirs' });
    const report = await rig.report('apply', { digest: plan?.digest ?? '' });
    assert.deepEqual(
      report.lostEdits?.edits.map(({ id, value }) => [id, value]),
      [['R11', 'theirs']],
    );
  });

  it('are none when the edit was of another field, came later, or was seen before the write', async () => {
    rig.left.edit('L12', { amount: '1' });
    race(rig.right, 'R12', { nextStep: 'visit' });
    assert.equal((await rig.report('sync')).lostEdits, undefined);
    assert.equal(right('R12')?.['nextStep'], 'visit');
    rig.left.edit('L13', { amount: '2' });
    await rig.report('sync');
    rig.right.edit('R13', { amount: '3' });
    assert.equal((await rig.report('sync')).lostEdits, undefined);
    assert.equal(rig.left.records.get('L13')?.fields['amount'], '3');
  });

  it('are looked for in full batches, and only where fields of the teams were written', async () => {
    const before = asked();
    for (let i = 10; i < 10 + PAIRS; i++) rig.left.edit(`L${i}`, { nextStep: 'mail' });
    const report = await rig.report('sync');
    assert.deepEqual(rig.right.history.asked.map((ids) => ids.length).toSorted(), [10, 2]);
    assert.equal(asked() - before, 2);
    assert.equal(report.calls['right'], 4 + 2, 'facts, page, re-read, write, and these');
    put(rig.left, 'L90', { name: 'New', stage: 'Negotiating' });
    put(rig.right, 'R90', { name: 'New', stage: 'Negotiating' }, 'L90');
    const own = await rig.report('sync');
    assert.equal(own.writes['right']?.update, 1, 'our own fields of the new pair');
    assert.equal(asked() - before, 2);
  });

  it('are not known where the CRM keeps no history, and not looked for when switched off', async () => {
    rig.right.history.untracked.add('amount');
    rig.left.edit('L14', { amount: '4' });
    race(rig.right, 'R14', { amount: '5' });
    assert.equal((await rig.report('sync')).lostEdits, undefined);
    await rig.close();
    rig = await agreed({ checkWrites: false });
    rig.left.edit('L15', { amount: '6' });
    race(rig.right, 'R15', { amount: '7' });
    assert.equal((await rig.report('sync')).lostEdits, undefined);
    assert.equal(asked(), 0);
  });
});
