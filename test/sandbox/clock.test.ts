import assert from 'node:assert/strict';
import { createClock } from '../../src/sandbox/clock.ts';

describe('sandbox clock', () => {
  it('runs with real time from where it was started, set or advanced to', () => {
    let real = 1_000;
    const clock = createClock(50_000, () => real);
    assert.equal(clock.now(), 50_000);
    real += 5;
    assert.equal(clock.now(), 50_005);
    clock.advance(100);
    assert.equal(clock.now(), 50_105);
    clock.set(7);
    real += 1;
    assert.equal(clock.now(), 8);
  });

  it('stands still while frozen, can be moved, and goes on from there', () => {
    let real = 1_000;
    const clock = createClock(undefined, () => real);
    clock.freeze(true);
    real += 500;
    assert.equal(clock.now(), 1_000);
    clock.advance(10);
    clock.freeze(true);
    assert.equal(clock.now(), 1_010);
    clock.freeze(false);
    real += 1;
    assert.equal(clock.now(), 1_011);
  });

  it('forgets every move on reset', () => {
    let real = 1_000;
    const clock = createClock(9_000, () => real);
    clock.freeze(true);
    clock.set(1);
    real += 10;
    clock.reset();
    assert.deepEqual([clock.now(), clock.frozen()], [9_010, false]);
  });
});
