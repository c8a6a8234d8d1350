import assert from 'node:assert/strict';
import fc from 'fast-check';
import { examine } from './oracle.ts';
import { schedules } from './schedule.ts';
import { play } from './world.ts';

describe('the whole engine under random schedules', function () {
  this.timeout(120_000);
  it('tries', async () => {
    let n = 0,
      steps = 0,
      gaps = 0;
    const t0 = Date.now();
    await fc
      .assert(
        fc.asyncProperty(schedules(), async (schedule) => {
          const world = await play(schedule);
          n++;
          steps += world.steps;
          const { broken, lostInGap } = examine(world);
          gaps += lostInGap;
          assert.deepEqual(broken, []);
        }),
        {
          numRuns: Number(process.env['RUNS'] ?? 200),
          ...(process.env['OPPSYNC_SEED'] ? { seed: Number(process.env['OPPSYNC_SEED']) } : {}),
        },
      )
      .finally(() => console.log({ n, steps, gaps, ms: Date.now() - t0 }));
  });
});
