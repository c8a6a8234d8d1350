import assert from 'node:assert/strict';
import { createRandom } from '../../src/sandbox/random.ts';

function draw(seed: string | number, count = 8): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe('sandbox random', () => {
  it('repeats itself for a seed, and not for the next one', () => {
    assert.deepEqual(draw(1), draw(1));
    assert.deepEqual(draw(1), draw('1'));
    const firsts = new Set(Array.from({ length: 5_000 }, (_, seed) => draw(seed, 1)[0]));
    assert.ok(firsts.size > 4_990);
  });

  it('is spread evenly over [0, 1), over near seeds too', () => {
    for (const numbers of [
      draw('x', 40_000),
      Array.from({ length: 40_000 }, (_, seed) => draw(seed, 1)[0] ?? 0),
    ]) {
      const buckets = Array.from({ length: 20 }, () => 0);
      for (const number of numbers) {
        assert.ok(number >= 0 && number < 1);
        const bucket = Math.floor(number * 20);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      for (const count of buckets) assert.ok(Math.abs(count - 2_000) < 250, String(buckets));
    }
  });

  it('forks by label alone, however much was drawn before', () => {
    const fresh = createRandom(3).fork('deals').next();
    const used = createRandom(3);
    for (let i = 0; i < 100; i += 1) used.next();
    assert.equal(used.fork('deals').next(), fresh);
    assert.notEqual(createRandom(3).fork('faults').next(), fresh);
  });

  it('reaches both ends of a range, and every item of a list', () => {
    const random = createRandom(4);
    const seen = new Set(Array.from({ length: 300 }, () => random.int(-1, 2)));
    assert.deepEqual([...seen].sort(), [-1, 0, 1, 2]);
    assert.equal(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size, 3);
    assert.throws(() => random.pick([]), RangeError);
  });
});
