import assert from 'node:assert/strict';
import { withWriteSlot } from '../../src/engine/slots.ts';
import { createMemoryCrm } from '../support/memory-crm.ts';

describe('engine: write slots', () => {
  it('never lets more writes out at once than the connector allows, and serves them in order', async () => {
    const crm = createMemoryCrm('left');
    let inFlight = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        withWriteSlot(crm, async () => {
          most = Math.max(most, ++inFlight);
          order.push(n);
          await new Promise((resolve) => setImmediate(resolve));
          inFlight--;
        }),
      ),
    );
    assert.equal(most, 1);
    assert.deepEqual(
      order,
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('gives its slot back when the work fails', async () => {
    const crm = createMemoryCrm('left');
    await assert.rejects(withWriteSlot(crm, () => Promise.reject(new Error('refused'))));
    assert.equal(await withWriteSlot(crm, () => Promise.resolve('next')), 'next');
  });
});
