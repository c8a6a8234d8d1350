/**
 * The constants of the capacity model in docs/guides/scaling.md: `npm run bench:capacity -- [--pairs 5000]`.
 *
 * A first sync of that many linked sales against the simulated CRMs without limits, then a nightly one with nothing changed,
 * on PostgreSQL alone; counts calls, jobs, rows and bytes from the reports and the tables. Then what each queue gets done with
 * jobs that do nothing, ten at once in one process, what a visit to the shared quotas takes, and what a worker process needs
 * when it knows many syncs: memory, and time to start.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Job } from '../src/core/queue-port.ts';
import { NEW_QUOTA } from '../src/core/quota.ts';
import type { QuotaStore } from '../src/core/quota-port.ts';
import { createQueue } from '../src/queue/bullmq.ts';
import { openRedisQuotas } from '../src/queue/redis-quotas.ts';
import { openDatabase } from '../src/store/open.ts';
import { sharedQuotas } from '../src/store/quotas.ts';
import { quiet } from '../test/support/database.ts';
import { type Fleet, startFleet } from '../test/support/fleet.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '5000' } } });
const pairs = Number(values.pairs);
const JOBS = 2000;
const VISITS = 400;
const SYNCS = 5000;

interface State {
  readonly jobs: number;
  readonly rows: number;
  readonly bytes: number;
}

const fleet = await startFleet({
  ...{ pairs, seed: 1, redis: true },
  hubspot: { burstLimit: 0, searchPerSecond: 0, dailyLimit: 0 },
});
try {
  let before: State = { jobs: 0, rows: 0, bytes: 0 };
  const calls: Record<string, number>[] = [];
  const each = (n: number): string => (n / pairs).toFixed(2);
  for (const [what, ...args] of [
    ['first plan', 'plan'],
    ['first writing sync', 'sync'],
    ['nightly sync, nothing changed', 'sync'],
    ['the next one', 'sync'],
  ] as const) {
    const report = JSON.parse(await fleet.command(0, ...args, '--json')) as Report;
    const after = await stateOf(fleet);
    const { salesforce = 0, hubspot = 0 } = report.calls;
    console.log(
      `${what}: ${salesforce} + ${hubspot} calls, ${after.jobs - before.jobs} jobs, ${after.rows - before.rows} rows more ` +
        `(${each(after.rows - before.rows)} per pair), ${(after.bytes / 1e6).toFixed(1)} MB in all (${each(after.bytes / 1000)} kB per pair, ` +
        `${each((after.bytes - before.bytes) / 1000)} more), ${(report.duration_ms / 1000).toFixed(1)} s (${each(report.duration_ms)} ms per pair)`,
    );
    before = after;
    calls.push({ salesforce, hubspot });
  }
  // As the model has them: pages of what is read, and so many more; and the calls of writing, after reading once more.
  const [first = {}, writing = {}, , calm = {}] = calls;
  for (const [crm, page] of [
    ['salesforce', 2000],
    ['hubspot', 100],
  ] as const) {
    const more = (one: Record<string, number>): number => (one[crm] ?? 0) - Math.ceil(pairs / page);
    const written = Math.max(1, (writing[crm] ?? 0) - (calm[crm] ?? 0));
    console.log(
      `${crm} calls: P / ${page} + ${more(calm)} when nothing changed, P / ${page} + ${more(first)} for a first plan, ` +
        `and P / ${Math.round(pairs / written)} for writing`,
    );
  }
  const { databaseUrl, redisUrl } = fleet;
  console.log(`queue on PostgreSQL: ${await jobsPerSecond({ databaseUrl })} jobs/s`);
  console.log(`queue on Redis: ${await jobsPerSecond({ databaseUrl, redisUrl })} jobs/s`);
  const database = await openDatabase<unknown>({ url: databaseUrl, log: quiet });
  const redis = await openRedisQuotas(redisUrl, '{bench}', quiet);
  console.log(`visit to the quotas in PostgreSQL: ${await visitMs(sharedQuotas(database.db))} ms`);
  console.log(`visit to the quotas in Redis: ${await visitMs(redis)} ms`);
  redis.close();
  await database.close();
  const [one, many] = [await workerWith(1), await workerWith(SYNCS)];
  const share = (many.kilobytes - one.kilobytes) / (SYNCS - 1);
  console.log(
    `a worker process: ${Math.round(one.kilobytes / 1000)} MB, and ${Math.round(share)} kB for each sync it knows; ` +
      `it starts in ${one.seconds} s with one, in ${many.seconds} s with ${SYNCS}`,
  );
} finally {
  await fleet.close();
}

interface Report {
  readonly calls: Readonly<Record<string, number>>;
  readonly duration_ms: number;
}

async function stateOf({ ask }: Fleet): Promise<State> {
  const [jobs] = await ask<{ n: number }>('select count(*)::int as n from tasks');
  const tables = await ask<{ name: string }>(
    "select format('%I', tablename) as name from pg_tables where schemaname = 'public'",
  );
  let rows = 0;
  for (const { name } of tables)
    rows += (await ask<{ n: number }>(`select count(*)::int as n from ${name}`))[0]?.n ?? 0;
  const [size] = await ask<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  return { jobs: jobs?.n ?? 0, rows, bytes: Number(size?.bytes ?? 0) };
}

async function jobsPerSecond(where: { databaseUrl: string; redisUrl?: string }): Promise<number> {
  const queue = await createQueue({ ...where, prefix: '{bench}', log: quiet });
  const jobs = Array.from({ length: JOBS }, (_, index): Job => {
    const id = String(index);
    return { queue: 'reconcile', id, run: 'bench', task: id, epoch: 1 };
  });
  const began = performance.now();
  await queue.add(jobs);
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const work = async (): Promise<{ is: 'done' }> => {
      if (++done === JOBS) resolve();
      return { is: 'done' };
    };
    queue.work('reconcile', work, { concurrency: 10 }).catch(reject);
  });
  const seconds = (performance.now() - began) / 1000;
  await queue.close(1000);
  return Math.round(JOBS / seconds);
}

/** Reading and writing back a state of common size, the median. */
async function visitMs(store: QuotaStore): Promise<string> {
  const booked = Array.from({ length: 190 }, (_, index) => [1_800_000_000_000 + index, 'abcdef', 0] as const);
  const rate = { limit: 190, perMs: 10_000, booked, foreign: [], toldAt: 0, blockedUntil: 0, waiting: {} };
  const times: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const began = performance.now();
    const { version } = await store.read('bench');
    await store.write('bench', version, { ...NEW_QUOTA, rates: { burst: rate } });
    times.push(performance.now() - began);
  }
  return (times.sort((a, b) => a - b)[VISITS / 2] ?? 0).toFixed(1);
}

