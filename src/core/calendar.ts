/** Calendar days in a given time zone. Pure: the platform's zone table is data, and the machine's own zone is never asked. */
import { DAY_MS } from './engagement.ts';
import type { EpochMs, PlainDate } from './ids.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar day on which a moment falls in a zone: the one function that decides what "today" and "this month" are.
 * A calendar day given instead of a moment is that day. Throws RangeError for a zone the platform does not know.
 */
export function dayOf(at: EpochMs | PlainDate, zone: string): PlainDate {
  if (typeof at === 'string') return at.slice(0, 10);
  if (zone === 'UTC') return new Date(at).toISOString().slice(0, 10);
  let format = formats.get(zone);
  if (format === undefined) {
    // Swedish writes dates in ISO 8601 order.
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(zone, format);
  }
  return format.format(at);
}

/** Whole days from one calendar day to a later one; negative when `to` is the earlier one. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The calendar day `days` after this one (before it when negative). */
export function addDays(day: PlainDate, days: number): PlainDate {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** `YYYY-MM` of a calendar day. */
export function monthOf(day: PlainDate): string {
  return day.slice(0, 7);
}

/** Whether the text is an existing calendar day written `YYYY-MM-DD`. */
export function isCalendarDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
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
