/** Every source of evidence, taken away from the user one after the other: what it proved is not evidenced then, never "no". */
import assert from 'node:assert/strict';
import type { Verdict } from '../../src/core/verdict.ts';
import type { SandboxEdit } from '../../src/sandbox/simulator.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { makeObject } from '../support/hubspot-objects.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const ACCOUNT = '001000000000001AAA';
const HELD = new Date(Date.now() - 86_400_000).toISOString();
type Said = 'contact' | 'accepted' | 'contract' | 'finance';

/** Per source what it says of its own sale, and how it is made. */
const SALESFORCE: readonly (readonly [string, Said, Record<string, unknown>])[] = [
  ['Task', 'contact', { TaskSubtype: 'Call', Status: 'Completed', ActivityDate: HELD.slice(0, 10) }],
  ['Event', 'contact', { StartDateTime: HELD, DurationInMinutes: 30 }],
  ['EmailMessage', 'contact', { Incoming: true, MessageDate: HELD }],
  ['Contract', 'contract', { AccountId: ACCOUNT, Status: 'Draft' }],
  ['Quote', 'accepted', { Name: 'Q', Status: 'Accepted' }],
  ['Order', 'contract', { AccountId: ACCOUNT, Status: 'Activated' }],
];
const HUBSPOT: readonly (readonly [string, Said, Record<string, string>])[] = [
  ['calls', 'contact', { hs_timestamp: HELD, hs_call_status: 'COMPLETED' }],
  ['meetings', 'contact', { hs_timestamp: HELD, hs_meeting_outcome: 'COMPLETED' }],
  ['emails', 'contact', { hs_timestamp: HELD, hs_email_direction: 'INCOMING_EMAIL' }],
  ['quotes', 'accepted', { hs_title: 'Q', hs_status: 'ACCEPTED' }],
  ['invoices', 'finance', { hs_invoice_status: 'paid' }],
  ['commerce_payments', 'finance', { hs_latest_status: 'succeeded' }],
];
const sale = (n: number): string => `0060000000000${String(n).padStart(2, '0')}AAA`;
const deal = (n: number): string => `90${n + 10}`;

describe('evidence that may not be read any more', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;

  before(async () => {
    rig = await sandboxRig();
    const { salesforce, hubspot } = rig.sandbox.running;
    salesforce.simulator.load({ crm: 'salesforce', type: 'Account', fields: { Id: ACCOUNT, Name: 'Acme' } });
    for (const [n, [, said]] of SALESFORCE.entries())
      salesforce.simulator.load({
        ...{ crm: 'salesforce', type: 'Opportunity' },
        fields: {
          ...{ Id: sale(n), Name: `S${n}`, CloseDate: '2026-01-01', AccountId: ACCOUNT },
          StageName: said === 'contact' ? 'Prospecting' : 'Closed Won',
        },
      });
    for (const [n, [, said]] of HUBSPOT.entries())
      hubspot.simulator.load({
        ...{ crm: 'hubspot', type: 'deal' },
        fields: {
          ...{ id: deal(n), dealname: `D${n}`, pipeline: 'default' },
          dealstage: said === 'contact' ? 'appointmentscheduled' : 'closedwon',
        },
      });
    salesforce.simulator.loaded();
    hubspot.simulator.loaded();
    const ann = (edit: Omit<SandboxEdit, 'actor'>) =>
      rig.sandbox.salesforce.edit({ ...edit, actor: 'human:ann' } as SandboxEdit);
    for (const [n, [type, , fields]] of SALESFORCE.entries()) {
      const about = /Task|Event/.test(type)
        ? 'WhatId'
        : type === 'EmailMessage'
          ? 'RelatedToId'
          : 'OpportunityId';
      const link = type === 'Contract' ? {} : { [about]: sale(n) };
      await ann({ type, action: 'create', fields: { ...fields, ...link } });
      if (type !== 'Contract') continue;
      const [contract = ''] = [...(await rig.sandbox.salesforce.records('Contract')).keys()];
      await ann({ type, id: contract, fields: { Status: 'Activated' } });
      await ann({ type: 'Opportunity', id: sale(n), fields: { ContractId: contract } });
    }
    for (const [n, [type, , fields]] of HUBSPOT.entries())
      await makeObject(rig.sandbox, type, fields, [deal(n)]);
    rig.sandbox.running.clock.advance(60_000);
  });
  after(() => rig.close());

  const verdictOf = async (id: string): Promise<Verdict> => {
    const { rows } = await rig.database.pool.query('select verdict from snapshots where id = $1', [id]);
    return (rows[0] as { verdict: Verdict }).verdict;
  };
  /** What the verdict makes of it: `true`, `false`, or `null` for not evidenced. */
  const told = async (id: string, said: Said): Promise<boolean | null> => {
    const { engagement, completeness } = await verdictOf(id);
    if (said === 'contact') return engagement.state === 'unknown' ? null : engagement.state === 'engaged';
    return completeness[said];
  };
  const plan = async () => {
    rig.sandbox.running.clock.advance(60_000);
    return rig.report('plan', { full: true });
  };

  it('while everything may be read, each source proves what it says', async () => {
    const { evidence } = await plan();
    assert.deepEqual([evidence?.['salesforce']?.refused, evidence?.['hubspot']?.refused], [[], []]);
    for (const [n, [type, said]] of SALESFORCE.entries())
      assert.equal(await told(sale(n), said), true, `${type} ${said}`);
    for (const [n, [type, said]] of HUBSPOT.entries())
      assert.equal(await told(deal(n), said), true, `${type} ${said}`);
  });

  it('without the permission nothing is a no, every kind is named, and what else is known stays', async () => {
    // Mails are an option of an org, like what is sold with: no one can tell it from a permission that lacks.
    for (const [n, [type, said]] of SALESFORCE.entries()) {
      await rig.sandbox.salesforce.configure({ hiddenObjects: [type] });
      const { evidence } = await plan();
      assert.equal(await told(sale(n), said), null, `${type} ${said}`);
      const named = evidence?.['salesforce']?.refused.map(({ what }) => what);
      assert.deepEqual(named, type === 'EmailMessage' ? [] : [type]);
      const other = (n + 1) % SALESFORCE.length;
      const [, says = 'contact'] = SALESFORCE[other] ?? [];
      assert.equal(await told(sale(other), says), true);
    }
    await rig.sandbox.salesforce.configure({ hiddenObjects: [] });
    for (const [n, [type, said]] of HUBSPOT.entries()) {
      await rig.sandbox.hubspot.fault({ path: `/crm/v3/objects/${type}/search`, effect: { status: 403 } });
      const { evidence } = await plan();
      await rig.sandbox.hubspot.clearFaults();
      assert.equal(await told(deal(n), said), null, `${type} ${said}`);
      assert.deepEqual(
        evidence?.['hubspot']?.refused.map(({ what }) => what),
        [type],
      );
    }
  });

  it('given back, it proves again', async () => {
    await plan();
    for (const [n, [type, said]] of [...HUBSPOT.entries()])
      assert.equal(await told(deal(n), said), true, `${type} ${said}`);
  });
});
