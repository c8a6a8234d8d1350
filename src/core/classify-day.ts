/** The calendar day of a moment, where the workspace is. */
import type { EpochMs, PlainDate } from './ids.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
let lastDay: { now: EpochMs; timeZone: string; day: PlainDate } | null = null;

/** The calendar day of a moment in a zone. A run judges all its records at one moment, so the last answer is kept. */
export function dayOf(now: EpochMs, timeZone: string): PlainDate {
  if (lastDay !== null && lastDay.now === now && lastDay.timeZone === timeZone) return lastDay.day;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const day = format.format(now);
  lastDay = { now, timeZone, day };
  return day;
}
