/** Days are what the platform's own zone table says, however they are remembered. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addDays, dayOf, daysBetween, isCalendarDay } from '../../src/core/calendar.ts';

const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
  'Africa/Monrovia',
];

function platformDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at);
}

/** Both sides of local midnights and of the moments clocks are set are hit as often as the middle of days. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) }),
  fc
    .tuple(
      fc.integer({ min: -25_000, max: 47_000 }),
      fc.integer({ min: -96, max: 96 }),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([day, quarter, off]) => day * 86_400_000 + quarter * 900_000 + off),
);

describe('calendar days', () => {
  it('of a moment are those of the platform, in every zone', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), (at, zone) => {
        assert.equal(dayOf(at, zone), platformDay(at, zone));
      }),
      { numRuns: 3_000 },
    );
  });

  it('are right around every change of the clocks of a year, and where a whole day was left out', () => {
    for (const zone of ZONES)
      for (let at = Date.UTC(2011, 11, 28); at < Date.UTC(2013, 0); at += 2_700_000)
        if (at < Date.UTC(2012, 0, 3) || at % 86_400_000 < 2_700_000)
          assert.equal(dayOf(at, zone), platformDay(at, zone), `${zone} ${new Date(at).toISOString()}`);
  });

  it('are counted between days and added to them, over leap days and ends of years', () => {
    assert.deepEqual(
      [daysBetween('2024-02-28', '2024-03-01'), daysBetween('2026-01-01', '2025-12-31')],
      [2, -1],
    );
    assert.deepEqual(
      [addDays('2024-02-28', 1), addDays('2025-12-31', 1), addDays('2026-03-01', -1)],
      ['2024-02-29', '2026-01-01', '2026-02-28'],
    );
  });

  it('exist or do not, asked once or twice, and whatever was counted with before', () => {
    daysBetween('2026-02-30', '2026-13-01');
    for (const _round of [1, 2])
      for (const [text, exists] of [
        ['2026-02-28', true],
        ['2024-02-29', true],
        ['2026-02-30', false],
        ['2026-13-01', false],
        ['2026-2-3', false],
        ['2026-02-28T00:00', false],
        ['', false],
      ] as const)
        assert.equal(isCalendarDay(text), exists, text);
  });
});
