/**
 * From a signed webhook to the written field: `npm run bench:events -- [--seconds N] [--rates 50,200] [--records N] [--pipeline]`.
 *
 * With `--pipeline` no rates: a HubSpot pipeline with all deals (10,000) is edited, so that each of them tells of a change, while
 * people edit some of them. Prints how many requests read deals, and checks that the edits arrived and nothing else was written.
 *
 * Starts the two simulated CRMs, a first approved plan, and `oppsync serve`, each as a process of its own. Then deals are edited
 * at a steady rate, each edit followed by its webhook, signed here. Prints how long the acknowledgement took and how long it
 * took until the field stood in Salesforce (by the truth log of the simulation), and checks there that no edit was lost.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dealReads, editPipelines, PROBABILITY } from '../test/support/pipeline-edit.ts';
import { writeSalesDataset } from '../test/support/sales-dataset.ts';
import { controlOf } from '../test/support/sandbox.ts';

const BIN = fileURLToPath(new URL('../bin/oppsync.js', import.meta.url));
const WINDOW_MS = 2_000;
const TARGETS = { ackP99: 50, writeP99: 2_000 };
const LONGEST_WAIT_MS = 60_000;

interface Started {
  readonly salesforce: { readonly url: string; readonly webhookSecret: string };
  readonly hubspot: { readonly url: string; readonly clientSecret: string };
}

interface Edit {
  readonly id: string;
  readonly value: string;
  readonly sentAt: number;
  ackMs: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rates: { type: 'string', default: '50,200' },
    records: { type: 'string' },
    pipeline: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rates = values.rates.split(',').map(Number);
const records = Number(
  values.records ?? (values.pipeline ? 10_000 : Math.ceil(Math.max(...rates) * seconds * 1.05)),
);
if (![seconds, records, ...rates].every((n) => Number.isFinite(n) && n > 0))
  throw new RangeError('--seconds, --rates and --records must be numbers above 0');

const folder = await mkdtemp(join(tmpdir(), 'oppsync-bench-'));
// When root runs this, the database server runs as another user and has to get through.
await chmod(folder, 0o711);
const started: ChildProcess[] = [];
let portal: Promise<number> | undefined;
let ending = false;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
try {
  await bench();
} finally {
  ending = true;
  for (const child of started.toReversed()) {
    child.kill('SIGTERM');
    await Promise.race([once(child, 'close'), sleep(10_000, undefined, { ref: false })]);
    child.kill('SIGKILL');
  }
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const dataset = await writeSalesDataset(folder, 1, records, values.pipeline);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const crms = await startSandbox(dataset.file, address);
  // What the first writes would tell, to a server that is not there yet, would come while something else is measured. Those of
  // HubSpot are sent here, so that each has its moment; Salesforce tells of our writes by itself.
  for (const { url } of [crms.hubspot, crms.salesforce]) await control(url, 'webhooks', { targetUrl: null });
  await completeConfig(port);
  const plan = JSON.parse(await command(['plan', '--json'])) as { plan: { digest: string } };
  await command(['apply', plan.plan.digest, '--json']);
  await serve();
  await control(crms.salesforce.url, 'webhooks', {
    targetUrl: `${address}/webhooks/salesforce/${crms.salesforce.webhookSecret}`,
  });
  if (values.pipeline) return pipelineEdit(crms, address);
  const deals = await dealIds(crms.hubspot.url);
  console.log(`${records} linked pairs; window ${WINDOW_MS} ms; ${seconds} s at each rate`);
  let ok = true;
  for (const rate of rates) ok = (await phase(crms, address, deals, rate)) && ok;
  console.log(ok ? 'targets met, nothing lost' : 'not all targets met');
  process.exitCode = ok ? 0 : 1;
}

/** One edited pipeline, with edits by people in between. */
async function pipelineEdit(crms: Started, address: string): Promise<void> {
  const hubspot = controlOf(crms.hubspot.url, 'hs_object_id');
  const salesforce = controlOf(crms.salesforce.url, 'Id');
  const targetUrl = `${address}/webhooks/hubspot`;
  await control(crms.hubspot.url, 'webhooks', {
    ...{ targetUrl, batchMs: 50 },
    subscriptions: [PROBABILITY, 'deal.propertyChange:hs_next_step'],
  });
  const deals = await dealIds(crms.hubspot.url);
  const seq = await lastSeq(crms.salesforce.url);
  const [reads, { writes, redundantWrites }] = [await dealReads(hubspot), await salesforce.counters()];
  const began = performance.now();
  const touched = await editPipelines(hubspot);
  const edited = deals.filter((_, at) => at % 500 === 0);
  for (const id of edited)
    await hubspot.edit({ type: 'deal', id, fields: { hs_next_step: `edited ${id}` }, actor: 'human:bench' });
  const found = await untilWritten(crms.salesforce.url, seq, new Set(edited.map((id) => `edited ${id}`)));
  const took = (performance.now() - began) / 1000;
  await untilTaken(address);
  // What our own writes make Salesforce tell reads no deals.
  const spent = (await dealReads(hubspot)) - reads;
  const after = await salesforce.counters();
  const most = Math.floor((11 * Math.ceil(touched / 100)) / 10);
  const written = after.writes - writes;
  console.log(
    `one pipeline edit, ${touched} deals told of it: ${spent} requests read deals (at most ${most}); ${found.size} of ${edited.length} ` +
      `edits made meanwhile carried over in ${took.toFixed(1)} s; ${written} records written, ${after.redundantWrites - redundantWrites} of them for nothing`,
  );
  const ok = spent <= most && found.size === edited.length && written === edited.length;
  console.log(ok ? 'targets met, nothing lost' : 'not all targets met');
  process.exitCode = ok ? 0 : 1;
}

