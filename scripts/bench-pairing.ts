/**
 * How well and how fast pairing by score works: one portfolio entered twice by careless people, in several sizes.
 *
 *   node scripts/bench-pairing.ts [--sizes 5000,20000] [--seeds 1] [--rate typo=0.3 --rate lookAlike=0.1 …] [--json]
 *
 * Prints precision, recall, pairs compared per record and CPU time per size, then the growth of time against that of the
 * records. Exits with 1 when precision at "certain" falls below 99.5 %, recall of certain and ask below 97 %, or time grows more
 * than twice as fast as the records from 5,000 on.
 */
import { parseArgs } from 'node:util';
import { measureMatching } from '../test/support/match-quality.ts';
import { perturb, RATES, type Rates, truePortfolio } from '../test/support/perturb.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '5000,20000' },
    seeds: { type: 'string', default: '1' },
    rate: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
});

const LEAST_PRECISION = 0.995;
const LEAST_RECALL = 0.97;
/** A quadratic matching of 20 times the records would take 20 times longer than a linear one. Smaller sizes tell nothing of growth. */
const MOST_GROWTH = 2;
const SMALLEST = 5000;

const numbers = (text: string, option: string): number[] =>
  text.split(',').map((part) => {
    const value = Number(part);
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`--${option}: not a whole number: ${part}`);
    return value;
  });

const rates: Partial<Rates> = Object.fromEntries(
  values.rate.map((text) => {
    const [name = '', value = ''] = text.split('=');
    if (!Object.hasOwn(RATES, name) || !(Number(value) >= 0 && Number(value) <= 1))
      throw new RangeError(`--rate ${text}: expected one of ${Object.keys(RATES).join(', ')} = 0 to 1`);
    return [name, Number(value)];
  }),
);

const results = [];
for (const size of numbers(values.sizes, 'sizes'))
  for (const seed of values.seeds.split(',')) {
    const entered = perturb(truePortfolio(size, seed), { seed, rates });
    const quality = measureMatching(entered);
    const records = entered.left.length + entered.right.length;
    results.push({
      ...{ size, seed, records },
      precision: quality.precision,
      recall: quality.recall,
      certainRecall: quality.certainRecall,
      comparedPerRecord: quality.matching.compared / records,
      milliseconds: Math.round(quality.milliseconds),
      rssMegabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
    });
  }

const [first] = results;
const growth = results.map((result) => ({
  size: result.size,
  seed: result.seed,
  records: result.records / (first?.records ?? 1),
  time: result.milliseconds / Math.max(1, first?.milliseconds ?? 1),
}));
const missed = results.filter(
  ({ precision, recall }) => precision < LEAST_PRECISION || recall < LEAST_RECALL,
);
const steep = growth.filter(
  ({ records, time }) => (first?.size ?? 0) >= SMALLEST && time > MOST_GROWTH * records,
);

if (values.json) console.log(JSON.stringify({ results, growth }));
else {
  console.table(results);
  for (const { size, seed, records, time } of growth)
    console.log(
      `size ${size}, seed ${seed}: ${records.toFixed(2)} times the records, ${time.toFixed(2)} times the time`,
    );
  for (const { size, seed } of missed) console.log(`size ${size}, seed ${seed}: below the targets`);
  for (const { size, seed } of steep) console.log(`size ${size}, seed ${seed}: time does not grow linearly`);
}
process.exitCode = missed.length + steep.length > 0 ? 1 : 0;
