/**
 * First reading of a large org: `npm run bench:backfill -- --records N [--kill-at PERCENT] [--bulk-from N|false]`.
 *
 * A simulated Salesforce with N opportunities runs in one process and `oppsync pair` in another, which reads them through Bulk
 * API 2.0. Prints the resident memory of oppsync at 10 %, 50 % and 100 % of the reading, rows per second and calls. With
 * `--kill-at` the process is killed (SIGKILL) there and started again; the counters of the simulated org then tell whether a
 * page that was stored was fetched again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLog } from '../src/observability/log.ts';
import { toId18 } from '../src/sandbox/salesforce/ids.ts';
import { openDatabase } from '../src/store/open.ts';

const BIN = fileURLToPath(new URL('../bin/oppsync.js', import.meta.url));
const STAGES = ['Prospecting', 'Negotiation', 'Won', 'Lost'];
const ACCOUNTS = 500;
const PAGE_RECORDS = 10_000;
const LOOK_EVERY_MS = 50;

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    'kill-at': { type: 'string' },
    'bulk-from': { type: 'string' },
  },
});
const records = Number(values.records);
if (!Number.isSafeInteger(records) || records < 1)
  throw new RangeError('--records must be a whole number from 1 up');
const killAt = values['kill-at'] === undefined ? null : Number(values['kill-at']) / 100;

const folder = await mkdtemp(join(tmpdir(), 'oppsync-backfill-'));
// When root runs this, the database server runs as another user and has to get through.
await chmod(folder, 0o711);
const started: ChildProcess[] = [];
try {
  await bench();
} finally {
  for (const child of started) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  await writeOrg(join(folder, 'org.ndjson'));
  const salesforce = await startSandbox();
  // Holds the server of the embedded database, so that it outlives a killed command.
  const database = await openDatabase({
    dataDir: join(folder, 'database'),
    log: createLog({ level: 'error' }),
  });
  try {
    const state = async (): Promise<State> => {
      const { rows } = await database.pool
        .query<State>(
          `select r.phase, coalesce((t.payload ->> 'seen')::int, 0) as seen from runs r
           join tasks t on t.run = r.run and t.kind = 'pull' and t.payload ->> 'crm' = 'salesforce'`,
        )
        .catch(() => ({ rows: [] }));
      return rows[0] ?? { phase: 'pull', seen: 0 };
    };
    const marks = [0.1, 0.5];
    const [early, late] = [
      marks.filter((at) => at <= (killAt ?? 0)),
      marks.filter((at) => at > (killAt ?? 0)),
    ];
    const began = performance.now();
    const rss: string[] = [];
    let highest = 0;
    let child = startReading();
    if (killAt !== null) {
      await watch(child, state, early, killAt, rss);
      highest = await memoryOf(child, 'VmHWM');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const before = await pagesFetched(salesforce);
      console.log(`killed after ${before} pages of the bulk result, ${(await state()).seen} records stored`);
      child = startReading();
    }
    await watch(child, state, late, 2, rss);
    const seconds = (performance.now() - began) / 1000;
    const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from snapshots');
    highest = Math.max(highest, await memoryOf(child, 'VmHWM'));
    rss.push(`100 % ${await memoryOf(child, 'VmRSS')} MB`);
    const pages = await pagesFetched(salesforce);
    console.log(`${records} opportunities in Salesforce, ${rows[0]?.n ?? 0} stored`);
    console.log(`resident memory: ${rss.join(' · ')} · highest ${highest} MB`);
    console.log(`${seconds.toFixed(1)} s, ${(records / seconds).toFixed(0)} records a second`);
    console.log(
      `pages of the bulk result: ${pages} fetched; all calls to Salesforce: ${await calls(salesforce)}`,
    );
  } finally {
    for (const child of started) child.kill('SIGKILL');
    await database.close();
  }
}

interface State {
  readonly phase: string;
  readonly seen: number;
}

/** Watches a reading until it is over, or until that share of the records is stored. Notes the memory at the marks. */
async function watch(
  child: ChildProcess,
  state: () => Promise<State>,
  marks: readonly number[],
  until: number,
  rss: string[],
): Promise<void> {
  let next = 0;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`oppsync ended with ${child.exitCode}`);
    const { phase, seen } = await state();
    const share = marks[next];
    if (share !== undefined && seen >= share * records) {
      rss.push(`${share * 100} % ${await memoryOf(child, 'VmRSS')} MB`);
      next += 1;
    }
    if (phase !== 'pull' || seen >= until * records) return;
    await pause(LOOK_EVERY_MS);
  }
}

