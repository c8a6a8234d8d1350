import assert from 'node:assert/strict';
import fc from 'fast-check';
import { growingBackOff, nextBackOff } from '../../src/core/timing.ts';

describe('timing: back-off', () => {
  it('stays between base and cap, and never more than triples', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (baseMs, previousMs, chance) => {
          const rule = { baseMs, capMs: 60_000 };
          const wait = nextBackOff(rule, previousMs, chance);
          assert.ok(wait >= baseMs && wait <= 60_000);
          assert.ok(wait <= Math.max(baseMs, previousMs * 3));
        },
      ),
    );
  });

  it('grows with every failure, up to its cap, and chance takes a quarter of it at most', () => {
    const rule = { baseMs: 2_000, capMs: 900_000 };
    assert.deepEqual(
      [1, 2, 3, 9, 10, 5_000].map((failures) => growingBackOff(rule, failures, 0)),
      [2_000, 4_000, 8_000, 512_000, 900_000, 900_000],
    );
    assert.equal(growingBackOff(rule, 2, 0.999_999), 3_000);
  });

  it('spreads: the chance decides where between base and three times the previous wait', () => {
    const rule = { baseMs: 100, capMs: 10_000 };
    assert.equal(nextBackOff(rule, 0, 0.9), 100);
    assert.equal(nextBackOff(rule, 1000, 0), 100);
    assert.equal(nextBackOff(rule, 1000, 0.5), 1550);
    assert.equal(nextBackOff(rule, 9000, 0.99), 10_000);
  });
});
