/** What the record types of a simulated org offer, checked before anything is sent: the state of both CRMs tells. */
import assert from 'node:assert/strict';
import type { SyncSettings } from '../../src/core/settings.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const opportunity = (n: number): string => `00600000000000${n}AAA`;
const deal = (n: number): string => `90${n}`;
const type = (n: number): string => `01200000000000${n}AAA`;
const LIMITED = ['Prospecting', 'Negotiation/Review', 'Closed Lost'];

describe('record types', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;
  afterEach(() => rig.close());

  /** Two agreeing pairs; the first is of the limited type. `types`: how many there are beside it. */
  async function begin(settings: Partial<SyncSettings> = {}, types: number | null = 0): Promise<void> {
    rig = await sandboxRig(settings);
    const { salesforce, hubspot } = rig.sandbox.running;
    for (let n = 1; n <= (types ?? -1) + 1; n++) offer(n, n === 1 ? LIMITED : null);
    for (let n = 1; n <= 2; n++) {
      const values = { Amount: 100, CloseDate: '2030-12-31', StageName: 'Prospecting' };
      const limited = n === 1 && types !== null ? { RecordTypeId: type(1) } : {};
      salesforce.simulator.load({
        ...{ crm: 'salesforce', type: 'Opportunity' },
        fields: { Id: opportunity(n), Name: `Deal ${n}`, ...values, ...limited },
      });
      hubspot.simulator.load({
        ...{ crm: 'hubspot', type: 'deal' },
        fields: {
          ...{ id: deal(n), dealname: `Deal ${n}`, pipeline: 'default', dealstage: 'appointmentscheduled' },
          ...{ amount: '100', closedate: '2030-12-31T12:00:00Z', hs_salesforceopportunityid: opportunity(n) },
        },
      });
    }
    salesforce.simulator.loaded();
    hubspot.simulator.loaded();
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    rig.sandbox.running.clock.advance(60_000);
    await rig.report('sync');
  }

  function offer(n: number, stages: readonly string[] | null): void {
    rig.sandbox.running.salesforce.simulator.load({
      ...{ crm: 'salesforce', type: 'RecordType' },
      fields: {
        ...{ Id: type(n), Name: `Type ${n}`, DeveloperName: `Type_${n}`, SobjectType: 'Opportunity' },
        ...(stages === null ? {} : { PicklistValues: { StageName: stages } }),
      },
    });
  }
  const stages = async (n: number) => [
    (await rig.sandbox.salesforce.records('Opportunity')).get(opportunity(n))?.['StageName'],
    (await rig.sandbox.hubspot.records('deal')).get(deal(n))?.['dealstage'],
  ];
  const move = async (n: number, fields: Record<string, unknown>) => {
    rig.sandbox.running.clock.advance(60_000);
    await rig.sandbox.hubspot.edit({ type: 'deal', id: deal(n), fields });
  };
  const sync = async () => {
    rig.sandbox.running.clock.advance(60_000);
    return rig.report('sync');
  };
  const asked = async (): Promise<Record<string, number>> => {
    const { requests } = await rig.sandbox.salesforce.counters();
    return Object.fromEntries(Object.entries(requests).filter(([route]) => route.includes('/ui-api/')));
  };
  const ROUTE = 'GET /services/data/v66.0/ui-api/object-info/Opportunity/picklist-values/{id}';

  it('holds a stage the type does not offer, tells it in the plan, and sends nothing of it', async () => {
    await begin();
    await move(1, { dealstage: 'closedwon' });
    await move(2, { dealstage: 'closedwon' });
    await rig.sandbox.salesforce.resetCounters();
    const plan = await rig.report('plan');
    assert.deepEqual([plan.outcomes.held, plan.outcomes.quarantined], [2, 0]);
    const [told] = plan.attention.filter(({ code }) => code === 'outside_record_type');
    assert.deepEqual(told, {
      outcome: 'held',
      cause: 'salesforce does not offer stage "Closed Won" to records of type "Type 1"',
      remedy: 'map it to a value that type offers, or add the value to the type in salesforce',
      code: 'outside_record_type',
      params: { crm: 'salesforce', field: 'stage', value: 'Closed Won', type: 'Type 1' },
      count: 2,
      example: { crm: 'hubspot', id: deal(1) },
    });
    await sync();
    assert.deepEqual(await stages(1), ['Prospecting', 'closedwon']);
    assert.deepEqual(await stages(2), ['Closed Won', 'closedwon'], 'of no type: goes on');
    const { status } = await rig.sandbox.salesforce.counters();
    assert.equal(status['400'] ?? 0, 0);
    assert.equal((await sync()).outcomes.held, 2, 'until somebody does something about it');
  });

  it('goes on by itself once the type offers it', async () => {
    await begin();
    await move(1, { dealstage: 'closedwon' });
    await sync();
    offer(1, [...LIMITED, 'Closed Won']);
    rig.sandbox.running.salesforce.simulator.loaded();
    assert.equal((await sync()).outcomes.held, 0);
    assert.deepEqual(await stages(1), ['Closed Won', 'closedwon']);
  });

  it('with recordTypes: ignore the CRM has the last word: refused where restricted, taken where not', async () => {
    await begin({ recordTypes: 'ignore' });
    await move(1, { dealstage: 'closedwon' });
    const refused = await sync();
    assert.deepEqual([refused.outcomes.held, refused.outcomes.quarantined], [0, 1]);
    assert.deepEqual(await stages(1), ['Prospecting', 'closedwon']);
    await rig.sandbox.salesforce.configure({ restrictedStages: false });
    await rig.run('sync', { retryRefused: true });
    assert.deepEqual(await stages(1), ['Closed Won', 'closedwon']);
  });

  it('an open picklist is respected all the same: the team sells without that stage', async () => {
    await begin();
    await rig.sandbox.salesforce.configure({ restrictedStages: false });
    await move(1, { dealstage: 'closedwon' });
    assert.equal((await sync()).outcomes.held, 2);
    assert.deepEqual(await stages(1), ['Prospecting', 'closedwon']);
  });

  it('an org without record types is asked nothing about them', async () => {
    await begin({}, null);
    assert.deepEqual(await asked(), {});
    const { fields } = await rig.connectors.salesforce.describe(new AbortController().signal);
    assert.equal(
      fields.some(({ native }) => native === 'RecordTypeId'),
      false,
    );
  });

  it('one call per type in use, however many there are', async () => {
    await begin({}, 5);
    await rig.sandbox.salesforce.resetCounters();
    await rig.report('plan');
    assert.deepEqual(await asked(), { [ROUTE]: 1 });
  });

  it('a type of which nothing can be read restricts nothing, and is told', async () => {
    await begin();
    const describe = () => rig.connectors.salesforce.describe(new AbortController().signal);
    const fail = (status: number, errorCode: string) =>
      rig.sandbox.salesforce.fault({
        ...{ path: '/ui-api/', times: 1 },
        effect: { status, body: JSON.stringify([{ errorCode, message: 'no' }]) },
      });
    for (const [status, code] of [
      [404, 'NOT_FOUND'],
      [403, 'INSUFFICIENT_ACCESS'],
      [400, 'SOMETHING_NEW'],
    ] as const) {
      await fail(status, code);
      const facts = await describe();
      assert.deepEqual(facts.recordTypes, [], code);
      assert.match(
        facts.problems.map(({ message }) => message).join(),
        /record type "Type 1" offers cannot be read/,
      );
    }
    await fail(403, 'REQUEST_LIMIT_EXCEEDED');
    await assert.rejects(describe(), /daily number of API calls/);
  });
});
