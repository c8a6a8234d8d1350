import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import { engineRig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

const AWAY = ['database.unreachable', 'queue.unreachable', 'quota.unreachable', 'database.full'] as const;

describe('a database or queue that is away for longer than anybody waits', () => {
  it('does not end the run: it goes on when it is back', async () => {
    const rig = await engineRig();
    try {
      for (let n = 0; n < 3; n++) {
        const fields = { name: `Sale ${n}`, amount: '7', closeDate: '2030-01-01', stage: 'Negotiating' };
        put(rig.left, `L${n}`, fields);
        put(rig.right, `R${n}`, { ...fields, amount: '8' }, `L${n}`);
      }
      // Every task meets it once, when all of it is done and nothing stored.
      const met = new Set<string>();
      const tx = rig.deps.store.tx.bind(rig.deps.store);
      const failing: typeof tx = (work) =>
        tx((inside) =>
          work({
            ...inside,
            finishTask: async (id, epoch) => {
              if (met.has(id)) return inside.finishTask(id, epoch);
              met.add(id);
              const code = AWAY[met.size % 4] ?? AWAY[0];
              throw new OppsyncError({ recovery: 'retry', code, message: 'away', remedy: 'wait' });
            },
          }),
        );
      Object.assign(rig.deps.store, { tx: failing });
      const plan = await rig.report('plan');
      const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
      assert.equal(applied.converged, true);
      assert.ok(met.size > 3);
      const amounts = [...rig.right.records.values()].map(({ fields }) => fields['amount']);
      assert.deepEqual(amounts, ['7', '7', '7']);
      assert.equal(rig.right.written.length, 3, 'nothing was written twice');
    } finally {
      await rig.close();
    }
  });
});
