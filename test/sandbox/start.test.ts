import assert from 'node:assert/strict';
import { generatePortfolio, portfolioTruth } from '../../src/sandbox/generator/portfolio.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/start.ts';
import { useRealNetwork } from './real-network.ts';
import { control, controlLines } from './running-notebook.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const PORTFOLIO = { records: 200, seed: 11, now: NOW };

function start(): Promise<RunningSandbox> {
  return startSandbox({ ...PORTFOLIO, provisioned: true, portSalesforce: 0, portHubspot: 0 });
}

function key(line: { type?: unknown; fields?: unknown }): string {
  const fields = line.fields as Record<string, unknown>;
  return `${String(line.type)} ${String(fields['Id'] ?? fields['hs_object_id'] ?? fields['id'])}`;
}

describe('sandbox with both CRMs and a generated portfolio', () => {
  useRealNetwork();
  let sandbox: RunningSandbox;
  before(async () => {
    sandbox = await start();
    await control(sandbox.salesforce.url, 'POST clock', { freeze: true, set: NOW });
  });
  after(() => sandbox.close());

  it('takes every generated line and holds every record', async () => {
    const lines = [...generatePortfolio(PORTFOLIO)];
    assert.deepEqual(sandbox.loaded, { lines: lines.length, skipped: [] });
    for (const crm of ['salesforce', 'hubspot'] as const) {
      const held = new Set((await controlLines(sandbox[crm].url, 'state')).map(key));
      const missing = lines.filter((line) => line.crm === crm && !held.has(key(line))).map(key);
      assert.deepEqual(missing, []);
    }
  });

  it('decides open, won and lost in both CRMs as the portfolio meant it', async () => {
    const salesforce = new Map(
      (await controlLines(sandbox.salesforce.url, 'state')).map((line) => [key(line), line]),
    );
    const hubspot = new Map(
      (await controlLines(sandbox.hubspot.url, 'state')).map((line) => [key(line), line]),
    );
    for (const deal of portfolioTruth(PORTFOLIO)) {
      if (deal.kind === 'trap') continue;
      const here = salesforce.get(`Opportunity ${deal.salesforceId}`)?.['fields'] as
        | Record<string, unknown>
        | undefined;
      const there = hubspot.get(`deal ${deal.hubspotId}`)?.['fields'] as Record<string, unknown> | undefined;
      if (deal.salesforce !== null) assert.equal(here?.['IsWon'], deal.salesforce.standing === 'won');
      if (deal.hubspot !== null)
        assert.equal(there?.['hs_is_closed_won'], String(deal.hubspot.standing === 'won'));
      const lost = ['lost', 'cancelled'];
      if (deal.hubspot !== null) {
        assert.equal(there?.['hs_is_closed_lost'], String(lost.includes(deal.hubspot.standing)));
      }
    }
  });

  it('gives the credentials the first output line needs', () => {
    assert.deepEqual(
      ['url', 'clientId', 'clientSecret', 'webhookSecret'].filter(
        (name) => !sandbox.salesforce.credentials[name],
      ),
      [],
    );
    assert.deepEqual(
      ['url', 'token', 'clientSecret'].filter((name) => !sandbox.hubspot.credentials[name]),
      [],
    );
  });

  it('is the same sandbox for the same seed, credentials included', async () => {
    const twin = await start();
    const [{ url: _here, ...one }, { url: _there, ...two }] = [
      sandbox.hubspot.credentials,
      twin.hubspot.credentials,
    ];
    const type = (lines: Record<string, unknown>[]): unknown[] =>
      lines.filter((line) => line['type'] === 'deal');
    const states = [
      await controlLines(sandbox.hubspot.url, 'state'),
      await controlLines(twin.hubspot.url, 'state'),
    ];
    await twin.close();
    assert.deepEqual(one, two);
    assert.deepEqual(type(states[0] ?? []), type(states[1] ?? []));
  });

  it('reset undoes a person’s edit in each CRM', async () => {
    const deal = [...portfolioTruth(PORTFOLIO)].find(({ kind }) => kind === 'agree');
    const edits = [
      [
        'salesforce',
        { type: 'Opportunity', id: deal?.salesforceId, fields: { NextStep: 'call' }, actor: 'human:ann' },
      ],
      [
        'hubspot',
        { type: 'deal', id: deal?.hubspotId, fields: { hs_next_step: 'call' }, actor: 'human:ben' },
      ],
    ] as const;
    for (const [crm, edit] of edits) {
      const { url } = sandbox[crm];
      const before = await controlLines(url, 'state');
      const changed = await control(url, 'POST edit', edit);
      assert.equal(changed.status, 200, JSON.stringify(changed.json));
      assert.equal((await controlLines(url, 'truth')).at(-1)?.['actor'], edit.actor);
      const edited = (line: Record<string, unknown>): boolean => key(line) === `${edit.type} ${edit.id}`;
      assert.notDeepEqual((await controlLines(url, 'state')).find(edited), before.find(edited));
      await control(url, 'POST reset');
      assert.deepEqual((await controlLines(url, 'state')).find(edited), before.find(edited));
    }
  });
});
