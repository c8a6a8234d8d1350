import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sleep } from '../../src/core/ports.ts';
import { createInlineQueue } from '../../src/queue/inline.ts';
import { describeQueue, job } from './queue.conformance.ts';

const realSleep: Sleep = (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal });

describeQueue({
  name: 'inline',
  shared: false,
  open: async (retry) => createInlineQueue({ sleep: realSleep, retry }),
});

describe('inline queue', () => {
  it('keeps no time of its own: a delayed job waits for the sleep it was given', async () => {
    const asleep: { ms: number; wake: () => void }[] = [];
    const sleep: Sleep = (ms) => new Promise((wake) => asleep.push({ ms, wake }));
    const queue = createInlineQueue({ sleep });
    let runs = 0;
    const handler = async () => {
      runs += 1;
      return runs === 1 ? ({ is: 'later', afterMs: 86_400_000 } as const) : ({ is: 'done' } as const);
    };
    await queue.work('push', handler, { concurrency: 1 });
    await queue.add([job('a', 'push')]);
    await queue.settled();
    assert.deepEqual([runs, asleep.map((one) => one.ms)], [1, [86_400_000]]);
    asleep[0]?.wake();
    await new Promise(setImmediate);
    await queue.settled();
    assert.equal(runs, 2);
    assert.equal((await queue.depth()).push.delayed, 0);
    await queue.close(0);
  });
});
