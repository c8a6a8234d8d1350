/**
 * `kill -9` at ten moments of a run that writes, spread over its whole duration, and the same command again: as if nothing had
 * happened. The moments are drawn; OPPSYNC_TEST_SEED repeats a drawing.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../src/sandbox/random.ts';
import type { DatasetLine, TruthEntry } from '../../src/sandbox/simulator.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { type Cli, testCli } from '../support/cli.ts';
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
        undisturbed = await worldOf(desk);
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

        const world = await worldOf(desk);
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

interface World {
  /** Per record, its fields without what differs from run to run. */
  readonly state: Readonly<Record<string, DatasetLine['fields']>>;
  readonly created: readonly string[];
  /** `crm id field` that the program set to the same value more than once. */
  readonly writtenTwice: readonly string[];
  readonly pairKeyProblems: readonly string[];
}

/** Fields of ours and of the CRMs that are drawn, or count the time that has passed. */
const DRAWN = /pair_key|^hs_time_|^hs_days_|_by_?user_?id$/i;
const BEGAN = Date.now();

async function worldOf({ sandbox }: SalesDesk): Promise<World> {
  const opportunities = await sandbox.salesforce.records('Opportunity');
  const deals = await sandbox.hubspot.records('deal');
  const state: Record<string, DatasetLine['fields']> = {};
  for (const [id, fields] of [...opportunities, ...deals]) state[id] = withoutStamps(fields);
  const log = [...(await sandbox.salesforce.truth()), ...(await sandbox.hubspot.truth())].filter(
    (entry) => entry.type === 'Opportunity' || entry.type === 'deal',
  );
  return {
    state,
    created: log
      .filter((entry) => entry.action !== 'update' && entry.actor !== 'import')
      .map((entry) => entry.id),
    writtenTwice: writtenTwice(log),
    pairKeyProblems: pairKeyProblems(opportunities, deals),
  };
}

/** Moments of this very test differ from run to run; all other dates must be the same. */
function withoutStamps(fields: DatasetLine['fields']): DatasetLine['fields'] {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !DRAWN.test(name) && !isOfNow(value)),
  );
}

function isOfNow(value: unknown): boolean {
  const moment = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : 0;
  return moment >= BEGAN - 60_000;
}

/** `record field: value, instead of value`, the first of them. */
function differences(world: World, expected: World): string[] {
  const found: string[] = [];
  for (const id of new Set([...Object.keys(world.state), ...Object.keys(expected.state)])) {
    const is = world.state[id] ?? {};
    const should = expected.state[id] ?? {};
    for (const field of new Set([...Object.keys(is), ...Object.keys(should)]))
      if (JSON.stringify(is[field]) !== JSON.stringify(should[field]))
        found.push(
          `${id} ${field}: ${JSON.stringify(is[field])}, instead of ${JSON.stringify(should[field])}`,
        );
  }
  return found.slice(0, 20);
}

function writtenTwice(log: readonly TruthEntry[]): string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const { crm, id, actor, fields } of log) {
    if (actor !== 'engine') continue;
    for (const [field, { after }] of Object.entries(fields)) {
      if (isOfNow(after)) continue;
      const key = `${crm} ${id} ${field}`;
      if (seen.has(`${key} ${JSON.stringify(after)}`)) twice.push(key);
      seen.add(`${key} ${JSON.stringify(after)}`);
    }
  }
  return twice;
}

/** Every pair carries one key on both sides, and no two pairs the same. */
function pairKeyProblems(
  opportunities: ReadonlyMap<string, DatasetLine['fields']>,
  deals: ReadonlyMap<string, DatasetLine['fields']>,
): string[] {
  const problems: string[] = [];
  const seen = new Set<unknown>();
  for (const [id, deal] of deals) {
    const key = deal['oppsync_pair_key'];
    const other = opportunities.get(String(deal['hs_salesforceopportunityid']))?.['Oppsync_Pair_Key__c'];
    if (typeof key !== 'string' || key !== other) problems.push(`${id}: ${String(key)} and ${String(other)}`);
    if (seen.has(key)) problems.push(`${id}: ${String(key)} twice`);
    seen.add(key);
  }
  return problems;
}
