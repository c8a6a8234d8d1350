/** Between the clock on the wall of a time zone and instants. Pure: the zones' rules come with the runtime. */
import type { EpochMs } from './ids.ts';

/** What a clock on the wall shows, as epoch ms of the same digits in UTC. */
export type WallMs = number;

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of the zone are ahead of UTC at that instant, ms. */
export function offsetAt(zone: string, at: EpochMs): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** So far before and after a time on the wall no other change of the clock than the one at hand is met. */
const AROUND_MS = 26 * 3_600_000;

/**
 * The instants at which the wall shows that time, earliest first. One, as a rule; two where the clocks are put back over it.
 * Where they are put forward over it, the instant at which they would have shown it: 2:30 is 3:30 then.
 */
export function instantsOf(zone: string, wall: WallMs): readonly EpochMs[] {
  const before = offsetAt(zone, wall - AROUND_MS);
  const after = offsetAt(zone, wall + AROUND_MS);
  if (before === after) return [wall - before];
  const found = [before, after]
    .map((offset) => wall - offset)
    .filter((at) => at + offsetAt(zone, at) === wall);
  return found.length === 0 ? [wall - before] : found.toSorted((a, b) => a - b);
}
