import assert from 'node:assert/strict';
import { learn, ownShare, refused } from '../../src/core/quota-others.ts';
import { openRate, type RateRule } from '../../src/core/quota-window.ts';

const LIMIT = 190;
const RULE: RateRule = {
  ...{ window: 'burst', limit: LIMIT, perMs: 10_000, wayMs: 1000, told: true, memoryMs: 10_000 },
};

const WINDOW = { window: 'burst', limit: LIMIT, perMs: 10_000 };

/** Our share after answers told, one each `everyMs`, that others had used so much. */
function shareBeside(used: readonly number[], everyMs = 500): number {
  let rate = openRate(RULE);
  for (const [at, count] of used.entries())
    rate = learn(rate, RULE, { ...WINDOW, at: (at + 1) * everyMs, used: count });
  return ownShare(rate, RULE, used.length * everyMs);
}

describe('our share of a window', () => {
  it('is what the others leave at their most, less one', () => {
    assert.equal(shareBeside([96, 92, 95, 92, 96, 93, 96, 92, 96, 96]), LIMIT - 96 - 1);
  });

  it('leaves room beside others whose requests bunch, for a jump higher than the highest', () => {
    const calm = [96, 95, 94, 92, 90, 89, 91, 92, 93, 95, 96];
    const jumpy = [96, 95, 94, 92, 90, 86, 96, 95, 94, 95, 96];
    assert.equal(shareBeside(calm), LIMIT - 96 - 1);
    const room = LIMIT - 96 - 1 - shareBeside(jumpy);
    assert.ok(room >= 5 && room <= 12, `room for ${room}`);
  });

  it('is one less beside nobody, so that somebody who comes finds room', () => {
    assert.equal(shareBeside([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), LIMIT - 1);
  });

  it('does not shrink when one answer of several was counted while others of ours were under way', () => {
    const noisy = Array<number[]>(10).fill([95, 88, 94, 95, 100, 95, 95, 102, 90, 95]).flat();
    assert.equal(shareBeside(noisy, 100), LIMIT - 95 - 1);
  });

  it('shrinks at a refusal, whatever answers still under way tell', () => {
    const told = [95, 95, 95].map((used) => ({ ...WINDOW, at: 500, used }));
    let rate = told.reduce((before, one) => learn(before, RULE, one), openRate(RULE));
    rate = refused(rate, RULE, 510, 1000);
    const share = ownShare(rate, RULE, 520);
    for (const used of Array<number>(12).fill(95)) rate = learn(rate, RULE, { ...WINDOW, at: 600, used });
    assert.ok(share < LIMIT - 95 - 1, String(share));
    assert.equal(ownShare(rate, RULE, 610), share);
  });

  it('asks ever more rarely where others take all of a window that answers tell nothing of', () => {
    const rule: RateRule = { ...RULE, limit: 4, perMs: 1000, told: false, memoryMs: 600_000 };
    let rate = openRate(rule);
    const refusals: number[] = [];
    for (let at = 1000; at < 600_000; at = Math.max(at + 1000, rate.blockedUntil + 1)) {
      rate = refused(rate, rule, at, 1000);
      refusals.push(at);
    }
    assert.ok(refusals.length <= 50, `${refusals.length} refusals in ten minutes`);
    assert.ok(rate.blockedUntil - (refusals.at(-1) ?? 0) <= 20_000);
    assert.equal(ownShare(rate, rule, 600_000), 1);
  });
});
