/**
 * `kill -9` at ten moments of a run that writes, spread over its whole duration, and the same command again: as if nothing had
 * happened. The moments are drawn; OPPSYNC_TEST_SEED repeats a drawing.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../src/sandbox/random.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type Cli, testCli } from '../support/cli.ts';
import { differences, type World, worldOf } from '../support/crm-world.ts';
import { copyDatabase, type DatabaseCopy } from '../support/database-copy.ts';
import { type SalesDesk, salesDesk } from '../support/sales-desk.ts';

const SALES = 400;
const KILLS = 10;
/** After a request is seen, the kill comes up to this much later: also while nothing is asked of a CRM. */
const AFTER_REQUEST_MS = 120;
/** A fifth of the portfolio is to change: more than a run may do by itself, and not what is tried here. */
const WITHOUT_BRAKES = Object.fromEntries(
  ['CHANGED', 'FLIPS', 'AMOUNTS'].map((brake) => [`OPPSYNC_SYNCS__SANDBOX__BRAKES__${brake}`, 'false']),
);
const SEED = Number(process.env['OPPSYNC_TEST_SEED'] ?? Date.now() % 1_000_000);

describe('killed at any moment and run again', function () {
  this.timeout(240_000);
  useRealNetwork();
  let desk: SalesDesk;
  let planned: string;
  let undisturbed: World;
  const requestsOf = { sync: 0, apply: 0 };

  before(async () => {
    desk = await salesDesk({
      ...{ seed: 5, sales: SALES, env: WITHOUT_BRAKES },
      switches: { salesforce: { slowRequestMs: 15, maxPageRows: 250 } },
    });
    await desk.sandbox.hubspot.fault({ effect: { slow: { ms: 15 } } });
    // A plan is the first run: the next one may write.
    planned = (await desk.cli.report(0, 'plan')).plan?.digest ?? '';
    for (const command of ['apply', 'sync'] as const) {
      const trial = await begin();
      try {
        assert.equal((await trial.cli.run(...ARGV[command](planned))).code, 0);
        undisturbed = await worldOf(desk.sandbox);
        requestsOf[command] = await requests();
      } finally {
        await trial.end();
      }
      assert.deepEqual(undisturbed.created, []);
    }
  });
  after(() => desk?.close());

  const requests = async (): Promise<number> =>
    (await desk.sandbox.salesforce.requests()) + (await desk.sandbox.hubspot.requests());

  /** Both CRMs as they were loaded, and a database in which the plan was made and nothing else. */
  async function begin(): Promise<{ cli: Cli; database: DatabaseCopy; end(): Promise<void> }> {
    await desk.sandbox.salesforce.reset();
    await desk.sandbox.hubspot.reset();
    await desk.sandbox.hubspot.fault({ effect: { slow: { ms: 15 } } });
    const database = await copyDatabase(desk.database.url);
    const cli = await testCli(desk.sandbox.configText(), {
      ...WITHOUT_BRAKES,
      DATABASE_URL: database.url,
    });
    return {
      ...{ cli, database },
      end: async () => {
        await cli.remove();
        await database.drop();
      },
    };
  }

  const random = createRandom(SEED);
  /** Kills between reading and writing, when nothing is asked of a CRM: by the phase the run has reached. */
  const INSIDE: Readonly<Record<number, string>> = { 4: 'reconcile', 5: 'seal' };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const share = (kill + random.next()) / KILLS;
    const lateMs = random.int(0, AFTER_REQUEST_MS);
    const inside = INSIDE[kill];
    const command = inside !== undefined ? 'sync' : random.pick(['sync', 'apply'] as const);
    const again = command === 'sync' ? 'sync' : random.pick(['sync', 'apply'] as const);

    const moment =
      inside !== undefined ? `reaching ${inside}` : `${Math.round(share * 100)} % of its requests`;
    it(`${command} killed after ${moment} and ${lateMs} ms, then ${again} (seed ${SEED})`, async () => {
      const trial = await begin();
      try {
        const running = trial.cli.start(...ARGV[command](planned));
        const until = Math.max(1, Math.floor(share * requestsOf[command]));
        const reached = async (): Promise<boolean> =>
          inside === undefined
            ? (await requests()) >= until
            : PHASES.indexOf(String(await trial.database.ask(PHASE))) >= PHASES.indexOf(inside);
        while (running.child.exitCode === null && !(await reached())) await delay(3);
        await delay(inside === undefined ? lateMs : lateMs / 10);
        await running.kill();
        const { signal } = await running.ended;
        const phase = await trial.database.ask(PHASE);
        console.log(
          `      ${signal === null ? 'had ended by itself' : 'killed'} in phase ${String(phase ?? 'none yet')}, ${await desk.writes()} of ${SALES * 2} records written`,
        );

        const second = await trial.cli.run(...ARGV[again](planned));
        // A plan that was applied to the end before the kill cannot be applied again; sync settles the rest.
        const refused = again === 'apply' && second.code === 3;
        assert.ok(second.code === 0 || refused, `${second.stdout}${second.stderr}`);
        if (refused) assert.equal((await trial.cli.run('sync')).code, 0);

        const world = await worldOf(desk.sandbox);
        assert.deepEqual(world.created, [], 'records were created');
        assert.deepEqual(differences(world, undisturbed), []);
        assert.deepEqual(world.writtenTwice, [], 'a value was written twice');
        assert.deepEqual(world.pairKeyProblems, []);
        const redundant =
          (await desk.sandbox.salesforce.counters()).redundantWrites +
          (await desk.sandbox.hubspot.counters()).redundantWrites;
        assert.equal(redundant, 0, 'records were written with the values they had');

        const written = await desk.writes();
        const third = await trial.cli.report(0, 'sync');
        assert.equal(await desk.writes(), written);
        assert.equal(third.converged, true);
      } finally {
        await trial.end();
      }
    });
  }
});

const PHASES = ['pull', 'pair', 'reconcile', 'seal', 'push', 'finish'];
/** Where the run that is not the plan stands. */
const PHASE = "select phase from runs where mode <> 'plan'";
const ARGV = {
  sync: () => ['sync'],
  apply: (digest: string) => ['apply', digest],
} as const;
