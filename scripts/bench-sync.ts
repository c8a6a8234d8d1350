/**
 * What a first sync costs: `npm run bench:sync -- --records N [--cpu-prof DIR] [--changed PERCENT]`.
 *
 * Starts the two simulated CRMs with N linked sales (no limits, one in five stages apart), runs `plan` and `apply` as processes of
 * their own, and next to them a bare client that fetches and parses the very same pages. Prints wall time, CPU time per pair and
 * peak memory of the oppsync processes (the database server is another process and not counted), and the ratio to the bare client.
 * Then people change some of the opportunities, and a plan is timed from the end of its pull to its first printed line.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { idsOfSale, writeSalesDataset } from '../test/support/sales-dataset.ts';

const BIN = fileURLToPath(new URL('../bin/oppsync.js', import.meta.url));
const BARE = fileURLToPath(new URL('bench-bare-fetch.ts', import.meta.url));
const METER = fileURLToPath(new URL('bench-meter.ts', import.meta.url));

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Share of `cpuMs` spent in the kernel. */
  readonly systemMs: number;
  readonly peakMb: number;
  readonly stdout: string;
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '5000' },
    'cpu-prof': { type: 'string' },
    changed: { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
  },
});
const records = Number(values.records);
if (!Number.isSafeInteger(records) || records < 1)
  throw new RangeError('--records must be a whole number from 1 up');

const folder = await mkdtemp(join(tmpdir(), 'oppsync-bench-'));
// When root runs this, the database server runs as another user and has to get through.
await chmod(folder, 0o711);
const started: ChildProcess[] = [];
try {
  await bench();
} finally {
  for (const child of started) child.kill('SIGKILL');
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const dataset = await writeSalesDataset(folder, 1, records);
  const credentials = await startSandbox(dataset.file);
  await unpace();
  // The server of the embedded database outlives the commands when one process holds it: this one starts it, outside the measure.
  await metered(['migrate']);
  const plan = await metered(['plan', '--json'], 'plan');
  const { plan: planned, calls: planCalls } = JSON.parse(plan.stdout) as Report;
  const apply = await metered(['apply', planned.digest, '--json'], 'apply');
  const applied = JSON.parse(apply.stdout) as Report;
  const again = await metered(['sync', '--json'], 'sync');
  const settled = JSON.parse(again.stdout) as Report;
  const changed = Math.round((records * Number(values.changed)) / 100);
  await changeSome((credentials as Credentials).salesforce.url, changed);
  const first = changed === 0 ? null : await firstLines();
  const bare = await measure([BARE, JSON.stringify(credentials)]);
  const seen = JSON.parse(bare.stdout) as { pages: number; bytes: number; records: number };

  console.log(`${records} opportunities and ${records} deals, ${dataset.disagreeing} stages apart`);
  row('plan', plan);
  row('apply', apply);
  row('sync, nothing changed', again);
  row('bare fetch and parse', bare);
  console.log(`bare client: ${seen.pages} pages, ${(seen.bytes / 1e6).toFixed(1)} MB`);
  console.log(
    `calls: plan ${show(planCalls)}, apply ${show(applied.calls)}; writes ${show(written(applied))}, by the last sync ${show(written(settled))}`,
  );
  const ratio = (plan.cpuMs + apply.cpuMs) / bare.cpuMs;
  console.log(
    `CPU of plan and apply per pair: ${microseconds(plan.cpuMs + apply.cpuMs)} µs; bare: ${microseconds(bare.cpuMs)} µs; ratio ${ratio.toFixed(2)}`,
  );
  if (first !== null)
    console.log(
      `plan with ${changed} opportunities changed: first lines ${(first.linesMs / 1000).toFixed(1)} s after the pull, which took ${(first.pullMs / 1000).toFixed(1)} s`,
    );
  console.log(
    `peak RSS: ${Math.max(plan.peakMb, apply.peakMb).toFixed(0)} MB; converged: ${applied.converged && settled.converged}`,
  );
}

