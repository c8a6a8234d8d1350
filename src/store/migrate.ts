/** Brings the tables to this version: numbered SQL files, forward only. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';

export interface Migration {
  readonly number: number;
  /** File name without number and ending. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with LF line ends, so that a checkout on Windows is the same file. */
  readonly digest: string;
}

export interface MigrationState {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly digest: string;
}

const DIRECTORY = fileURLToPath(new URL('./migrations/', import.meta.url));
/** Any number will do as long as it is ours alone: the letters "opps". */
const LOCK = 0x6f707073;

/**
 * Applies what is missing, each file in its own transaction. Another process doing the same at once is no error: one does
 * the work, the other finds it done. The lock is the transaction's, so that it also holds behind a connection pooler.
 * @returns names of the files applied by this call, in order.
 * @throws OppsyncError `refuse` when an applied file was edited or the database is newer than this program.
 */
export async function migrate(pool: pg.Pool, directory = DIRECTORY): Promise<readonly string[]> {
  const migrations = await readMigrations(directory);
  const done: string[] = [];
  const client = await pool.connect();
  try {
    for (;;) {
      const name = await applyNext(client, migrations);
      if (name === null) return done;
      done.push(name);
    }
  } finally {
    client.release();
  }
}

/**
 * What is applied and what is missing, without changing anything. A database that a newer program has brought further is no
 * error here: its tables still carry the version before them, so that processes of both run side by side during an update.
 *
 * @throws OppsyncError `refuse` when an applied file was edited
 */
export async function migrationState(pool: pg.Pool, directory = DIRECTORY): Promise<MigrationState> {
  const migrations = await readMigrations(directory);
  const { rows } = await pool.query<{ there: boolean }>(
    "select to_regclass('schema_migrations') is not null as there",
  );
  const applied = rows[0]?.there === true ? await readApplied(pool) : [];
  const known = applied.filter(({ number }) => number <= migrations.length);
  return { applied: applied.map(label), pending: missing(migrations, known).map(label) };
}

async function applyNext(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string | null> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(`create table if not exists schema_migrations (
      number integer primary key, name text not null, digest text not null, applied_at timestamptz not null default now()
    )`);
    const next = missing(migrations, await readApplied(client))[0];
    if (next !== undefined) {
      await client.query(next.sql);
      await client.query('insert into schema_migrations (number, name, digest) values ($1, $2, $3)', [
        next.number,
        next.name,
        next.digest,
      ]);
    }
    await client.query('commit');
    return next === undefined ? null : label(next);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function readApplied(source: Pick<pg.Pool, 'query'>): Promise<readonly Applied[]> {
  const { rows } = await source.query<Applied>(
    'select number, name, digest from schema_migrations order by number',
  );
  return rows;
}

/** @throws OppsyncError when the two lists contradict each other. */
function missing(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  for (const row of applied) {
    const file = migrations[row.number - 1];
    if (file === undefined) {
      throw new OppsyncError({
        recovery: 'refuse',
        ...faultOf('database.newer', { reached: label(row), known: String(migrations.length) }),
      });
    }
    if (file.digest !== row.digest) {
      throw new OppsyncError({
        recovery: 'refuse',
        ...faultOf('database.migration-edited', { file: label(file), row: label(row) }),
      });
    }
  }
  return migrations.slice(applied.length);
}

/** Reads the files; numbers run from 1 without gaps, so that two branches adding the same number are noticed. */
async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const match = /^(\d{4})_([a-z0-9_-]+)\.sql$/.exec(file);
      if (Number(match?.[1]) !== index + 1) {
        throw new OppsyncError({
          recovery: 'fix',
          ...faultOf('database.migration-name', { file, wanted: String(index + 1) }),
        });
      }
      const sql = (await readFile(join(directory, file), 'utf8')).replaceAll('\r\n', '\n');
      return {
        number: index + 1,
        name: match?.[2] ?? '',
        sql,
        digest: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

function label(migration: { readonly number: number; readonly name: string }): string {
  return `${String(migration.number).padStart(4, '0')}_${migration.name}`;
}
