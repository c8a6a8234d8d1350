/** Many processes on one Redis and one PostgreSQL: beside another application, and while they are killed. */
import assert from 'node:assert/strict';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { disturbedSync } from '../support/disturbed-sync.ts';
import { redisInstalled } from '../support/redis.ts';
import { sharedLimit } from '../support/shared-limit.ts';

describe('many processes', function () {
  this.timeout(240_000);
  useRealNetwork();
  before(function () {
    if (!redisInstalled()) this.skip();
  });

  it('beside an application that takes half of the limit nothing is refused, and no record gets two results', async () => {
    const result = await sharedLimit({
      ...{ workers: 2, pairs: 800, redis: true, limit: 100, foreignPerSecond: 5 },
    });
    assert.deepEqual([result.refused, result.foreignRefused], [0, 0]);
    assert.deepEqual([result.undecided, result.writtenTwice, result.converged], [[], [], true]);
  });

  it('killed, with Redis emptied and restarted and PostgreSQL restarted: as if nothing had happened', async () => {
    const result = await disturbedSync({
      ...{ pairs: 1000, workers: 2, kills: 4, everyMs: 1200, seed: 2, redis: true },
      ...{ flushes: 1, redisRestarts: 1, databaseRestarts: 1, stops: 1 },
      // Slow enough that all of it happens while the sync goes on.
      hubspot: { burstLimit: 20 },
    });
    assert.equal(result.state, 'done');
    assert.equal(result.disturbances.length, 4);
    assert.deepEqual(
      result.stopped.map(({ code }) => code),
      [0],
    );
    assert.ok((result.stopped[0]?.seconds ?? 99) < 26);
    assert.deepEqual(result.fallen, []);
    assert.deepEqual(result.differences, []);
    assert.deepEqual([result.created, result.writtenTwice, result.pairKeyProblems], [[], [], []]);
    assert.deepEqual([result.redundantWrites, result.writtenAfterwards], [0, 0]);
    assert.ok(result.longestPause < 60, `nothing went on for ${result.longestPause} s`);
  });
});