interface Credentials {
  readonly salesforce: { readonly url: string };
}

/** People give opportunities another next step. */
async function changeSome(url: string, count: number): Promise<void> {
  const at = Math.max(1, Math.floor(records / Math.max(1, count)));
  for (let n = 0; n < count; n += 1) {
    const { salesforce: id } = idsOfSale(n * at);
    const edit = { type: 'Opportunity', id, fields: { NextStep: `Call ${n}` }, actor: 'human:ann' };
    const answer = await fetch(`${url}/_sandbox/edit`, { method: 'POST', body: JSON.stringify(edit) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** Times a plan as people see it: from the end of the pull, which it tells on standard error, to its first line. */
async function firstLines(): Promise<{ readonly pullMs: number; readonly linesMs: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'plan'], {
    cwd: folder,
    env: { ...process.env, OPPSYNC_DATA_DIR: join(folder, 'database') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let pulled: number | null = null;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (pulled === null && text.includes('pair')) pulled = performance.now();
  });
  await once(child.stdout, 'data');
  const at = performance.now();
  child.stdout.resume();
  await once(child, 'close');
  return { pullMs: (pulled ?? at) - began, linesMs: at - (pulled ?? at) };
}

interface Report {
  readonly plan: { readonly digest: string };
  readonly calls: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, { readonly update: number }>>;
  readonly converged: boolean;
}

async function startSandbox(dataset: string): Promise<unknown> {
  const unlimited = JSON.stringify({ burstLimit: 0, searchPerSecond: 0, dailyLimit: 0 });
  const args = ['sandbox', '--dataset', dataset, '--write-config', 'oppsync.yaml'];
  const child = spawn(process.execPath, [BIN, ...args, '--switches-hubspot', unlimited], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return JSON.parse(line);
}

/** Without limits the simulated HubSpot tells none either, and oppsync would keep to the pace of the smallest tier. */
async function unpace(): Promise<void> {
  const file = join(folder, 'oppsync.yaml');
  const text = await readFile(file, 'utf8');
  const burst = '    burst: { limit: 100000, perMs: 1000 }\n';
  await writeFile(file, text.replace('\nsyncs:', `${burst}\nsyncs:`));
}

/** One oppsync command; for a file name also its CPU profile. */
function metered(args: readonly string[], profile?: string): Promise<Cost> {
  const profiling =
    values['cpu-prof'] === undefined || profile === undefined
      ? []
      : ['--cpu-prof', '--cpu-prof-dir', values['cpu-prof'], '--cpu-prof-name', `${profile}.cpuprofile`];
  return measure([...profiling, BIN, '--no-progress', ...args]);
}

/** Runs Node with these arguments; the process itself says at its end what it used. */
async function measure(args: readonly string[]): Promise<Cost> {
  const meter = join(folder, 'meter.json');
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', METER, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      OPPSYNC_DATA_DIR: join(folder, 'database'),
      BENCH_METER: meter,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - began;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  const used = JSON.parse(await readFile(meter, 'utf8')) as Pick<Cost, 'cpuMs' | 'systemMs' | 'peakMb'>;
  return { wallMs, stdout, ...used };
}

function row(name: string, cost: Cost): void {
  console.log(
    `${name.padEnd(22)} ${(cost.wallMs / 1000).toFixed(2).padStart(8)} s wall ${(cost.cpuMs / 1000).toFixed(2).padStart(8)} s CPU (${(cost.systemMs / 1000).toFixed(2)} system) ${cost.peakMb.toFixed(0).padStart(6)} MB peak`,
  );
}

function microseconds(ms: number): string {
  return ((ms * 1000) / records).toFixed(0);
}

function written(report: Report): Record<string, number> {
  return Object.fromEntries(Object.entries(report.writes).map(([crm, { update }]) => [crm, update]));
}

function show(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([crm, count]) => `${count} ${crm}`)
    .join(' + ');
}
