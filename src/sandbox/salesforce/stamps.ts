/**
 * Dates and datetimes are kept in the text form the REST API prints: it sorts as text, and a page of rows costs no
 * formatting. Datetimes are UTC, `2026-11-01T10:00:00.000+0000`; dates are calendar days without a zone.
 */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;
export const DAY_MS = 86_400_000;

/** Epoch ms to a datetime, with its milliseconds. */
export function dateTimeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}+0000`;
}

/** Epoch ms to a system stamp: system stamps have a resolution of one second. */
export function stampText(ms: number): string {
  return dateTimeText(Math.floor(ms / 1000) * 1000);
}

/** Epoch ms to the UTC calendar day. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Epoch ms of a date or datetime in any form the API accepts; NaN when it is none. */
export function toMs(text: string): number {
  if (isDay(text)) return Date.parse(`${text}T00:00:00Z`);
  if (!DATETIME.test(text)) return Number.NaN;
  const zoned = text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
  return Date.parse(zoned);
}

/** True for an existing calendar day; 2026-02-30 is none. */
export function isDay(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(8, 10) === match[3];
}

export function addDays(day: string, days: number): string {
  return dayText(toMs(day) + days * DAY_MS);
}
