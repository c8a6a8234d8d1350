import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { sql } from 'kysely';
import { OppsyncError } from '../../src/core/errors.ts';
import { type Database, openDatabase } from '../../src/store/open.ts';
import { quiet, type TestDatabase, testDatabase } from '../support/database.ts';

describe('openDatabase', () => {
  let test: TestDatabase;
  let database: Database<unknown>;
  before(async () => {
    test = await testDatabase({ empty: true });
    database = await test.openDatabase();
  });
  after(() => test.drop());

  const value = async (expression: string): Promise<unknown> =>
    (await database.pool.query(`select ${expression} as value`)).rows[0].value;

  it('reads big integers as numbers and refuses those that would lose digits', async () => {
    assert.equal(await value('1795436800123::bigint'), 1795436800123);
    assert.equal(await value('-9007199254740991::bigint'), Number.MIN_SAFE_INTEGER);
    await assert.rejects(value('9007199254740993::bigint'), /9007199254740993/);
    assert.equal(await value('1::int'), 1, 'the connection goes on after that');
  });

  it('keeps decimals and calendar dates as text, and JSON as data', async () => {
    assert.equal(await value("'1234.50'::numeric"), '1234.50');
    assert.equal(await value("'2026-03-29'::date"), '2026-03-29');
    assert.deepEqual(await value(`'{"a":[1,null]}'::jsonb`), { a: [1, null] });
    const { rows } = await sql<{ n: number }>`select 2::bigint as n`.execute(database.db);
    assert.deepEqual(rows, [{ n: 2 }]);
  });

  it('names host and port, and no password, when nobody answers', async () => {
    await assert.rejects(openDatabase({ url: 'postgres://u:secret@127.0.0.1:1/x', log: quiet }), (error) => {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.details.unreachable, true);
      assert.match(error.message, /127\.0\.0\.1:1\b/);
      assert.doesNotMatch(JSON.stringify(error.details.message + error.details.remedy), /secret/);
      return true;
    });
  });

  it('tells a refused password or a missing database from a dead server', async () => {
    const wrongPassword = new URL(test.url);
    wrongPassword.password = 'wrong';
    const missing = new URL(test.url);
    missing.pathname = '/nowhere';
    for (const url of [wrongPassword, missing]) {
      await assert.rejects(
        openDatabase({ url: url.href, log: quiet }),
        (error) =>
          error instanceof OppsyncError &&
          error.recovery === 'fix' &&
          error.details.code === 'database.refused',
      );
    }
  });

  it('says at once that a folder takes no folder, where the system denies that it is there', async function () {
    if (process.platform !== 'linux') this.skip();
    await assert.rejects(openDatabase({ dataDir: '/proc/1/oppsync', log: quiet }), (error) => {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.details.recovery, 'fix');
      assert.match(error.message, /\/proc\/1\/oppsync/);
      return true;
    });
  });

  it('refuses what is no address, and what is no PostgreSQL', async () => {
    await assert.rejects(
      openDatabase({ url: 'postgres://[', log: quiet }),
      (error) => error instanceof OppsyncError,
    );
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await assert.rejects(
      openDatabase({ url: `postgres://u@127.0.0.1:${port}/x`, log: quiet }),
      (error) => error instanceof OppsyncError && error.details.unreachable === true,
    );
    other.close();
  });
});
