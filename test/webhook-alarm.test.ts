import assert from 'node:assert/strict';
import { webhookAlarm } from '../src/webhook-alarm.ts';
import { quiet } from './support/database.ts';

describe('webhooks that are refused', () => {
  const rig = (answers: readonly (boolean | Error)[] = []) => {
    let now = 0;
    let wake = (): void => undefined;
    const read: string[] = [];
    const alarm = webhookAlarm({
      ...{ log: quiet, clock: { now: () => now }, signal: new AbortController().signal },
      sleep: () =>
        new Promise((resolve) => {
          wake = resolve;
        }),
      readAgain: async (sync) => {
        const answer = answers[read.length] ?? true;
        read.push(sync);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    return {
      read,
      refuse: (times: number, apartMs = 0) => {
        for (let n = 0; n < times; n++) {
          alarm('hubspot', ['main']);
          now += apartMs;
        }
        return settle();
      },
      later: () => {
        now += 900_000;
        wake();
        return settle();
      },
    };
  };

  it('make the sync read what changed, at once and later, until nothing is left that it could have missed', async () => {
    const { read, refuse, later } = rig();
    await refuse(5);
    assert.deepEqual(read, []);
    await refuse(1);
    assert.deepEqual(read, ['main']);
    await refuse(1_000);
    assert.deepEqual(read, ['main']);
    await later();
    assert.deepEqual(read, ['main', 'main']);
    await later();
    await later();
    assert.deepEqual(read, ['main', 'main']);
    await refuse(6);
    assert.equal(read.length, 3);
  });

  it('now and then mean nothing', async () => {
    const { read, refuse } = rig();
    await refuse(50, 61_000);
    assert.deepEqual(read, []);
  });

  it('are not forgotten when it could not read', async () => {
    const { read, refuse, later } = rig([false, new Error('away'), true]);
    await refuse(6);
    for (let n = 0; n < 4; n++) await later();
    assert.equal(read.length, 3);
  });
});
