/**
 * From a signed webhook to the written field: `npm run bench:events -- [--seconds N] [--rates 50,200] [--records N] [--pipeline]
 * [--redis] [--roles web=2,workers=2]`.
 *
 * Starts the two simulated CRMs, a first approved plan, and `oppsync serve`, each as a process of its own. Then deals are edited
 * at a steady rate, each edit followed by its webhook. Prints how long the acknowledgement took and how long it took until the
 * field stood in Salesforce (by the truth log of the simulation), and checks there that no edit was lost.
 *
 * One process on the embedded database does it all, unless `--roles` asks for web, worker and scheduler processes: webhooks then
 * come through a balancer, to each web process in turn. `--redis` gives them a Redis and a PostgreSQL of their own.
 *
 * With `--pipeline` no rates: a HubSpot pipeline with all deals (10,000) is edited, so that each of them tells of a change, while
 * people edit some of them. Prints how many requests read deals, and checks that the edits arrived and nothing else was written.
 */
import { parseArgs } from 'node:util';
import { openTeller } from './events/edit-and-tell.ts';
import { editedPipeline } from './events/edited-pipeline.ts';
import { openPoster } from './events/post.ts';
import { roleCounts, startServedFleet } from './events/served-fleet.ts';
import { steadyEdits } from './events/steady-edits.ts';

const WINDOW_MS = 2_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rates: { type: 'string', default: '50,200' },
    records: { type: 'string' },
    pipeline: { type: 'boolean', default: false },
    redis: { type: 'boolean', default: false },
    roles: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const rates = values.rates.split(',').map(Number);
const records = Number(
  values.records ?? (values.pipeline ? 10_000 : Math.ceil(Math.max(...rates) * seconds * 1.05)),
);
if (![seconds, records, ...rates].every((n) => Number.isFinite(n) && n > 0))
  throw new RangeError('--seconds, --rates and --records must be numbers above 0');
const roles = values.roles === undefined ? null : roleCounts(values.roles);

const poster = openPoster();
const served = await startServedFleet({
  ...{ pairs: records, onlyOpen: values.pipeline, redis: values.redis, roles, windowMs: WINDOW_MS },
});
try {
  const { fleet, address } = served;
  const { salesforce, hubspot } = fleet.sandbox;
  await poster.control(salesforce.url, 'webhooks', {
    targetUrl: `${address}/webhooks/salesforce/${fleet.credentials.salesforce.webhookSecret}`,
  });
  const deals = [...(await hubspot.records('deal')).keys()];
  console.log(
    `${records} linked pairs; window ${WINDOW_MS} ms; ` +
      `${roles === null ? 'one process' : `processes: ${roles.web} web, ${roles.workers} workers, ${roles.scheduler} scheduler`} ` +
      `on ${values.redis ? 'Redis and PostgreSQL' : 'the embedded database'}`,
  );
  let ok = true;
  if (values.pipeline)
    ok = await editedPipeline({ ...{ salesforce, hubspot, deals, address, poster }, windowMs: WINDOW_MS });
  else {
    const tell = await openTeller(poster, fleet.credentials, address);
    for (const rate of rates)
      ok = (await steadyEdits({ salesforce, deals, rate, seconds, windowMs: WINDOW_MS, tell })) && ok;
  }
  console.log(ok ? 'targets met, nothing lost' : 'not all targets met');
  process.exitCode = ok ? 0 : 1;
} finally {
  poster.close();
  await served.close();
}
