/** Conversion with a dated rate table that the user gives. Nothing is fetched and nothing is guessed. */
import { isCalendarDay } from './calendar.ts';
import { OppsyncError } from './errors.ts';
import type { PlainDate } from './ids.ts';
import { Money, moneyOf, ZERO } from './measure-amount.ts';

/** One line of a rate table: on that day one unit of `currency` is worth `rate` units of the target currency. */
export interface RateRow {
  readonly date: PlainDate;
  readonly currency: string;
  readonly rate: string;
}

export interface RateTable {
  /** ISO 4217 code everything is converted to. */
  readonly target: string;
  /** Per currency, earliest first. */
  readonly rates: ReadonlyMap<string, readonly { readonly date: PlainDate; readonly rate: Money }[]>;
}

/**
 * Reads a rate table: CSV with the columns `date,currency,rate`, or JSON `[{"date","currency","rate"}]`.
 * @throws OppsyncError `fix` naming the line or entry: no calendar day, no currency code, a rate that is not above zero,
 * or two rates of one currency for one day
 */
export function readRates(text: string, target: string): RateTable {
  const rows = /^\s*\[/.test(text) ? jsonRows(text) : csvRows(text);
  const rates = new Map<string, { date: PlainDate; rate: Money }[]>();
  for (const { where, row } of rows) {
    const rate = moneyOf(row.rate);
    const currency = row.currency.trim().toUpperCase();
    if (!isCalendarDay(row.date))
      throw wrong('date', where, row.date, `"${row.date}" is no date written YYYY-MM-DD`);
    if (!/^[A-Z]{3}$/.test(currency))
      throw wrong('currency', where, row.currency, `"${row.currency}" is no currency code`);
    if (rate === null || !rate.greaterThan(ZERO))
      throw wrong('rate', where, row.rate, `"${row.rate}" is no rate above zero`);
    const list = rates.get(currency) ?? [];
    if (list.some((known) => known.date === row.date))
      throw wrong(
        'twice',
        where,
        `${currency} ${row.date}`,
        `there is a second rate of ${currency} for ${row.date}`,
      );
    list.push({ date: row.date, rate });
    rates.set(currency, list);
  }
  for (const list of rates.values()) list.sort((a, b) => (a.date < b.date ? -1 : 1));
  return { target: target.toUpperCase(), rates };
}

/**
 * The factor for a currency on a day: the latest rate not after the day, 1 for the target itself, null when there is none.
 * A null factor is for the caller to report; the amount is never taken over unconverted.
 */
export function rateOn(table: RateTable, currency: string, day: PlainDate): Money | null {
  if (currency.toUpperCase() === table.target) return new Money(1);
  const known = table.rates.get(currency.toUpperCase()) ?? [];
  return known.findLast((entry) => entry.date <= day)?.rate ?? null;
}

/** The factor for a currency by the latest line of the table, whatever the day; 1 for the target, null when there is none. */
export function latestRate(table: RateTable, currency: string): Money | null {
  if (currency.toUpperCase() === table.target) return new Money(1);
  return table.rates.get(currency.toUpperCase())?.at(-1)?.rate ?? null;
}

interface Found {
  /** Line or entry, from 1. */
  readonly where: number;
  readonly row: RateRow;
}

function csvRows(text: string): readonly Found[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({
      where: index + 1,
      cells: line.split(/[,;\t]/).map((cell) => unquoted(cell)),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [head, ...body] = lines;
  const names = (head?.cells ?? []).map((cell) => cell.toLowerCase());
  const columns = {
    date: names.indexOf('date'),
    currency: names.indexOf('currency'),
    rate: names.indexOf('rate'),
  };
  if (Math.min(columns.date, columns.currency, columns.rate) < 0)
    throw wrong('columns', 1, '', 'the columns date, currency and rate are expected');
  return body.map(({ where, cells }) => ({
    where,
    row: {
      date: cells[columns.date] ?? '',
      currency: cells[columns.currency] ?? '',
      rate: cells[columns.rate] ?? '',
    },
  }));
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1');
}

function jsonRows(text: string): readonly Found[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw wrong('json', 1, '', 'it begins like JSON but is not');
  }
  return (Array.isArray(list) ? list : []).map((entry: unknown, index) => {
    const fields = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
    const word = (name: string): string => {
      const value = fields[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    };
    return {
      where: index + 1,
      row: { date: word('date'), currency: word('currency'), rate: word('rate') },
    };
  });
}

type Fault = 'columns' | 'date' | 'currency' | 'rate' | 'twice' | 'json';

/** `at`: the line, or the entry of a list. */
function wrong(fault: Fault, at: number, found: string, what: string): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    code: `rates.${fault}`,
    params: { at: String(at), found },
    message: `The rate table cannot be used: ${what} (line or entry ${at}).`,
    remedy: 'Give the columns date,currency,rate: what one unit of the currency is worth on that day.',
  });
}
