/** A person edits in one CRM and sees it in the other: both sandboxes, real webhooks, the served process, nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { App } from '../../src/app.ts';
import { compose } from '../../src/compose.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { quiet, testDatabase } from '../support/database.ts';
import { dealReads, editPipelines, PROBABILITY } from '../support/pipeline-edit.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

describe('from one CRM to the other by webhook', function () {
  this.timeout(90_000);
  useRealNetwork();
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'oppsync-webhooks-'));
  let sandbox: TestSandbox;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let app: App;
  let serving: Promise<void>;
  let pairs: readonly (readonly [salesforce: string, hubspot: string])[];

  before(async () => {
    sandbox = await testSandbox({ records: 60 });
    database = await testDatabase();
    const file = join(folder, 'oppsync.yaml');
    writeFileSync(file, `${sandbox.configText()}    events: { windowMs: 100 }\nhttp: { port: 0 }\n`);
    const config = loadConfig({ file, env: { DATABASE_URL: database.url }, cwd: folder });
    app = await compose(config, { log: quiet });
    const plan = await app.run('sandbox', 'plan', { by: 'test' });
    await app.apply('sandbox', plan.plan?.digest ?? '', { by: 'test' });
    const port = await new Promise<number>((resolve) => {
      serving = app.serve(['web', 'workers', 'scheduler'], stop.signal, ({ webPort }) =>
        resolve(webPort ?? 0),
      );
    });
    const secret = sandbox.running.salesforce.credentials['webhookSecret'] ?? '';
    const targets = { hubspot: 'hubspot', salesforce: `salesforce/${secret}` } as const;
    for (const crm of ['hubspot', 'salesforce'] as const) {
      const targetUrl = `http://127.0.0.1:${port}/webhooks/${targets[crm]}`;
      const settings = JSON.stringify({ targetUrl, duplicate: 0.5, reorder: 0.3, retryMs: 20 });
      const answer = await fetch(`${sandbox[crm].url}/_sandbox/webhooks`, { method: 'POST', body: settings });
      assert.equal(answer.status, 200, await answer.text());
    }
    const { pairs: made } = await app.pairing('sandbox');
    pairs = made.flatMap(({ ids, band }) =>
      band === 'adopted' || band === 'accepted'
        ? [[ids['salesforce'] ?? '', ids['hubspot'] ?? ''] as const]
        : [],
    );
    assert.ok(pairs.length > 10, `${pairs.length} pairs`);
  });
  after(async () => {
    stop.abort();
    await serving;
    await app.close();
    await database.drop();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const until = async (what: string, reached: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (!(await reached())) {
      if (Date.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const nextSteps = async (crm: 'salesforce' | 'hubspot'): Promise<Map<string, unknown>> => {
    const [type, field] = crm === 'salesforce' ? ['Opportunity', 'NextStep'] : ['deal', 'hs_next_step'];
    const found = await sandbox[crm].records(type ?? '');
    return new Map([...found].map(([id, fields]) => [id, fields[field ?? '']]));
  };

  it('carries edits both ways within seconds, and writes nothing back because of its own writes', async () => {
    const [there, back] = [pairs.slice(0, 5), pairs.slice(5, 10)];
    for (const [, id] of there)
      await sandbox.hubspot.edit({ type: 'deal', id, fields: { hs_next_step: `from hubspot ${id}` } });
    for (const [id] of back)
      await sandbox.salesforce.edit({
        type: 'Opportunity',
        id,
        fields: { NextStep: `from salesforce ${id}` },
      });
    await until('the edits on the other side', async () => {
      const [salesforce, hubspot] = [await nextSteps('salesforce'), await nextSteps('hubspot')];
      return (
        there.every(([a, b]) => salesforce.get(a) === `from hubspot ${b}`) &&
        back.every(([a, b]) => hubspot.get(b) === `from salesforce ${a}`)
      );
    });
    // What comes of our own writes coming back.
    await until('rest', async () => {
      const runs = await app.runs('sandbox', 1);
      return runs[0]?.state !== 'running';
    });
    const entries = (await Promise.all([sandbox.salesforce.truth(), sandbox.hubspot.truth()])).flat();
    const carried = entries.filter(({ actor, fields }) => {
      const { after } = fields['NextStep'] ?? fields['hs_next_step'] ?? {};
      return actor === 'engine' && String(after).startsWith('from ');
    });
    assert.equal(carried.length, 10);
    const [last] = (await app.runs('sandbox', 5)).filter(({ mode }) => mode === 'events');
    assert.equal(last?.report?.converged, true);
  });

  it('an edited pipeline, of which every open deal tells, costs a read per hundred deals and writes nothing', async () => {
    const settle = JSON.stringify({ subscriptions: [PROBABILITY], duplicate: 0, reorder: 0 });
    await fetch(`${sandbox.hubspot.url}/_sandbox/webhooks`, { method: 'POST', body: settle });
    const told = async (): Promise<number> => {
      const report = await (await fetch(`${sandbox.hubspot.url}/_sandbox/webhooks`)).json();
      return (report as { delivered: number }).delivered;
    };
    const [reads, delivered] = [await dealReads(sandbox.hubspot), await told()];
    const { writes } = await sandbox.salesforce.counters();
    const touched = await editPipelines(sandbox.hubspot);
    assert.ok(touched > 10, `${touched} deals were touched`);
    await until('every deal told of it', async () => (await told()) - delivered >= touched);
    await until('they were taken', async () => (await app.status('sandbox')).events.waiting === 0);
    await until('rest', async () => (await app.runs('sandbox', 1))[0]?.state !== 'running');
    const spent = (await dealReads(sandbox.hubspot)) - reads;
    assert.ok(spent >= 1 && spent <= 3, `${touched} deals took ${spent} reads`);
    assert.equal((await sandbox.salesforce.counters()).writes, writes);
  });
});
