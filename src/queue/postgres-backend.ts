/** BullMQ on PostgreSQL, in schema `bullmq` of our own database. */
import { createPostgresBackend, type Job, type PgPool, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import type { Log } from '../core/ports.ts';
import { type Backend, type BackendQueue, EVENTS_KEPT, workerOptions } from './backend.ts';
import { queueUnreachable, troubleReporter } from './connection-trouble.ts';
import { repeatAfterDeadlock } from './deadlock-retry.ts';

const SCHEMA = 'bullmq';
const CONNECT_WITHIN_MS = 10_000;
/** Each worker keeps one connection listening; the rest serve all queues of the process. */
const CONNECTIONS = 16;

/** @throws OppsyncError `unreachable` when the database does not answer. */
export async function openPostgresBackend(databaseUrl: string, log: Log): Promise<Backend> {
  const report = troubleReporter(log);
  // One pool for all: BullMQ would make one for each queue and each worker.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'oppsync-queue',
  });
  pool.on('error', report);
  // Of those in use the pool tells nothing, and one without a listener would end the process when it is dropped.
  pool.on('connect', (client) => client.on('error', report));
  repeatAfterDeadlock(pool);
  await migrateQueue(pool, databaseUrl);
  // Every queue and worker of BullMQ listens for errors of the pool they share: that is no leak.
  pool.setMaxListeners(50);
  const connection = pool as unknown as PgPool;
  return {
    queue: <Data>(name: string) => {
      const queue = new Queue(name, { connection, streams: EVENTS_KEPT }, createPostgresBackend);
      queue.on('error', report);
      return queue as unknown as BackendQueue<Data>;
    },
    worker: async <Data>(
      name: string,
      process: (data: Data) => Promise<void>,
      settings: { concurrency: number; lockMs: number },
    ) => {
      const options = { ...workerOptions(settings), connection };
      const worker = new Worker(name, (job: Job<Data>) => process(job.data), options, createPostgresBackend);
      worker.on('error', report);
      await worker.waitUntilReady();
      return { quiet: () => worker.pause(true), close: (force) => worker.close(force) };
    },
    close: () => pool.end(),
  };
}

async function migrateQueue(pool: pg.Pool, databaseUrl: string): Promise<void> {
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, SCHEMA);
    } finally {
      client.release();
    }
  } catch (cause) {
    await pool.end();
    const { host, port } = new pg.Client({ connectionString: databaseUrl });
    throw queueUnreachable(`${host}:${port}`, (cause as Error).message || 'no connection', cause);
  }
}
