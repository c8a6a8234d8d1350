/**
 * Where other ways of keeping two CRMs alike were seen to fail: one bad record that costs its whole batch, a deal deleted between
 * reading and writing that nobody notices, a death half-way after which everything is done again, limits met by giving up or by
 * skipping records, and readings cut off at 2,000 or 10,000 records without a word. Each ends here with an exit code and a
 * report that tell the truth.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunReport } from '../../src/core/report.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { finalPairs } from '../support/agreement.ts';
import { idsOfSale, sameSalesStage } from '../support/sales-dataset.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';
import type { CrmControl } from '../support/sandbox.ts';

const SALES = 240;
/** Opportunities people edit at a time: 8 % of the portfolio. */
const TOUCHED = 18;
/** More than HubSpot's search and the official Salesforce client answer by themselves. */
const MANY = 10_400;
const OPTION_WORDS = '"Forbidden" was not one of the allowed options: [Alpha, Beta]';
const RULE_WORDS = 'Ask the finance team before you touch a locked opportunity.';

describe('a poisoned record in a batch, on either side', function () {
  this.timeout(60_000);
  useRealNetwork();
  let desk: SalesDesk;
  let applied: RunReport;
  const refusedByHubspot = idsOfSale(17);
  const refusedBySalesforce = idsOfSale(101);

  before(async () => {
    desk = await salesDesk({
      seed: 11,
      sales: SALES,
      switches: {
        hubspot: { rejects: [{ property: 'dealname', value: 'Forbidden', message: OPTION_WORDS }] },
        salesforce: {
          validationRules: [
            { name: 'locked', when: { field: 'NextStep', equals: 'locked' }, message: RULE_WORDS },
          ],
        },
      },
    });
    const { salesforce } = desk.sandbox;
    await salesforce.edit({
      ...{ type: 'Opportunity', id: refusedByHubspot.salesforce },
      fields: { Name: 'Forbidden' },
    });
    // The rule comes after the value it forbids, as in life: people cannot save the record any more either.
    await salesforce.configure({ validationRules: [] });
    await salesforce.edit({
      ...{ type: 'Opportunity', id: refusedBySalesforce.salesforce },
      fields: { NextStep: 'locked' },
    });
    await salesforce.configure({
      validationRules: [
        { name: 'locked', when: { field: 'NextStep', equals: 'locked' }, message: RULE_WORDS },
      ],
    });
  });
  after(() => desk?.close());

  it('apply writes all the others and ends with 0', async () => {
    const planned = await desk.cli.report(0, 'plan');
    applied = await desk.cli.report(0, 'apply', planned.plan?.digest ?? '');
    const lacking = (await finalPairs(desk.sandbox, sameSalesStage)).filter(
      (pair) => pair.unwritten.length > 0 || pair.differing.length > 0,
    );
    assert.deepEqual(lacking.map((pair) => pair.salesforce).sort(), [
      refusedByHubspot.salesforce,
      refusedBySalesforce.salesforce,
    ]);
    assert.deepEqual(applied.writes, {
      salesforce: { update: SALES - 1, create: 0, failed: 1 },
      hubspot: { update: SALES - 1, create: 0, failed: 1 },
    });
  });

  it('the report counts them and carries the own words of each CRM', async () => {
    assert.equal(applied.outcomes.quarantined, 2);
    const causes = applied.attention
      .filter((one) => one.outcome === 'quarantined')
      .map((one) => ({ cause: one.cause, example: one.example.id }));
    assert.equal(causes.length, 2);
    assert.ok(
      causes.some(
        ({ cause, example }) => cause.includes(OPTION_WORDS) && example === refusedByHubspot.hubspot,
      ),
      JSON.stringify(causes),
    );
    assert.ok(
      causes.some(
        ({ cause, example }) => cause.includes(RULE_WORDS) && example === refusedBySalesforce.salesforce,
      ),
      JSON.stringify(causes),
    );
  });

  it('explain says them too', async () => {
    const { stdout } = await desk.cli.run('explain', refusedBySalesforce.salesforce);
    assert.match(stdout, /Ask the finance team/);
  });

  it('the next sync does not try again what will be refused again: 0 without --strict, 1 with it', async () => {
    const before = await desk.writes();
    assert.equal((await desk.cli.run('sync')).code, 0);
    const strict = await desk.cli.run('sync', '--strict');
    assert.equal(strict.code, 1);
    assert.match(strict.stdout, /Ask the finance team/);
    assert.match(strict.stdout, /was not one of the allowed options/);
    assert.equal(await desk.writes(), before);
  });

  it('once a person changes the value, the record is written like any other', async () => {
    await desk.sandbox.salesforce.edit({
      ...{ type: 'Opportunity', id: refusedByHubspot.salesforce },
      fields: { Name: 'Allowed' },
    });
    const report = await desk.cli.report(0, 'sync');
    assert.equal(report.outcomes.quarantined, 1);
    const deals = await desk.sandbox.hubspot.records('deal');
    assert.equal(deals.get(refusedByHubspot.hubspot)?.['dealname'], 'Allowed');
    assert.notEqual(deals.get(refusedByHubspot.hubspot)?.['oppsync_status'], undefined);
  });
});

