/** Calendar dates in a portal's time zone. Pure: the zone database of the platform is data, not state. */
import type { EpochMs, PlainDate } from '../../core/ids.ts';
import { instantsOf } from '../../core/wall-time.ts';

const DAY_MS = 86_400_000;
const NOON_MS = DAY_MS / 2;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar date on which an instant falls in a zone, except that exactly midnight UTC means that UTC date: a bare
 * date that another program wrote through the API is stored as midnight UTC, and nobody means the evening before.
 */
export function dateOfInstant(at: EpochMs, zone: string): PlainDate {
  if (at % DAY_MS === 0) return new Date(at).toISOString().slice(0, 10);
  return wallClock(at, zone).slice(0, 10);
}

/**
 * Noon of a calendar date in a zone, as an ISO instant: half a day away from both of its midnights, so that a reader in
 * a neighbouring zone sees the same date. Null when the text is no calendar date.
 */
export function noonOf(date: PlainDate, zone: string): string | null {
  if (!isPlainDate(date)) return null;
  const wanted = Date.parse(`${date}T00:00:00Z`) + NOON_MS;
  let at = wanted;
  // The offset depends on the instant we are looking for: the second round corrects a guess across a clock change.
  for (let round = 0; round < 2; round += 1) at += wanted - Date.parse(`${wallClock(at, zone)}Z`);
  // In a zone 12 hours from UTC noon is midnight UTC of some date; an hour later reads back as the intended one.
  const clear = at % DAY_MS === 0 ? at + 3_600_000 : at;
  return new Date(clear).toISOString();
}

/** The instant at which the day after the one containing `at` begins in a zone. */
export function nextMidnight(at: EpochMs, zone: string): EpochMs {
  const today = Date.parse(`${wallClock(at, zone).slice(0, 10)}T00:00:00Z`);
  // The clocks may be changed before then; where they go back over midnight, the earlier one begins the day.
  const [begins = at] = instantsOf(zone, today + DAY_MS);
  return begins;
}

/** Whether the text is an existing date written `YYYY-MM-DD`. */
export function isPlainDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}

/** Whether the platform knows the zone. */
export function isZone(zone: string): boolean {
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** What a wall clock in the zone shows: `YYYY-MM-DDTHH:MM:SS`. */
function wallClock(at: EpochMs, zone: string): string {
  return formatFor(zone).format(at).replace(' ', 'T');
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  // Swedish is written in ISO 8601 order.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, format);
  return format;
}
