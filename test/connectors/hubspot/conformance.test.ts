import assert from 'node:assert/strict';
import { createHubspot, parseHubspotSettings } from '../../../src/connectors/hubspot/index.ts';
import { userIdOf } from '../../../src/sandbox/hubspot/writer.ts';
import { startSandbox } from '../../../src/sandbox/start.ts';
import { describeConformance, type Trouble, type World } from '../conformance.ts';
import { describeCreating } from '../creating.ts';
import { silent } from './portal.ts';

const RECORDS = 420;
const LAG_MS = 30_000;
const HOUR_MS = 3_600_000;

const EFFECTS: Readonly<Record<Trouble, unknown>> = {
  overload: { status: 503, body: { status: 'error', message: 'Service unavailable' } },
  limit: {
    status: 429,
    body: { status: 'error', message: 'You have reached your secondly limit.', policyName: 'SECONDLY' },
  },
  html: { status: 502, body: '<html><body>502 Bad Gateway</body></html>', html: true },
  reset: 'reset',
  cut: 'cut-body',
  broken: 'broken-json',
  stall: 'stall-body',
};

async function startWorld(): Promise<World> {
  const sandbox = await startSandbox({
    seed: 7,
    provisioned: true,
    portSalesforce: 0,
    portHubspot: 0,
    switches: { hubspot: { burstLimit: 0, searchPerSecond: 0, searchLagMs: 0, searchLagJitterMs: 0 } },
  });
  const { hubspot, clock } = sandbox;
  const { url, credentials } = hubspot;

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

  const edit = (change: Record<string, unknown>) =>
    control('POST edit', { type: 'deal', actor: 'human:ann', ...change });
  const deals = () => [...hubspot.simulator.state()].filter((line) => line.type === 'deal');
  const idOf = (fields: Readonly<Record<string, unknown>>) => String(fields['hs_object_id'] ?? fields['id']);

  const ann = { id: '70', email: 'Ann@Example.com', firstName: 'Ann', userId: userIdOf('ann') };
  hubspot.simulator.load({ crm: 'hubspot', type: 'owner', fields: ann });
  for (let index = 1; index <= RECORDS; index += 1) {
    const fields = {
      id: String(1000 + index),
      dealname: `Deal ${index}`,
      pipeline: 'default',
      dealstage: 'qualifiedtobuy',
      amount: `${index}.5`,
      closedate: '2027-01-31T12:00:00Z',
    };
    hubspot.simulator.load({ crm: 'hubspot', type: 'deal', fields });
  }
  hubspot.simulator.loaded();

  return {
    connect({ deadlineMs = 5000 } = {}) {
      const auth = {
        type: 'oauth',
        clientId: credentials['clientId'],
        clientSecret: credentials['clientSecret'],
        refreshToken: credentials['refreshToken'],
      };
      const settings =
        credentials['refreshToken'] === undefined ? { type: 'token', token: credentials['token'] } : auth;
      return createHubspot(parseHubspotSettings({ url, auth: settings, deadlineMs }, 'connections.hubspot'), {
        clock,
        sleep: async (ms) => clock.advance(ms),
        random: { next: () => 0.5 },
        log: silent,
      });
    },
    ids: async () =>
      deals()
        .filter((line) => line.deleted !== true)
        .map((line) => idOf(line.fields)),
    async stored(id) {
      const fields = deals().find((line) => idOf(line.fields) === id)?.fields ?? {};
      return { name: fields['dealname'], nextStep: fields['hs_next_step'], status: fields['oppsync_status'] };
    },
    rename: async (id, name) => void (await edit({ id, fields: { dealname: name } })),
    editor: 'Ann',
    reprice: async (id, amount) => void (await edit({ id, fields: { amount } })),
    remove: async (id) => void (await edit({ id, action: 'delete' })),
    late: {
      hiddenForMs: LAG_MS - 10_000,
      seenAfterMs: 11_000,
      async rename(id, name) {
        await control('POST configure', { searchLagMs: LAG_MS });
        await edit({ id, fields: { dealname: name } });
        await control('POST configure', { searchLagMs: 0 });
      },
    },
    advance: async (ms) => clock.advance(ms),
    settle: async () => clock.advance(LAG_MS + 1000),
    freezeClock: async (frozen) => clock.freeze(frozen),
    ...(credentials['refreshToken'] === undefined
      ? {}
      : { expireTokens: async () => clock.advance(HOUR_MS) }),
    async trouble(kind, where, times) {
      const path = where === 'read' ? '/crm/v3/objects/deals' : '/crm/v3/objects/deals/batch/up';
      await control('POST faults', { effect: EFFECTS[kind], path, times });
    },
    loseAnswer: async () =>
      void (await control('POST faults', { effect: 'commit-then-timeout', path: '/batch/up', times: 1 })),
    async requests() {
      const { requests } = await control('GET counters');
      return Object.values(Object(requests)).reduce((sum: number, count) => sum + Number(count), 0);
    },
    close: () => sandbox.close(),
  };
}

const harness = {
  name: 'hubspot',
  start: startWorld,
  reportsDeletes: false,
  seesEditsAtOnce: true,
  strangerId: '999999999',
};

describeConformance(harness);
describeCreating(harness);
