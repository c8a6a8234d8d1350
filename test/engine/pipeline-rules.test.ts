/** The rules of a simulated HubSpot pipeline, held to by choice: the state of both CRMs tells. */
import assert from 'node:assert/strict';
import type { SyncSettings } from '../../src/core/settings.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const OPPORTUNITY = '006000000000001AAA';
const DEAL = '901';
const ROUTE = 'GET /crm/pipelines-rules/2026-09/0-3/{id}';

describe('pipeline rules', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;
  afterEach(() => rig.close());

  async function begin(settings: Partial<SyncSettings>): Promise<void> {
    rig = await sandboxRig(settings);
    const { salesforce, hubspot } = rig.sandbox.running;
    await rig.sandbox.hubspot.configure({ pipelineRules: { default: { noSkipping: 'all' } } });
    const values = { Amount: 100, CloseDate: '2030-12-31', StageName: 'Prospecting' };
    const fields = { Id: OPPORTUNITY, Name: 'Deal', ...values };
    salesforce.simulator.load({ crm: 'salesforce', type: 'Opportunity', fields });
    hubspot.simulator.load({
      ...{ crm: 'hubspot', type: 'deal' },
      fields: {
        ...{ id: DEAL, dealname: 'Deal', pipeline: 'default', dealstage: 'appointmentscheduled' },
        ...{ amount: '100', closedate: '2030-12-31T12:00:00Z', hs_salesforceopportunityid: OPPORTUNITY },
      },
    });
    salesforce.simulator.loaded();
    hubspot.simulator.loaded();
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    rig.sandbox.running.clock.advance(60_000);
    await rig.report('sync');
    rig.sandbox.running.clock.advance(60_000);
    const won = { StageName: 'Closed Won' };
    await rig.sandbox.salesforce.edit({ type: 'Opportunity', id: OPPORTUNITY, fields: won });
    rig.sandbox.running.clock.advance(60_000);
  }
  const stage = async () => (await rig.sandbox.hubspot.records('deal')).get(DEAL)?.['dealstage'];
  const asked = async () => (await rig.sandbox.hubspot.counters()).requests[ROUTE] ?? 0;

  it('respected: a step they forbid people is held and told, and nothing of it is sent', async () => {
    await begin({ pipelineRules: 'respect' });
    await rig.sandbox.hubspot.resetCounters();
    const report = await rig.report('sync');
    assert.equal(await stage(), 'appointmentscheduled');
    assert.equal(await asked(), 1, 'one call a pipeline');
    assert.equal(report.outcomes.held, 2);
    assert.deepEqual(
      report.attention.filter(({ code }) => code !== 'set_by_crm').map(({ code, cause }) => [code, cause]),
      [
        [
          'pipeline_rule_skip',
          'a rule lets nobody skip a stage between "Appointment Scheduled" and "Closed Won" in the hubspot pipeline "Sales Pipeline"',
        ],
      ],
    );
    await rig.sandbox.hubspot.configure({ pipelineRules: {} });
    rig.sandbox.running.clock.advance(60_000);
    assert.equal((await rig.report('sync')).outcomes.held, 0);
    assert.equal(await stage(), 'closedwon', 'goes on once the rule is gone');
  });

  it('ignored unless asked for: HubSpot lets apps pass, and no call is made for them', async () => {
    await begin({});
    await rig.report('sync');
    assert.equal(await stage(), 'closedwon');
    assert.equal(await asked(), 0);
  });

  it('without the scope nothing is checked, and the report says so', async () => {
    await begin({ pipelineRules: 'respect' });
    const body = JSON.stringify({
      ...{ status: 'error', category: 'MISSING_SCOPES', message: 'scopes are missing' },
      errors: [{ message: 'x', context: { requiredGranularScopes: ['crm.pipelines.governance.read'] } }],
    });
    await rig.sandbox.hubspot.fault({ path: '/pipelines-rules/', effect: { status: 403, body } });
    const report = await rig.report('sync');
    assert.equal(await stage(), 'closedwon');
    assert.match(
      (report.problems ?? []).map(({ message, remedy }) => `${message} ${remedy}`).join(),
      /rules of the HubSpot pipelines cannot be read.* crm\.pipelines\.governance\.read/,
    );
  });
});
