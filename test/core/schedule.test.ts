import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isOverdue, jitterMs, type ScheduleState, wasMade, whatIsDue } from '../../src/core/schedule.ts';

const HOUR = 3_600_000;
const at = { by: 'ana', at: 5 };
const state = (changes: Partial<ScheduleState> = {}): ScheduleState => ({
  firedFor: 10 * HOUR,
  firstSeen: 0,
  paused: null,
  asked: null,
  watchedAt: null,
  trouble: null,
  ...changes,
});

describe('nightly schedule', () => {
  it('answers each due moment once, and the last of several that were missed', () => {
    assert.deepEqual(whatIsDue(state(), 10 * HOUR, 11 * HOUR), { is: 'nothing' });
    assert.deepEqual(whatIsDue(state(), null, 11 * HOUR), { is: 'nothing' });
    const on = { is: 'run', due: 12 * HOUR, by: 'schedule', late: false };
    assert.deepEqual(whatIsDue(state(), 12 * HOUR, 12 * HOUR + 1_000), on);
    const missed = whatIsDue(state(), 58 * HOUR, 80 * HOUR);
    assert.deepEqual(missed, { is: 'run', due: 58 * HOUR, by: 'schedule', late: true });
    assert.deepEqual(whatIsDue(state({ firedFor: 58 * HOUR }), 58 * HOUR, 80 * HOUR), { is: 'nothing' });
  });

  it('lets due moments pass while paused, and still runs when a person asks', () => {
    assert.deepEqual(whatIsDue(state({ paused: at }), 12 * HOUR, 13 * HOUR), { is: 'skip', due: 12 * HOUR });
    const asked = { is: 'run', due: 12 * HOUR, by: 'ana', late: false };
    assert.deepEqual(whatIsDue(state({ paused: at, asked: at }), 12 * HOUR, 13 * HOUR), asked);
    assert.deepEqual(whatIsDue(state({ asked: at }), null, 13 * HOUR), { ...asked, due: 10 * HOUR });
  });

  it('knows the run of a scheduler that died right after having started it', () => {
    const due = whatIsDue(state(), 12 * HOUR, 12 * HOUR + 9);
    const last = { run: 'r', by: 'schedule', state: 'done', startedAt: 12 * HOUR, error: null };
    assert.equal(wasMade(due, last), true);
    assert.equal(wasMade(due, { ...last, state: 'failed' }), true);
    // This one is gone on with; the others are of another night, or somebody else's.
    assert.equal(wasMade(due, { ...last, state: 'running' }), false);
    assert.equal(wasMade(due, { ...last, startedAt: 12 * HOUR - 1 }), false);
    assert.equal(wasMade(due, { ...last, by: 'ana' }), false);
    assert.equal(wasMade(whatIsDue(state({ asked: at }), 12 * HOUR, 12 * HOUR + 9), last), false);
    assert.equal(wasMade(due, null), false);
  });

  it('does not let a clock that ran ahead keep away the nights until then', () => {
    const ahead = state({ firedFor: 900 * HOUR });
    const on = { is: 'run', due: 12 * HOUR, by: 'schedule', late: false };
    assert.deepEqual(whatIsDue(ahead, 12 * HOUR, 12 * HOUR), on);
    assert.equal(isOverdue(state(), 900 * HOUR, 20 * HOUR, 26 * HOUR), true);
  });

  it('puts starts off by less than the most, the same everywhere, spread over the syncs', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.integer({ min: 1, max: 7_200_000 }), (sync, due, most) => {
        const off = jitterMs(sync, due, most);
        return off === jitterMs(sync, due, most) && off >= 0 && off < most;
      }),
    );
    assert.equal(jitterMs('main', 5, 0), 0);
    const tenths = new Set(Array.from({ length: 200 }, (_, n) => jitterMs(`sync-${n}`, 7_200_000, 10)));
    assert.equal(tenths.size, 10);
  });

  it('is overdue when the last good run, or the beginning, is older than the limit', () => {
    assert.equal(isOverdue(state(), null, 26 * HOUR, 26 * HOUR), false);
    assert.equal(isOverdue(state(), null, 26 * HOUR + 1, 26 * HOUR), true);
    assert.equal(isOverdue(state(), 20 * HOUR, 40 * HOUR, 26 * HOUR), false);
  });
});
