import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OppsyncError } from '../../src/core/errors.ts';
import { migrate, migrationState } from '../../src/store/migrate.ts';
import type { Database } from '../../src/store/open.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

describe('migrate', () => {
  let test: TestDatabase;
  let database: Database<unknown>;
  let folder: string;

  const write = (file: string, sql: string): Promise<void> => writeFile(join(folder, file), sql);
  const tables = async (): Promise<string[]> => {
    const { rows } = await database.pool.query(
      "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
    );
    return rows.map((row: { name: string }) => row.name);
  };
  const refusedWith = (code: string) => (error: unknown) =>
    error instanceof OppsyncError && error.details.code === code && error.details.remedy !== '';

  beforeEach(async () => {
    test = await testDatabase({ empty: true });
    database = await test.openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'oppsync-migrations-'));
    await write('0001_init.sql', 'create table one (id integer); create table two (id integer);\n');
    await write('0002_more.sql', 'create table three (id integer);\n');
  });
  afterEach(async () => {
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('applies files in order, once, and continues where it stopped', async () => {
    assert.deepEqual(await migrationState(database.pool, folder), {
      applied: [],
      pending: ['0001_init', '0002_more'],
    });
    assert.deepEqual(await migrate(database.pool, folder), ['0001_init', '0002_more']);
    assert.deepEqual(await migrate(database.pool, folder), []);
    await write('0003_last.sql', 'drop table two;');
    assert.deepEqual(await migrate(database.pool, folder), ['0003_last']);
    assert.deepEqual(await tables(), ['one', 'schema_migrations', 'three']);
  });

  it('leaves nothing of a file that fails, and keeps those before it', async () => {
    await write('0003_bad.sql', 'create table four (id integer); select 1 from nowhere;');
    await assert.rejects(migrate(database.pool, folder), /nowhere/);
    assert.deepEqual(await tables(), ['one', 'schema_migrations', 'three', 'two']);
    await write('0003_bad.sql', 'create table four (id integer);');
    assert.deepEqual(await migrate(database.pool, folder), ['0003_bad']);
  });

  it('lets many start at once: each file is applied exactly once', async () => {
    const others = await Promise.all([test.openDatabase(), test.openDatabase(), test.openDatabase()]);
    const done = await Promise.all([database, ...others].map((one) => migrate(one.pool, folder)));
    assert.deepEqual(done.flat().sort(), ['0001_init', '0002_more']);
  });

  it('refuses an edited file, and accepts one with other line ends', async () => {
    await migrate(database.pool, folder);
    await write('0002_more.sql', 'create table three (id integer);\r\n');
    assert.deepEqual(await migrate(database.pool, folder), []);
    await write('0002_more.sql', 'create table three (id bigint);\n');
    await assert.rejects(migrate(database.pool, folder), refusedWith('database.migration-edited'));
  });

  it('refuses a database newer than the program', async () => {
    await write('0003_future.sql', 'create table future (id integer);');
    await migrate(database.pool, folder);
    await rm(join(folder, '0003_future.sql'));
    await assert.rejects(migrate(database.pool, folder), refusedWith('database.newer'));
    // One that runs already goes on beside the newer one.
    const { applied, pending } = await migrationState(database.pool, folder);
    assert.deepEqual([applied.at(-1), pending], ['0003_future', []]);
  });

  it('refuses gaps and doubled numbers', async () => {
    await write('0002_twin.sql', 'select 1;');
    await assert.rejects(migrate(database.pool, folder), refusedWith('database.migration-name'));
  });

  it('is repeatable on the tables of this version', async () => {
    const migrated = await testDatabase();
    try {
      const { pool } = await migrated.openDatabase();
      assert.deepEqual(await migrate(pool), []);
      assert.deepEqual((await migrationState(pool)).pending, []);
    } finally {
      await migrated.drop();
    }
  });
});
