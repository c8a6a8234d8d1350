import type { AccountFacts } from '../../core/account-facts.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { Log, Sleep } from '../../core/ports.ts';
import { type CsvText, openCsv } from './bulk-csv.ts';
import { createRowReader } from './bulk-row.ts';
import type { Client } from './client.ts';
import { fromAnswer } from './errors.ts';
import type { BulkPosition } from './position.ts';
import { isRow, type Row } from './query.ts';
import { told } from './sentences.ts';

export interface BulkDeps {
  readonly client: Client;
  readonly sleep: Sleep;
  readonly log: Log;
  readonly pageRecords: number;
}

/** Rows of a bulk result, and where to go on: null at its end. */
export interface BulkRows {
  readonly rows: readonly Row[];
  readonly next: BulkPosition | null;
  readonly serverTime: number | null;
}

/** Rows handed out at once: a page is larger than what should be in memory as objects. */
const ROWS_AT_ONCE = 1_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** The page last fetched, as far as it was handed out. */
interface OpenPage {
  readonly key: string;
  readonly csv: CsvText;
  readonly toRow: (cells: readonly string[]) => Row;
  readonly total: number;
  readonly nextLocator: string | null;
  readonly serverTime: number | null;
  given: number;
}

const openPages = new WeakMap<Client, OpenPage>();

/** Asks for everything a query yields. The library's own bulk client is not used: it loses pages and hides why a job failed. */
export async function createJob({ client }: BulkDeps, query: string, signal: AbortSignal): Promise<string> {
  const body = { operation: 'query', query, contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF' };
  // A second job in place of one whose answer was lost does no harm: nobody reads the first.
  const answer = await client.call({ method: 'POST', path: '/jobs/query', body, repeatable: true }, signal);
  const id = isRow(answer.body) ? answer.body['id'] : undefined;
  if (typeof id !== 'string') throw fromAnswer({ status: 200, body: '' });
  return id;
}

/** Waits until the job is complete. Each look is a call, so the pauses between them grow. */
export async function awaitJob({ client, sleep }: BulkDeps, job: string, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const answer = await client.call({ method: 'GET', path: `/jobs/query/${job}`, repeatable: true }, signal);
    const state = isRow(answer.body) ? answer.body['state'] : undefined;
    if (state === 'JobComplete') return;
    if (state === 'Failed' || state === 'Aborted') throw ended(state, answer.body);
    await sleep(pause, signal);
  }
}

/** The next rows of a complete job. */
export async function readRows(
  deps: BulkDeps,
  at: BulkPosition,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<BulkRows> {
  const held = openPages.get(deps.client);
  // Held again only once these rows are whole, so that a page that turns out to be cut is fetched anew.
  openPages.delete(deps.client);
  const goesOn = held?.key === keyOf(at) && held.given === at.rows;
  const page = goesOn ? held : await fetchPage(deps, at, facts, signal);
  const rows = page.csv.next(ROWS_AT_ONCE).map(page.toRow);
  page.given += rows.length;
  const { serverTime } = page;
  if (page.given < page.total && rows.length > 0) {
    openPages.set(deps.client, page);
    return { rows, next: { ...at, rows: page.given }, serverTime };
  }
  if (page.given !== page.total) throw cut();
  const next = page.nextLocator === null ? null : { ...at, locator: page.nextLocator, rows: 0 };
  return { rows, next, serverTime };
}

function keyOf({ job, locator }: BulkPosition): string {
  return `${job} ${locator}`;
}

async function fetchPage(
  { client, pageRecords }: BulkDeps,
  at: BulkPosition,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<OpenPage> {
  const { job, locator } = at;
  const from = locator === null ? '' : `&locator=${encodeURIComponent(locator)}`;
  const path = `/jobs/query/${job}/results?maxRecords=${pageRecords}${from}`;
  const { body, headers, serverTime } = await client.call(
    { method: 'GET', path, repeatable: true, asText: true },
    signal,
  );
  const next = headers.get('sforce-locator');
  const total = Number(headers.get('sforce-numberofrecords') ?? Number.NaN);
  // Without these the end could not be told from a cut; the word `null` is the end.
  if (next === null || next === locator || !Number.isSafeInteger(total)) throw cut();
  // Where nothing was found there may be not even a header.
  const csv = total === 0 ? NO_ROWS : guarded(openText(String(body)));
  const nextLocator = next === 'null' ? null : next;
  const toRow = createRowReader(csv.header, facts);
  const given = at.rows === 0 ? 0 : csv.next(at.rows).length;
  return { key: keyOf(at), csv, toRow, total, nextLocator, serverTime, given };
}

const NO_ROWS: CsvText = { header: [], next: () => [] };

function openText(text: string): CsvText {
  try {
    return openCsv(text);
  } catch {
    throw cut();
  }
}

function guarded(csv: CsvText): CsvText {
  return {
    header: csv.header,
    next: (limit) => {
      try {
        return csv.next(limit);
      } catch {
        throw cut();
      }
    },
  };
}

function cut(): OppsyncError {
  return new OppsyncError({
    recovery: 'retry',
    code: 'salesforce.bulk_cut',
    crm: 'salesforce',
    ...told('bulk_cut'),
  });
}

function ended(state: string, body: unknown): OppsyncError {
  const said =
    isRow(body) && typeof body['errorMessage'] === 'string'
      ? { words: body['errorMessage'].slice(0, 300) }
      : {};
  return new OppsyncError({
    recovery: 'skip',
    code: 'salesforce.bulk_job_ended',
    crm: 'salesforce',
    ...told('bulk_job_ended', { state, ...said }),
  });
}
