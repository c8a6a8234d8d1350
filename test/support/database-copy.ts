/** Copies of a test's database, to begin several times from the same state. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface DatabaseCopy {
  readonly url: string;
  /** First value of the first row; null when there is none. */
  ask(sql: string): Promise<unknown>;
  drop(): Promise<void>;
}

/** Nobody may be connected to the original while it is copied. */
export async function copyDatabase(url: string): Promise<DatabaseCopy> {
  const original = new URL(url).pathname.slice(1);
  const name = `${original}_${randomBytes(3).toString('hex')}`;
  const copy = withDatabase(url, name);
  const beside = withDatabase(url, 'template1');
  await query(beside, `create database ${name} template ${original}`);
  return {
    url: copy,
    ask: async (sql) => Object.values((await query(copy, sql))[0] ?? {})[0] ?? null,
    drop: async () => {
      await query(beside, `drop database if exists ${name} with (force)`);
    },
  };
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}
