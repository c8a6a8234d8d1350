import assert from 'node:assert/strict';
import pg from 'pg';
import { repeatAfterDeadlock } from '../../src/queue/deadlock-retry.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

describe('a statement that meets a deadlock', () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase({ empty: true });
  });
  after(() => database.drop());

  it('is repeated, and other faults are not', async () => {
    const pool = new pg.Pool({ connectionString: database.url });
    repeatAfterDeadlock(pool);
    await pool.query('create table pair (id integer primary key, value integer)');
    await pool.query('insert into pair values (1, 0), (2, 0)');
    // Each locks its first row, waits, and wants the other's: whoever is chosen as the victim must still come through.
    await pool.query(`create function add_both(first integer, second integer) returns void language plpgsql as $$
      begin
        update pair set value = value + 1 where id = first;
        perform pg_sleep(0.2);
        update pair set value = value + 1 where id = second;
      end $$`);
    await Promise.all([pool.query('select add_both(1, 2)'), pool.query('select add_both($1, $2)', [2, 1])]);
    const deadlocks =
      'select deadlocks::int as seen from pg_stat_database where datname = current_database()';
    const { rows } = await pool.query('select value from pair order by id');
    assert.deepEqual(rows, [{ value: 2 }, { value: 2 }]);
    await pool.query('select pg_stat_force_next_flush()');
    assert.ok((await pool.query(deadlocks)).rows[0].seen >= 1, 'the test must have met a deadlock');
    await assert.rejects(pool.query('select 1 / 0'), /division by zero/);
    await pool.end();
  });
});
