/** The properties are worth something: engines that are broken on purpose do not get past them. */
import fc from 'fast-check';
import { examine } from './oracle.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { schedules } from './schedule.ts';
import { play } from './world.ts';

/** Schedules a planted bug may survive. */
const MOST = 400;

describe('planted bugs', function () {
  this.timeout(60_000);
  for (const [name, plants] of Object.entries(PLANTED_BUGS)) {
    it(`an engine that ${name} is found out`, async () => {
      const result = await fc.check(
        fc.asyncProperty(schedules(), async (schedule) => {
          const { broken } = examine(await play(schedule, plants));
          if (broken.length > 0) throw new Error(broken.join('; '));
        }),
        { numRuns: MOST, endOnFailure: true, seed: 20_260_101 },
      );
      if (!result.failed) throw new Error(`still not found out after ${MOST} schedules`);
      console.log(
        `      after ${result.numRuns} schedules: ${String(result.errorInstance instanceof Error ? result.errorInstance.message : result.errorInstance).slice(0, 150)}`,
      );
    });
  }
});
