/**
 * Whole-engine simulation for as long as wanted: `npm run soak -- --minutes 10 [--seed N] [--sandbox]`, between CRMs in memory
 * or, with `--sandbox`, between the sandbox simulators with the real connectors. Every batch has a seed of its own;
 * the first schedule that breaks a promise is shrunk, printed with what replays it, and ends the soak with exit code 1.
 */
import { parseArgs } from 'node:util';
// First, whole: loaded after its own parts, which the connector imports, it lacks Connection.
import 'jsforce';
import fc from 'fast-check';
import { examine } from '../test/simulation/oracle.ts';
import { sandboxScene } from '../test/simulation/sandbox/sandbox-scene.ts';
import { schedules } from '../test/simulation/schedule.ts';
import { play } from '../test/simulation/world.ts';

const BATCH = 1_000;
/** Schedules between the simulators take longer. */
const SANDBOX_BATCH = 100;

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, sandbox: { type: 'boolean' } },
});
const minutes = Number(values.minutes ?? '10');
let seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run soak -- [--minutes N] [--seed N] [--sandbox]');
  process.exit(2);
}

const startedAt = Date.now();
const end = startedAt + minutes * 60_000;
const sums = { schedules: 0, steps: 0, runs: 0, lostInGap: 0, mostPasses: 0 };
while (Date.now() < end) {
  const result = await fc.check(
    fc.asyncProperty(schedules(30), async (schedule) => {
      const world = await play(schedule, {}, values.sandbox === true ? { scene: sandboxScene() } : {});
      const { broken, lostInGap } = examine(world);
      sums.schedules += 1;
      sums.steps += world.steps;
      sums.runs += world.ended.length;
      sums.lostInGap += lostInGap;
      sums.mostPasses = Math.max(sums.mostPasses, world.passesToRest ?? 0);
      if (broken.length > 0) throw new Error(broken.join('\n'));
    }),
    {
      numRuns: values.sandbox === true ? SANDBOX_BATCH : BATCH,
      seed,
      interruptAfterTimeLimit: Math.max(1, end - Date.now()),
      markInterruptAsFailure: false,
    },
  );
  console.log(JSON.stringify({ seed, minutes: (Date.now() - startedAt) / 60_000, ...sums }));
  if (result.failed) {
    console.log(`OPPSYNC_SEED=${result.seed} OPPSYNC_PATH=${result.counterexamplePath} replays it:`);
    console.log(JSON.stringify(result.counterexample?.[0]));
    console.log(String(result.errorInstance));
    process.exitCode = 1;
    break;
  }
  seed += 1;
}
