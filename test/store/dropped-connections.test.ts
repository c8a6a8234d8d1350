/** A connection that the server drops while it is in use, between two statements: as when PostgreSQL is restarted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { sql } from 'kysely';
import type { PoolClient } from 'pg';
import { OppsyncError } from '../../src/core/errors.ts';
import { createStore } from '../../src/store/create-store.ts';
import { explainedIfFull } from '../../src/store/disk-full.ts';
import { testDatabase } from '../support/database.ts';

describe('a database connection that is dropped', () => {
  it('in the middle of a transaction fails this transaction, and not the process', async () => {
    const testing = await testDatabase();
    try {
      const { db, pool } = await testing.openDatabase<unknown>();
      const taken = once(pool, 'acquire') as Promise<[PoolClient]>;
      const work = db.transaction().execute(async (tx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        const [client] = await taken;
        // `once` would listen for its error as well.
        const ended = new Promise<void>((resolve) => client.on('end', () => resolve()));
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
        await ended;
        await sql`select 1`.execute(tx);
      });
      await assert.rejects(work, /connection|terminat/i);
      assert.deepEqual((await sql<{ n: number }>`select 1 as n`.execute(db)).rows, [{ n: 1 }]);
    } finally {
      await testing.drop();
    }
  });

  it('a disk that is full is told as such, and passes when there is room', async () => {
    const testing = await testDatabase();
    try {
      const { db, pool } = await testing.openDatabase<unknown>();
      // As the server says it.
      await pool.query(`create function full_disk() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`);
      await pool.query('create trigger disk_is_full before insert on syncs execute function full_disk()');
      const store = createStore(db, 1);
      const isFull = (error: unknown) =>
        error instanceof OppsyncError &&
        [error.recovery, error.details.code, error.details.unreachable].join() === 'retry,database.full,true';
      await assert.rejects(store.registerSync('main', 'x', 0), isFull);
      await assert.rejects(
        store.tx((tx) => tx.registerSync('main', 'x', 0)),
        isFull,
      );
      await pool.query('drop trigger disk_is_full on syncs');
      await store.registerSync('main', 'x', 0);
      // And by the file system, beside the embedded server.
      const there = explainedIfFull(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
      assert.ok(isFull(there));
    } finally {
      await testing.drop();
    }
  });
});
