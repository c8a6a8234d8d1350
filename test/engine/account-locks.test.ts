/**
 * Salesforce locks an account while anything in it is written. Another process writes in one account all the time, and what a
 * run does there (makes counterparts, keeps roll-ups) never meets its lock: no write of either is refused.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { WriteResult } from '../../src/core/connector-port.ts';
import type { FieldKind } from '../../src/core/opportunity.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { holdingAccounts } from '../../src/engine/hold-accounts.ts';
import { taskContext } from '../../src/engine/task.ts';
import { userIdOf } from '../../src/sandbox/hubspot/writer.ts';
import { toId18 } from '../../src/sandbox/salesforce/ids.ts';
import { createStore } from '../../src/store/create-store.ts';
import { holdWorkerLock } from '../../src/store/worker-lock.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { RUN } from '../store/store-rig.ts';
import { expectedRollups, heldRollups } from '../support/rollup-oracle.ts';
import { type SandboxRig, sandboxRig } from '../support/sandbox-rig.ts';

const ACCOUNT = toId18('001000000000001');
const OTHERS = toId18('006000000000009');
const PAIRED = 1;
const ALONE = [2, 3];
const OURS = toId18('006000000000001');
const CUSTOMER = {
  salesforce: { customer: { native: 'AccountId', kind: 'text' } },
  hubspot: { customer: { native: 'description', kind: 'text' } },
};

/** Sales of one account: one in both CRMs, some in HubSpot only, and one that the other process looks after. */
async function start(settings: Partial<SyncSettings>, customFields = {}, inIt = true): Promise<SandboxRig> {
  const rig = await sandboxRig(settings, true, customFields);
  const { salesforce, hubspot } = rig.sandbox.running;
  const put = (type: string, fields: Record<string, unknown>): void => {
    const crm = type === 'owner' || type === 'deal' ? 'hubspot' : 'salesforce';
    (crm === 'hubspot' ? hubspot : salesforce).simulator.load({ crm, type, fields });
  };
  put('Account', { Id: ACCOUNT, Name: 'Arkona' });
  const email = 'ann@example.com';
  put('User', { Id: '005000000000001AAA', Username: email, Email: email, IsActive: true, Name: 'Ann Lee' });
  put('owner', { id: '70', email, firstName: 'Ann', lastName: 'Lee', userId: userIdOf('ann') });
  const sale = { StageName: 'Prospecting', Amount: 100, CloseDate: '2031-01-01', AccountId: ACCOUNT };
  put('Opportunity', { ...sale, Id: OTHERS, Name: 'Belvedere canteen' });
  put('Opportunity', { ...sale, Id: OURS, Name: `Sale ${PAIRED}`, ...(inIt ? {} : { AccountId: null }) });
  for (const n of [PAIRED, ...ALONE])
    put('deal', {
      ...{ id: `90${n}`, dealname: `Sale ${n}`, pipeline: 'default', dealstage: 'appointmentscheduled' },
      ...{ amount: '100', closedate: '2031-01-01T12:00:00Z', hubspot_owner_id: '70' },
      // As people copy it from the address bar of an older page.
      description: ACCOUNT.slice(0, 15),
      ...(n === PAIRED ? { hs_salesforceopportunityid: OURS } : {}),
    });
  salesforce.simulator.loaded();
  hubspot.simulator.loaded();
  return rig;
}

/** Another process that writes in the account, again and again until told to stop; answers how each write ended. */
async function anotherWriter(rig: SandboxRig): Promise<() => Promise<readonly WriteResult[]>> {
  const lock = await holdWorkerLock(rig.database.pool, Math.random);
  const store = createStore(rig.database.db, lock.worker);
  const runtime = rig.deps.syncs.get('main') ?? assert.fail();
  const { salesforce } = rig.connectors;
  const { signal } = new AbortController();
  const facts = { salesforce: await salesforce.describe(signal) };
  await store.registerSync('other', 'settings', 1);
  const run = { ...RUN, run: 'theirs', sync: 'other', owner: store.worker, facts };
  await store.insertRun(run);
  const results: WriteResult[] = [];
  const once = async (): Promise<void> => {
    const payload = { kind: 'push', crm: 'salesforce', changes: [] } as const;
    const [task] = await store.addTasks('theirs', [{ queue: 'push', payload, size: 1 }]);
    const claimed = await store.claimTask(task?.id ?? '', 1, store.worker);
    if (claimed === null) throw new Error('it is ours alone');
    const context = taskContext({ ...rig.deps, store }, runtime, run, claimed, signal);
    await holdingAccounts(context, 'salesforce', { accounts: [ACCOUNT] }, async () => {
      const fields = { nextStep: `call ${results.length}` };
      const write = { id: OTHERS, fields, owned: {}, trace: 'theirs' };
      results.push(...(await salesforce.write([write], facts.salesforce, signal)));
    });
    await store.finishTask(claimed.id, 1);
  };
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      await once();
      await delay(1);
    }
  })();
  return async () => {
    stopped = true;
    await writing;
    await lock.release();
    return results;
  };
}

/** Approves and carries out the plan while the other process writes; how its writes ended. */
async function applyBeside(rig: SandboxRig): Promise<readonly WriteResult[]> {
  const plan = await rig.report('plan');
  // A write has its account for a while, and nobody waits for it.
  await rig.sandbox.salesforce.configure({ lockMs: 100, lockWaitMs: 0 });
  const stop = await anotherWriter(rig);
  const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
  const theirs = await stop();
  assert.equal(applied.converged, true);
  return theirs;
}

describe('an account that two processes write in', function () {
  this.timeout(60_000);
  useRealNetwork();
  let rig: SandboxRig;
  afterEach(async () => {
    await rig.close();
  });

  it('gets its counterparts, and records that are put into it, while nobody else is writing there', async () => {
    const of = <Kind extends FieldKind>(kind: Kind) =>
      ({ kind, policy: 'hubspot', blank: 'ignore' }) as const;
    const fields = {
      ...{ name: of('text'), closeDate: of('date'), stage: of('stage'), owner: of('person') },
      customer: of('text'),
    };
    rig = await start({ fields, create: { salesforce: 'all' }, initial: 'hubspot' }, CUSTOMER, false);
    const theirs = await applyBeside(rig);
    assert.deepEqual(
      theirs.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(theirs.length > 2);
    const held = [...(await rig.sandbox.salesforce.records('Opportunity')).values()];
    const inIt = held.filter(({ AccountId }) => AccountId === ACCOUNT).map(({ Name }) => Name);
    assert.deepEqual(inIt.sort(), ['Belvedere canteen', 'Sale 1', 'Sale 2', 'Sale 3']);
  });

  it('gets its roll-up while nobody else is writing there', async () => {
    rig = await start({ rollups: ['salesforce'] });
    const theirs = await applyBeside(rig);
    assert.deepEqual(
      theirs.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(theirs.length > 2);
    const rolledUp = await heldRollups(rig.sandbox);
    assert.deepEqual(
      rolledUp.get(`Account ${ACCOUNT}`),
      (await expectedRollups(rig.sandbox)).get(`Account ${ACCOUNT}`),
    );
  });
});
