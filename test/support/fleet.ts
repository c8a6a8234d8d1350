/** Several processes of oppsync on one Redis and one PostgreSQL beside two simulated CRMs, all of which can be killed or restarted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded/start-embedded.ts';
import { quiet } from './database.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { type SalesDataset, writeSalesDataset } from './sales-dataset.ts';
import { type CrmControl, controlOf } from './sandbox.ts';

const BIN = fileURLToPath(new URL('../../bin/oppsync.js', import.meta.url));
const WORKER = fileURLToPath(new URL('../../workers/work.ts', import.meta.url));

export interface FleetOptions {
  readonly pairs: number;
  readonly seed: number;
  /** Absent: the queue and the quotas are in PostgreSQL. */
  readonly redis: boolean;
  readonly hubspot?: Readonly<Record<string, unknown>>;
  readonly salesforce?: Readonly<Record<string, unknown>>;
}

export interface Fleet {
  readonly sales: SalesDataset;
  readonly sandbox: { readonly salesforce: CrmControl; readonly hubspot: CrmControl };
  readonly hubspotToken: string;
  readonly databaseUrl: string;
  /** Empty without Redis. */
  readonly redisUrl: string;
  readonly workers: ReadonlySet<ChildProcess>;
  /** Workers that ended by themselves after they had begun to work. */
  readonly fallen: readonly string[];
  /** One more worker process; ready when it takes jobs. */
  addWorker(): Promise<ChildProcess>;
  /** An oppsync command; answers what it printed. Throws when it ends otherwise than with this exit code. */
  command(code: number, ...args: string[]): Promise<string>;
  /** The same, not waited for. */
  start(...args: string[]): ChildProcess;
  ask<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]>;
  flushRedis(): Promise<void>;
  restartRedis(): Promise<void>;
  restartDatabase(): Promise<void>;
  /** A new, empty database, and both CRMs as they were loaded. Workers must have been stopped. */
  reset(): Promise<void>;
  stopWorkers(signal: NodeJS.Signals): Promise<readonly (number | null)[]>;
  close(): Promise<void>;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'oppsync-fleet-'));
  // When root runs this, the database server runs as another user and has to get through.
  await chmod(folder, 0o711);
  const sales = await writeSalesDataset(folder, options.seed, options.pairs);
  const others: ChildProcess[] = [];
  const workers = new Set<ChildProcess>();
  const fallen: string[] = [];
  const { child: sandbox, credentials } = await startSandbox(folder, sales.file, options);
  others.push(sandbox);
  const redis: TestRedis | null = options.redis
    ? await startRedis(['--maxmemory-policy', 'noeviction'])
    : null;
  const dataDir = join(folder, 'database');
  let server: EmbeddedDatabase = await startEmbedded({ dataDir, log: quiet });
  const base = server.connectionString;
  let name = 'fleet_1';
  await askOnce(base, `create database ${name}`);
  const url = (): string => Object.assign(new URL(base), { pathname: `/${name}` }).href;
  const log = createWriteStream(join(folder, 'workers.log'));

  const environment = (): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(OPPSYNC_|DATABASE_URL|REDIS_URL)/.test(key)),
    ),
    DATABASE_URL: url(),
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
    OPPSYNC_SYNCS__SANDBOX__BRAKES__CHANGED: 'false',
    OPPSYNC_SYNCS__SANDBOX__BRAKES__FLIPS: 'false',
    OPPSYNC_SYNCS__SANDBOX__BRAKES__AMOUNTS: 'false',
  });
  const start = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [BIN, '--no-progress', ...args], {
      ...{ cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    });
    others.push(child);
    return child;
  };
  const stopServer = async (): Promise<void> => {
    const lines = await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8').catch(() => '0');
    const pid = Number(lines.split('\n')[0]);
    await server.close();
    // It goes on while others are attached to it: a restart ends their sessions.
    if (isRunning(pid)) process.kill(pid, 'SIGINT');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  /** One that cannot start because the database is just away is started again, as an orchestrator would. */
  async function addWorker(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [WORKER], {
      ...{ cwd: folder, env: environment(), stdio: ['ignore', 'ignore', 'pipe'] },
    });
    workers.add(child);
    let ready = false;
    const up = new Promise<boolean>((resolve) => {
      child.once('exit', (code, signal) => {
        workers.delete(child);
        if (ready && signal === null && code !== 0) fallen.push(`a worker ended with ${code}`);
        resolve(signal !== null);
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log.write(text);
        if (!text.includes('"serving"')) return;
        ready = true;
        resolve(true);
      });
    });
    if (await up) return child;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return addWorker();
  }
  const flushRedis = async (): Promise<void> => {
    if (redis === null) return;
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  };

  return {
    ...{ sales, workers, fallen, start },
    sandbox: {
      salesforce: controlOf(credentials.salesforce.url, 'Id'),
      hubspot: controlOf(credentials.hubspot.url, 'hs_object_id'),
    },
    hubspotToken: credentials.hubspot.token,
    get databaseUrl() {
      return url();
    },
    redisUrl: redis?.url ?? '',
    addWorker,
    async command(code, ...args) {
      const child = start(...args);
      let [out, complaints] = ['', ''];
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaints += text;
      });
      const [ended] = (await once(child, 'close')) as [number | null];
      if (ended !== code)
        throw new Error(`oppsync ${args.join(' ')} ended with ${ended}:\n${complaints}${out}`);
      return out;
    },
    ask: (sql) => askOnce(url(), sql),
    flushRedis,
    restartRedis: async () => redis?.restart(),
    async restartDatabase() {
      await stopServer();
      server = await startEmbedded({ dataDir, log: quiet });
      if (server.connectionString !== base) throw new Error('the restarted server has another address');
    },
    async reset() {
      name = `fleet_${Number(name.split('_')[1]) + 1}`;
      await askOnce(base, `create database ${name}`);
      for (const crm of [credentials.salesforce, credentials.hubspot]) await controlOf(crm.url, '').reset();
      await flushRedis();
    },
    async stopWorkers(signal) {
      const codes = [...workers].map(async (child) => {
        const ended = once(child, 'exit') as Promise<[number | null]>;
        child.kill(signal);
        return (await ended)[0];
      });
      return Promise.all(codes);
    },
    async close() {
      for (const child of [...workers, ...others])
        if (child.exitCode === null && child.signalCode === null) {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }
      await redis?.stop();
      await stopServer();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Credentials {
  readonly salesforce: { readonly url: string };
  readonly hubspot: { readonly url: string; readonly token: string };
}

async function startSandbox(
  folder: string,
  dataset: string,
  { hubspot, salesforce }: FleetOptions,
): Promise<{ child: ChildProcess; credentials: Credentials }> {
  const child = spawn(
    process.execPath,
    [
      ...[BIN, 'sandbox', '--dataset', dataset, '--write-config', 'oppsync.yaml'],
      ...['--port-salesforce', '0', '--port-hubspot', '0'],
      ...(hubspot === undefined ? [] : ['--switches-hubspot', JSON.stringify(hubspot)]),
      ...(salesforce === undefined ? [] : ['--switches-salesforce', JSON.stringify(salesforce)]),
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, credentials: JSON.parse(line) as Credentials };
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
