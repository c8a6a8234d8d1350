import { ApiError } from '../errors.ts';
import { DAY_MS, dateTimeText, toMs } from '../stamps.ts';
import type { Table } from '../table.ts';
import type { Call, Reply } from './call.ts';

const MINUTE = 60_000;

interface Window {
  readonly start: number;
  readonly end: number;
}

/** Both ends lose their seconds; the window must span more than a minute and start within `days` (salesforce.md §2.3). */
function windowOf(call: Call, days: number): Window {
  const at = (name: string): number => {
    const text = call.query.get(name);
    // An unescaped plus sign arrives as a blank.
    const ms = text === null ? Number.NaN : toMs(text.replace(' ', '+'));
    if (Number.isNaN(ms))
      throw new ApiError('INVALID_REPLICATION_DATE', `${name} is not a valid date: ${text}`);
    return Math.floor(ms / MINUTE) * MINUTE;
  };
  const start = at('start');
  const end = at('end');
  if (end <= start)
    throw new ApiError('INVALID_REPLICATION_DATE', 'startDate must be at least one minute before endDate');
  if (start < call.org.now() - days * DAY_MS) {
    throw new ApiError('INVALID_REPLICATION_DATE', `startDate cannot be more than ${days} days ago`);
  }
  return { start, end };
}

/** The moment up to which everything is committed: the start of the oldest open transaction, or the window's end. */
function latestDateCovered(call: Call, table: Table, end: number): string {
  const now = call.org.now();
  let covered = Math.min(end, Math.floor(now / MINUTE) * MINUTE);
  for (const row of table.openRows(now)) {
    covered = Math.min(covered, toMs(String(table.read(row, 'SystemModstamp'))));
  }
  return dateTimeText(covered);
}

/** GET /sobjects/{type}/updated: ids of records written in the window, keyed on SystemModstamp. */
export function updated(call: Call, table: Table): Reply {
  const { start, end } = windowOf(call, 30);
  const now = call.org.now();
  const rows = table.byStamp(dateTimeText(start), dateTimeText(end - 1)) ?? new Set();
  const ids: string[] = [];
  for (const row of rows) {
    const values = table.visible(row, now);
    if (values === row.values && !table.isDeleted(values)) ids.push(row.id);
  }
  return { status: 200, body: { ids, latestDateCovered: latestDateCovered(call, table, end) } };
}

/** GET /sobjects/{type}/deleted. */
export function deleted(call: Call, table: Table): Reply {
  const { start, end } = windowOf(call, 15);
  const now = call.org.now();
  const rows = table.byStamp(dateTimeText(start), dateTimeText(end - 1)) ?? new Set();
  const deletedRecords: unknown[] = [];
  for (const row of rows) {
    const values = table.visible(row, now);
    if (values !== row.values || !table.isDeleted(values)) continue;
    deletedRecords.push({ id: row.id, deletedDate: table.read(row, 'SystemModstamp') });
  }
  const body = {
    deletedRecords,
    earliestDateAvailable: dateTimeText(Math.floor((now - 15 * DAY_MS) / MINUTE) * MINUTE),
    latestDateCovered: latestDateCovered(call, table, end),
  };
  return { status: 200, body };
}
