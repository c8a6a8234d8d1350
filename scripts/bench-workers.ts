/**
 * Many workers beside another application: `npm run bench:workers -- [--workers 2,4,8] [--pairs 50000] [--limit 190] [--embedded]`.
 *
 * For each number of processes: both simulated CRMs with that many linked sales, HubSpot's real limits (190 requests per
 * 10 s, 5 searches per s), another client that takes half of the requests with the same credentials, PostgreSQL and Redis
 * (`--embedded`: the embedded database alone, which the processes find by its folder), a plan and then a sync that writes to
 * every record. Prints what HubSpot counted. With few pairs there is never work waiting for 10 s on end, and so nothing that
 * could tell which part of the limit was used.
 */
import { parseArgs } from 'node:util';
import { sharedLimit } from '../test/support/shared-limit.ts';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2,4,8' },
    pairs: { type: 'string', default: '50000' },
    limit: { type: 'string', default: '190' },
    embedded: { type: 'boolean', default: false },
  },
});
const limit = Number(values.limit);
let failed = false;
for (const workers of values.workers.split(',').map(Number)) {
  const result = await sharedLimit({
    ...{ workers, pairs: Number(values.pairs), limit, redis: !values.embedded },
    foreignPerSecond: limit / 20,
    say: (line) => process.stderr.write(line),
  });
  const { undecided, writtenTwice, fullWindows } = result;
  const good =
    result.refused === 0 &&
    (fullWindows === 0 || result.used >= 0.95) &&
    result.converged &&
    undecided.length + writtenTwice.length === 0;
  failed ||= !good;
  console.log(
    `${workers} processes: ${result.seconds.toFixed(0)} s, ${result.requests} requests, ${result.refused} refused with 429; ` +
      `the other application ${result.foreign} (${result.foreignRefused} refused); ` +
      `${fullWindows === 0 ? 'not measured which part of what it left was used: too few pairs' : `${(result.used * 100).toFixed(1)} % of what it left used in ${fullWindows} windows with work waiting`}; ` +
      `${undecided.length} fields with two results, ${writtenTwice.length} written twice; converged: ${result.converged}`,
  );
}
process.exitCode = failed ? 1 : 0;