/** Until no event waits, twice in a row: a run may be at the last of them. */
async function untilTaken(address: string): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    await sleep(2 * WINDOW_MS);
    const text = await (await fetch(`${address}/metrics`)).text();
    quiet = /^oppsync_inbox_events\{[^}]*\} 0$/m.test(text) ? quiet + 1 : 0;
  }
}

/** Edits at a steady rate, the last of them awaited in Salesforce. */
async function phase(
  crms: Started,
  address: string,
  deals: readonly string[],
  rate: number,
): Promise<boolean> {
  const seq = await lastSeq(crms.salesforce.url);
  const edits: Edit[] = [];
  const under: Promise<void>[] = [];
  const total = Math.round(rate * seconds);
  const began = performance.now();
  for (let n = 0; n < total; n++) {
    const due = began + (n * 1000) / rate;
    const early = due - performance.now();
    if (early > 1) await sleep(early);
    const edit = editAndTell(crms, address, deals[n % deals.length] ?? '', `${rate}/s ${n}`, edits);
    // Looked at together at the end.
    edit.catch(() => undefined);
    under.push(edit);
  }
  await Promise.all(under);
  const took = (performance.now() - began) / 1000;
  const last = new Map(edits.map((edit) => [edit.id, edit]));
  const written = await untilWritten(
    crms.salesforce.url,
    seq,
    new Set([...last.values()].map(({ value }) => value)),
  );
  const lost = [...last.values()].filter(({ value }) => !written.has(value));
  const acks = edits.map(({ ackMs }) => ackMs);
  const writes = edits.flatMap(({ value, sentAt }) => {
    const at = written.get(value);
    return at === undefined ? [] : [at - sentAt];
  });
  const beyond = percentile(writes, 0.99) - WINDOW_MS;
  console.log(
    `${rate}/s for ${took.toFixed(1)} s: ${edits.length} webhooks; acknowledged p50 ${ms(percentile(acks, 0.5))} p99 ${ms(percentile(acks, 0.99))}; ` +
      `written p50 ${ms(percentile(writes, 0.5))} p99 ${ms(percentile(writes, 0.99))}, beyond the window p50 ${ms(percentile(writes, 0.5) - WINDOW_MS)} p99 ${ms(beyond)}; lost ${lost.length}`,
  );
  return lost.length === 0 && percentile(acks, 0.99) <= TARGETS.ackP99 && beyond <= TARGETS.writeP99;
}

