/** Roll-ups as a team switches them on: shown by plan, killed half-way through the accounts, finished by the same command. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { expectedRollups, heldRollups } from '../support/rollup-oracle.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';

const ON = {
  OPPSYNC_SYNCS__SANDBOX__ROLLUPS__SALESFORCE: 'true',
  OPPSYNC_SYNCS__SANDBOX__ROLLUPS__HUBSPOT: 'true',
};
const BATCH = '/crm/v3/objects/companies/batch/update';

describe('roll-ups on the command line', function () {
  this.timeout(60_000);
  useRealNetwork();
  let desk: SalesDesk;
  let digest: string;

  before(async () => {
    desk = await salesDesk({ seed: 3, sales: 200, env: ON });
  });
  after(() => desk?.close());

  it('a plan shows them as a group of their own, with before, after and cost, in both languages', async () => {
    const english = await desk.cli.run('plan');
    assert.equal(english.code, 0, english.stderr);
    assert.match(english.stdout, /and the roll-ups of \d+ accounts in HubSpot/);
    assert.match(english.stdout, /what the opportunities of an account amount to/);
    assert.match(english.stdout, /openAmount: .* → /);
    const { stdout } = await desk.cli.run('plan', '--json', '--all', '--locale', 'fr');
    const plan = JSON.parse(stdout) as {
      plan: { digest: string; rollups: Record<string, number> };
      changes: { reason: string; id: string; crm: string; sentence: string }[];
    };
    const listed = plan.changes.filter(({ reason }) => reason === 'rolled_up');
    assert.ok(listed.some(({ sentence }) => sentence === 'Le montant en cours des opportunités du compte'));
    const accounts = new Set(listed.map(({ crm, id }) => `${crm} ${id}`));
    assert.equal(accounts.size, (plan.plan.rollups['salesforce'] ?? 0) + (plan.plan.rollups['hubspot'] ?? 0));
    assert.equal(await desk.writes(), 0);
    digest = plan.plan.digest;
  });

  it('apply killed after the first accounts were written goes on where it was', async () => {
    await desk.sandbox.hubspot.fault({ path: BATCH, effect: { slow: { ms: 400 } } });
    const running = desk.cli.start('apply', digest);
    const reached = async (): Promise<boolean> =>
      Object.keys((await desk.sandbox.hubspot.counters()).requests).some((path) => path.includes(BATCH));
    while (running.child.exitCode === null && !(await reached())) await delay(3);
    await running.kill();
    assert.equal((await running.ended).signal, 'SIGKILL');
    await desk.sandbox.hubspot.clearFaults();
    const again = await desk.cli.report(0, 'apply', digest);
    assert.equal(again.rollups?.['hubspot']?.waiting, 0);
    assert.equal(again.converged, true);
    assert.deepEqual(await heldRollups(desk.sandbox), await expectedRollups(desk.sandbox));
    assert.equal((await desk.sandbox.salesforce.counters()).redundantWrites, 0);
    assert.equal((await desk.sandbox.hubspot.counters()).redundantWrites, 0);
  });

  it('a second sync writes nothing, and status and a wrong setting are told in words', async () => {
    const before = await desk.writes();
    const { code, stdout } = await desk.cli.run('sync');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /accounts rolled up\s+\d+ up to date in Salesforce/);
    assert.equal(await desk.writes(), before);
    const wrong = await desk.cli
      .with({ OPPSYNC_SYNCS__SANDBOX__ROLLUPRATES: '{"file":"none.csv","currency":"USD"}' })
      .run('plan');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /rate table of roll-ups/);
  });
});
