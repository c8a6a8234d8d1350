import type { AccountFacts } from '../../core/account-facts.ts';
import type { ReadByIds, ReadPage, ReadPosition, SafeMark } from '../../core/connector-port.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { RecordId } from '../../core/ids.ts';
import type { Snapshot } from '../../core/opportunity.ts';
import type { Clock } from '../../core/ports.ts';
import { awaitJob, type BulkDeps, createJob, readRows } from './bulk-read.ts';
import type { Client } from './client.ts';
import { queryOfAnyLength } from './composite-query.ts';
import { fromAnswer } from './errors.ts';
import { selectList } from './fields.ts';
import { createMapper, momentOf } from './map.ts';
import { type BulkPosition, formatPosition, type Position, parseMark, parsePosition } from './position.ts';
import { isRow, queryPath, type ResultPage, type Row, readResultPage } from './query.ts';
import { to18 } from './record-id.ts';
import { isIn, moment, select, text } from './soql.ts';

/** Rows are stamped when their transaction begins and appear when it ends; this much is read again to catch the late ones. */
const OVERLAP_MS = 10 * 60_000;
/** How far back the question for the safe mark looks; Salesforce wants more than a minute. */
const MARK_WINDOW_MS = 10 * 60_000;
/** Answers that mean: this half-read result is lost, ask again from the last row. */
const LOST_LOCATOR = new Set(['INVALID_QUERY_LOCATOR', 'INVALID_SESSION_ID', 'NOT_FOUND']);

const RECORD_ID = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/;

type Mapper = ReturnType<typeof createMapper>;
const mappers = new WeakMap<AccountFacts, Mapper>();

function mapperFor(facts: AccountFacts): Mapper {
  const known = mappers.get(facts);
  if (known !== undefined) return known;
  const made = createMapper(facts);
  mappers.set(facts, made);
  return made;
}

/** Large full readings go through Bulk API 2.0: see {@link ./bulk-read.ts}. */
export interface ReadDeps extends BulkDeps {
  readonly clock: Clock;
  /** From this many records on; false: never. */
  readonly bulkFrom: number | false;
}

/** A row without id or stamp would become a snapshot that overwrites the wrong one: such an answer is broken. */
function toSnapshots(rows: readonly Row[], facts: AccountFacts, readAt: number): Snapshot[] {
  const map = mapperFor(facts);
  return rows.map((row) => {
    if (typeof row['Id'] !== 'string' || momentOf(row['SystemModstamp']) === null) {
      throw fromAnswer({ status: 200, body: '' });
    }
    return map(row, readAt);
  });
}

/** SOQL for the rest of a reading, from the last row on; the whole of it at the start. */
export function soqlFor(position: Position, fields: readonly string[]): string {
  const { after } = position;
  if (position.read === 'full') {
    const where = after === null ? undefined : `Id > ${text(after.id)}`;
    return select({ fields, from: 'Opportunity', where, orderBy: ['Id'] });
  }
  const upTo = `SystemModstamp < ${moment(position.to + 1_000)}`;
  // Plain `>` on the stamp would lose the siblings of the same second.
  const from =
    after === null
      ? `SystemModstamp >= ${moment(position.from)}`
      : `(SystemModstamp > ${moment(after.at)} OR (SystemModstamp = ${moment(after.at)} AND Id > ${text(after.id)}))`;
  return select({
    fields,
    from: 'Opportunity',
    where: `${from} AND ${upTo}`,
    orderBy: ['SystemModstamp', 'Id'],
  });
}

/**
 * Begins a reading by asking Salesforce up to which moment all commits are visible: `latestDateCovered` is the start of the
 * oldest transaction still open. That, or the server's clock if earlier, is the mark for the next time.
 */
