import assert from 'node:assert/strict';
import { createStore } from '../../src/store/create-store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

describe('two that wait for each other in the database', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  it('the one that PostgreSQL undoes does its statement again', async () => {
    const { db, pool } = await database.openDatabase();
    const store = createStore(db, 1);
    await pool.query(`insert into syncs values ('main', 'x', 0)`);
    await pool.query(`insert into runs (run, sync, mode, phase, state, by_whom, owner, full_read, settings_digest, facts, started_at)
      values ('r1', 'main', 'sync', 'pull', 'running', 'ana', 1, true, 'x', '{}', 0)`);
    const { rows } = await pool.query<{ id: string }>(
      `insert into tasks (run, queue, kind, payload) values ('r1', 'pull', 'pull', '{}'), ('r1', 'pull', 'pull', '{}') returning id`,
    );
    const [first, second] = rows.map(({ id }) => id);
    const other = await pool.connect();
    try {
      // Only the store's side looks for deadlocks in time, so that it is the one undone.
      await other.query(`begin; set local deadlock_timeout = '60s'`);
      await other.query('update tasks set size = 2 where id = $1', [second]);
      const reviving = store.reviveTasks('r1');
      const waits = `select 1 from pg_locks where not granted and locktype = 'transactionid'`;
      while ((await pool.query(waits)).rows.length === 0) await new Promise(setImmediate);
      const crossing = other.query('update tasks set size = 2 where id = $1', [first]);
      await crossing;
      await other.query('commit');
      assert.equal((await reviving).length, 2);
    } finally {
      other.release();
    }
  });
});
