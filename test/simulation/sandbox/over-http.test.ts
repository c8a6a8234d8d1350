/** The same stories where nothing is simulated but the CRMs: over HTTP to the sandbox's servers, with the state in PostgreSQL. */
import fc from 'fast-check';
import type { Store } from '../../../src/core/store-port.ts';
import { createStore } from '../../../src/store/create-store.ts';
import { holdWorkerLock, type WorkerLock } from '../../../src/store/worker-lock.ts';
import { testDatabase } from '../../support/database.ts';
import { kept, replay } from '../running.ts';
import { idsAndSigned, type StoryDatabase } from '../scene.ts';
import { type Schedule, schedules } from '../schedule.ts';
import { useStoryNetwork } from './network.ts';
import { overHttp } from './over-http.ts';
import { sandboxScene } from './sandbox-scene.ts';

const SCHEDULES = Number(process.env['OPPSYNC_TEST_HTTP_SCHEDULES'] ?? 4);
const MOST_PROCESSES = 2;

describe('the whole engine between the sandbox servers, on PostgreSQL', function () {
  useStoryNetwork();
  this.timeout(120_000 + SCHEDULES * 20_000);

  it(`keeps its promises (${SCHEDULES} schedules)`, async () => {
    await fc.assert(
      fc.asyncProperty(schedules(10).map(survivable), async (schedule) => {
        const testing = await testDatabase();
        const http = overHttp();
        const locks: WorkerLock[] = [];
        try {
          const { db, pool } = await testing.openDatabase<unknown>();
          while (locks.length < MOST_PROCESSES) locks.push(await holdWorkerLock(pool, Math.random));
          const stores = locks.map(({ worker }) => createStore(db, worker));
          await kept(
            schedule,
            { outside: true },
            { scene: sandboxScene(http.exchange), database: inPostgres(stores) },
          );
        } finally {
          await http.close();
          for (const lock of locks) await lock.release();
          await testing.drop();
        }
      }),
      { numRuns: SCHEDULES, endOnFailure: true, ...replay() },
    );
  });
});

/** A process that dies cannot take its database session with it here; test/e2e/killed.test.ts kills real ones. */
function survivable({ world, events }: Schedule): Schedule {
  return {
    world: { ...world, jitter: 0 },
    events: events.filter(({ what }) => what.is !== 'crash' && what.is !== 'stall'),
  };
}

function inPostgres(stores: readonly Store[]): StoryDatabase {
  let connected = 0;
  return {
    connect() {
      const store = stores[connected++];
      if (store === undefined) throw new Error('more processes than there are database sessions for');
      return { store, kill: () => undefined, losesLock: () => undefined };
    },
    async leftToPeople() {
      const [store] = stores;
      const conflicts = (await store?.listConflicts('main', '', 1_000)) ?? [];
      const quarantined = (await store?.listQuarantine('main', null, 1_000)) ?? [];
      return {
        conflicts: conflicts.map(({ conflict: { field, sides } }) => ({
          field,
          ...idsAndSigned(sides),
        })),
        quarantined: quarantined.map(({ ref }) => ref),
      };
    },
  };
}
