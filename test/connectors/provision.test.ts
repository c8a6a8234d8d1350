import assert from 'node:assert/strict';
import { createHubspot, parseHubspotSettings } from '../../src/connectors/hubspot/index.ts';
import { createSalesforce, parseSalesforceSettings } from '../../src/connectors/salesforce/index.ts';
import type { Connector } from '../../src/core/connector-port.ts';
import { OWNED_FIELDS } from '../../src/core/opportunity.ts';
import { ROLLUP_FIELDS } from '../../src/core/rollup.ts';
import { checkOwnedFields, provision } from '../../src/engine/provision.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { silent } from './hubspot/portal.ts';

const BOTH = ['salesforce', 'hubspot'];
const signal = new AbortController().signal;
const deps = {
  clock: { now: () => Date.now() },
  sleep: async () => {},
  random: { next: () => 0.5 },
  log: silent,
};

function connect({ running }: TestSandbox): readonly Connector[] {
  const { salesforce, hubspot } = running;
  const { clientId, clientSecret } = salesforce.credentials;
  const auth = { type: 'client_credentials', clientId, clientSecret };
  const token = { type: 'token', token: hubspot.credentials['token'] };
  return [
    createSalesforce(parseSalesforceSettings({ url: salesforce.url, auth }, 'salesforce'), deps),
    createHubspot(parseHubspotSettings({ url: hubspot.url, auth: token }, 'hubspot'), deps),
  ];
}

const states = (reports: Awaited<ReturnType<typeof provision>>): readonly string[] =>
  reports.map(({ crm, fields }) => `${crm}: ${[...new Set(fields.map(({ state }) => state))].join(', ')}`);

/** Numbers and a date come back as they were written. */
const VALUES = { cycleDays: '12', regressions: '0', pushes: '3', reopened: '1', lastContact: '2026-03-04' };

