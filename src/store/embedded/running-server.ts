/** Is there a server for this data directory, is it really ours, and does it answer? */
import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ROLE } from './cluster.ts';
import type { DataFolder } from './data-folder.ts';
import { commandOf, pidExists } from './process-identity.ts';

export const DATABASE = 'oppsync';

export interface ServerAddress {
  readonly port: number;
  readonly password: string;
}

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Reads the server's own lock file (see miscadmin.h of PostgreSQL: line 1 pid, 4 port, 8 status). Null when there is none. */
export async function postmasterFile(folder: DataFolder): Promise<PostmasterFile | null> {
  const text = await readFile(join(folder.cluster, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * True when that process is the living server of this very folder, which its command line names. After a kill or a reboot
 * the number may belong to anybody, another PostgreSQL included. Where the system tells no command line, living is enough.
 */
export function isPostmaster(folder: DataFolder, file: PostmasterFile): boolean {
  if (!(file.pid > 0) || !pidExists(file.pid)) return false;
  const command = commandOf(file.pid);
  return command === null || command.includes(folder.cluster);
}

/**
 * Removes a lock file whose number now belongs to another program; PostgreSQL itself would take that for a living server.
 * Leftover children of a killed server are still guarded against by the shared memory, whose key is that of the folder.
 */
export async function forgetDeadPostmaster(folder: DataFolder): Promise<void> {
  const file = await postmasterFile(folder);
  if (file !== null && !isPostmaster(folder, file))
    await rm(join(folder.cluster, 'postmaster.pid'), { force: true });
}

export function connectionString(address: ServerAddress, database = DATABASE): string {
  return `postgres://${ROLE}:${address.password}@127.0.0.1:${address.port}/${database}`;
}

export type Answer = 'ours' | 'busy' | 'refused' | 'foreign';

/**
 * Connects for real. `ours`: our password opens it and it serves this very folder (a copied folder has the same password).
 * `busy`: starting, recovering or stopping. `refused`: nobody listens. `foreign`: something else has that port.
 */
export async function tryServer(folder: DataFolder, address: ServerAddress): Promise<Answer> {
  try {
    const served = await withClient(address, 'postgres', async (client) => {
      const { rows } = await client.query<{ folder: string }>(
        "select current_setting('data_directory') as folder",
      );
      return rows[0]?.folder ?? '';
    });
    return (await realpath(served)) === (await realpath(folder.cluster)) ? 'ours' : 'foreign';
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '57P03' || code === '53300') return 'busy';
    return code === 'ECONNREFUSED' ? 'refused' : 'foreign';
  }
}

export async function createDatabase(address: ServerAddress): Promise<void> {
  await withClient(address, 'postgres', async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}

/** How many connections other than this question's own are open. */
export async function otherConnections(address: ServerAddress): Promise<number> {
  return withClient(address, 'postgres', async (client) => {
    const { rows } = await client.query<{ others: number }>(
      "select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    return rows[0]?.others ?? 0;
  });
}

async function withClient<T>(
  address: ServerAddress,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: connectionString(address, database),
    connectionTimeoutMillis: 5000,
    application_name: 'oppsync-start',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
