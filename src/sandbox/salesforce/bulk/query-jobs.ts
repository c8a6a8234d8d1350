import { ApiError, notFound } from '../errors.ts';
import type { Call, Reply } from '../rest/call.ts';
import { jsonBody } from '../rest/call.ts';
import { isAggregate } from '../soql/aggregate.ts';
import type { Path } from '../soql/ast.ts';
import { runQuery } from '../soql/run-query.ts';
import { stampText } from '../stamps.ts';
import { csvLine, DELIMITERS } from './csv.ts';
import type { QueryJob } from './jobs.ts';

const PAGE_ROWS = 100_000;

/** /jobs/query and below (salesforce.md §3.1). */
export function queryJobs(call: Call): Reply {
  const [, , id, part] = call.path;
  const { queries } = call.services.bulk;
  if (id === undefined) {
    if (call.method === 'POST') return create(call);
    const records = [...queries.values()].map((job) => describeJob(job, false));
    return { status: 200, body: { done: true, records, nextRecordsUrl: null } };
  }
  const job = queries.get(id);
  if (job === undefined) throw notFound();
  if (job.version !== call.version) {
    throw new ApiError('API_ERROR', `The job was created with API version ${job.version}`, { status: 409 });
  }
  if (part === 'results') return results(call, job);
  if (part === 'resultPages') return resultPages(call, job);
  if (call.method === 'PATCH') return abort(call, job);
  if (call.method === 'DELETE') {
    if (!isOver(job))
      throw new ApiError('API_ERROR', `Job cannot be deleted in state ${job.state}`, { status: 400 });
    queries.delete(id);
    return { status: 204 };
  }
  advance(call, job);
  return { status: 200, body: describeJob(job, true) };
}

function create(call: Call): Reply {
  const body = jsonBody(call);
  const soql = String(body['query'] ?? '');
  const operation = String(body['operation'] ?? '');
  if (operation !== 'query' && operation !== 'queryAll')
    throw new ApiError('API_ERROR', `Invalid operation: ${operation}`);
  const { userId } = call.session;
  const result = runQuery(call.org, soql, {
    userId,
    version: call.version,
    includeDeleted: operation === 'queryAll',
    tooling: false,
  });
  const hasChildren = result.query.selected.some((one) => one.kind === 'children');
  if (isAggregate(result.query) || hasChildren || result.query.offset > 0) {
    throw new ApiError('API_ERROR', 'Aggregate, child and OFFSET queries are not supported in Bulk Query');
  }
  const job: QueryJob = {
    kind: 'query',
    id: call.org.ids.next('750'),
    operation,
    object: result.table.type.name,
    createdById: userId,
    createdDate: stampText(call.org.now()),
    version: call.version,
    lineEnding: body['lineEnding'] === 'CRLF' ? 'CRLF' : 'LF',
    columnDelimiter: typeof body['columnDelimiter'] === 'string' ? body['columnDelimiter'] : 'COMMA',
    state: 'UploadComplete',
    pollsLeft: call.org.switches.bulkPolls,
    systemModstamp: stampText(call.org.now()),
    errorMessage: null,
    result,
  };
  call.services.bulk.queries.set(job.id, job);
  call.services.limits.bulkQueryJobs += 1;
  return { status: 200, body: describeJob(job, false) };
}

/** A job advances when it is looked at, so that a frozen clock cannot stall it. */
function advance(call: Call, job: QueryJob): void {
  if (isOver(job)) return;
  job.state = job.pollsLeft > 0 ? 'InProgress' : 'JobComplete';
  job.pollsLeft -= 1;
  job.systemModstamp = stampText(call.org.now());
}

function isOver(job: QueryJob): boolean {
  return job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted';
}

function abort(call: Call, job: QueryJob): Reply {
  if (jsonBody(call)['state'] !== 'Aborted')
    throw new ApiError('API_ERROR', 'Only the state Aborted can be set');
  if (isOver(job)) throw new ApiError('API_ERROR', `Aborting already completed Job not allowed`);
  job.state = 'Aborted';
  return { status: 200, body: describeJob(job, false) };
}