describe('a death, a deletion and limits in the middle of the work', function () {
  this.timeout(120_000);
  useRealNetwork();
  let desk: SalesDesk;
  let planned: string;
  before(async () => {
    desk = await salesDesk({ seed: 12, sales: SALES });
    planned = (await desk.cli.report(0, 'plan')).plan?.digest ?? '';
  });
  after(() => desk?.close());

  /** People write the same step into some opportunities: fewer than a brake counts. Answers the deals it has to reach. */
  async function people(step: string, from: number): Promise<string[]> {
    const sales = Array.from({ length: TOUCHED }, (_, index) => idsOfSale(from + index));
    for (const { salesforce } of sales)
      await desk.sandbox.salesforce.edit({ type: 'Opportunity', id: salesforce, fields: { NextStep: step } });
    return sales.map(({ hubspot }) => hubspot);
  }
  async function dealsWith(step: string): Promise<string[]> {
    const deals = await desk.sandbox.hubspot.records('deal');
    return [...deals].filter(([, fields]) => fields['hs_next_step'] === step).map(([id]) => id);
  }
  const redundant = async (): Promise<number> =>
    (await desk.sandbox.salesforce.counters()).redundantWrites +
    (await desk.sandbox.hubspot.counters()).redundantWrites;

  it('killed half-way through: the same command writes the rest, and only the rest', async () => {
    await desk.sandbox.hubspot.fault({ effect: { slow: { ms: 40 } } });
    const running = desk.cli.start('apply', planned);
    while (running.child.exitCode === null && (await desk.writes()) < SALES / 2) await delay(3);
    await running.kill();
    await desk.sandbox.hubspot.clearFaults();
    const atDeath = await desk.writes();
    const again = await desk.cli.report(0, 'apply', planned);
    assert.equal(
      await desk.writes(),
      SALES * 2,
      `${atDeath} of ${SALES * 2} records were written at the kill`,
    );
    assert.equal(await redundant(), 0);
    assert.equal(again.converged, true);
    assert.equal(again.outcomes.changed, SALES * 2);
    assert.deepEqual(await unsettled(desk), []);
  });

  it('a deal deleted after it was read and before it is written: said, not made again, and the others arrive', async () => {
    const { hubspot } = desk.sandbox;
    const expected = await people('call back', 0);
    const [gone = ''] = expected.splice(7, 1);
    await hubspot.fault({ path: '/deals/batch/read', effect: { slow: { ms: 1_000 } }, times: 1 });
    const before = await batchReads(hubspot);
    const running = desk.cli.start('sync', '--json');
    // Answered by the CRM, and on its way to us: what is deleted now was read as being there.
    while (running.child.exitCode === null && (await batchReads(hubspot)) === before) await delay(3);
    await hubspot.edit({ type: 'deal', id: gone, action: 'delete', actor: 'human:ann' });
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as RunReport;
    assert.equal(report.writes['hubspot']?.update, TOUCHED - 1);
    assert.deepEqual((await dealsWith('call back')).sort(), expected.sort());
    const told = report.attention.filter(({ example }) => example.id === gone);
    assert.equal(told.length, 1, JSON.stringify(report.attention));
    const next = await desk.cli.report(0, 'sync');
    assert.equal(next.writes['hubspot']?.create, 0);
    assert.equal((await hubspot.records('deal')).size, SALES - 1);
    assert.ok(
      next.attention.some(({ cause }) => /deleted/.test(cause)),
      JSON.stringify(next.attention),
    );
  });

  it('a storm of 429 and of concurrent-request limits: waited out, everything written once', async () => {
    const { hubspot, salesforce } = desk.sandbox;
    const expected = await people('send offer', 20);
    const body = {
      status: 'error',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
      message: '',
    };
    const effect = { status: 429, headers: { 'retry-after': '1' }, body };
    await hubspot.fault({ effect, probability: 0.4, times: 5 });
    await salesforce.fault({ preset: 'sf-concurrent', probability: 0.3, times: 2 });
    const report = await desk.cli.report(0, 'sync');
    const met = (await hubspot.counters()).status['429'] ?? 0;
    await hubspot.clearFaults();
    await salesforce.clearFaults();
    assert.ok(met >= 3, `only ${met} answers 429`);
    assert.equal(report.converged, true);
    assert.equal(report.writes['hubspot']?.update, TOUCHED);
    assert.deepEqual((await dealsWith('send offer')).sort(), expected.sort());
    assert.equal(await redundant(), 0);
  });
});

