/** What the CRMs do by themselves, on both simulators through the real connectors: close dates, automations, our own echo. */
import assert from 'node:assert/strict';
import { openConflicts } from '../../src/engine/conflicts.ts';
import { userIdOf } from '../../src/sandbox/hubspot/writer.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const FUTURE = '2030-12-31';
const opportunity = (n: number): string => `00600000000000${n}AAA`;
const deal = (n: number): string => `90${n}`;

describe('habits of the CRMs', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;

  beforeEach(async () => {
    rig = await sandboxRig();
    const { salesforce, hubspot } = rig.sandbox.running;
    const ann = { FirstName: 'Ann', LastName: 'Lee', Name: 'Ann Lee', Email: 'ann@example.com' };
    const user = { Id: '005000000000001AAA', Username: 'ann@example.com', IsActive: true, ...ann };
    salesforce.simulator.load({ crm: 'salesforce', type: 'User', fields: user });
    const owner = {
      id: '70',
      email: 'ann@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
      userId: userIdOf('ann'),
    };
    hubspot.simulator.load({ crm: 'hubspot', type: 'owner', fields: owner });
    for (let n = 1; n <= 4; n++) {
      salesforce.simulator.load({
        ...{ crm: 'salesforce', type: 'Opportunity' },
        fields: {
          ...{
            Id: opportunity(n),
            Name: `Deal ${n}`,
            StageName: 'Prospecting',
            Amount: 100,
            CloseDate: FUTURE,
          },
        },
      });
      hubspot.simulator.load({
        ...{ crm: 'hubspot', type: 'deal' },
        fields: {
          ...{ id: deal(n), dealname: `Deal ${n}`, pipeline: 'default', dealstage: 'appointmentscheduled' },
          ...{ amount: '100', closedate: `${FUTURE}T12:00:00Z`, hs_salesforceopportunityid: opportunity(n) },
        },
      });
    }
    salesforce.simulator.loaded();
    hubspot.simulator.loaded();
    const plan = await rig.report('plan');
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    rig.sandbox.running.clock.advance(60_000);
    await rig.report('sync');
  });
  afterEach(async () => {
    await rig.close();
  });

  const held = async (n: number) => {
    const sf = (await rig.sandbox.salesforce.records('Opportunity')).get(opportunity(n)) ?? {};
    const hs = (await rig.sandbox.hubspot.records('deal')).get(deal(n)) ?? {};
    return { sf, hs, dates: [sf['CloseDate'], String(hs['closedate']).slice(0, 10)] };
  };
  const edit = async (crm: 'salesforce' | 'hubspot', n: number, fields: Record<string, unknown>) => {
    rig.sandbox.running.clock.advance(60_000);
    const target =
      crm === 'salesforce' ? { type: 'Opportunity', id: opportunity(n) } : { type: 'deal', id: deal(n) };
    await rig.sandbox[crm].edit({ ...target, fields, actor: 'human:ann' });
  };
  const sync = async () => {
    rig.sandbox.running.clock.advance(60_000);
    return rig.report('sync');
  };
  const today = (): string => new Date(rig.sandbox.running.clock.now()).toISOString().slice(0, 10);

  it('a close date that Salesforce moves to today on winning stays in Salesforce', async () => {
    await edit('salesforce', 1, { StageName: 'Closed Won' });
    assert.deepEqual((await held(1)).dates, [today(), FUTURE], 'Salesforce moved it by itself');
    const first = await sync();
    assert.equal((await held(1)).hs['dealstage'], 'closedwon');
    for (const report of [first, await sync(), await sync()]) {
      assert.deepEqual((await held(1)).dates, [today(), FUTURE]);
      assert.equal(report.outcomes.conflict, 0);
    }
    await edit('hubspot', 1, { closedate: '2030-11-30' });
    await sync();
    assert.deepEqual(
      (await held(1)).dates,
      ['2030-11-30', '2030-11-30'],
      'what a person enters is carried over',
    );
  });

  it('a close date that HubSpot sets on closing stays in HubSpot; one that a person enters with it does not', async () => {
    await edit('hubspot', 2, { dealstage: 'closedlost' });
    assert.deepEqual((await held(2)).dates, [FUTURE, today()], 'HubSpot set it by itself');
    await sync();
    assert.equal((await held(2)).sf['StageName'], 'Closed Lost');
    assert.deepEqual((await held(2)).dates, [FUTURE, today()]);
    assert.equal((await sync()).plan?.changes, 0);
    await edit('hubspot', 3, { dealstage: 'closedwon', closedate: '2026-01-15' });
    await sync();
    assert.deepEqual((await held(3)).dates, ['2026-01-15', '2026-01-15']);
  });

  it('a close date that HubSpot set on closing goes when the other side reopens the deal', async () => {
    await edit('hubspot', 2, { dealstage: 'closedlost' });
    await sync();
    assert.deepEqual((await held(2)).dates, [FUTURE, today()]);
    await edit('salesforce', 2, { StageName: 'Prospecting' });
    await sync();
    const { hs, dates } = await held(2);
    assert.equal(hs['dealstage'], 'appointmentscheduled');
    assert.deepEqual(dates, [FUTURE, FUTURE], 'the date people gave it stands on both sides again');
    assert.equal((await sync()).plan?.changes, 0);
  });

  it('an automation that changes our value is followed once and reported as a loop the second time', async () => {
    await rig.sandbox.hubspot.configure({
      automations: [
        {
          name: 'Back',
          type: 'deals',
          when: { property: 'hs_next_step', changedTo: 'ours' },
          set: { hs_next_step: 'theirs' },
        },
      ],
    });
    await rig.sandbox.salesforce.configure({
      automations: [
        { name: 'Forth', when: { field: 'NextStep', changedTo: 'theirs' }, set: { NextStep: 'ours' } },
      ],
    });
    await edit('salesforce', 4, { NextStep: 'ours' });
    for (let i = 0; i < 6; i++) await sync();
    const written = (await rig.sandbox.hubspot.truth()).filter(
      ({ actor, fields }) => actor === 'engine' && 'hs_next_step' in fields,
    );
    assert.equal(written.length, 2, 'each value of the circle was tried twice at most');
    const [row, ...others] = await openConflicts(rig.store, 'main');
    assert.deepEqual([row?.conflict.field, row?.conflict.cause, others.length], ['nextStep', 'loop', 0]);
    const before = await writes();
    const quiet = await sync();
    assert.equal(await writes(), before);
    assert.match(quiet.attention.map(({ cause }) => cause).join(), /goes round in a circle/);
  });

  it('an automation that changes our value once causes one copy, and our own writes cause none', async () => {
    await rig.sandbox.hubspot.configure({
      automations: [
        {
          name: 'Round',
          type: 'deals',
          when: { property: 'amount', changedTo: '100.4' },
          set: { amount: '100' },
        },
      ],
    });
    await edit('salesforce', 1, { Amount: 100.4 });
    await sync();
    await sync();
    assert.equal((await held(1)).sf['Amount'], 100);
    const before = await writes();
    for (let i = 0; i < 2; i++) assert.equal((await sync()).plan?.changes, 0);
    assert.equal(await writes(), before);
  });

  it('a conflict names the person on both sides', async () => {
    await edit('salesforce', 2, { NextStep: 'call' });
    await edit('hubspot', 2, { hs_next_step: 'visit' });
    await sync();
    const [row] = await openConflicts(rig.store, 'main');
    // Salesforce tracks the next step in this org, and HubSpot everything.
    assert.deepEqual(
      [row?.conflict.sides['salesforce']?.actor, row?.conflict.sides['hubspot']?.actor],
      ['human:Ann Lee', 'human:Ann Lee'],
    );
  });

  it('an edit that a write replaced is found in either CRM', async () => {
    const race = (crm: 'salesforce' | 'hubspot', fields: Record<string, unknown>) => {
      const connector = rig.connectors[crm];
      const write = connector.write;
      connector.write = async (...given) => {
        connector.write = write;
        await edit(crm, 3, fields);
        rig.sandbox.running.clock.advance(2_000);
        return write(...given);
      };
    };
    await edit('salesforce', 3, { Amount: 5, NextStep: 'ours' });
    race('hubspot', { amount: '7' });
    const there = await sync();
    assert.deepEqual(
      there.lostEdits?.edits.map(({ crm, field, value, actor }) => [crm, field, value, actor]),
      [['hubspot', 'amount', '7', 'human:Ann Lee']],
    );
    await edit('hubspot', 3, { amount: '9', closedate: '2030-10-10' });
    race('salesforce', { CloseDate: '2030-09-09' });
    const here = await sync();
    assert.deepEqual(
      here.lostEdits?.edits.map(({ crm, field, value, actor }) => [crm, field, value, actor]),
      [['salesforce', 'closeDate', '2030-09-09', 'human:Ann Lee']],
    );
  });

  const writes = async (): Promise<number> =>
    (await rig.sandbox.salesforce.counters()).writes + (await rig.sandbox.hubspot.counters()).writes;
});