/** A worker process that knows so many syncs, each with two connections of its own: what it holds, and how long it takes to start. */
async function workerWith(syncs: number): Promise<{ kilobytes: number; seconds: string }> {
  const { connections, syncs: known } = parse(
    await readFile(join(fleet.folder, 'oppsync.yaml'), 'utf8'),
  ) as Config;
  const [[first, sync] = []] = Object.entries(known);
  const all: Config = { connections: {}, syncs: {} };
  for (let n = 0; n < syncs; n++) {
    for (const [name, connection] of Object.entries(connections)) all.connections[`${name}${n}`] = connection;
    // The first keeps its name: the fleet's own settings are laid over it.
    all.syncs[n === 0 && first !== undefined ? first : `sync${n}`] = {
      ...sync,
      connections: Object.keys(connections).map((name) => `${name}${n}`),
    };
  }
  await writeFile(join(fleet.folder, 'many.yaml'), stringify(all, { aliasDuplicateObjects: false }));
  const began = performance.now();
  const child = fleet.start('serve', '--role', 'workers', '--config', 'many.yaml');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}: ${said}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Running')) resolve();
    });
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return { kilobytes, seconds };
}

interface Config {
  readonly connections: Record<string, unknown>;
  readonly syncs: Record<string, Record<string, unknown>>;
}
