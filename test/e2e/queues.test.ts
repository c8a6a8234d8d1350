/** The same work with either queue: on PostgreSQL alone, and on Redis. */
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { finalPairs } from '../support/agreement.ts';
import { redisInstalled, startRedis, type TestRedis } from '../support/redis.ts';
import { sameSalesStage } from '../support/sales-dataset.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';

const SALES = 150;

for (const queue of ['PostgreSQL', 'Redis'] as const) {
  describe(`plan, apply and sync with the queue on ${queue}`, function () {
    this.timeout(60_000);
    useRealNetwork();
    let redis: TestRedis | null = null;
    let desk: SalesDesk;

    before(async function () {
      if (queue === 'Redis' && !redisInstalled()) this.skip();
      if (queue === 'Redis') redis = await startRedis(['--maxmemory-policy', 'noeviction']);
      desk = await salesDesk({
        ...{ seed: 9, sales: SALES },
        env: redis === null ? {} : { REDIS_URL: redis.url },
      });
    });
    after(async () => {
      await desk?.close();
      await redis?.stop();
    });

    it('brings both CRMs into agreement, and then finds nothing to do', async () => {
      const planned = await desk.cli.report(0, 'plan');
      const applied = await desk.cli.report(0, 'apply', planned.plan?.digest ?? '');
      assert.equal(applied.converged, true);
      const pairs = await finalPairs(desk.sandbox, sameSalesStage);
      assert.equal(pairs.length, SALES);
      const lacking = pairs.filter((pair) => pair.differing.length + pair.unwritten.length > 0);
      assert.deepEqual(lacking, []);
      const written = await desk.writes();
      assert.equal(written, 2 * SALES);
      assert.equal((await desk.cli.report(0, 'sync')).converged, true);
      assert.equal(await desk.writes(), written);
    });

    it('the jobs really went where they should', async () => {
      const inRedis = redis === null ? 0 : await keysOf(redis.url);
      assert.equal(inRedis > 0, queue === 'Redis');
    });
  });
}

async function keysOf(url: string): Promise<number> {
  const client = new Redis(url);
  try {
    return await client.dbsize();
  } finally {
    client.disconnect();
  }
}
