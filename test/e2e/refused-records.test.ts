/** A record that a CRM refuses costs nobody but itself, and its own words reach the person. */
import assert from 'node:assert/strict';
import type { RunReport } from '../../src/core/report.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { finalPairs } from '../support/agreement.ts';
import { idsOfSale, sameSalesStage } from '../support/sales-dataset.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';

const SALES = 240;
const OPTION_WORDS = '"Forbidden" was not one of the allowed options: [Alpha, Beta]';
const RULE_WORDS = 'Ask the finance team before you touch a locked opportunity.';

describe('records that a CRM refuses', function () {
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
