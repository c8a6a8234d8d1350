/** The engine broken on purpose, between the sandbox simulators: the same bugs as in memory, seen in the CRMs' own truth logs. */
import fc from 'fast-check';
import { PLANTED_BUGS } from '../planted-bugs.ts';
import { kept } from '../running.ts';
import { schedules, worldPlans } from '../schedule.ts';
import { useStoryNetwork } from './network.ts';
import { sandboxScene } from './sandbox-scene.ts';

const MOST = Number(process.env['OPPSYNC_TEST_SANDBOX_PLANTED'] ?? 300);

describe('planted bugs between the sandbox simulators', function () {
  useStoryNetwork();
  this.timeout(300_000);

  for (const { what, plants, breaks, between } of PLANTED_BUGS) {
    if (between === undefined) continue;
    it(`an engine that ${what} is found out`, async () => {
      const result = await fc.check(
        fc.asyncProperty(schedules(20, worldPlans, between.troubles), async ({ world, events }) => {
          const schedule = { world: { ...world, ...between.world }, events };
          await kept(schedule, plants(), { scene: sandboxScene() });
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
