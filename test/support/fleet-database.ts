/** The PostgreSQL of a fleet: a server that can be restarted under its users, with a database that can be made anew. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { quiet } from './database.ts';

export interface FleetDatabase {
  readonly url: string;
  ask<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]>;
  /** An empty database in place of the present one. Throws away who is still connected. */
  renew(): Promise<void>;
  /** Ends everybody's session. Whoever comes first starts it again: one of its users, where they can, or this. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startFleetDatabase(dataDir: string): Promise<FleetDatabase> {
  let server: EmbeddedDatabase = await startEmbedded({ dataDir, log: quiet });
  const url = server.connectionString;
  const { pathname } = new URL(url);
  const name = pathname.slice(1);
  const maintenance = Object.assign(new URL(url), { pathname: '/postgres' }).href;

  async function stop(): Promise<void> {
    const lines = await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8').catch(() => '0');
    const pid = Number(lines.split('\n')[0]);
    await server.close();
    // It goes on while others are attached to it: a restart ends their sessions.
    if (isRunning(pid)) process.kill(pid, 'SIGINT');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  return {
    url,
    ask: (sql) => askOnce(url, sql),
    async renew() {
      await askOnce(maintenance, `drop database ${name} with (force)`);
      await askOnce(maintenance, `create database ${name}`);
    },
    async restart() {
      await stop();
      server = await startEmbedded({ dataDir, log: quiet });
      if (server.connectionString !== url) throw new Error('the restarted server has another address');
    },
    close: stop,
  };
}

async function askOnce<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
