/** The properties are worth something: engines that are broken on purpose do not get past them. */
import fc from 'fast-check';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { PLANTED_CREATIONS } from './planted-creations.ts';
import { kept } from './running.ts';
import { creatingWorlds, schedules, worldPlans } from './schedule.ts';

/** Schedules a planted bug may survive. */
const MOST = 600;

describe('planted bugs', function () {
  this.timeout(120_000);

  const bugs = [
    ...PLANTED_BUGS.map((bug) => ({ ...bug, worlds: worldPlans })),
    ...PLANTED_CREATIONS.map((bug) => ({ ...bug, worlds: creatingWorlds })),
  ];
  for (const { what, plants, breaks, worlds, between } of bugs) {
    it(`an engine that ${what} is found out`, async () => {
      const result = await fc.check(
        fc.asyncProperty(schedules(20, worlds), async ({ world, events }) => {
          await kept({ world: { ...world, ...between?.world }, events }, plants());
        }),
        { numRuns: MOST, endOnFailure: true, seed: Number(process.env['OPPSYNC_SEED'] ?? 20_260_101) },
      );
      if (!result.failed) throw new Error(`still not found out after ${MOST} schedules`);
      const { errorInstance } = result;
      const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
      console.log(`      after ${result.numRuns} schedules: ${message.split('\n')[0]}`);
      if (breaks.length > 0 && !breaks.some((promise) => message.includes(`${promise} `)))
        throw new Error(`found out by something else than ${breaks.join(', ')}: ${message}`);
    });
  }
});
