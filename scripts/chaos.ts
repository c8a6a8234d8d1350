/**
 * Everything is killed and restarted while a sync goes on: `npm run chaos -- [--pairs 50000] [--kills 40] [--every 3000]
 * [--workers 4] [--seed N] [--embedded]`.
 *
 * Both simulated CRMs with that many linked sales and HubSpot's real limits. First an undisturbed plan and sync; then, from
 * the same beginning, a sync during which a random process is killed (SIGKILL) every few seconds, Redis is emptied twice and
 * restarted twice, PostgreSQL is restarted once, and a worker is asked to stop. Compares what the CRMs hold and have logged.
 */
import { parseArgs } from 'node:util';
import { disturbedSync } from '../test/support/disturbed-sync.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '50000' },
    kills: { type: 'string', default: '40' },
    every: { type: 'string', default: '3000' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    embedded: { type: 'boolean', default: false },
  },
});
const result = await disturbedSync({
  ...{ pairs: Number(values.pairs), kills: Number(values.kills), everyMs: Number(values.every) },
  ...{ workers: Number(values.workers), seed: Number(values.seed), redis: !values.embedded },
  ...{ flushes: 2, redisRestarts: 2, databaseRestarts: 1, stops: 1 },
  say: (line) => console.error(line),
});
console.log(`${values.pairs} pairs, ${values.workers} workers, seed ${values.seed}`);
console.log(
  `${result.kills} kills; ${result.disturbances.join(', ')}; ${result.seconds.toFixed(0)} s; run ${result.state}`,
);
console.log(`longest time without progress: ${result.longestPause.toFixed(1)} s`);
for (const { code, seconds } of result.stopped)
  console.log(`a worker asked to stop ended with ${code} after ${seconds.toFixed(1)} s`);
const wrong: readonly (readonly [string, number])[] = [
  ['differences from the undisturbed run', result.differences.length],
  ['workers that ended by themselves', result.fallen.length],
  ['records created', result.created.length],
  ['values written twice', result.writtenTwice.length],
  ['records written with the values they had', result.redundantWrites],
  ['wrong pair keys', result.pairKeyProblems.length],
  ['records the next sync wrote', result.writtenAfterwards],
];
for (const [what, count] of wrong) console.log(`${what}: ${count}`);
for (const line of result.differences) console.log(`  ${line}`);
const slow = result.longestPause > 60;
const late = result.stopped.some(({ code, seconds }) => code !== 0 || seconds > 26);
if (result.state !== 'done' || slow || late || wrong.some(([, count]) => count > 0)) process.exitCode = 1;
