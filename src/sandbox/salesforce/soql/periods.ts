import { addDays, dayText, toMs } from '../stamps.ts';

/** Days from `first` up to but not including `end`. */
export interface Period {
  readonly first: string;
  readonly end: string;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/** The days a SOQL date literal such as TODAY or LAST_N_DAYS:30 means on `today` (UTC); null when it is no literal. */
export function periodOf(name: string, n: number, now: number): Period | null {
  const today = dayText(now);
  if (name === 'TODAY') return span(today, 1);
  if (name === 'YESTERDAY') return span(addDays(today, -1), 1);
  if (name === 'TOMORROW') return span(addDays(today, 1), 1);
  if (name === 'LAST_90_DAYS') return { first: addDays(today, -90), end: addDays(today, 1) };
  if (name === 'NEXT_90_DAYS') return { first: addDays(today, 1), end: addDays(today, 91) };
  const match = /^(THIS|LAST|NEXT)_(?:FISCAL_)?(WEEK|MONTH|QUARTER|YEAR)$/.exec(name);
  if (match !== null) {
    const start = startOf(today, match[2] as Unit);
    const shift = match[1] === 'LAST' ? -1 : match[1] === 'NEXT' ? 1 : 0;
    return between(start, match[2] as Unit, shift, shift + 1);
  }
  return countedPeriod(name, n, today);
}

function countedPeriod(name: string, n: number, today: string): Period | null {
  const ago = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO$/.exec(name);
  if (ago !== null) {
    const unit = ago[1] as Unit;
    return between(startOf(today, unit), unit, -n, -n + 1);
  }
  const match = /^(LAST|NEXT)_N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S$/.exec(name);
  if (match === null) return null;
  const unit = match[2] as Unit;
  const start = startOf(today, unit);
  if (match[1] === 'NEXT') return between(start, unit, 1, n + 1);
  // LAST_N_DAYS reaches into today, the longer units end before the current one.
  return between(start, unit, -n, unit === 'DAY' ? 1 : 0);
}

function span(first: string, days: number): Period {
  return { first, end: addDays(first, days) };
}

function between(start: string, unit: Unit, from: number, to: number): Period {
  return { first: shifted(start, unit, from), end: shifted(start, unit, to) };
}

function startOf(day: string, unit: Unit): string {
  if (unit === 'DAY') return day;
  if (unit === 'WEEK') return addDays(day, -new Date(toMs(day)).getUTCDay());
  const month = Number(day.slice(5, 7));
  if (unit === 'MONTH') return `${day.slice(0, 7)}-01`;
  const first = unit === 'YEAR' ? 1 : month - ((month - 1) % 3);
  return `${day.slice(0, 4)}-${String(first).padStart(2, '0')}-01`;
}

const MONTHS: Partial<Record<Unit, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

function shifted(start: string, unit: Unit, count: number): string {
  const months = MONTHS[unit];
  if (months === undefined) return addDays(start, count * (unit === 'WEEK' ? 7 : 1));
  const date = new Date(toMs(start));
  return dayText(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months * count, 1));
}
