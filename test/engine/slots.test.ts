import assert from 'node:assert/strict';
import type { Job } from '../../src/core/queue-port.ts';
import type { TaskRow } from '../../src/core/store-rows.ts';
import type { EngineDeps } from '../../src/engine/deps.ts';
import { enqueue } from '../../src/engine/handle-task.ts';
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

  it('jobs of a CRM with few slots do not stand in front of all those of the other', async () => {
    const payload = (crm: string) => ({ kind: 'push', crm, from: 0, to: 1 });
    const tasks = ['left', 'left', 'left', 'right', 'right', 'right'].map((crm, n) => ({
      ...{ id: `${crm}${n}`, run: 'r', queue: 'push', payload: payload(crm), epoch: 1 },
    })) as unknown as readonly TaskRow[];
    const queued: Job[] = [];
    const deps = {
      store: { unqueuedTasks: async () => tasks, markQueued: async () => undefined },
      queue: { add: async (jobs: readonly Job[]) => queued.push(...jobs) },
    } as unknown as EngineDeps;
    await enqueue(deps, 'r');
    const crms = queued.map(({ task }) => task.replace(/\d/, ''));
    for (const place of [0, 2, 4])
      assert.deepEqual(crms.slice(place, place + 2).toSorted(), ['left', 'right'], crms.join(' '));
  });
});
