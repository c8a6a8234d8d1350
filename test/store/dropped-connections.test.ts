/** A connection that the server drops while it is in use, between two statements: as when PostgreSQL is restarted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { sql } from 'kysely';
import type { PoolClient } from 'pg';
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
});
