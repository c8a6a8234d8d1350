import type { Client } from './client.ts';
import { fromAnswer } from './errors.ts';

export type Row = Readonly<Record<string, unknown>>;

/** One page of a query result. */
export interface ResultPage {
  readonly rows: readonly Row[];
  /** Path of the next page; null when this is the last. The only sign of the end: pages may be short in the middle. */
  readonly next: string | null;
  readonly total: number | null;
  readonly serverTime: number | null;
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks the shape of a query answer; one that is not whole counts as a passing fault, never as an empty result. */
export function toResultPage(body: unknown, serverTime: number | null): ResultPage {
  const page = isRow(body) ? body : {};
  const { records, done, nextRecordsUrl, totalSize } = page;
  const next = done === true ? null : nextRecordsUrl;
  const whole =
    Array.isArray(records) &&
    records.every(isRow) &&
    typeof done === 'boolean' &&
    (next === null || (typeof next === 'string' && next.startsWith('/services/data/')));
  if (!whole) throw fromAnswer({ status: 200, body: '' });
  return { rows: records, next, total: typeof totalSize === 'number' ? totalSize : null, serverTime };
}

/** Path of a query that has not begun. `deletedToo` also yields rows in the recycle bin. */
export function queryPath(soql: string, deletedToo = false): string {
  return `/${deletedToo ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`;
}

/** Reads one page: `path` from {@link queryPath} or from the page before. */
export async function readResultPage(client: Client, path: string, signal: AbortSignal): Promise<ResultPage> {
  const answer = await client.call({ method: 'GET', path, repeatable: true }, signal);
  return toResultPage(answer.body, answer.serverTime);
}

/** Reads a whole small result, for example all users. */
export async function readAllRows(client: Client, soql: string, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = [];
  for (let path: string | null = queryPath(soql); path !== null; ) {
    const page: ResultPage = await readResultPage(client, path, signal);
    rows.push(...page.rows);
    path = page.next;
  }
  return rows;
}
