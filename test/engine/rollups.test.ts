/** What the opportunities of an account amount to, kept in the accounts of both simulated CRMs through the real connectors. */
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { RunReport } from '../../src/core/report.ts';
import { provision } from '../../src/engine/provision.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { toId18 } from '../../src/sandbox/salesforce/ids.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { expectedRollups, heldRollups } from '../support/rollup-oracle.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const BOTH = ['salesforce', 'hubspot'] as const;
const STAGES = [
  ['Prospecting', 'appointmentscheduled'],
  ['Negotiation/Review', 'contractsent'],
  ['Closed Won', 'closedwon'],
  ['Closed Lost', 'closedlost'],
] as const;
const BLANK = [null, null, null, null];
const ACCOUNTS = 7;
const SALES = 60;
const id18 = (prefix: string, n: number): string => toId18(`${prefix}${String(n).padStart(12, '0')}`);
const account = (n: number): string => id18('001', n);
const opportunity = (n: number): string => id18('006', n);
const company = (n: number): string => String(500 + n);
const deal = (n: number): string => String(9000 + n);

/** Accounts 1 to 6 with sales, most of them in both CRMs and some with another amount or stage there; account 7 has none. */
function load({ sandbox }: SandboxRig, differing = 1): void {
  const random = createRandom('roll-ups');
  const { salesforce, hubspot } = sandbox.running;
  for (let n = 1; n <= ACCOUNTS; n++) {
    const [name, crm] = [`Account ${n}`, 'salesforce'];
    salesforce.simulator.load({ crm, type: 'Account', fields: { Id: account(n), Name: name } });
    hubspot.simulator.load({ crm: 'hubspot', type: 'company', fields: { id: company(n), name } });
  }
  for (let n = 1; n <= SALES; n++) {
    const owner = 1 + (n % (ACCOUNTS - 1));
    const stage = random.int(0, 3);
    const other = random.next() < 0.15 * differing ? random.int(0, 3) : stage;
    const created = `2025-0${random.int(1, 6)}-1${random.int(0, 9)}`;
    const closes = `2025-1${random.int(0, 2)}-0${random.int(1, 9)}`;
    const amount = random.next() < 0.1 ? null : `${random.int(1, 99_999)}.${random.int(10, 99)}`;
    const differs = random.next() < 0.1 * differing;
    if (random.next() < 0.9)
      salesforce.simulator.load({
        ...{ crm: 'salesforce', type: 'Opportunity' },
        fields: {
          ...{ Id: opportunity(n), Name: `Sale ${n}`, AccountId: account(owner), CloseDate: closes },
          ...{ StageName: STAGES[stage]?.[0], Amount: amount === null ? null : Number(amount) },
          CreatedDate: `${created}T09:00:00.000+0000`,
        },
      });
    if (random.next() < 0.9)
      hubspot.simulator.load({
        ...{ crm: 'hubspot', type: 'deal' },
        fields: {
          ...{ id: deal(n), dealname: `Sale ${n}`, pipeline: 'default', dealstage: STAGES[other]?.[1] },
          ...{ closedate: `${closes}T12:00:00Z`, createdate: `${created}T09:00:00Z` },
          ...{ amount: differs ? '1234.56' : amount, hs_salesforceopportunityid: opportunity(n) },
        },
        associations: { companies: [company(owner)] },
      });
  }
  salesforce.simulator.loaded();
  hubspot.simulator.loaded();
}

const writes = async ({ sandbox }: SandboxRig): Promise<number> =>
  (await sandbox.salesforce.counters()).writes + (await sandbox.hubspot.counters()).writes;

/** Records and accounts are told apart, and each adds up. */
function assertAddsUp(report: RunReport): void {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, n) => total + n, 0);
  assert.equal(sum(report.outcomes), sum(report.read), 'outcomes are of records only');
  for (const { accounts, in_sync, written, failed, waiting } of Object.values(report.rollups ?? {}))
    assert.equal(in_sync + written + failed + waiting, accounts);
}

async function apply(rig: SandboxRig): Promise<RunReport> {
  const plan = await rig.report('plan');
  assertAddsUp(plan);
  return rig.report('apply', { digest: plan.plan?.digest ?? '' });
}

async function assertRolledUp({ sandbox }: SandboxRig): Promise<void> {
  assert.deepEqual(await heldRollups(sandbox), await expectedRollups(sandbox));
}

