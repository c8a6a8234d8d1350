/**
 * Everything is killed and restarted while a sync goes on: `npm run chaos -- [--pairs 50000] [--kills 40] [--every 3000]
 * [--workers 4] [--seed N] [--limit 190] [--embedded]`.
 *
 * Both simulated CRMs with that many linked sales and HubSpot's real limit; few sales get a lower one, so that their sync lasts
 * until the last kill. First an undisturbed plan and sync; then, from the same beginning, a sync during which a random process is
 * killed (SIGKILL) every few seconds, Redis is emptied twice and restarted twice, PostgreSQL is restarted once, and a worker is
 * asked to stop. Compares what the CRMs hold and have logged. With `--embedded` there is no Redis, and the processes find the
 * embedded database by its folder.
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
    limit: { type: 'string' },
    embedded: { type: 'boolean', default: false },
  },
});
const [pairs, kills, everyMs] = [Number(values.pairs), Number(values.kills), Number(values.every)];
const limit = Number(values.limit ?? lastingLimit());
const result = await disturbedSync({
  ...{ pairs, kills, everyMs, hubspot: { burstLimit: limit } },
  ...{ workers: Number(values.workers), seed: Number(values.seed), redis: !values.embedded },
  ...{ flushes: 2, redisRestarts: 2, databaseRestarts: 1, stops: 1 },
  say: (line) => console.error(line),
});
console.log(
  `${pairs} pairs, ${values.workers} workers, ${limit} HubSpot requests per 10 s, seed ${values.seed}${values.embedded ? ', embedded' : ''}`,
);
console.log(
  `${result.kills} kills; ${result.disturbances.join(', ') || 'nothing else'}; ${result.seconds.toFixed(0)} s; run ${result.state}`,
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
const early = result.kills < kills || result.left > 0;
if (early)
  console.log(
    `over before the ${kills} kills and ${result.left} of the restarts were done: more --pairs or a lower --limit make it last`,
  );
const slow = result.longestPause > 60;
const late = result.stopped.some(({ code, seconds }) => code !== 0 || seconds > 26);
if (result.state !== 'done' || early || slow || late || wrong.some(([, count]) => count > 0))
  process.exitCode = 1;

/** HubSpot's real limit, or the one with which reading and writing so few sales take about as long as the kills. */
function lastingLimit(): number {
  const requests = pairs / 29;
  const windows = 1 + (0.65 * kills * everyMs) / 10_000;
  return Math.max(5, Math.min(190, Math.ceil(requests / windows)));
}
