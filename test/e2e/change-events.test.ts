/** A person edits in Salesforce and sees it in HubSpot: change events over gRPC, the served process, nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { App } from '../../src/app.ts';
import { compose } from '../../src/compose.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { quiet, testDatabase } from '../support/database.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

interface BusReport {
  readonly last: number;
  readonly subscribed: number;
  readonly streams: readonly { readonly owed: number; readonly asked: number; readonly sent: number }[];
}

const loud: any = { debug() {}, info: (...a: unknown[]) => console.error(...a), warn: (...a: unknown[]) => console.error(...a), error: (...a: unknown[]) => console.error(...a), child: () => loud };
describe('from Salesforce to HubSpot by change events', function () {
  this.timeout(90_000);
  useRealNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'oppsync-changes-'));
  const stops: AbortController[] = [];
  let sandbox: TestSandbox;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let app: App;
  let serving: Promise<void>;
  let pairs: readonly (readonly [salesforce: string, hubspot: string])[];

  const bus = async (command?: unknown): Promise<BusReport> => {
    const body = command === undefined ? {} : { method: 'POST', body: JSON.stringify(command) };
    const answer = await fetch(`${sandbox.salesforce.url}/_sandbox/events`, body);
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as BusReport;
  };
  const until = async (what: string, reached: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (!(await reached())) {
      if (Date.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  const open = (): Promise<App> => {
    const config = loadConfig({
      file: join(folder, 'oppsync.yaml'),
      env: { DATABASE_URL: database.url },
      cwd: folder,
    });
    return compose(config, { log: process.env['LOUD'] ? loud : quiet });
  };
  const serve = async (): Promise<void> => {
    const stop = new AbortController();
    stops.push(stop);
    await new Promise<void>((resolve) => {
      serving = app.serve(['workers', 'scheduler'], stop.signal, () => resolve());
    });
  };
  const stopServing = async (): Promise<void> => {
    stops.at(-1)?.abort();
    await serving;
  };
  const status = async () => (await app.status('sandbox')).changeEvents;
  /** Followed, with nothing missing: what happens from now on is told. */
  const followed = (): Promise<void> =>
    until('following', async () => {
      const now = await status();
      return now?.state === 'following' && now.missingSince === null && (await bus()).streams.length === 1;
    });
  const nextStep = async (id: string): Promise<unknown> =>
    (await sandbox.hubspot.records('deal')).get(id)?.['hs_next_step'];
  const edit = ([id]: readonly [string, string], text: string): Promise<void> =>
    sandbox.salesforce.edit({ type: 'Opportunity', id, fields: { NextStep: text } });
  const arrives = (pair: readonly [string, string], text: string): Promise<void> =>
    until(`"${text}" in HubSpot`, async () => (await nextStep(pair[1])) === text);

  before(async () => {
    sandbox = await testSandbox({
      records: 60,
      portEvents: 0,
      switches: { salesforce: { eventKeepaliveMs: 150 } },
    });
    database = await testDatabase();
    writeFileSync(join(folder, 'oppsync.yaml'), `${sandbox.configText()}    events: { windowMs: 50 }\n`);
    app = await open();
    const plan = await app.run('sandbox', 'plan', { by: 'test' });
    await app.apply('sandbox', plan.plan?.digest ?? '', { by: 'test' });
    const { pairs: made } = await app.pairing('sandbox');
    pairs = made.flatMap(({ ids, band }) =>
      band === 'adopted' || band === 'accepted'
        ? [[ids['salesforce'] ?? '', ids['hubspot'] ?? ''] as const]
        : [],
    );
    await serve();
    await followed();
  });
  after(async () => {
    await stopServing();
    await app.close();
    await database.drop();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries an edit over within seconds', async () => {
    await edit(pairs[0]!, 'call on Monday');
    await arrives(pairs[0]!, 'call on Monday');
    const now = await status();
    assert.equal(now?.state, 'following');
    assert.ok((now?.lagMs ?? -1) >= 0);
  });
});
