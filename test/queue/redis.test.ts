import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Queue } from '../../src/core/queue-port.ts';
import { createQueue } from '../../src/queue/bullmq.ts';
import type { RetryRule } from '../../src/queue/run-worker.ts';
import { quiet } from '../support/database.ts';
import { redisInstalled, startRedis, type TestRedis } from '../support/redis.ts';
import { collecting, describeQueue, job } from './queue.conformance.ts';
import { eventually } from './waiting.ts';

const common = { databaseUrl: 'postgres://unused@127.0.0.1:1/unused', log: quiet, lockMs: 2000 };

if (redisInstalled()) {
  describe('queue on a Redis', function () {
    this.timeout(60_000);
    let redis: TestRedis;
    let prefix: string;
    let count = 0;
    before(async () => {
      redis = await startRedis();
    });
    beforeEach(() => {
      count += 1;
      prefix = `{oppsync-${count}}`;
    });
    after(() => redis.stop());

    const open = (retry?: RetryRule): Promise<Queue> =>
      createQueue({ ...common, redisUrl: redis.url, prefix, ...(retry === undefined ? {} : { retry }) });

    describeQueue({ name: 'Redis', shared: true, open });

    it('goes on after Redis was killed and came back, losing nothing it had confirmed', async () => {
      const queue = await open();
      const ran: string[] = [];
      await queue.work('pull', collecting(ran), { concurrency: 2 });
      await queue.add([job('before')]);
      await eventually(() => assert.deepEqual(ran, ['before']));
      await redis.restart();
      await queue.add([job('after')]);
      await eventually(() => assert.deepEqual(ran, ['before', 'after']), 20_000);
      await queue.close(1000);
    });

    it('does not wait for ever while Redis is gone', async () => {
      const queue = await createQueue({ ...common, redisUrl: redis.url, prefix, answerWithinMs: 300 });
      await redis.kill();
      await assert.rejects(queue.add([job('a')]), unreachable);
      await queue.close(100);
      await redis.restart();
    });
  });

  describe('a Redis that cannot be trusted', () => {
    it('is refused when it may throw jobs away', async () => {
      const redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
      await assert.rejects(
        createQueue({ ...common, redisUrl: redis.url, prefix: '{oppsync}' }),
        (error) =>
          error instanceof OppsyncError &&
          error.recovery === 'fix' &&
          error.details.remedy.includes('noeviction'),
      );
      await redis.stop();
    });

    it('is refused when any node of a cluster may throw jobs away', async () => {
      const [keeps, evicts] = await Promise.all(
        ['noeviction', 'allkeys-lru'].map((policy) =>
          startRedis(['--cluster-enabled', 'yes', '--maxmemory-policy', policy]),
        ),
      );
      assert.ok(keeps !== undefined && evicts !== undefined);
      const client = new Redis(keeps.url);
      await client.cluster('MEET', '127.0.0.1', evicts.port);
      await eventually(async () =>
        assert.match(String(await client.cluster('NODES')), new RegExp(`:${evicts.port}@\\S+ master `)),
      );
      client.disconnect();
      await assert.rejects(
        createQueue({ ...common, redisUrl: keeps.url, prefix: '{oppsync}' }),
        (error) => error instanceof OppsyncError && error.message.includes(String(evicts.port)),
      );
      await Promise.all([keeps.stop(), evicts.stop()]);
    });

    it('is reported at once when nobody answers', async () => {
      const began = performance.now();
      const redisUrl = 'redis://:secret@127.0.0.1:1';
      await assert.rejects(createQueue({ ...common, redisUrl, prefix: '{oppsync}' }), unreachable);
      assert.ok(performance.now() - began < 3000);
    });
  });
}

function unreachable(error: unknown): boolean {
  return (
    error instanceof OppsyncError &&
    error.details.unreachable === true &&
    error.message.includes('127.0.0.1') &&
    !error.message.includes('secret')
  );
}
