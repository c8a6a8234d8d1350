/** A whole portfolio with a fifth of the stages in disagreement: one plan, one apply, and both CRMs agree for good. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '../../src/core/report.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { finalPairs } from '../support/agreement.ts';
import { type Cli, testCli } from '../support/cli.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type SalesDataset, sameSalesStage, writeSalesDataset } from '../support/sales-dataset.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

describe('a whole portfolio, from disagreement to nothing left to do', function () {
  this.timeout(120_000);
  useRealNetwork();
  let folder: string;
  let sales: SalesDataset;
  let sandbox: TestSandbox;
  let database: TestDatabase;
  let cli: Cli;
  let planned: RunReport;
  let applied: RunReport;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oppsync-sales-'));
    sales = await writeSalesDataset(folder, 7);
    sandbox = await testSandbox({ dataset: sales.file });
    database = await testDatabase();
    cli = await testCli(sandbox.configText(), { DATABASE_URL: database.url });
  });
  after(async () => {
    await cli?.remove();
    await sandbox?.close();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const writes = async (): Promise<number> =>
    (await sandbox.salesforce.counters()).writes + (await sandbox.hubspot.counters()).writes;

  it('the first sync writes nothing, says why and how to go on, and ends with 3', async () => {
    const { code, stdout } = await cli.run('sync');
    assert.equal(code, 3);
    assert.match(stdout, /oppsync apply [0-9a-f]{12}/);
    assert.equal(await writes(), 0);
  });

  it('a plan accounts for every record and writes nothing', async () => {
    await sandbox.salesforce.resetCounters();
    await sandbox.hubspot.resetCounters();
    planned = await cli.report(0, 'plan', '--full');
    assert.deepEqual(planned.read, { salesforce: sales.sales, hubspot: sales.sales });
    assert.equal(sum(planned.outcomes), 2 * sales.sales);
    assert.equal(planned.pairs.linked, sales.sales);
    assert.equal(await writes(), 0);
  });

  it('apply brings all of it into agreement, checked in the CRMs themselves', async () => {
    applied = await cli.report(0, 'apply', planned.plan?.digest ?? '');
    const pairs = await finalPairs(sandbox, sameSalesStage);
    assert.equal(pairs.length, sales.sales);
    assert.deepEqual(
      pairs.filter((pair) => pair.differing.length > 0),
      [],
    );
    assert.deepEqual(
      pairs.filter((pair) => pair.unwritten.length > 0),
      [],
    );
    assert.equal(sum(applied.outcomes), 2 * sales.sales);
    assert.equal(applied.converged, true);
    assert.deepEqual(sumWrites(applied), { update: 2 * sales.sales, create: 0, failed: 0 });
  });

  it('no team lost a value: Salesforce, which starts, has the stages it had', async () => {
    const edited = (await sandbox.salesforce.truth())
      .filter((entry) => entry.type === 'Opportunity' && entry.action === 'update')
      .flatMap((entry) => Object.keys(entry.fields));
    const ours = edited.filter(
      (field) => !/^Oppsync_|^(Last|System)Mod|^LastModifiedById|^Fiscal/.test(field),
    );
    assert.deepEqual([...new Set(ours)], []);
    const stages = (await sandbox.hubspot.truth()).filter(
      (entry) => entry.action === 'update' && 'dealstage' in entry.fields,
    );
    assert.equal(stages.length, sales.disagreeing);
  });

  it('plan and apply together cost at most 1.15 times the fewest calls the two APIs allow', async () => {
    const records = sales.sales;
    const requests = {
      salesforce: await sandbox.salesforce.requests(),
      hubspot: await sandbox.hubspot.requests(),
    };
    // Reading once, re-reading and writing every record: all of them carry new fields of ours.
    const minimum = {
      salesforce: Math.ceil(records / 2000) + Math.ceil(records / 2000) + Math.ceil(records / 200),
      hubspot: Math.ceil(records / 100) * 3,
    };
    console.log(
      `    requests ${requests.salesforce} Salesforce (least ${minimum.salesforce}), ${requests.hubspot} HubSpot (least ${minimum.hubspot})`,
    );
    // The re-reads of what is written: every deal that got another stage is looked at once more, with its history, which
    // HubSpot tells of 50 a call. Both readings of "the fewest" hold: with these re-reads in it, and with none of them.
    const checks = Math.ceil(sales.disagreeing / 50);
    const all = requests.salesforce + requests.hubspot;
    const least = minimum.salesforce + minimum.hubspot;
    const ratios = [all / (least + checks), (all - checks) / least];
    console.log(
      `    ${checks} of them look at what was written, with its history: ${ratios.map((ratio) => ratio.toFixed(3)).join(' times with, ')} times without`,
    );
    for (const ratio of ratios) assert.ok(ratio <= 1.15, `${all} requests are ${ratio} times the fewest`);
    const reported = (['salesforce', 'hubspot'] as const).map(
      (crm) => (planned.calls[crm] ?? 0) + (applied.calls[crm] ?? 0),
    );
    assert.deepEqual(reported, [requests.salesforce, requests.hubspot]);
  });

  for (const which of ['second', 'third']) {
    it(`a ${which} sync writes nothing`, async () => {
      const before = await writes();
      const report = await cli.report(0, 'sync');
      assert.equal(await writes(), before);
      assert.equal(report.plan?.changes ?? 0, 0);
      assert.equal(report.converged, true);
      assert.equal(sum(report.outcomes), sum(report.read));
      const { stdout } = await cli.run('status', '--json');
      const [told] = (JSON.parse(stdout) as { syncs: { outcomes: Record<string, number> }[] }).syncs;
      const counted = Object.entries(report.outcomes).filter(([, n]) => n > 0);
      assert.deepEqual(told?.outcomes, Object.fromEntries(counted), 'status tells what the report told');
    });
  }

  it('not one record was written with the values it had', async () => {
    assert.equal((await sandbox.salesforce.counters()).redundantWrites, 0);
    assert.equal((await sandbox.hubspot.counters()).redundantWrites, 0);
  });
});

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function sumWrites(report: RunReport): { update: number; create: number; failed: number } {
  const total = { update: 0, create: 0, failed: 0 };
  for (const side of Object.values(report.writes)) {
    total.update += side.update;
    total.create += side.create;
    total.failed += side.failed;
  }
  return total;
}