async function editAndTell(
  { hubspot }: Started,
  address: string,
  id: string,
  value: string,
  edits: Edit[],
): Promise<void> {
  await control(hubspot.url, 'edit', {
    type: 'deal',
    id,
    fields: { hs_next_step: value },
    actor: 'human:bench',
  });
  const edit: Edit = { id, value, sentAt: Date.now(), ackMs: 0 };
  edits.push(edit);
  const url = `${address}/webhooks/hubspot`;
  const event = {
    ...{ eventId: edits.length, subscriptionId: 1, portalId: await portalOf(hubspot.url), appId: 1 },
    ...{ occurredAt: edit.sentAt, subscriptionType: 'deal.propertyChange', attemptNumber: 0 },
    ...{ objectId: Number(id), propertyName: 'hs_next_step', propertyValue: value, changeSource: 'CRM_UI' },
  };
  const body = JSON.stringify([event]);
  const stamp = String(edit.sentAt);
  const signature = createHmac('sha256', hubspot.clientSecret)
    .update(`POST${url}${body}${stamp}`)
    .digest('base64');
  const began = performance.now();
  const { status } = await post(url, body, {
    'X-HubSpot-Signature-v3': signature,
    'X-HubSpot-Request-Timestamp': stamp,
  });
  edit.ackMs = performance.now() - began;
  if (status !== 204) throw new Error(`a webhook was answered ${status}`);
}

/** When each of these values was written into Salesforce, by oppsync. */
async function untilWritten(
  url: string,
  since: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let seq = since;
  do {
    for (const entry of await truth(url, seq)) {
      seq = entry.seq;
      const value = entry.fields['NextStep']?.after;
      if (entry.actor === 'engine' && typeof value === 'string') found.set(value, entry.at);
    }
    if ([...wanted].every((value) => found.has(value))) break;
    await sleep(500);
  } while (Date.now() < deadline);
  return found;
}

interface Entry {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly fields: Readonly<Record<string, { readonly after: unknown }>>;
}

async function truth(url: string, since: number): Promise<Entry[]> {
  const text = await (await fetch(`${url}/_sandbox/truth?since=${since}`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}

async function lastSeq(url: string): Promise<number> {
  return (await truth(url, 0)).at(-1)?.seq ?? 0;
}

async function dealIds(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/_sandbox/state`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"crm":"hubspot","type":"deal"'))
    .map((line) => String((JSON.parse(line) as { fields: { hs_object_id: string } }).fields.hs_object_id));
}

function portalOf(url: string): Promise<number> {
  portal ??= (async () => {
    const text = await readFile(join(folder, 'oppsync.yaml'), 'utf8');
    const token = /token: "?(pat-[\w-]+)/.exec(text)?.[1] ?? '';
    const details = await fetch(`${url}/account-info/v3/details`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await details.json()) as { portalId: number }).portalId;
  })();
  return portal;
}

async function control(url: string, command: string, body: unknown): Promise<void> {
  const { status } = await post(`${url}/_sandbox/${command}`, JSON.stringify(body), {});
  if (status !== 200) throw new Error(`${command} was answered ${status}`);
}

function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          ...headers,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
        response.on('error', reject);
      },
    );
    sending.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was idle may be closed at the very moment it is used again.
      if (sending.reusedSocket && error.code === 'ECONNRESET') post(url, body, headers).then(resolve, reject);
      else reject(error);
    });
    sending.end(body);
  });
}

async function startSandbox(dataset: string, address: string): Promise<Started> {
  const args = ['sandbox', '--dataset', dataset, '--write-config', 'oppsync.yaml', '--webhooks', address];
  const child = run(args);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return JSON.parse(line) as Started;
}

/** A port for the web role, and no brakes: thousands of edits in a minute are what they are there to stop. */
async function completeConfig(port: number): Promise<void> {
  const file = join(folder, 'oppsync.yaml');
  const brakes =
    '    brakes: { changed: false, flips: false, amounts: false, creates: false, vanished: false }\n';
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    `${text.trimEnd()}\n${brakes}    events: { windowMs: ${WINDOW_MS} }\nhttp: { port: ${port} }\n`,
  );
}

async function serve(): Promise<void> {
  const child = run(['serve', '--json']);
  await once(child.stdout.setEncoding('utf8'), 'data');
}

async function command(args: readonly string[]): Promise<string> {
  const child = run(['--no-progress', ...args]);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return stdout;
}

function run(args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, OPPSYNC_DATA_DIR: join(folder, 'database'), OPPSYNC_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-4_000);
  });
  child.once('close', (code) => {
    // Whoever waits for its output would wait for ever.
    if (code !== 0 && code !== null && !ending) {
      console.error(said);
      process.exit(1);
    }
  });
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function percentile(list: readonly number[], share: number): number {
  const sorted = list.toSorted((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
