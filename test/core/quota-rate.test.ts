import assert from 'node:assert/strict';
import { learn, openRate, ownShare, type RateRule } from '../../src/core/quota-rate.ts';

const LIMIT = 190;
const RULE: RateRule = {
  ...{ window: 'burst', limit: LIMIT, perMs: 10_000, wayMs: 1000, told: true, memoryMs: 10_000 },
};

/** Our share after answers told, each half second, that others had used so much. */
function shareBeside(used: readonly number[]): number {
  let rate = openRate(RULE);
  for (const [at, count] of used.entries())
    rate = learn(rate, RULE, {
      ...{ window: 'burst', at: (at + 1) * 500 },
      limit: LIMIT,
      perMs: 10_000,
      used: count,
    });
  return ownShare(rate, RULE, used.length * 500);
}

describe('our share of a window', () => {
  it('is all that an application leaves whose use is steady', () => {
    assert.equal(shareBeside([95, 96, 95, 95, 96, 95, 94, 95, 96, 95]), LIMIT - 96);
  });

  it('is one less while others go up and down, or have not been seen for long', () => {
    assert.equal(shareBeside([96, 80, 96, 84, 96, 90, 96, 85, 96, 96]), LIMIT - 96 - 1);
    assert.equal(shareBeside([96, 96, 96, 96, 96, 96, 96]), LIMIT - 96 - 1);
  });

  it('is one less beside nobody, so that somebody who comes finds room', () => {
    assert.equal(shareBeside([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), LIMIT - 1);
  });
});