function describeJob(job: QueryJob, detailed: boolean): unknown {
  const {
    id,
    operation,
    object,
    createdById,
    createdDate,
    systemModstamp,
    state,
    lineEnding,
    columnDelimiter,
  } = job;
  const common = { id, operation, object, createdById, createdDate, systemModstamp, state };
  const format = {
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.version),
    lineEnding,
    columnDelimiter,
  };
  if (!detailed) return { ...common, ...format };
  const processed = state === 'JobComplete' ? job.result.rows.length : 0;
  return {
    ...common,
    ...format,
    jobType: 'V2Query',
    numberRecordsProcessed: processed,
    retries: 0,
    totalProcessingTime: processed,
  };
}

function requireComplete(job: QueryJob): void {
  if (job.state !== 'JobComplete')
    throw new ApiError('API_ERROR', `The job is in state ${job.state}: results are not available`);
}

function offsetOf(locator: string | null, job: QueryJob): number {
  if (locator === null || locator === '') return 0;
  const offset = Number(Buffer.from(locator, 'base64url').toString('utf8'));
  if (!Number.isInteger(offset) || offset <= 0 || offset >= job.result.rows.length) {
    throw new ApiError('INVALID_QUERY_LOCATOR', 'invalid query locator');
  }
  return offset;
}

function locatorOf(offset: number): string {
  return Buffer.from(String(offset)).toString('base64url');
}

/** Every page repeats the header row; the last one's locator is the text `null`. */
function results(call: Call, job: QueryJob): Reply {
  requireComplete(job);
  const offset = offsetOf(call.query.get('locator'), job);
  const asked = Number(call.query.get('maxRecords') ?? PAGE_ROWS);
  const end = Math.min(offset + (asked > 0 ? asked : PAGE_ROWS), job.result.rows.length);
  const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
  const lineEnd = job.lineEnding === 'CRLF' ? '\r\n' : '\n';
  const columns = columnsOf(job);
  const lines = [
    csvLine(
      columns.map((path) => path.join('.')),
      delimiter,
      lineEnd,
    ),
  ];
  for (const row of job.result.rows.slice(offset, end)) {
    const record = job.result.print(row);
    if (record !== null)
      lines.push(
        csvLine(
          columns.map((path) => cell(record, path)),
          delimiter,
          lineEnd,
        ),
      );
  }
  const headers = {
    'content-type': 'text/csv;charset=UTF-8',
    'sforce-numberofrecords': String(end - offset),
    'sforce-locator': end >= job.result.rows.length ? 'null' : locatorOf(end),
  };
  return { status: 200, headers, body: lines.join('') };
}

function columnsOf(job: QueryJob): string[][] {
  const paths: Path[] = [];
  for (const selected of job.result.query.selected) if (selected.kind === 'path') paths.push(selected.path);
  if (paths.length === 0) return job.result.table.columns.map((column) => [column.field.name]);
  return paths.map((path) => path.names.map((name, i) => canonical(job, name, i === path.names.length - 1)));
}

/** Header names are the API's, whatever capitals the query used. */
function canonical(job: QueryJob, name: string, isField: boolean): string {
  if (isField) return job.result.table.column(name)?.field.name ?? name;
  const found = job.result.table.columns.find(
    ({ field }) => field.relationship?.toLowerCase() === name.toLowerCase(),
  );
  return found?.field.relationship ?? name;
}

function cell(record: Readonly<Record<string, unknown>>, path: readonly string[]): string {
  let value: unknown = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[name];
  }
  if (value === null || value === undefined) return '';
  // Bulk results end datetimes with Z, unlike REST.
  return String(value).replace(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})\+0000$/, '$1Z');
}

function resultPages(call: Call, job: QueryJob): Reply {
  requireComplete(job);
  const asked = Number(call.query.get('maxRecords') ?? PAGE_ROWS);
  const size = asked > 0 ? asked : PAGE_ROWS;
  const first = offsetOf(call.query.get('locator'), job);
  const base = `/services/data/v${call.version}/jobs/query/${job.id}`;
  const urls: { resultUrl: string }[] = [];
  let at = first;
  for (; at < job.result.rows.length && urls.length < 5; at += size) {
    urls.push({
      resultUrl: `${base}/results?maxRecords=${size}${at === 0 ? '' : `&locator=${locatorOf(at)}`}`,
    });
  }
  const done = at >= job.result.rows.length;
  const nextRecordsUrl = done ? null : `${base}/resultPages?locator=${locatorOf(at)}&maxRecords=${size}`;
  return { status: 200, body: { resultPages: urls, nextRecordsUrl, done } };
}
