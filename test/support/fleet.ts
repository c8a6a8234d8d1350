/** Several processes of oppsync beside two simulated CRMs, all of which can be killed or restarted with what they stand on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { type FleetDatabase, startFleetDatabase } from './fleet-database.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { type SalesDataset, writeSalesDataset } from './sales-dataset.ts';
import { type CrmControl, controlOf } from './sandbox.ts';
import { type SandboxCredentials, type SandboxSwitches, startSandboxProcess } from './sandbox-process.ts';

const BIN = fileURLToPath(new URL('../../bin/oppsync.js', import.meta.url));
const WORKER = fileURLToPath(new URL('../../workers/work.ts', import.meta.url));

export interface FleetOptions extends SandboxSwitches {
  readonly pairs: number;
  readonly seed: number;
  /** No closed sales among them. */
  readonly onlyOpen?: boolean;
  /** False: the embedded default, which the processes find by its folder; queue and quotas are in the database. */
  readonly redis: boolean;
  /** Settings of all processes, beside no brakes on changes. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A `serve` process that is ready; `port` null: it has no web role. */
export interface Served {
  readonly child: ChildProcess;
  readonly port: number | null;
}

export interface Fleet extends Pick<FleetDatabase, 'ask'> {
  /** Where its processes run, with their `oppsync.yaml`. */
  readonly folder: string;
  readonly sales: SalesDataset;
  readonly sandbox: { readonly salesforce: CrmControl; readonly hubspot: CrmControl };
  readonly credentials: SandboxCredentials;
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
  /** `oppsync serve` with these roles; `settings` are this process's own. */
  serve(roles: string, settings: Readonly<Record<string, string>>): Promise<Served>;
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
  const sales = await writeSalesDataset(folder, options.seed, options.pairs, options.onlyOpen ?? false);
  const others: ChildProcess[] = [];
  const workers = new Set<ChildProcess>();
  const fallen: string[] = [];
  const { child: sandbox, credentials } = await startSandboxProcess(folder, sales.file, options);
  others.push(sandbox);
  const redis: TestRedis | null = options.redis
    ? await startRedis(['--maxmemory-policy', 'noeviction'])
    : null;
  const dataDir = join(folder, 'database');
  const database = await startFleetDatabase(dataDir);
  const log = createWriteStream(join(folder, 'workers.log'));

  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(OPPSYNC_|DATABASE_URL|REDIS_URL)/.test(key)),
    ),
    ...(redis === null
      ? { OPPSYNC_DATA_DIR: dataDir }
      : { DATABASE_URL: database.url, REDIS_URL: redis.url }),
    OPPSYNC_SYNCS__SANDBOX__BRAKES__CHANGED: 'false',
    OPPSYNC_SYNCS__SANDBOX__BRAKES__FLIPS: 'false',
    OPPSYNC_SYNCS__SANDBOX__BRAKES__AMOUNTS: 'false',
    ...options.settings,
  };
  const start = (args: readonly string[], settings: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [BIN, '--no-progress', ...args], {
      ...{ cwd: folder, env: { ...environment, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    others.push(child);
    return child;
  };

  /** One that cannot start because the database is just away is started again, as an orchestrator would. */
  async function addWorker(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [WORKER], {
      ...{ cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
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
    folder,
    ...{ sales, workers, fallen, credentials, addWorker, flushRedis },
    sandbox: {
      salesforce: controlOf(credentials.salesforce.url, 'Id'),
      hubspot: controlOf(credentials.hubspot.url, 'hs_object_id'),
    },
    databaseUrl: database.url,
    redisUrl: redis?.url ?? '',
    start: (...args) => start(args),
    async command(code, ...args) {
      const child = start(args);
      const said = listenTo(child);
      const [ended] = (await once(child, 'close')) as [number | null];
      if (ended !== code)
        throw new Error(`oppsync ${args.join(' ')} ended with ${ended}:\n${said.err}${said.out}`);
      return said.out;
    },
    async serve(roles, settings) {
      const child = start(['serve', '--role', roles, '--json'], settings);
      const said = listenTo(child);
      // Its one line of output says where it is to be found.
      while (!said.out.includes('\n')) {
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`oppsync serve --role ${roles} ended with ${child.exitCode}:\n${said.err}`);
      }
      return { child, port: (JSON.parse(said.out) as { port: number | null }).port };
    },
    ask: database.ask,
    restartRedis: async () => redis?.restart(),
    restartDatabase: database.restart,
    async reset() {
      await database.renew();
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
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a process prints, the end of it where it says much. */
function listenTo(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.err = (said.err + text).slice(-20_000);
  });
  return said;
}