async function memoryOf(child: ChildProcess, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024);
}

function startReading(): ChildProcess {
  const child = spawn(process.execPath, [BIN, '--no-progress', 'pair', '--json'], {
    cwd: folder,
    env: { ...process.env, OPPSYNC_DATA_DIR: join(folder, 'database') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  started.push(child);
  return child;
}

/** Starts the simulated CRMs on the written org; answers the address of Salesforce. */
async function startSandbox(): Promise<string> {
  const args = ['sandbox', '--dataset', 'org.ndjson', '--write-config', 'oppsync.yaml'];
  // Every record of the simulated org lies in the memory of that process.
  const child = spawn(process.execPath, ['--max-old-space-size=8192', BIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const file = join(folder, 'oppsync.yaml');
  const text = await readFile(file, 'utf8');
  const from = values['bulk-from'] ?? Math.min(records, 50_000);
  const bulk = `    bulkFrom: ${from}\n    bulkPageRecords: ${PAGE_RECORDS}\n`;
  await writeFile(file, text.replace('    auth:\n', `${bulk}    auth:\n`));
  return (JSON.parse(line) as { salesforce: { url: string } }).salesforce.url;
}

async function counters(url: string): Promise<[string, number][]> {
  const answer = (await (await fetch(`${url}/_sandbox/counters`)).json()) as {
    requests: Record<string, number>;
  };
  return Object.entries(answer.requests);
}

async function pagesFetched(url: string): Promise<number> {
  const found = (await counters(url)).filter(([route]) => /jobs\/query.*\/results/.test(route));
  return found.reduce((sum, [, count]) => sum + count, 0);
}

async function calls(url: string): Promise<number> {
  return (await counters(url)).reduce((sum, [, count]) => sum + count, 0);
}

/** An org of Salesforce alone, as cheap as records can be. */
async function writeOrg(file: string): Promise<void> {
  const out = createWriteStream(file);
  const line = (type: string, fields: unknown, crm = 'salesforce'): string =>
    `${JSON.stringify({ crm, type, fields })}\n`;
  const id = (prefix: string, n: number): string => toId18(`${prefix}Es${String(n).padStart(10, '0')}`);
  for (const [index, stage] of STAGES.entries())
    out.write(
      line('OpportunityStage', {
        ...{ ApiName: stage, MasterLabel: stage, IsActive: true, SortOrder: index + 1 },
        ...{ IsClosed: index >= 2, IsWon: stage === 'Won', DefaultProbability: [10, 50, 100, 0][index] },
      }),
    );
  const stages = STAGES.map((label, order) => ({
    ...{ id: label.toLowerCase(), label, displayOrder: order },
    metadata: { isClosed: String(order >= 2), probability: String([0.1, 0.5, 1, 0][order]) },
  }));
  out.write(line('pipeline', { id: 'default', label: 'Sales', displayOrder: 0, stages }, 'hubspot'));
  for (let n = 1; n <= ACCOUNTS; n += 1)
    out.write(line('Account', { Id: id('001', n), Name: `Account ${n}, "north" & co` }));
  const user = { Id: id('005', 1), Username: 'ann@sales.example', Email: 'ann@sales.example' };
  out.write(line('User', { ...user, IsActive: true, FirstName: 'Ann', LastName: 'Lee', Name: 'Ann Lee' }));
  for (let n = 1; n <= records; n += 1) {
    const text = line('Opportunity', {
      ...{ Id: id('006', n), Name: `Sale ${n}, renewal`, StageName: STAGES[n % STAGES.length] },
      ...{ CloseDate: `2027-0${(n % 9) + 1}-15`, Amount: (n % 5_000) + 0.5 },
      ...{ AccountId: id('001', (n % ACCOUNTS) + 1), OwnerId: user.Id },
    });
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
