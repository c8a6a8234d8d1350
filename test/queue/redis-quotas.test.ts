import { openRedisQuotas, type RedisQuotas } from '../../src/queue/redis-quotas.ts';
import { quiet } from '../support/database.ts';
import { quotaStoreConformance } from '../support/quota-store.conformance.ts';
import { redisInstalled, startRedis, type TestRedis } from '../support/redis.ts';

describe('quotas shared through Redis', () => {
  let redis: TestRedis | undefined;
  const opened: RedisQuotas[] = [];
  before(function () {
    if (!redisInstalled()) this.skip();
  });
  after(async () => {
    for (const one of opened) one.close();
    await redis?.stop();
  });
  quotaStoreConformance(async () => {
    redis = await startRedis(['--maxmemory-policy', 'noeviction']);
    for (let one = 0; one < 2; one++) opened.push(await openRedisQuotas(redis.url, '{test}', quiet));
    const [first, second] = opened;
    if (first === undefined || second === undefined) throw new Error('two are open');
    return { stores: [first, second] };
  });
});
