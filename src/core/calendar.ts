/** Calendar days in a given time zone. Pure: the platform's zone table is data, and the machine's own zone is never asked. */
import { DAY_MS } from './engagement.ts';
import type { EpochMs, PlainDate } from './ids.ts';

/** What is remembered is bounded: more days than any portfolio has, fewer than any memory. */
const KEPT = 50_000;
const isoDays = new Map<number, PlainDate>();
const dayNumbers = new Map<PlainDate, number>();
const zones = new Map<string, Zone>();

/**
 * The calendar day on which a moment falls in a zone: the one function that decides what "today" and "this month" are.
 * A calendar day given instead of a moment is that day. Throws RangeError for a zone the platform does not know.
 */
export function dayOf(at: EpochMs | PlainDate, zone: string): PlainDate {
  if (typeof at === 'string') return at.length === 10 ? at : at.slice(0, 10);
  if (zone === 'UTC') return isoDay(Math.floor(at / DAY_MS));
  let known = zones.get(zone);
  if (known === undefined) {
    known = openZone(zone);
    zones.set(zone, known);
  }
  const offset = offsetOn(known, Math.floor(at / DAY_MS));
  return offset === null
    ? (known.clock.format(at).split(' ')[0] ?? '')
    : isoDay(Math.floor((at + offset) / DAY_MS));
}

/** A zone's clock, and per UTC day how far it is ahead of UTC; null on days on which that changes. */
interface Zone {
  readonly clock: Intl.DateTimeFormat;
  readonly offsets: Map<number, EpochMs | null>;
}

function openZone(zone: string): Zone {
  // Swedish writes dates in ISO 8601 order.
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return { clock, offsets: new Map() };
}

/** Asking the platform for a day costs as much as everything else that is measured on a record together. */
function offsetOn({ clock, offsets }: Zone, day: number): EpochMs | null {
  const known = offsets.get(day);
  if (known !== undefined) return known;
  const ahead = (at: EpochMs): number => Date.parse(`${clock.format(at).replace(' ', 'T')}Z`) - at;
  const [begin, end] = [ahead(day * DAY_MS), ahead((day + 1) * DAY_MS)];
  const offset = begin === end ? begin : null;
  if (offsets.size >= KEPT) offsets.clear();
  offsets.set(day, offset);
  return offset;
}

function isoDay(day: number): PlainDate {
  const known = isoDays.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (isoDays.size >= KEPT) isoDays.clear();
  isoDays.set(day, text);
  return text;
}

function dayNumber(day: PlainDate): number {
  const known = dayNumbers.get(day);
  if (known !== undefined) return known;
  const number = Math.round(Date.parse(day) / DAY_MS);
  // Only days that exist, written in full, are kept: the platform reads 30 February as well.
  if (!Number.isFinite(number) || isoDay(number) !== day) return number;
  if (dayNumbers.size >= KEPT) dayNumbers.clear();
  dayNumbers.set(day, number);
  return number;
}

/** Whole days from one calendar day to a later one; negative when `to` is the earlier one. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return dayNumber(to) - dayNumber(from);
}

/** The calendar day `days` after this one (before it when negative). */
export function addDays(day: PlainDate, days: number): PlainDate {
  return isoDay(dayNumber(day) + days);
}

/** `YYYY-MM` of a calendar day. */
export function monthOf(day: PlainDate): string {
  return day.slice(0, 7);
}

/** Whether the text is an existing calendar day written `YYYY-MM-DD`. */
export function isCalendarDay(text: string): boolean {
  if (dayNumbers.has(text)) return true;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  const exists = Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
  if (exists) dayNumber(text);
  return exists;
}

/** A span of calendar days, both ends included; null = open at that end. */
export interface Period {
  readonly from: PlainDate | null;
  readonly to: PlainDate | null;
}

/** Does the day lie in the period? A record without that day lies in the unlimited period only. */
export function isWithin(day: PlainDate | null, { from, to }: Period): boolean {
  if (day === null) return from === null && to === null;
  return (from === null || day >= from) && (to === null || day <= to);
}