describe('more records than a page of Salesforce or a search of HubSpot holds', function () {
  this.timeout(180_000);
  useRealNetwork();
  let desk: SalesDesk;
  before(async () => {
    const switches = { hubspot: { searchLagMs: 0, searchLagJitterMs: 0, searchPerSecond: 0, burstLimit: 0 } };
    const env = {
      OPPSYNC_CONNECTIONS__HUBSPOT__SEARCH_PER_SECOND: '100',
      OPPSYNC_CONNECTIONS__HUBSPOT__BURST__LIMIT: '1000',
      OPPSYNC_CONNECTIONS__HUBSPOT__BURST__PER_MS: '1000',
    };
    desk = await salesDesk({ seed: 13, sales: MANY, switches, env });
  });
  after(() => desk?.close());

  it(`reads all ${MANY} of both, and says so`, async () => {
    const report = await desk.cli.report(0, 'plan');
    assert.deepEqual(report.read, { salesforce: MANY, hubspot: MANY });
    assert.equal(report.pairs.linked, MANY);
  });

  it('finds every one of as many changes by search, and is stopped by a brake, with 3', async () => {
    const { simulator } = desk.sandbox.running.hubspot;
    for (let sale = 0; sale < MANY; sale += 1) {
      const { hubspot: id } = idsOfSale(sale);
      simulator.edit({ type: 'deal', id, fields: { hs_next_step: 'all of you' }, actor: 'human:ann' });
    }
    await desk.sandbox.hubspot.resetCounters();
    const report = await desk.cli.report(3, 'sync');
    assert.equal(report.read['hubspot'], MANY);
    const { requests } = await desk.sandbox.hubspot.counters();
    assert.ok((requests['POST /crm/v3/objects/deals/search'] ?? 0) >= MANY / 200, JSON.stringify(requests));
    assert.equal(await desk.writes(), 0);
    assert.ok((report.plan?.changes ?? 0) >= MANY);
  });
});

const batchReads = async (crm: CrmControl): Promise<number> =>
  (await crm.counters()).requests['POST /crm/v3/objects/deals/batch/read'] ?? 0;

/** Pairs in which something is still to be written. */
async function unsettled(desk: SalesDesk): Promise<string[]> {
  return (await finalPairs(desk.sandbox, sameSalesStage))
    .filter((pair) => pair.unwritten.length > 0 || pair.differing.length > 0)
    .map((pair) => pair.salesforce);
}
