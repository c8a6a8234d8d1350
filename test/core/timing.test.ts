import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  blockUntil,
  countRequest,
  nextBackOff,
  observeUse,
  openWindow,
  type RateWindow,
  relimit,
  settleRequest,
  used,
  waitForSlot,
} from '../../src/core/timing.ts';

/** Sends a request as soon as the window allows, at or after `now`. */
function send(window: RateWindow, now: number): { window: RateWindow; at: number } {
  const at = now + waitForSlot(window, now);
  return { window: countRequest(window, at, at), at };
}

describe('timing: sliding window', () => {
  it('never counts more than the limit within any window, and wastes no room', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 10, max: 1000 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 80 }),
        (limit, perMs, gaps) => {
          let window = openWindow(limit, perMs);
          let now = 0;
          const sent: number[] = [];
          for (const gap of gaps) {
            now += gap;
            const step = send(window, now);
            // No waste: it waited only because the window was full until that very moment.
            if (step.at > now)
              assert.equal(sent.filter((at) => at > step.at - 1 - perMs).length >= limit, true);
            window = step.window;
            now = step.at;
            sent.push(step.at);
          }
          for (const end of sent) {
            const inside = sent.filter((at) => at > end - perMs && at <= end).length;
            assert.ok(inside <= limit, `${inside} requests within ${perMs} ms, limit ${limit}`);
          }
        },
      ),
    );
  });

  it('waits for enough requests to leave when the limit was lowered', () => {
    let window = openWindow(3, 100);
    for (const at of [0, 10, 20]) window = countRequest(window, at, at);
    assert.equal(waitForSlot(window, 30), 70);
    assert.equal(waitForSlot(relimit(window, 1, 100), 30), 90);
  });

  it('counts what others have used with the same credentials, once', () => {
    let window = openWindow(10, 100);
    window = countRequest(window, 0, 0);
    window = observeUse(window, 7, 50);
    assert.equal(used(window, 50), 7);
    window = observeUse(window, 7, 60);
    assert.equal(used(window, 60), 7);
    assert.equal(
      used(window, 100),
      6,
      'our own left after 100 ms, theirs are counted from when we heard of them',
    );
    assert.equal(
      used(observeUse(window, 1000, 60), 60),
      10,
      'never more than the limit, or the wait would never end',
    );
  });

  it('moves a request back to when it was answered, never forward', () => {
    const window = countRequest(openWindow(1, 100), 150, 0);
    assert.equal(waitForSlot(window, 5), 245);
    assert.equal(waitForSlot(settleRequest(window, 150, 5), 5), 100);
    assert.equal(waitForSlot(settleRequest(window, 150, 400), 5), 245);
  });

  it('keeps the longest block', () => {
    const window = blockUntil(blockUntil(openWindow(5, 100), 500), 200);
    assert.equal(waitForSlot(window, 100), 400);
    assert.equal(waitForSlot(window, 500), 0);
  });
});

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

  it('spreads: the chance decides where between base and three times the previous wait', () => {
    const rule = { baseMs: 100, capMs: 10_000 };
    assert.equal(nextBackOff(rule, 0, 0.9), 100);
    assert.equal(nextBackOff(rule, 1000, 0), 100);
    assert.equal(nextBackOff(rule, 1000, 0.5), 1550);
    assert.equal(nextBackOff(rule, 9000, 0.99), 10_000);
  });
});
