/** What lies beside the records decides: contact, contracts, orders and payments of either CRM, read live by the commands. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '../../src/core/report.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type Cli, testCli } from '../support/cli.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { changeObject, makeObject } from '../support/hubspot-objects.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

const DAY = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
const ACCOUNT = '001000000000001AAA';
/** Names of the sales, in the order of their ids. */
const SALES = ['signed in Salesforce', 'ordered', 'nothing proven', 'talked to', 'rung in vain'] as const;
type Sale = (typeof SALES)[number];
const salesforceId = (sale: Sale): string => `00600000000000${SALES.indexOf(sale) + 1}AAA`;
const hubspotId = (sale: Sale): string => String(9001 + SALES.indexOf(sale));

function dataset(): string {
  const lines: unknown[] = [
    { crm: 'salesforce', type: 'Account', fields: { Id: ACCOUNT, Name: 'Acme' } },
    { crm: 'hubspot', type: 'company', fields: { hs_object_id: '501', name: 'Acme Holding' } },
  ];
  for (const sale of SALES) {
    const open = sale === 'talked to' || sale === 'rung in vain';
    const shared = { closeDate: '2030-06-01', amount: '1000' };
    lines.push(
      {
        crm: 'salesforce',
        type: 'Opportunity',
        fields: {
          ...{
            Id: salesforceId(sale),
            Name: sale,
            AccountId: ACCOUNT,
            CloseDate: shared.closeDate,
            Amount: 1000,
          },
          StageName: open ? 'Qualification' : 'Closed Won',
          LastModifiedDate: '2026-01-01T00:00:00.000+0000',
        },
      },
      {
        crm: 'hubspot',
        type: 'deal',
        fields: {
          ...{ hs_object_id: hubspotId(sale), dealname: sale, amount: shared.amount, pipeline: 'default' },
          dealstage: open ? 'qualifiedtobuy' : 'closedwon',
          closedate: `${shared.closeDate}T12:00:00Z`,
          hs_salesforceopportunityid: salesforceId(sale),
          closed_won_reason: open ? null : 'Price',
        },
        associations: { companies: ['501'] },
      },
    );
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

describe('evidence beside the records, from both CRMs to the verdict', function () {
  this.timeout(60_000);
  useRealNetwork();
  let folder: string;
  let sandbox: TestSandbox;
  let database: TestDatabase;
  let cli: Cli;
  let planned: RunReport;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oppsync-evidence-'));
    const file = join(folder, 'records.ndjson');
    await writeFile(file, dataset());
    sandbox = await testSandbox({
      dataset: file,
      switches: { hubspot: { searchLagMs: 0, searchLagJitterMs: 0 } },
    });
    database = await testDatabase();
    const config = sandbox.configText().replace(/^( +)initial:/m, '$1profile: consulting\n$1initial:');
    cli = await testCli(config.replace(/(hubspot:\n {4}crm: hubspot)/, '$1\n    searchLagMs: 0'), {
      DATABASE_URL: database.url,
    });
  });
  after(async () => {
    await cli?.remove();
    await sandbox?.close();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const salesforce = async (type: string, fields: Record<string, unknown>): Promise<string> => {
    const before = await sandbox.salesforce.records(type);
    await sandbox.salesforce.edit({ type, action: 'create', fields, actor: 'human:ann' });
    return [...(await sandbox.salesforce.records(type)).keys()].find((id) => !before.has(id)) ?? '';
  };

  interface Explained {
    readonly sentence: string;
    readonly verdict: Verdict;
  }
  async function explained(id: string): Promise<Explained> {
    const { code, stdout, stderr } = await cli.run('explain', id, '--json');
    assert.equal(code, 0, stderr);
    const [only] = JSON.parse(stdout) as Explained[];
    return only!;
  }
  const standing = ({ verdict }: Explained): string =>
    `${verdict.status}/${verdict.outcome ?? verdict.phase} ${verdict.engagement.state}`;

  let contract: string;
  let call: string;

  it('a plan reads all of it', async () => {
    contract = await salesforce('Contract', { AccountId: ACCOUNT, Status: 'Draft' });
    await sandbox.salesforce.edit({
      type: 'Opportunity',
      id: salesforceId('signed in Salesforce'),
      fields: { ContractId: contract },
      actor: 'human:ann',
    });
    await sandbox.salesforce.edit({
      type: 'Contract',
      id: contract,
      fields: { Status: 'Activated' },
      actor: 'human:ann',
    });
    const ordered = { AccountId: ACCOUNT, OpportunityId: salesforceId('ordered'), Status: 'Activated' };
    await salesforce('Order', ordered);
    await salesforce('Event', {
      WhatId: salesforceId('talked to'),
      StartDateTime: ago(20),
      DurationInMinutes: 30,
    });
    await salesforce('Event', {
      WhatId: salesforceId('talked to'),
      StartDateTime: ago(-5),
      DurationInMinutes: 30,
    });
    await makeObject(sandbox, 'meetings', { hs_timestamp: ago(3), hs_meeting_outcome: 'NO_SHOW' }, [
      hubspotId('talked to'),
    ]);
    call = await makeObject(sandbox, 'calls', { hs_timestamp: ago(2), hs_call_status: 'NO_ANSWER' }, [
      hubspotId('rung in vain'),
    ]);
    await salesforce('Task', {
      ...{ WhatId: salesforceId('rung in vain'), TaskSubtype: 'Call', Status: 'Completed' },
      ...{ CallDisposition: 'No answer', ActivityDate: ago(1).slice(0, 10) },
    });
    planned = await cli.report(0, 'plan');
    assert.deepEqual(planned.pairs.linked, SALES.length);
  });

  it('a contract signed in Salesforce alone proves the deal in HubSpot, and the trace says who proved it', async () => {
    const deal = await explained(hubspotId('signed in Salesforce'));
    assert.equal(standing(deal), 'closed/won unknown');
    const witness = deal.verdict.because.find(({ rule }) => rule === 'said/contractSigned');
    assert.match(witness?.evidence ?? '', /^contractSigned=true \(salesforce/);
    assert.equal(witness?.decided, 'used');
  });

  it('an activated order proves acceptance and contract; without anything a won sale is not complete', async () => {
    assert.equal(standing(await explained(hubspotId('ordered'))), 'closed/won unknown');
    const nothing = await explained(salesforceId('nothing proven'));
    assert.equal(standing(nothing), 'active/finalising unknown');
    assert.ok(nothing.verdict.flags.includes('completeness_missing'));
  });

  it('the meeting that was held counts for both, not the planned one, nor the one nobody came to', async () => {
    for (const id of [hubspotId('talked to'), salesforceId('talked to')]) {
      const sale = await explained(id);
      assert.equal(sale.verdict.engagement.state, 'quiet');
      assert.equal(sale.verdict.engagement.days, 19);
      assert.match(
        sale.verdict.because.find(({ rule }) => rule === 'contact')?.evidence ?? '',
        /salesforce, meeting 00U/,
      );
    }
  });

  it('calls nobody answered are no contact, and the trace shows the attempt as ignored', async () => {
    const sale = await explained(salesforceId('rung in vain'));
    assert.equal(sale.verdict.engagement.state, 'unknown');
    const attempt = sale.verdict.because.find(({ rule }) => rule === 'attempt');
    assert.deepEqual([attempt?.decided, /LastActivityDate/.test(attempt?.evidence ?? '')], [null, true]);
    const { stdout } = await cli.run('explain', salesforceId('rung in vain'), '--locale', 'fr');
    assert.match(stdout, /personne n’a répondu/);
  });

  it('accounts and reasons need no mapping', async () => {
    const { stdout } = await cli.run('metrics', '--by', 'account', '--json');
    const { scopes } = JSON.parse(stdout) as { scopes: { by: { account?: string } }[] };
    assert.ok(scopes.some(({ by }) => by.account === 'Acme'));
  });

  it('what changes later is found by its own stamp: the call is answered after all, the order is not', async () => {
    await changeObject(sandbox, 'calls', call, { hs_call_status: 'COMPLETED' });
    await sandbox.hubspot.resetCounters();
    await sandbox.salesforce.resetCounters();
    const report = await cli.report(0, 'plan');
    const sale = await explained(salesforceId('rung in vain'));
    assert.equal(sale.verdict.engagement.state, 'engaged');
    assert.equal(report.evidence?.['salesforce']?.calls, 2);
    assert.equal(report.evidence?.['hubspot']?.calls, 7);
  });

  it('a sale that is reopened and closed again: explain tells when, why and how often', async () => {
    const id = salesforceId('nothing proven');
    for (const stage of ['Closed Lost', 'Negotiation/Review']) {
      await sandbox.salesforce.edit({
        ...{ type: 'Opportunity', id, actor: 'human:ann' },
        fields: { StageName: stage },
      });
      await cli.report(0, 'plan');
    }
    const { stdout } = await cli.run('explain', id, '--json');
    const [told] = JSON.parse(stdout) as {
      reopened: number;
      history: { to: string; cause: string; at: number }[];
    }[];
    assert.equal(told?.reopened, 1);
    assert.deepEqual(
      told?.history.map(({ to, cause }) => [to.split('/')[0], cause]),
      [
        ['closed', 'crm-flags'],
        ['active', 'crm-flags'],
      ],
    );
    assert.ok(told?.history.every(({ at }) => at > 0));
    const shown = await cli.run('explain', id);
    assert.match(shown.stdout, /reopened 1 time\)/);
  });

  it('a call deleted in HubSpot is forgotten with the next complete reading', async () => {
    await sandbox.hubspot.edit({ type: 'call', id: call, action: 'delete', actor: 'human:ann' });
    await cli.report(0, 'plan', '--full');
    assert.equal((await explained(salesforceId('rung in vain'))).verdict.engagement.state, 'unknown');
  });
});
