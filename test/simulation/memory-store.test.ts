/** The store in memory means what the SQL means: whole runs are asked of both, and every answer is compared. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createStore } from '../../src/store/create-store.ts';
import { holdWorkerLock, type WorkerLock } from '../../src/store/worker-lock.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { createMemoryDatabase } from '../support/memory-store.ts';
import { examine } from './oracle.ts';
import { creatingWorlds, type Schedule, schedules, worldPlans } from './schedule.ts';
import { writtenAndDecided } from './twin-script.ts';
import { createTwins } from './twin-store.ts';
import { play } from './world.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_TWINS'] ?? 3);

describe(`the store in memory answers as the one in SQL does (${SCHEDULES} schedules)`, function () {
  this.timeout(60_000 + SCHEDULES * 20_000);
  const twins = createTwins();
  let testing: TestDatabase;
  let locks: WorkerLock[];

  beforeEach(async () => {
    locks = [];
  });

  /** A process that dies cannot take its database session with it here. */
  const survivable = (schedule: Schedule): Schedule => ({
    world: { ...schedule.world, jitter: 0 },
    events: schedule.events.filter(({ what }) => what.is !== 'crash' && what.is !== 'stall'),
  });

  for (const [what, worlds, runs] of [
    ['in whole runs under random schedules', worldPlans, SCHEDULES],
    ['where counterparts are made', creatingWorlds, Math.ceil(SCHEDULES / 3)],
  ] as const)
    it(what, () => answersAlike(worlds, runs));

  it('where both sides of a pair are written, and where people decided', async () => {
    testing = await testDatabase();
    try {
      const database = await testing.openDatabase<unknown>();
      locks.push(await holdWorkerLock(database.pool, () => 0));
      const { store: memory } = createMemoryDatabase().connect();
      await writtenAndDecided(createTwins().join(createStore(database.db, memory.worker), memory));
    } finally {
      for (const lock of locks.splice(0)) await lock.release();
      await testing.drop();
    }
  });

  async function answersAlike(worlds: typeof worldPlans, numRuns: number): Promise<void> {
    await fc.assert(
      fc.asyncProperty(schedules(10, worlds).map(survivable), async (schedule) => {
        testing = await testDatabase();
        try {
          const database = await testing.openDatabase<unknown>();
          for (let worker = 0; worker < 2; worker++)
            locks.push(await holdWorkerLock(database.pool, () => worker / 2_147_483_646));
          const world = await play(schedule, {
            store: (memory) => twins.join(createStore(database.db, memory.worker), memory),
            outside: true,
          });
          assert.deepEqual(examine(world).broken, []);
        } finally {
          for (const lock of locks.splice(0)) await lock.release();
          await testing.drop();
        }
      }),
      { numRuns, endOnFailure: true, seed: Number(process.env['OPPSYNC_SEED'] ?? 7) },
    );
    const least: Readonly<Record<string, number>> =
      worlds === worldPlans
        ? { savePage: 10, loadGroups: 10, saveReconciled: 10, savePushed: 10, tally: 10, linkBatch: 10 }
        : { creationHurdles: 1, creationRows: 1, saveCreated: 1 };
    for (const [name, n] of Object.entries(least))
      assert.ok((twins.asked.get(name) ?? 0) >= n, `${name} was hardly asked`);
  }
});
