import assert from 'node:assert/strict';
import { OppsyncError } from '../src/core/errors.ts';
import { databaseReach } from '../src/database-reach.ts';
import { endsWithin } from '../src/ends-within.ts';
import { CLOSE_MS, QUEUE_DRAIN_MS, ROLES_STOP_MS, WEB_DRAIN_MS } from '../src/stopping.ts';

/** Quiet, let go of jobs, workers, queues, backend: a second each at most. */
const OWN_STEPS_OF_THE_QUEUE_MS = 5_000;

describe('stopping', () => {
  it('takes 25 s at most, whatever hangs', () => {
    assert.ok(QUEUE_DRAIN_MS + OWN_STEPS_OF_THE_QUEUE_MS <= ROLES_STOP_MS);
    assert.ok(WEB_DRAIN_MS <= ROLES_STOP_MS);
    assert.ok(ROLES_STOP_MS + CLOSE_MS <= 25_000);
  });

  it('waits for what ends in time, well or not, and for nothing else', async () => {
    assert.equal(await endsWithin(Promise.resolve(), 60_000), true);
    assert.equal(await endsWithin(Promise.reject(new Error('no')), 60_000), true);
    assert.equal(await endsWithin(new Promise(() => undefined), 5), false);
  });

  it('waits for the database, and less while it is away', async () => {
    const reach = databaseReach(40, 5);
    const never = new Promise<string>(() => undefined);
    const late = async (): Promise<number> => {
      const began = performance.now();
      const isAway = (error: unknown) =>
        error instanceof OppsyncError && error.details.code === 'database.unreachable';
      await assert.rejects(reach(never), isAway);
      return performance.now() - began;
    };
    assert.equal(await reach(Promise.resolve('there')), 'there');
    assert.ok((await late()) >= 39);
    assert.ok((await late()) < 39);
    assert.equal(await reach(Promise.resolve('there')), 'there');
    assert.ok((await late()) >= 39);
  });
});
