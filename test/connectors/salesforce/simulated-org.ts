import assert from 'node:assert/strict';
import { createSalesforce, parseSalesforceSettings } from '../../../src/connectors/salesforce/index.ts';
import { createSalesforceSimulator } from '../../../src/sandbox/salesforce/index.ts';
import { runSandbox } from '../../../src/sandbox/sandbox.ts';
import { createNotebook } from '../../sandbox/notebook-simulator.ts';
import type { Trouble, World } from '../conformance.ts';
import { quickDeps } from './scripted-org.ts';

/** Four pages, and more ids than an address can hold. */
const RECORDS = 640;
const PAGE_ROWS = 200;
/** Commits come up to this much after their stamp; the seed makes it far more than the twenty minutes a test waits. */
const COMMIT_DELAY_MS = 24 * 3_600_000;

const EDITOR = {
  Id: '005000000000ann',
  FirstName: 'Ann',
  LastName: 'Lee',
  Name: 'Ann Lee',
  Email: 'ann@example.com',
  Username: 'ann@example.com',
  IsActive: true,
};

const EFFECTS: Readonly<Record<Trouble, Record<string, unknown>>> = {
  overload: { preset: 'sf-503' },
  limit: { preset: 'sf-concurrent' },
  html: { preset: 'sf-html-502' },
  reset: { preset: 'sf-reset' },
  cut: { preset: 'sf-cut-body' },
  broken: { preset: 'sf-broken-json' },
  stall: { preset: 'sf-stall-body' },
};

export interface SimulatedOrg extends World {
  connect(options?: {
    readonly deadlineMs?: number;
    readonly bulkFrom?: number | false;
    readonly bulkPageRecords?: number;
  }): ReturnType<World['connect']>;
  configure(switches: Record<string, unknown>): Promise<void>;
  fault(rule: Record<string, unknown>): Promise<void>;
  /** Requests so far whose route contains the text. */
  requested(route: string): Promise<number>;
}

/** A simulated org with four pages of opportunities, all made within the last minute. */
export async function startSimulatedOrg(): Promise<SimulatedOrg> {
  const sandbox = await runSandbox(
    {
      seed: 7,
      provisioned: true,
      portSalesforce: 0,
      portHubspot: 0,
      switches: { salesforce: { maxPageRows: PAGE_ROWS } },
    },
    { salesforce: createSalesforceSimulator, hubspot: (deps) => createNotebook('hubspot', deps) },
  );
  const { url, credentials } = sandbox.salesforce;
  const simulator = () => sandbox.salesforce.simulator;

  async function control(command: string, body?: unknown): Promise<Record<string, unknown>> {
    const [method = 'GET', path = ''] = command.split(' ');
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Record<string, unknown>;
    assert.equal(response.status, 200, JSON.stringify(json));
    return json;
  }

  function edit(change: Record<string, unknown>): Promise<unknown> {
    return control('POST edit', { type: 'Opportunity', actor: 'human:ann', ...change });
  }

  const opportunities = () => [...simulator().state()].filter((line) => line.type === 'Opportunity');

  simulator().load({ crm: 'salesforce', type: 'User', fields: EDITOR });
  for (let index = 0; index < RECORDS; index += 1) {
    const fields = {
      Name: `Deal ${index}`,
      StageName: 'Prospecting',
      CloseDate: '2027-01-31',
      Amount: index + 0.5,
    };
    const made = simulator().edit({ type: 'Opportunity', action: 'create', fields, actor: 'human:ann' });
    assert.ok(made.ok);
  }

  return {
    connect({ deadlineMs = 5_000, ...bulk } = {}) {
      const auth = {
        type: 'client_credentials',
        clientId: credentials['clientId'],
        clientSecret: credentials['clientSecret'],
      };
      return createSalesforce(
        parseSalesforceSettings({ url, auth, deadlineMs, ...bulk }, 'connections.salesforce'),
        quickDeps(),
      );
    },
    ids: async () =>
      opportunities()
        .filter((line) => line.deleted !== true)
        .map((line) => String(line.fields['Id'])),
    async stored(id) {
      const fields = opportunities().find((line) => line.fields['Id'] === id)?.fields ?? {};
      return { name: fields['Name'], nextStep: fields['NextStep'], status: fields['Oppsync_Status__c'] };
    },
    rename: async (id, name) => void (await edit({ id, fields: { Name: name } })),
    editor: EDITOR.Name,
    reprice: async (id, amount) => void (await edit({ id, fields: { Amount: Number(amount) } })),
    remove: async (id) => void (await edit({ id, action: 'delete' })),
    late: {
      // Longer than the ten minutes a reading looks back by itself.
      hiddenForMs: 20 * 60_000,
      seenAfterMs: COMMIT_DELAY_MS,
      async rename(id, name) {
        await control('POST configure', { commitDelayMs: COMMIT_DELAY_MS });
        await edit({ id, fields: { Name: name } });
        await control('POST configure', { commitDelayMs: 0 });
      },
    },
    fault: async (rule) => void (await control('POST faults', rule)),
    async requested(route) {
      const { requests } = await control('GET counters');
      const counts = Object.entries(Object(requests)).filter(([name]) => name.includes(route));
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    },
    configure: async (switches) => void (await control('POST configure', switches)),
    advance: async (ms) => sandbox.clock.advance(ms),
    settle: async () => {},
    freezeClock: async (frozen) => sandbox.clock.freeze(frozen),
    // Past the idle life of a session.
    expireTokens: async () => sandbox.clock.advance(121 * 60_000),
    async trouble(kind, where, times) {
      const path = where === 'read' ? '/services/data/v66.0/query' : '/composite/sobjects';
      await control('POST faults', { ...EFFECTS[kind], path, times });
    },
    loseAnswer: async () =>
      void (await control('POST faults', {
        preset: 'sf-commit-then-timeout',
        path: '/composite/sobjects',
        times: 1,
      })),
    async requests() {
      const { requests } = await control('GET counters');
      return Object.values(Object(requests)).reduce((sum: number, count) => sum + Number(count), 0);
    },
    close: () => sandbox.close(),
  };
}