describe('roll-ups in accounts', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;

  async function start(
    rollups: readonly string[] = BOTH,
    { provisioned = true, differing = 1 } = {},
  ): Promise<void> {
    rig = await sandboxRig(rollups.length === 0 ? {} : { rollups }, provisioned);
    load(rig, differing);
  }
  afterEach(async () => {
    await rig.close();
  });

  async function assertRolledUpIn(type: 'Account' | 'company'): Promise<void> {
    const [held, expected] = [await heldRollups(rig.sandbox), await expectedRollups(rig.sandbox)];
    for (const [id, values] of held) assert.deepEqual(values, id.startsWith(type) ? expected.get(id) : BLANK);
  }

  it('are what the state of both CRMs amounts to once everything is written, and stay so', async () => {
    await start();
    const plan = await rig.report('plan');
    assert.equal(await writes(rig), 0);
    assert.deepEqual(plan.plan?.rollups, { salesforce: 6, hubspot: 6 });
    const before = await expectedRollups(rig.sandbox);
    const view = await rig.store.findPlan('main', plan.plan?.digest ?? '');
    await rig.sandbox.salesforce.resetCounters();
    await rig.sandbox.hubspot.resetCounters();
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assertAddsUp(applied);
    assert.notDeepEqual(await expectedRollups(rig.sandbox), before, 'the plan changed records as well');
    await assertRolledUp(rig);
    const made = {
      salesforce: await rig.sandbox.salesforce.requests(),
      hubspot: await rig.sandbox.hubspot.requests(),
    };
    assert.deepEqual(view?.predictedCalls, made, 'it costs what the plan said');
    assert.deepEqual(applied.rollups?.['salesforce'], {
      ...{ accounts: 6, in_sync: 0, written: 6, failed: 0, waiting: 0, withheld: 0, problems: [] },
    });
    assert.equal(applied.converged, true);
    const wrote = await writes(rig);
    for (let i = 0; i < 2; i++) {
      rig.sandbox.running.clock.advance(86_400_000);
      const next = await rig.report('sync', { full: i === 1 });
      assertAddsUp(next);
      assert.deepEqual(next.plan?.rollups ?? {}, {});
      assert.deepEqual(next.rollups?.['hubspot']?.in_sync, 6);
    }
    assert.equal(await writes(rig), wrote, 'a later day writes nothing');
    assert.equal((await rig.sandbox.salesforce.counters()).redundantWrites, 0);
    assert.equal((await rig.sandbox.hubspot.counters()).redundantWrites, 0);
    assert.deepEqual((await heldRollups(rig.sandbox)).get(`company ${company(7)}`), [null, null, null, null]);
  });

  it('follow their opportunities by a sync alone, and are set right where somebody changed them', async () => {
    await start();
    await apply(rig);
    const edit = { type: 'Opportunity', actor: 'human:ann' } as const;
    const [first = '', second = ''] = [...(await rig.sandbox.salesforce.records('Opportunity')).keys()];
    await rig.sandbox.salesforce.edit({ ...edit, id: first, fields: { StageName: 'Closed Won', Amount: 5 } });
    await rig.sandbox.salesforce.edit({ ...edit, id: second, fields: { AccountId: account(7) } });
    rig.sandbox.running.clock.advance(60_000);
    assertAddsUp(await rig.report('sync'));
    await assertRolledUp(rig);
    assert.notEqual((await heldRollups(rig.sandbox)).get(`Account ${account(7)}`)?.[1], null);
    await rig.sandbox.salesforce.edit({ ...edit, id: second, action: 'delete' });
    const fields = { Oppsync_Open_Amount__c: 1 };
    await rig.sandbox.salesforce.edit({ type: 'Account', id: account(1), fields, actor: 'human:ann' });
    await rig.report('sync', { full: true });
    assert.deepEqual((await heldRollups(rig.sandbox)).get(`Account ${account(7)}`), [null, null, null, null]);
    await assertRolledUp(rig);
  });

  it('may be kept in one CRM only; amounts of several currencies are left blank and told, where no rates are given', async () => {
    await start(['hubspot'], { differing: 0 });
    await rig.sandbox.hubspot.configure({ currencies: { EUR: 1.1 } });
    const fields = { deal_currency_code: 'EUR', amount: '5', dealstage: 'contractsent' };
    const deals = await rig.sandbox.hubspot.records('deal');
    const [[id] = ['']] = [...deals].filter(
      ([, held]) => held['hs_primary_associated_company'] === company(3),
    );
    await rig.sandbox.hubspot.edit({ type: 'deal', id, fields, actor: 'human:ann' });
    const plan = await rig.report('plan');
    const found = plan.rollups?.['hubspot'];
    assert.deepEqual([found?.withheld, found?.problems[0]?.example], [1, company(3)]);
    assert.match(found?.problems[0]?.message ?? '', /several currencies/);
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    const held = (await heldRollups(rig.sandbox)).get(`company ${company(3)}`);
    assert.deepEqual(held?.slice(0, 2), [null, null]);
    assert.notEqual(held?.[2], null);
    await assertRolledUpIn('company');
  });

  it('are neither asked for nor written where they are not switched on', async () => {
    await start([]);
    const report = await apply(rig);
    assert.equal(report.rollups, undefined);
    assert.equal(report.plan?.rollups, undefined);
    const about = [rig.sandbox.salesforce, rig.sandbox.hubspot].map(async (crm) =>
      Object.keys((await crm.counters()).requests).filter((path) =>
        /Account\b|properties\/compan|companies\/batch\/update/.test(path),
      ),
    );
    assert.deepEqual(await Promise.all(about), [[], []]);
    assert.ok([...(await heldRollups(rig.sandbox)).values()].flat().every((value) => value === null));
  });

  it('an undo puts every account back, and the next runs leave it so until the figure is another one', async () => {
    await start(BOTH, { differing: 0 });
    const applied = await apply(rig);
    const edited = { Oppsync_Won_Amount__c: 42 };
    await rig.sandbox.salesforce.edit({
      type: 'Account',
      id: account(7),
      fields: edited,
      actor: 'human:ann',
    });
    await rig.sandbox.salesforce.edit({
      type: 'Account',
      id: account(2),
      fields: edited,
      actor: 'human:ann',
    });
    const undo = await rig.report('undo', { undoes: applied.run, by: 'ann' });
    assert.match(undo.rollups?.['salesforce']?.problems[0]?.message ?? '', /changed after the run/);
    assertAddsUp(undo);
    assert.deepEqual(undo.plan?.rollups, { salesforce: 6, hubspot: 6 });
    const taken = await rig.report('apply', { digest: undo.plan?.digest ?? '', by: 'ann' });
    assert.equal(taken.rollups?.['hubspot']?.written, 6);
    const left = [null, '42', null, null];
    for (const [id, held] of await heldRollups(rig.sandbox))
      assert.deepEqual(held, [`Account ${account(2)}`, `Account ${account(7)}`].includes(id) ? left : BLANK);
    rig.sandbox.running.clock.advance(60_000);
    assert.deepEqual(
      (await rig.report('sync')).plan?.rollups ?? {},
      { salesforce: 1 },
      'what ann has edited',
    );
    assert.deepEqual((await rig.report('sync')).plan?.rollups ?? {}, {});
    const [[first, { AccountId }] = ['', {}]] = [...(await rig.sandbox.salesforce.records('Opportunity'))];
    const fields = { Amount: 77_777, StageName: 'Closed Won' };
    await rig.sandbox.salesforce.edit({ type: 'Opportunity', id: first, fields, actor: 'human:ann' });
    await rig.report('sync');
    const [held, expected] = [await heldRollups(rig.sandbox), await expectedRollups(rig.sandbox)];
    const own = `Account ${AccountId}`;
    assert.equal(held.get(own)?.[1], expected.get(own)?.[1], 'what has changed since is written');
    const others = new Set([own, `Account ${account(2)}`, `Account ${account(7)}`]);
    for (const [id, values] of held)
      if (id.startsWith('Account') && !others.has(id)) assert.deepEqual(values, BLANK);
  });

  it('one account that a CRM refuses costs only itself, and a write whose answer is lost is not sent again', async () => {
    await start();
    const when = { field: 'Account.Name', equals: 'Account 3' };
    await rig.sandbox.salesforce.configure({
      validationRules: [{ name: 'frozen', when, message: 'This account is frozen.' }],
    });
    await rig.sandbox.hubspot.fault({
      ...{ preset: 'hs-commit-then-reset', path: '/crm/v3/objects/companies/batch/update', times: 1 },
    });
    const applied = await apply(rig);
    assertAddsUp(applied);
    assert.equal(applied.rollups?.['hubspot']?.written, 6);
    assert.equal((await rig.sandbox.hubspot.counters()).redundantWrites, 0);
    const found = applied.rollups?.['salesforce'];
    assert.deepEqual([found?.written, found?.failed], [5, 1]);
    assert.equal(found?.problems[0]?.example, account(3));
    assert.match(found?.problems[0]?.message ?? '', new RegExp(`^Account ${account(3)}.*frozen`));
    const [held, expected] = [await heldRollups(rig.sandbox), await expectedRollups(rig.sandbox)];
    for (const [id, values] of held)
      assert.deepEqual(
        values,
        id === `Account ${account(3)}` ? [null, null, null, null] : expected.get(id),
        id,
      );
    await rig.sandbox.salesforce.configure({ validationRules: [] });
    assert.equal((await rig.report('sync')).rollups?.['salesforce']?.written, 1, 'the next run tries again');
    await assertRolledUp(rig);
  });

  it('an approved plan is carried out as it was approved: where a record came out otherwise, its account waits', async () => {
    await start();
    const plan = await rig.report('plan');
    const deals = [...(await rig.sandbox.hubspot.records('deal'))];
    const known = await rig.sandbox.salesforce.records('Opportunity');
    const counts = (fields: Readonly<Record<string, unknown>>): boolean =>
      fields['hs_is_closed_lost'] !== 'true' &&
      !['Closed Lost', undefined].includes(
        known.get(String(fields['hs_salesforceopportunityid']))?.['StageName'] as string | undefined,
      );
    const [[id, held] = ['', {}]] = deals.filter(
      ([, fields]) => fields['amount'] === '1234.56' && counts(fields),
    );
    const owner = String(held['hs_primary_associated_company']);
    // What its company amounts to is now another figure than the one approved.
    await rig.sandbox.hubspot.edit({ type: 'deal', id, fields: { amount: '777' }, actor: 'human:ann' });
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assertAddsUp(applied);
    const found = applied.rollups?.['hubspot'];
    assert.deepEqual([found?.written, found?.waiting, found?.problems[0]?.example], [5, 1, owner]);
    assert.equal(applied.converged, false);
    assert.deepEqual((await heldRollups(rig.sandbox)).get(`company ${owner}`), BLANK);
    rig.sandbox.running.clock.advance(60_000);
    await rig.report('sync');
    await assertRolledUp(rig);
  });

  it('companies that may not be written are told, and the deals are written all the same', async () => {
    await start();
    const plan = await rig.report('plan');
    const body = { status: 'error', category: 'MISSING_SCOPES', message: 'This app lacks a scope.' };
    const path = '/crm/v3/objects/companies/batch/update';
    await rig.sandbox.hubspot.fault({ path, effect: { status: 403, body } });
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    const found = applied.rollups?.['hubspot'];
    assert.deepEqual([found?.failed, found?.written], [6, 0]);
    assert.ok((applied.writes['hubspot']?.update ?? 0) > 40);
    assert.equal(applied.rollups?.['salesforce']?.written, 6);
    await rig.sandbox.hubspot.clearFaults();
    await rig.report('sync');
    await assertRolledUp(rig);
    // What is hidden is not nothing: no account is emptied, no amount set to 0.
    const before = await heldRollups(rig.sandbox);
    for (const [hidden, told] of [
      ['Opportunity.AccountId', /does not see the account of opportunities/],
      ['Opportunity.Amount', /amounts of salesforce, or their currencies, are not to be seen/],
      ['Opportunity.NextStep', /not seen to which account they belong/],
    ] as const) {
      await rig.sandbox.salesforce.configure({ hiddenFields: [hidden] });
      // As in a large portfolio: only what changed is read again, the others are known as they were before.
      await sql`update cursors set full_rows = 100000000`.execute(rig.database.db);
      rig.sandbox.running.clock.advance(3_600_000);
      const [first = ''] = [...(await rig.sandbox.salesforce.records('Opportunity')).keys()];
      const fields = { NextStep: `after ${hidden}` };
      await rig.sandbox.salesforce.edit({ type: 'Opportunity', id: first, fields, actor: 'human:ann' });
      const blind = await rig.report('plan');
      assert.match(blind.rollups?.['salesforce']?.problems[0]?.message ?? '', told);
      assert.equal(blind.plan?.rollups?.['salesforce'] ?? 0, 0);
    }
    assert.deepEqual(await heldRollups(rig.sandbox), before);
    await rig.sandbox.salesforce.configure({ hiddenFields: [] });
    await sql`update cursors set full_rows = 60`.execute(rig.database.db);
    await rig.report('sync');
    await assertRolledUp(rig);
  });

  it('without their fields the run tells what to do, and everything else goes on', async () => {
    await start(BOTH, { provisioned: false });
    await provision(Object.values(rig.connectors), new AbortController().signal);
    const applied = await apply(rig);
    for (const crm of BOTH) {
      const found = applied.rollups?.[crm];
      assert.equal(found?.problems.length, 1);
      assert.match(found?.problems[0]?.message ?? '', /switched on, but the accounts of/);
      assert.match(found?.problems[0]?.remedy ?? '', /oppsync provision/);
    }
    assert.ok((applied.writes['salesforce']?.update ?? 0) > 40);
    assert.equal(applied.converged, true);
    const made = await provision(Object.values(rig.connectors), new AbortController().signal, BOTH);
    assert.deepEqual(
      made.map((report) => report.made),
      [
        ['openAmount', 'wonAmount', 'winRate', 'medianCycleDays'],
        ['openAmount', 'wonAmount', 'winRate', 'medianCycleDays'],
      ],
    );
    const next = await rig.report('sync');
    assert.deepEqual(next.rollups?.['salesforce']?.written, 6);
    await assertRolledUp(rig);
  });
});
