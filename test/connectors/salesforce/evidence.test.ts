import assert from 'node:assert/strict';
import { standardEvidence } from '../../../src/connectors/salesforce/evidence.ts';
import { createSalesforce, parseSalesforceSettings } from '../../../src/connectors/salesforce/index.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { silent } from '../hubspot/portal.ts';

const signal = new AbortController().signal;

describe('evidence in the standard objects of Salesforce', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
    ['nothing read', {}, {}],
    ['nothing linked', { Contract: null, SyncedQuote: null }, { contractSigned: null, accepted: null }],
    ['a draft', { Contract: { StatusCode: 'Draft' } }, { contractSigned: false }],
    ['an active contract', { Contract: { StatusCode: 'Activated' } }, { contractSigned: true }],
    [
      'a draft the customer has signed',
      { Contract: { StatusCode: 'Draft', CustomerSignedDate: '2026-03-01' } },
      { contractSigned: true },
    ],
    ['an expired contract', { Contract: { StatusCode: 'Expired' } }, { contractSigned: null }],
    ['a contract whose fields are hidden', { Contract: {} }, { contractSigned: null }],
    ['an accepted quote', { SyncedQuote: { Status: 'Accepted' } }, { accepted: true }],
    ['a denied quote', { SyncedQuote: { Status: 'Denied' } }, { accepted: false }],
    ['a quote under way', { SyncedQuote: { Status: 'Presented' } }, { accepted: null }],
  ];
  for (const [what, row, expected] of cases)
    it(`${what}: ${JSON.stringify(expected)}`, () => assert.deepEqual(standardEvidence(row), expected));
});

describe('evidence read from a simulated org', () => {
  useRealNetwork();
  let sandbox: TestSandbox;
  beforeEach(async () => {
    sandbox = await testSandbox({ records: 4 });
  });
  afterEach(() => sandbox.close());

  function connect(evidence: Record<string, unknown> = {}) {
    const { url, credentials } = sandbox.running.salesforce;
    const { clientId, clientSecret } = credentials;
    const auth = { type: 'client_credentials', clientId, clientSecret };
    return createSalesforce(parseSalesforceSettings({ url, auth, evidence }, 'salesforce'), {
      clock: { now: () => Date.now() },
      sleep: async () => {},
      random: { next: () => 0.5 },
      log: silent,
    });
  }

  async function withContract(status: string): Promise<string> {
    const [[id, fields] = ['', {}]] = [...(await sandbox.salesforce.records('Opportunity'))];
    const before = await sandbox.salesforce.records('Contract');
    const contract = { AccountId: fields['AccountId'], Status: 'Draft' };
    await sandbox.salesforce.edit({
      type: 'Contract',
      action: 'create',
      fields: contract,
      actor: 'human:ann',
    });
    const [made = ''] = [...(await sandbox.salesforce.records('Contract')).keys()].filter(
      (contractId) => !before.has(contractId),
    );
    if (status !== 'Draft')
      await sandbox.salesforce.edit({
        type: 'Contract',
        id: made,
        fields: { Status: status },
        actor: 'human:ann',
      });
    await sandbox.salesforce.edit({
      type: 'Opportunity',
      id,
      fields: { ContractId: made },
      actor: 'human:ann',
    });
    return id;
  }

  async function evidenceOf(id: string) {
    const connector = connect();
    const facts = await connector.describe(signal);
    const calls = connector.calls();
    const { snapshots } = await connector.readByIds([id], facts, signal);
    return { facts, describing: calls, custom: snapshots[0]?.evidence.custom ?? {} };
  }

  it('a contract is read with the opportunity, at no further call', async () => {
    const id = await withContract('Activated');
    const { custom, describing } = await evidenceOf(id);
    assert.equal(custom['contractSigned'], true);
    // Login, opportunity, stages, users, and one for the organization with both descriptions.
    assert.equal(describing, 5);
  });

  it('a draft is an observed no', async () => {
    assert.equal((await evidenceOf(await withContract('Draft'))).custom['contractSigned'], false);
  });

  it('objects this user may not see are not evidenced, never no, and no problem', async () => {
    const id = await withContract('Activated');
    await sandbox.salesforce.configure({ hiddenObjects: ['Contract', 'Quote'] });
    const { custom, facts } = await evidenceOf(id);
    assert.equal(custom['contractSigned'] ?? null, null);
    assert.deepEqual(facts.problems, []);
  });

  it('a hidden field of the contract is left out of the query, which would fail otherwise', async () => {
    const id = await withContract('Activated');
    await sandbox.salesforce.configure({ hiddenFields: ['Contract.CustomerSignedDate'] });
    assert.equal((await evidenceOf(id)).custom['contractSigned'], true);
  });
});