describe('the fields oppsync owns', () => {
  useRealNetwork();
  let sandbox: TestSandbox;
  let connectors: readonly Connector[];

  beforeEach(async () => {
    sandbox = await testSandbox({ provisioned: false, records: 5 });
    connectors = connect(sandbox);
  });

  afterEach(async () => {
    for (const connector of connectors) await connector.close();
    await sandbox.close();
  });

  it('are missing at first, and looking changes nothing', async () => {
    assert.deepEqual(states(await checkOwnedFields(connectors, signal)), [
      'salesforce: missing',
      'hubspot: missing',
    ]);
    assert.deepEqual(states(await checkOwnedFields(connectors, signal)), [
      'salesforce: missing',
      'hubspot: missing',
    ]);
  });

  it('are made, readable and writable at once, and made once only', async () => {
    const reports = await provision(connectors, signal);
    assert.deepEqual(
      reports.map(({ problems }) => problems),
      [[], []],
    );
    assert.deepEqual(states(reports), ['salesforce: ready', 'hubspot: ready']);
    assert.deepEqual(
      reports.map(({ made }) => made),
      [OWNED_FIELDS, OWNED_FIELDS],
    );
    for (const connector of connectors) {
      const facts = await connector.describe(signal);
      const owned = facts.fields.filter(({ field }) => (OWNED_FIELDS as readonly string[]).includes(field));
      assert.deepEqual(
        owned.filter(({ readable, writable }) => readable && writable).map(({ field }) => field),
        OWNED_FIELDS,
      );
    }
    const again = await provision(connectors, signal);
    assert.deepEqual(states(again), ['salesforce: ready', 'hubspot: ready']);
    assert.deepEqual(
      again.map(({ made }) => made),
      [[], []],
    );
  });

  it('the pair key is unique in both', async () => {
    await provision(connectors, signal);
    const ids = {
      salesforce: [...(await sandbox.salesforce.records('Opportunity')).keys()],
      hubspot: [...(await sandbox.hubspot.records('deal')).keys()],
    };
    for (const connector of connectors) {
      const facts = await connector.describe(signal);
      const [first = '', second = ''] = ids[connector.crm as 'salesforce' | 'hubspot'];
      const write = (id: string) =>
        connector.write([{ id, trace: id, fields: {}, owned: { ...VALUES, pairKey: 'k' } }], facts, signal);
      const [kept] = await write(first);
      assert.equal(kept?.ok, true, JSON.stringify(kept));
      const [refused] = await write(second);
      assert.equal(refused?.ok, false);
      const { snapshots } = await connector.readByIds([first], facts, signal);
      const { owned = {} } = snapshots[0] ?? {};
      const held = Object.fromEntries(Object.keys(VALUES).map((field) => [field, owned[field]]));
      assert.deepEqual([snapshots[0]?.pairKey, held], ['k', VALUES]);
    }
  });

  it('a field that was made but not permitted is permitted by the next attempt', async () => {
    const denied = { status: 400, body: '[{"errorCode":"UNKNOWN_EXCEPTION","message":"no"}]' };
    await sandbox.salesforce.fault({
      path: '/composite/sobjects',
      method: 'POST',
      effect: { ...denied },
    });
    await assert.rejects(provision(connectors.slice(0, 1), signal));
    assert.deepEqual(states(await checkOwnedFields(connectors.slice(0, 1), signal)), [
      'salesforce: not_permitted',
    ]);
    await sandbox.salesforce.clearFaults();
    const [report] = await provision(connectors.slice(0, 1), signal);
    assert.deepEqual(report?.made, OWNED_FIELDS);
    assert.deepEqual(states(await checkOwnedFields(connectors.slice(0, 1), signal)), ['salesforce: ready']);
  });

  it('those of accounts are shown and made only where roll-ups are kept, and none stays half-permitted', async () => {
    const objects = async (...rollups: string[]): Promise<readonly string[]> =>
      (await checkOwnedFields(connectors, signal, rollups)).map(({ crm, fields }) => {
        const own = fields.filter(({ object }) => object !== undefined);
        return `${crm} ${[...new Set(own.map(({ object, state }) => `${object} ${state}`))].join()}`;
      });
    assert.deepEqual(await objects(), ['salesforce ', 'hubspot ']);
    assert.deepEqual(await objects('hubspot'), ['salesforce ', 'hubspot companies missing']);
    await provision(connectors, signal);
    assert.deepEqual(await objects(...BOTH), ['salesforce Account missing', 'hubspot companies missing']);
    const denied = { status: 400, body: '[{"errorCode":"UNKNOWN_EXCEPTION","message":"no"}]' };
    await sandbox.salesforce.fault({ path: '/composite/sobjects', method: 'POST', effect: { ...denied } });
    await assert.rejects(provision(connectors.slice(0, 1), signal, BOTH));
    assert.deepEqual(await objects(...BOTH), [
      'salesforce Account not_permitted',
      'hubspot companies missing',
    ]);
    await sandbox.salesforce.clearFaults();
    const made = await provision(connectors, signal, BOTH);
    assert.deepEqual(
      made.map((report) => [report.made, report.problems]),
      [
        [ROLLUP_FIELDS, []],
        [ROLLUP_FIELDS, []],
      ],
    );
    assert.deepEqual(await objects(...BOTH), ['salesforce Account ready', 'hubspot companies ready']);
    assert.deepEqual(
      (await provision(connectors, signal, BOTH)).map((report) => report.made),
      [[], []],
    );
  });

  it('what a user may not do is said with the permission that is missing, and nothing is made by half', async () => {
    const body = '[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]';
    await sandbox.salesforce.fault({
      path: '/sobjects/PermissionSet',
      method: 'POST',
      effect: { status: 403, body },
    });
    const [report] = await provision(connectors.slice(0, 1), signal);
    assert.match(report?.problems[0]?.remedy ?? '', /Manage Profiles and Permission Sets/);
    assert.deepEqual(states(await checkOwnedFields(connectors.slice(0, 1), signal)), ['salesforce: missing']);
    await sandbox.salesforce.clearFaults();
    await sandbox.salesforce.fault({
      path: '/tooling/sobjects/CustomField',
      method: 'POST',
      effect: { status: 403, body },
    });
    const [second] = await provision(connectors.slice(0, 1), signal);
    assert.match(second?.problems[0]?.remedy ?? '', /Customize Application/);
    assert.equal(second?.problems.length, 1);
  });

  it('a missing scope of HubSpot is named', async () => {
    await sandbox.hubspot.configure({
      apps: [{ name: 'reader', token: 'pat-reader', scopes: ['crm.objects.deals.read'] }],
    });
    const settings = { url: sandbox.running.hubspot.url, auth: { type: 'token', token: 'pat-reader' } };
    const reader = createHubspot(parseHubspotSettings(settings, 'hubspot'), deps);
    const [report] = await provision([reader], signal);
    await reader.close();
    assert.match(report?.problems[0]?.message ?? '', /crm\.schemas\.deals\.write/);
    assert.deepEqual(report?.made, []);
  });
});
