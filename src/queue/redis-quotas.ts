/** Quotas shared through Redis: one hash per account, changed by compare and set. */
import type { Cluster, Redis } from 'ioredis';
import type { Log } from '../core/ports.ts';
import type { QuotaState } from '../core/quota.ts';
import type { QuotaReader, QuotaStore } from '../core/quota-port.ts';
import { connectRedis } from './redis-backend.ts';

/** An account nobody has called for two days starts anew. */
const KEPT_SECONDS = 2 * 24 * 3600;

const READ = "local t = redis.call('TIME') return {t[1], t[2], redis.call('HMGET', KEYS[1], 'v', 's')}";
const WRITE = `if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 's', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`;

/** A command of the governor that takes longer is tried again by it. */
const ANSWER_WITHIN_MS = 3000;

/** Accounts looked up in one go. */
const AT_ONCE = 500;

export interface RedisQuotas extends QuotaStore, QuotaReader {
  close(): void;
}

/** @throws OppsyncError as the queue does, when Redis does not answer or may throw things away */
export async function openRedisQuotas(redisUrl: string, prefix: string, log: Log): Promise<RedisQuotas> {
  const client = await connectRedis(redisUrl, log, ANSWER_WITHIN_MS);
  return { ...redisQuotas(client, prefix), close: () => client.disconnect() };
}

function redisQuotas(client: Redis | Cluster, prefix: string): QuotaStore & QuotaReader {
  const keyOf = (account: string): string => `${prefix}:quota:${account}`;
  const one = async (
    account: string,
  ): Promise<{ state: QuotaState | null; version: number; now: number }> => {
    const [seconds, micros, [version, text]] = (await client.eval(READ, 1, keyOf(account))) as [
      string,
      string,
      [string | null, string | null],
    ];
    return {
      state: text === null ? null : (JSON.parse(text) as QuotaState),
      version: Number(version ?? 0),
      now: Number(seconds) * 1000 + Number(micros) / 1000,
    };
  };
  return {
    read: one,
    async readAll(accounts) {
      const states = new Map<string, QuotaState>();
      let { now } = await one('');
      for (let at = 0; at < accounts.length; at += AT_ONCE) {
        const some = accounts.slice(at, at + AT_ONCE);
        for (const [index, found] of (await Promise.all(some.map(one))).entries()) {
          if (found.state !== null) states.set(some[index] ?? '', found.state);
          now = Math.max(now, found.now);
        }
      }
      return { states, now };
    },
    async write(account, version, state) {
      const values = [String(version), String(version + 1), JSON.stringify(state), KEPT_SECONDS];
      return (await client.eval(WRITE, 1, keyOf(account), ...values)) === 1;
    },
  };
}
