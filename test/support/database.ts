/** A fresh, migrated database for a test. One server for the whole run; OPPSYNC_TEST_DATABASE_URL names another one. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../../src/core/ports.ts';
import { startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type Database, openDatabase } from '../../src/store/open.ts';

export const quiet: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => quiet,
};

export interface TestDatabase {
  readonly url: string;
  /** Opens it as the program does. Closed by `drop` when the test did not. */
  openDatabase<Tables>(): Promise<Database<Tables>>;
  drop(): Promise<void>;
}

interface Server {
  /** Address with the database to connect to for creating others. */
  readonly url: string;
  readonly template: string;
  stop(): Promise<void>;
}

let starting: Promise<Server> | undefined;

/** A database of its own with all migrations applied; `{ empty: true }` leaves the tables out. */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  starting ??= start();
  const server = await starting;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const from = options.empty === true ? 'template0' : server.template;
  await statement(server.url, `create database ${name} template ${from}`);
  const url = withDatabase(server.url, name);
  const opened: Database<unknown>[] = [];
  return {
    url,
    openDatabase: async <Tables>() => {
      const database = await openDatabase<Tables>({ url, log: quiet, connections: 5 });
      opened.push(database as Database<unknown>);
      return database;
    },
    drop: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await statement(server.url, `drop database if exists ${name} with (force)`);
    },
  };
}

/** For the root afterAll hook: stops the server if any test started it. */
export async function stopTestServer(): Promise<void> {
  const server = await starting;
  starting = undefined;
  await server?.stop();
}

async function start(): Promise<Server> {
  const given = process.env['OPPSYNC_TEST_DATABASE_URL'];
  const template = `template_${randomBytes(6).toString('hex')}`;
  if (given !== undefined) {
    await makeTemplate(given, template);
    return { url: given, template, stop: () => statement(given, `drop database ${template} with (force)`) };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'oppsync-test-'));
  const embedded = await startEmbedded({ dataDir, log: quiet });
  await makeTemplate(embedded.connectionString, template);
  return {
    url: embedded.connectionString,
    template,
    stop: async () => {
      await embedded.close();
      await rm(embedded.dataDir, { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function makeTemplate(url: string, name: string): Promise<void> {
  await statement(url, `create database ${name}`);
  const database = await openDatabase({ url: withDatabase(url, name), log: quiet });
  try {
    await migrate(database.pool);
  } finally {
    await database.close();
  }
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}
