import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkSchedule } from '../../src/queue/cron.ts';

describe('schedule check', () => {
  const ends = (from: number, to: number) =>
    fc.tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to }));
  const item = (from: number, to: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: from, max: to }).map(String),
      ends(from, to).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.integer({ min: 1, max: to + 1 }).map((step) => `*/${step}`),
    );
  const field = (from: number, to: number) =>
    fc.array(item(from, to), { minLength: 1, maxLength: 3 }).map((items) => items.join(','));

  it('accepts every value, range, step and list within bounds', () => {
    const pattern = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));
    fc.assert(fc.property(pattern, (fields) => checkSchedule('x', fields.join(' '), 'UTC')));
  });

  it('names the field that is out of bounds', () => {
    for (const [pattern, name] of [
      ['60 * * * *', 'minute'],
      ['* 24 * * *', 'hour'],
      ['* * 0 * *', 'day of month'],
      ['* * * 13 *', 'month'],
      ['* * * * 8', 'day of week'],
      ['* * * * mon-', 'day of week'],
      ['1,,2 * * * *', 'minute'],
      ['1-2-3 * * * *', 'minute'],
      ['1/2/3 * * * *', 'minute'],
    ] as const) {
      assert.throws(() => checkSchedule('x', pattern, 'UTC'), new RegExp(`no ${name}`), pattern);
    }
  });
});
