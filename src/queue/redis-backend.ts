/** BullMQ on Redis or Valkey, one server or a cluster. */
import { Queue, Worker } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Log } from '../core/ports.ts';
import { type Backend, type BackendQueue, EVENTS_KEPT, workerOptions } from './backend.ts';
import { queueUnreachable, troubleReporter } from './connection-trouble.ts';

const CONNECT_WITHIN_MS = 5000;
const RECONNECT_AT_MOST_MS = 2000;

/**
 * @throws OppsyncError `unreachable` when Redis does not answer (instead of waiting for ever), `fix` when it may throw
 * jobs away under memory pressure.
 */
export async function openRedisBackend(redisUrl: string, prefix: string, log: Log): Promise<Backend> {
  const report = troubleReporter(log);
  const shared = await connectRedis(redisUrl, log);
  return {
    queue: <Data>(name: string) => {
      const queue = new Queue(name, { connection: shared, prefix, streams: EVENTS_KEPT });
      queue.on('error', report);
      return queue as unknown as BackendQueue<Data>;
    },
    worker: async <Data>(
      name: string,
      process: (data: Data) => Promise<void>,
      settings: { concurrency: number; lockMs: number },
    ) => {
      const options = { ...workerOptions(settings), connection: shared, prefix };
      const worker = new Worker<Data>(name, (job) => process(job.data), options);
      worker.on('error', report);
      await worker.waitUntilReady();
      return { quiet: () => worker.pause(true), close: (force) => worker.close(force) };
    },
    close: async () => shared.disconnect(),
  };
}

/**
 * A connection that comes back by itself; a command waits for it, at most `answerWithinMs` when given.
 *
 * @throws OppsyncError as {@link openRedisBackend}
 */
export async function connectRedis(
  redisUrl: string,
  log: Log,
  answerWithinMs?: number,
): Promise<Redis | Cluster> {
  const { clustered } = await checkRedis(redisUrl);
  const limited = answerWithinMs === undefined ? PATIENT : { ...PATIENT, commandTimeout: answerWithinMs };
  const client = clustered ? clusterClient(redisUrl, answerWithinMs) : new Redis(redisUrl, limited);
  client.on('error', troubleReporter(log));
  return client;
}

/** Commands wait for Redis to come back (callers have deadlines of their own); BullMQ requires this of workers. */
const PATIENT = {
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => Math.min(100 * 2 ** Math.min(times, 10), RECONNECT_AT_MOST_MS),
};

function clusterClient(redisUrl: string, answerWithinMs?: number): Cluster {
  const { hostname, port, username, password, protocol } = new URL(redisUrl);
  return new Cluster([{ host: hostname, port: Number(port || 6379) }], {
    redisOptions: {
      maxRetriesPerRequest: null,
      ...(answerWithinMs === undefined ? {} : { commandTimeout: answerWithinMs }),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  });
}

/** A cluster keeps our keys on any of its nodes; one that does not answer now is the business of whoever runs it. */
async function checkRedis(redisUrl: string): Promise<{ clustered: boolean }> {
  const { info, nodes } = await askNode(redisUrl);
  requireKeeping(placeOf(redisUrl), info);
  const others = await Promise.allSettled(
    nodes.map(async (url) => ({ url, info: (await askNode(url)).info })),
  );
  for (const other of others)
    if (other.status === 'fulfilled') requireKeeping(placeOf(other.value.url), other.value.info);
  return { clustered: isClustered(info) };
}

/** What a server says of itself and, as addresses with the same credentials, of the nodes of its cluster. */
async function askNode(redisUrl: string): Promise<{ info: string; nodes: readonly string[] }> {
  const where = placeOf(redisUrl);
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_WITHIN_MS,
    commandTimeout: CONNECT_WITHIN_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let fault = 'no connection';
  client.on('error', (error: Error) => {
    fault = error.message;
  });
  try {
    await client.connect();
    const info = await client.info();
    const nodes = isClustered(info) ? nodesIn(String(await client.cluster('NODES')), redisUrl) : [];
    return { info, nodes };
  } catch (cause) {
    throw queueUnreachable(where, fault === 'no connection' ? (cause as Error).message : fault, cause);
  } finally {
    client.disconnect();
  }
}

function isClustered(info: string): boolean {
  return /^cluster_enabled:1/m.test(info);
}

/** Lines of `CLUSTER NODES`: id, address (`host:port@bus`, with a name since Redis 7), flags, and more. */
function nodesIn(text: string, redisUrl: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, address = '', flags = ''] = line.split(' ');
    const found = /^\[?([^@]+?)\]?:(\d+)@/.exec(address);
    if (found === null || /myself|fail|noaddr|handshake/.test(flags)) return [];
    const [, host = '', port = ''] = found;
    const url = new URL(redisUrl);
    url.hostname = host.includes(':') ? `[${host}]` : host;
    url.port = port;
    return [url.href];
  });
}

function requireKeeping(where: string, info: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'unknown';
  if (policy !== 'noeviction') throw evicts(where, policy);
}

function placeOf(redisUrl: string): string {
  try {
    const { hostname, port } = new URL(redisUrl);
    return `${hostname}:${port || '6379'}`;
  } catch (cause) {
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('queue.url'),
      cause,
    });
  }
}

function evicts(where: string, policy: string): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf('queue.evicts', { where, policy }),
  });
}
