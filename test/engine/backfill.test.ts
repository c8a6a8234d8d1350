/** What happened before the first run, from the histories of both simulated CRMs, through the real connectors. */
import assert from 'node:assert/strict';
import type { SyncSettings } from '../../src/core/settings.ts';
import type { SyncRuntime } from '../../src/engine/deps.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const SALE = '006000000000001AAA';
const DEAL = '901';
const noon = (day: string): string => `${day}T12:00:00Z`;

describe('the time before the first run', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;

  const begin = async (history: SyncSettings['history']): Promise<void> => {
    rig = await sandboxRig({ ...(history === undefined ? {} : { history }), brakes: NO_BRAKES });
    const { salesforce, hubspot } = rig.sandbox.running;
    salesforce.simulator.load({
      ...{ crm: 'salesforce', type: 'Opportunity' },
      fields: {
        Id: SALE,
        Name: 'Sale',
        StageName: 'Negotiation/Review',
        Amount: 100,
        CloseDate: '2030-01-15',
      },
    });
    hubspot.simulator.load({
      ...{ crm: 'hubspot', type: 'deal' },
      fields: {
        ...{ id: DEAL, dealname: 'Sale', pipeline: 'default', dealstage: 'contractsent' },
        ...{ amount: '100', closedate: noon('2030-01-15'), hs_salesforceopportunityid: SALE },
      },
    });
    salesforce.simulator.loaded();
    hubspot.simulator.loaded();
  };
  afterEach(() => rig.close());

  /** The same in both CRMs, as when another tool keeps them alike, or in one of them. */
  const edit = async (
    fields: { readonly stage?: readonly [string, string]; readonly closeDate?: string },
    only?: 'salesforce' | 'hubspot',
  ): Promise<void> => {
    rig.sandbox.running.clock.advance(60_000);
    const { stage, closeDate } = fields;
    const inSalesforce = {
      ...(stage === undefined ? {} : { StageName: stage[0] }),
      ...(closeDate === undefined ? {} : { CloseDate: closeDate }),
    };
    const inHubspot = {
      ...(stage === undefined ? {} : { dealstage: stage[1] }),
      ...(closeDate === undefined ? {} : { closedate: noon(closeDate) }),
    };
    if (only !== 'hubspot')
      await rig.sandbox.salesforce.edit({
        type: 'Opportunity',
        id: SALE,
        fields: inSalesforce,
        actor: 'human:ann',
      });
    if (only !== 'salesforce')
      await rig.sandbox.hubspot.edit({ type: 'deal', id: DEAL, fields: inHubspot, actor: 'human:ann' });
  };
  const negotiating = ['Negotiation/Review', 'contractsent'] as const;
  const prospecting = ['Prospecting', 'appointmentscheduled'] as const;
  const lost = ['Closed Lost', 'closedlost'] as const;
  /** One regression, two pushes to a later month, one reopening. */
  const past = async (): Promise<void> => {
    await edit({ closeDate: '2030-02-15' });
    await edit({ stage: prospecting });
    await edit({ closeDate: '2030-03-15' });
    await edit({ stage: lost });
    await edit({ stage: prospecting, closeDate: '2030-03-15' });
  };
  const planAndApply = async () => {
    rig.sandbox.running.clock.advance(60_000);
    const plan = await rig.report('plan', { full: true });
    if (plan.plan !== null) await rig.report('apply', { digest: plan.plan.digest });
    return plan;
  };
  const counts = async (): Promise<unknown[]> => {
    const sale = (await rig.sandbox.salesforce.records('Opportunity')).get(SALE) ?? {};
    const deal = (await rig.sandbox.hubspot.records('deal')).get(DEAL) ?? {};
    const found = ['Regressions', 'Pushes', 'Reopened'].map((name) => [
      Number(sale[`Oppsync_${name}__c`]),
      Number(deal[`oppsync_${name.toLowerCase()}`]),
    ]);
    for (const [inSalesforce, inHubspot] of found) assert.equal(inSalesforce, inHubspot);
    return found.map(([n]) => n);
  };

  it('is not counted unless it is asked for', async () => {
    await begin(undefined);
    await past();
    const plan = await planAndApply();
    assert.equal(plan.history, undefined);
    assert.deepEqual(await counts(), [0, 0, 0]);
  });

  it('is read once, counted once though both CRMs tell it, and goes on with what is seen from then on', async () => {
    await begin('backfill');
    await past();
    const plan = await planAndApply();
    assert.equal(plan.history?.['salesforce']?.refused, false);
    assert.equal(plan.history?.['hubspot']?.records, 1);
    assert.deepEqual(await counts(), [1, 2, 1]);
    await edit({ closeDate: '2030-04-15' }, 'salesforce');
    await edit({ stage: negotiating }, 'hubspot');
    await edit({ stage: prospecting }, 'hubspot');
    const again = await planAndApply();
    assert.equal(again.history, undefined);
    assert.deepEqual(await counts(), [1, 3, 1]);
    const converged = await planAndApply();
    assert.equal(converged.plan?.changes ?? 0, 0);
  });

  it('can be asked for later, without counting what was seen since', async () => {
    await begin(undefined);
    await past();
    await planAndApply();
    await edit({ closeDate: '2030-05-15' }, 'hubspot');
    await planAndApply();
    assert.deepEqual(await counts(), [0, 1, 0]);
    const syncs = rig.deps.syncs as Map<string, SyncRuntime>;
    const runtime = syncs.get('main');
    assert.ok(runtime);
    syncs.set('main', { ...runtime, settings: { ...runtime.settings, history: 'backfill' } });
    const plan = await planAndApply();
    assert.equal(plan.history?.['hubspot']?.refused, false);
    assert.deepEqual(await counts(), [1, 3, 1]);
  });

  it('that may not be seen is said, and counts begin with the first run; once permitted it is read after all', async () => {
    await begin('backfill');
    await past();
    await rig.sandbox.salesforce.configure({ hiddenObjects: ['OpportunityHistory'] });
    const plan = await planAndApply();
    assert.deepEqual(plan.history?.['salesforce'], { records: 1, moves: 0, refused: true });
    await rig.sandbox.salesforce.configure({ hiddenObjects: [] });
    const again = await planAndApply();
    assert.equal(again.history?.['salesforce']?.refused, false);
    assert.deepEqual(await counts(), [1, 2, 1]);
  });
});

/** One record of one: every share is 100 %. */
const NO_BRAKES: NonNullable<SyncSettings['brakes']> = {
  changed: false,
  flips: false,
  amounts: false,
  creates: false,
  vanished: false,
};