export async function startReading(
  client: Client,
  clock: Clock,
  mark: SafeMark | null,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadPosition> {
  const guess = clock.now() + facts.clockOffsetMs;
  const stamp = (at: number): string =>
    encodeURIComponent(`${new Date(at).toISOString().slice(0, 19)}+00:00`);
  const path = `/sobjects/Opportunity/updated?start=${stamp(guess - MARK_WINDOW_MS)}&end=${stamp(guess)}`;
  let covered: number | null = null;
  let serverTime: number | null = null;
  try {
    const answer = await client.call({ method: 'GET', path, repeatable: true }, signal);
    covered = isRow(answer.body) ? momentOf(answer.body['latestDateCovered']) : null;
    serverTime = answer.serverTime;
  } catch (error) {
    // Too many changes to list says nothing against reading them; the mark is then kept well back instead.
    if (!(error instanceof OppsyncError) || error.details.code !== 'EXCEEDED_ID_LIMIT') throw error;
  }
  const to = serverTime ?? Math.floor(guess / 1000) * 1000;
  return formatPosition({
    read: mark === null ? 'full' : 'changes',
    from: mark === null ? 0 : parseMark(mark) - OVERLAP_MS,
    to,
    mark: Math.min(covered ?? to - OVERLAP_MS, to),
    page: null,
    after: null,
    expected: null,
  });
}

function lastRow(rows: readonly Row[], before: Position['after']): Position['after'] {
  const row = rows.at(-1);
  if (row === undefined) return before;
  return { id: String(row['Id']), at: momentOf(row['SystemModstamp']) ?? 0 };
}

/**
 * Reads the page at `given`. A locator dies with its session; the reading then goes on behind the last row it has. When the
 * first page of everything tells that there is much more, the rest is asked for as a bulk job.
 */
export async function readOnePage(
  deps: ReadDeps,
  given: ReadPosition,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadPage> {
  const { client, clock } = deps;
  const position = parsePosition(given);
  if (typeof position.bulk === 'object') return readBulkPage(deps, position, position.bulk, facts, signal);
  const begin = (): Promise<ResultPage> =>
    readResultPage(
      client,
      queryPath(soqlFor(position, selectList(facts)), position.read === 'changes'),
      signal,
    );
  let page: ResultPage;
  if (position.page === null) {
    page = await begin();
  } else {
    try {
      page = await readResultPage(client, position.page, signal);
    } catch (error) {
      if (!(error instanceof OppsyncError) || !LOST_LOCATOR.has(error.details.code)) throw error;
      page = await begin();
    }
  }
  const expected = position.expected ?? page.total;
  const snapshots = toSnapshots(page.rows, facts, page.serverTime ?? clock.now() + facts.clockOffsetMs);
  if (page.next === null) return { snapshots, next: null, mark: { until: position.mark }, expected };
  const next: Position = {
    ...position,
    page: page.next,
    after: lastRow(page.rows, position.after),
    expected,
  };
  const asks = position.after === null && deps.bulkFrom !== false && (expected ?? 0) >= deps.bulkFrom;
  if (position.read === 'changes' || position.bulk === 'never' || !asks)
    return { snapshots, next: formatPosition(next), mark: null, expected };
  const rest = await asBulk(deps, next, 0, facts, signal);
  // What one query has begun it can as well go on with.
  return { snapshots, next: formatPosition(rest ?? { ...next, bulk: 'never' }), mark: null, expected };
}

/** The position with a job for everything behind its last row; null when there can be none. */
async function asBulk(
  deps: ReadDeps,
  position: Position,
  lost: number,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<Position | null> {
  const { after } = position;
  const where = after === null ? undefined : `Id > ${text(after.id)}`;
  try {
    // Without an order the server may split the work.
    const soql = select({ fields: selectList(facts), from: 'Opportunity', where });
    const job = await createJob(deps, soql, signal);
    return { ...position, page: null, bulk: { job, ready: false, locator: null, rows: 0, lost } };
  } catch (error) {
    if (!(error instanceof OppsyncError) || mayPass(error)) throw error;
    deps.log.info('no bulk query: reading page by page', { code: error.details.code });
    return null;
  }
}

/** A bulk job that is lost is asked for again this often; then the reading goes on page by page. */
const MOST_LOST = 2;

async function readBulkPage(
  deps: ReadDeps,
  position: Position,
  bulk: BulkPosition,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadPage> {
  const { expected } = position;
  const nothing = (next: Position): ReadPage => {
    return { snapshots: [], next: formatPosition(next), mark: null, expected };
  };
  try {
    if (!bulk.ready) {
      await awaitJob(deps, bulk.job, signal);
      return nothing({ ...position, bulk: { ...bulk, ready: true } });
    }
    const { rows, next, serverTime } = await readRows(deps, bulk, facts, signal);
    const readAt = serverTime ?? deps.clock.now() + facts.clockOffsetMs;
    const snapshots = toSnapshots(rows, facts, readAt);
    if (next === null) return { snapshots, next: null, mark: { until: position.mark }, expected };
    return { snapshots, next: formatPosition({ ...position, bulk: next }), mark: null, expected };
  } catch (error) {
    if (!(error instanceof OppsyncError) || !isLost(error)) throw error;
    deps.log.info('bulk query lost', { code: error.details.code, times: bulk.lost + 1 });
    const again =
      bulk.lost + 1 >= MOST_LOST ? null : await asBulk(deps, position, bulk.lost + 1, facts, signal);
    return nothing(again ?? { ...position, page: null, bulk: 'never' });
  }
}

/** The job failed, was aborted, has expired, or belongs to another version of the API: its result will not come any more. */
function isLost(error: OppsyncError): boolean {
  if (error.details.code === 'INVALID_QUERY_LOCATOR') return true;
  return error.recovery !== 'retry' && !mayPass(error);
}

/** The job can still be had, or asked for: later, when Salesforce answers again or the day has calls left. */
function mayPass({ recovery, details }: OppsyncError): boolean {
  return recovery === 'wait' || details.unreachable === true || details.resumesAt !== undefined;
}

/** Reads records by id, straight from the database. Deleted ones count as missing. */
export async function readRecords(
  client: Client,
  clock: Clock,
  apiVersion: string,
  ids: readonly RecordId[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadByIds> {
  const wanted = new Set(ids.map(to18));
  if (wanted.size !== ids.length) throw new Error('readByIds was given the same id twice');
  // One malformed id would fail the whole query, and no record can have it.
  const askable = [...wanted].filter((id) => RECORD_ID.test(id));
  const soql = (): string =>
    select({ fields: selectList(facts), from: 'Opportunity', where: isIn('Id', askable) });
  const found =
    askable.length === 0 ? [] : await readSelected(client, clock, apiVersion, soql(), false, facts, signal);
  for (const snapshot of found) wanted.delete(snapshot.id);
  return { snapshots: found, missing: ids.filter((id) => wanted.has(to18(id))) };
}

/** The records a query finds, all pages of it. `deletedToo` also yields those in the recycle bin. */
export async function readSelected(
  client: Client,
  clock: Clock,
  apiVersion: string,
  soql: string,
  deletedToo: boolean,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  let page = await queryOfAnyLength(client, queryPath(soql, deletedToo), apiVersion, signal);
  for (;;) {
    const readAt = page.serverTime ?? clock.now() + facts.clockOffsetMs;
    found.push(...toSnapshots(page.rows, facts, readAt));
    if (page.next === null) return found;
    page = await readResultPage(client, page.next, signal);
  }
}
