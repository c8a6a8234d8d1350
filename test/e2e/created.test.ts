/**
 * Counterparts are made over HTTP while the answer of one CRM is lost and the process is killed between making a record in the
 * other and hearing of it: the truth logs know one record per original, and both sides bear its key.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type Cli, testCli } from '../support/cli.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import type { CrmControl } from '../support/sandbox.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

const ALONE = 8;
const KEYS = { salesforce: 'Oppsync_Pair_Key__c', hubspot: 'oppsync_pair_key' } as const;
const NAMES = { salesforce: 'Name', hubspot: 'dealname' } as const;

describe('counterparts made while answers are lost and processes die', function () {
  this.timeout(120_000);
  useRealNetwork();
  let sandbox: TestSandbox;
  let database: TestDatabase;
  let cli: Cli;

  before(async () => {
    sandbox = await testSandbox({ records: 40, seed: 3 });
    database = await testDatabase();
    const config = sandbox
      .configText()
      .replace(
        '    schedule: false',
        '    create: { salesforce: active, hubspot: true }\n    schedule: false',
      );
    cli = await testCli(config, {
      DATABASE_URL: database.url,
      OPPSYNC_CONNECTIONS__HUBSPOT__DEADLINEMS: '1500',
      OPPSYNC_CONNECTIONS__SALESFORCE__DEADLINEMS: '1500',
    });
    const owner = await ownerOfBoth(sandbox);
    for (let n = 0; n < ALONE; n++) {
      const [name, amount, date] = [`${SOUNDS[n]} annex`, 1000 * (n + 3), `2031-0${n + 1}-11`];
      if (n % 2 === 0)
        await sandbox.hubspot.edit({
          ...{ type: 'deal', action: 'create', actor: 'human:ann' },
          fields: {
            ...{ dealname: name, pipeline: 'default', dealstage: 'qualifiedtobuy', amount: String(amount) },
            ...{ closedate: date, hubspot_owner_id: owner.hubspot },
          },
        });
      else
        await sandbox.salesforce.edit({
          ...{ type: 'Opportunity', action: 'create', actor: 'human:ann' },
          fields: {
            ...{ Name: name, StageName: 'Prospecting', Amount: amount, CloseDate: date },
            OwnerId: owner.salesforce,
          },
        });
    }
  });
  after(async () => {
    await cli?.remove();
    await sandbox?.close();
    await database?.drop();
  });

  it('there is one per original, linked from both sides, and nothing left to do', async () => {
    const plan = await cli.report(0, 'plan');
    const planned = plan.plan?.creates ?? {};
    assert.ok((planned['salesforce'] ?? 0) >= ALONE / 2 && (planned['hubspot'] ?? 0) >= ALONE / 2);
    const digest = plan.plan?.digest ?? '';

    const lost = { effect: 'commit-then-timeout', times: 1 };
    await sandbox.hubspot.fault({ ...lost, path: '/crm/v3/objects/deals/batch/upsert' });
    await sandbox.salesforce.fault({ ...lost, path: `/composite/sobjects/Opportunity/${KEYS.salesforce}` });
    const applying = cli.start('apply', digest, '--json');
    while ((await madeIn(sandbox.salesforce)).length === 0 && applying.child.exitCode === null)
      await delay(5);
    await applying.kill();
    const before = (await madeIn(sandbox.salesforce)).length;
    assert.ok(before > 0, 'it was not killed in time to prove anything');

    const again = await cli.report(0, 'apply', digest);
    assert.equal(again.converged, true);
    assert.equal(total(again.outcomes), total(again.read));
    const settled = await cli.report(0, 'sync');
    assert.equal(settled.converged, true);
    const quiet = await cli.report(0, 'sync');
    for (const { update, create } of Object.values(quiet.writes)) assert.equal(update + create, 0);

    const keys = { salesforce: await keysOf('salesforce'), hubspot: await keysOf('hubspot') };
    for (const crm of ['salesforce', 'hubspot'] as const) {
      const other = crm === 'salesforce' ? 'hubspot' : 'salesforce';
      const made = await madeIn(sandbox[crm]);
      assert.equal(made.length, planned[crm], crm);
      for (const id of made) {
        const key = String(keys[crm].get(id)?.key);
        const original = [...keys[other].values()].filter((one) => one.key === key);
        assert.deepEqual(
          original.map(({ name }) => name),
          [keys[crm].get(id)?.name],
          key,
        );
        assert.equal([...keys[crm].values()].filter((one) => one.key === key).length, 1, key);
      }
    }
    assert.match((await cli.run('verify')).stdout, /of \d+ pairs agree on every field/);
  });

  it('and what a person deletes is not made again', async () => {
    const [id = ''] = await madeIn(sandbox.hubspot);
    await sandbox.hubspot.edit({ type: 'deal', id, action: 'delete', actor: 'human:ann' });
    const before = (await madeIn(sandbox.hubspot)).length;
    await cli.report(0, 'sync');
    assert.equal((await madeIn(sandbox.hubspot)).length, before);
  });

  /** Ids of the records the engine made, by the CRM's own log. */
  async function madeIn(crm: CrmControl): Promise<string[]> {
    return (await crm.truth())
      .filter(({ action, actor }) => action === 'create' && actor === 'engine')
      .map(({ id }) => id);
  }

  async function keysOf(
    crm: 'salesforce' | 'hubspot',
  ): Promise<Map<string, { key: unknown; name: unknown }>> {
    const records = await sandbox[crm].records(crm === 'salesforce' ? 'Opportunity' : 'deal');
    return new Map(
      [...records].map(([id, fields]) => [id, { key: fields[KEYS[crm]], name: fields[NAMES[crm]] }]),
    );
  }
});

const SOUNDS = ['Arkona', 'Belvedere', 'Cormorant', 'Dunmore', 'Estrela', 'Falkirk', 'Gryphon', 'Hollister'];

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

/** Somebody who owns records in both CRMs. */
async function ownerOfBoth({
  salesforce,
  hubspot,
}: TestSandbox): Promise<{ salesforce: string; hubspot: string }> {
  const owners = await hubspot.records('owner');
  for (const [id, user] of await salesforce.records('User')) {
    const twin = [...owners.values()].find(({ email }) => email === user['Email']);
    if (twin !== undefined && user['IsActive'] !== false)
      return { salesforce: id, hubspot: String(twin['id']) };
  }
  throw new Error('nobody works in both CRMs');
}
