import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Queue } from '../../src/core/queue-port.ts';
import { workerOptions } from '../../src/queue/backend.ts';
import { createQueue, DEFAULT_LOCK_MS } from '../../src/queue/bullmq.ts';
import { withinReach } from '../../src/queue/connection-trouble.ts';
import type { RetryRule } from '../../src/queue/run-worker.ts';
import { startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { quiet, type TestDatabase, testDatabase } from '../support/database.ts';
import { collecting, describeQueue, job } from './queue.conformance.ts';
import { eventually } from './waiting.ts';

const common = { prefix: '{oppsync}', log: quiet, lockMs: 2000 };

describe('queue on a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.drop());

  describeQueue({
    name: 'PostgreSQL',
    shared: true,
    open: (retry: RetryRule): Promise<Queue> => createQueue({ ...common, databaseUrl: database.url, retry }),
  });

  it('gives the jobs of a process that has lost it to others within a minute', () => {
    const { lockDuration, stalledInterval } = workerOptions({ concurrency: 1, lockMs: DEFAULT_LOCK_MS });
    // The lock runs out; others may just have looked, and another worker may have been a moment before this one.
    assert.ok(lockDuration + 2 * stalledInterval <= 60_000);
  });

  it('that refuses work, as with a full disk or memory, is waited for like one that is away', async () => {
    const full = Object.assign(new Error('could not extend file'), { code: '53100' });
    await assert.rejects(
      withinReach(Promise.reject(full), 1000, 'here:1'),
      (error) => error instanceof OppsyncError && error.details.code === 'queue.unreachable',
    );
    await assert.rejects(withinReach(Promise.reject(new TypeError('ours')), 1000, 'here:1'), TypeError);
  });

  it('that has no room for a job that comes back gets it when there is room', async () => {
    const { pool } = await database.openDatabase();
    const queue = await createQueue({ databaseUrl: database.url, ...common, lockMs: 60_000 });
    const seen: string[] = [];
    const refusing = async (how: 'create' | 'drop'): Promise<void> => {
      const { rows } = await pool.query(
        "select tablename as name from pg_tables where schemaname = 'bullmq'",
      );
      for (const { name } of rows)
        await pool.query(
          how === 'drop'
            ? `drop trigger no_room on bullmq."${name}"`
            : `create trigger no_room before insert or update on bullmq."${name}" execute function no_room()`,
        );
    };
    await pool.query(`create function no_room() returns trigger language plpgsql as
      $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$`);
    const handler = async (one: { id: string }) => {
      seen.push(one.id);
      if (seen.length > 1) return { is: 'done' as const };
      await refusing('create');
      setTimeout(() => void refusing('drop'), 300);
      return { is: 'again' as const };
    };
    await queue.work('pull', handler, { concurrency: 1 });
    await queue.add([job('a')]);
    await eventually(async () => assert.equal(seen.length, 2), 5000);
    await queue.close(1000);
  });

  it('keeps jobs over a restart of our own process', async () => {
    const before = await createQueue({ ...common, databaseUrl: database.url });
    await before.add([job('a')]);
    await before.close(0);
    const after = await createQueue({ ...common, databaseUrl: database.url });
    const ran: string[] = [];
    await after.work('pull', collecting(ran), { concurrency: 1 });
    await eventually(() => assert.deepEqual(ran, ['a']));
    await after.close(1000);
  });

  it('says so quickly when nobody answers', async () => {
    await assert.rejects(
      createQueue({ ...common, databaseUrl: 'postgres://oppsync:secret@127.0.0.1:1/oppsync' }),
      (error) =>
        error instanceof OppsyncError &&
        error.details.unreachable === true &&
        error.message.includes('127.0.0.1:1') &&
        !error.message.includes('secret'),
    );
  });
});

describe('queue over a restart of PostgreSQL', function () {
  this.timeout(60_000);
  // Another program may take the free port between the kill and the restart: then it is tried again.
  this.retries(2);

  it('goes on taking jobs after the server was killed under a waiting worker', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'oppsync-restart-'));
    const first = await startEmbedded({ dataDir, log: quiet });
    const queue = await createQueue({ ...common, databaseUrl: first.connectionString });
    const ran: string[] = [];
    await queue.work('pull', collecting(ran), { concurrency: 2 });
    await queue.add([job('before')]);
    await eventually(() => assert.deepEqual(ran, ['before']));

    const pid = Number(
      (await readFile(join(first.dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0],
    );
    process.kill(pid, 'SIGKILL');
    const second = await startEmbedded({ dataDir, log: quiet });
    assert.equal(second.connectionString, first.connectionString, 'the restarted server keeps its address');

    await eventually(() => queue.add([job('after')]), 20_000);
    await eventually(() => assert.deepEqual(ran, ['before', 'after']), 30_000);
    await queue.add([job('later')]);
    await eventually(() => assert.deepEqual(ran, ['before', 'after', 'later']), 30_000);
    // Listening again, not merely asking every few seconds.
    const began = performance.now();
    await queue.add([job('prompt')]);
    await eventually(() => assert.ok(ran.includes('prompt')));
    assert.ok(performance.now() - began < 2000, 'the worker must be listening again');

    await queue.close(1000);
    await first.close();
    await second.close();
    await rm(dataDir, { recursive: true });
  });
});
