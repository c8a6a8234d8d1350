import { ApiError, notFound } from '../errors.ts';
import { toId18 } from '../ids.ts';
import { type Call, inTransaction, jsonBody, type Reply, requireTable } from '../rest/call.ts';
import { externalIdColumn } from '../rest/single-record.ts';
import { deleteRecord } from '../save/delete-record.ts';
import { createRecord, type Saved, updateRecord } from '../save/save-record.ts';
import type { Transaction } from '../save/transaction.ts';
import { stampText } from '../stamps.ts';
import type { Row, Table } from '../table.ts';
import { csvLine, DELIMITERS, parseCsv } from './csv.ts';
import type { IngestJob, IngestRow } from './jobs.ts';

const OPERATIONS: ReadonlySet<string> = new Set(['insert', 'update', 'upsert', 'delete']);

/** /jobs/ingest and below (salesforce.md §3.2). */
export async function ingestJobs(call: Call): Promise<Reply> {
  const [, , id, part] = call.path;
  const { ingests } = call.services.bulk;
  if (id === undefined) {
    if (call.method === 'POST') return create(call);
    return {
      status: 200,
      body: { done: true, records: [...ingests.values()].map(describeJob), nextRecordsUrl: null },
    };
  }
  const job = ingests.get(id);
  if (job === undefined) throw notFound();
  switch (part) {
    case undefined:
      return jobItself(call, job);
    case 'batches':
      return upload(call, job);
    case 'successfulResults':
      return resultCsv(
        job,
        ['sf__Id', 'sf__Created'],
        job.rows.filter((row) => row.error === null),
        (row) => [row.id, String(row.created)],
      );
    case 'failedResults':
      return resultCsv(
        job,
        ['sf__Id', 'sf__Error'],
        job.rows.filter((row) => row.error !== null),
        (row) => [row.id, row.error ?? ''],
      );
    case 'unprocessedrecords':
      return resultCsv(job, [], [], () => []);
    default:
      throw notFound();
  }
}

function create(call: Call): Reply {
  const body = jsonBody(call);
  const operation = String(body['operation'] ?? '');
  if (!OPERATIONS.has(operation)) throw new ApiError('API_ERROR', `Invalid operation: ${operation}`);
  const table = requireTable(call, String(body['object'] ?? ''));
  const externalId = body['externalIdFieldName'];
  if (operation === 'upsert') externalIdColumn(call, table, String(externalId ?? ''));
  const job: IngestJob = {
    kind: 'ingest',
    id: call.org.ids.next('750'),
    operation,
    object: table.type.name,
    createdById: call.session.userId,
    createdDate: stampText(call.org.now()),
    version: call.version,
    lineEnding: body['lineEnding'] === 'CRLF' ? 'CRLF' : 'LF',
    columnDelimiter: typeof body['columnDelimiter'] === 'string' ? body['columnDelimiter'] : 'COMMA',
    state: 'Open',
    pollsLeft: call.org.switches.bulkPolls,
    systemModstamp: stampText(call.org.now()),
    errorMessage: null,
    externalIdFieldName: operation === 'upsert' ? String(externalId) : null,
    upload: null,
    header: [],
    rows: [],
  };
  call.services.bulk.ingests.set(job.id, job);
  return { status: 200, body: describeJob(job) };
}

async function jobItself(call: Call, job: IngestJob): Promise<Reply> {
  if (call.method === 'DELETE') {
    if (job.state === 'Open' || job.state === 'InProgress')
      throw new ApiError('API_ERROR', `Job cannot be deleted in state ${job.state}`);
    call.services.bulk.ingests.delete(job.id);
    return { status: 204 };
  }
  if (call.method === 'PATCH') {
    const { state } = jsonBody(call);
    if (state === 'Aborted') job.state = 'Aborted';
    else if (state === 'UploadComplete' && job.state === 'Open' && job.upload !== null)
      job.state = 'UploadComplete';
    else throw new ApiError('INVALIDJOBSTATE', `Cannot go from ${job.state} to ${String(state)}`);
    return { status: 200, body: describeJob(job) };
  }
  if (job.state === 'UploadComplete' || job.state === 'InProgress') {
    if (job.pollsLeft > 0) {
      job.pollsLeft -= 1;
      job.state = 'InProgress';
    } else await processUpload(call, job);
  }
  return { status: 200, body: describeJob(job) };
}

function upload(call: Call, job: IngestJob): Reply {
  if (call.method !== 'PUT') throw notFound();
  if (job.state !== 'Open' || job.upload !== null)
    throw new ApiError('INVALIDJOBSTATE', 'data can be uploaded once, to an open job');
  job.upload = call.body.toString('utf8');
  return { status: 201 };
}

async function processUpload(call: Call, job: IngestJob): Promise<void> {
  const table = requireTable(call, job.object);
  const [header = [], ...rows] = parseCsv(job.upload ?? '', DELIMITERS[job.columnDelimiter] ?? ',');
  job.header = header;
  job.systemModstamp = stampText(call.org.now());
  job.rows = await inTransaction(call, new Set(), (tx) =>
    rows.map((cells) => ingestRow(call, tx, job, table, cells)),
  );
  job.state = 'JobComplete';
}

function ingestRow(
  call: Call,
  tx: Transaction,
  job: IngestJob,
  table: Table,
  cells: readonly string[],
): IngestRow {
  const fields: Record<string, unknown> = {};
  let id = '';
  job.header.forEach((name, i) => {
    const cell = cells[i] ?? '';
    if (name.toLowerCase() === 'id') id = toId18(cell);
    // An empty cell leaves the field as it is; #N/A clears it.
    else if (cell !== '') fields[name] = cell === '#N/A' ? null : cell;
  });
  const mark = tx.mark();
  try {
    const saved = saveRow(call, tx, job, table, id, fields);
    return { cells, id: saved.id, created: saved.created, error: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tx.rollbackTo(mark);
    return {
      cells,
      id,
      created: false,
      error: `${error.code}:${error.message}:${(error.fields ?? []).join(',')}--`,
    };
  }
}

function saveRow(
  call: Call,
  tx: Transaction,
  job: IngestJob,
  table: Table,
  id: string,
  fields: Record<string, unknown>,
): Saved {
  if (job.operation === 'insert') return createRecord(tx, table, fields, true);
  if (job.operation === 'upsert') {
    const column = externalIdColumn(call, table, job.externalIdFieldName ?? '');
    const key = fields[column.field.name];
    if (typeof key !== 'string')
      throw new ApiError('MISSING_ARGUMENT', `${column.field.name} not specified`, { fields: [] });
    const [row] = [...table.byKey(column, key)].filter((one) => !table.isDeleted(one.values));
    return row === undefined ? createRecord(tx, table, fields, true) : updateRecord(tx, row, fields, true);
  }
  const row: Row | undefined = table.rows.get(id);
  if (row === undefined)
    throw new ApiError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', { fields: [] });
  if (job.operation === 'update') return updateRecord(tx, row, fields, true);
  deleteRecord(tx, row);
  tx.countWrite(false);
  return { id, created: false, changed: [] };
}

function describeJob(job: IngestJob): unknown {
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
  const failed = job.rows.filter((row) => row.error !== null).length;
  return {
    id,
    operation,
    object,
    createdById,
    createdDate,
    systemModstamp,
    state,
    ...(job.externalIdFieldName === null ? {} : { externalIdFieldName: job.externalIdFieldName }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.version),
    jobType: 'V2Ingest',
    contentUrl: `services/data/v${job.version}/jobs/ingest/${id}/batches`,
    lineEnding,
    columnDelimiter,
    retries: 0,
    totalProcessingTime: job.rows.length,
    numberRecordsProcessed: job.rows.length,
    numberRecordsFailed: failed,
  };
}

function resultCsv(
  job: IngestJob,
  prefix: readonly string[],
  rows: readonly IngestRow[],
  cellsOf: (row: IngestRow) => readonly string[],
): Reply {
  const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
  const lineEnd = job.lineEnding === 'CRLF' ? '\r\n' : '\n';
  const lines = [csvLine([...prefix, ...job.header], delimiter, lineEnd)];
  for (const row of rows) lines.push(csvLine([...cellsOf(row), ...row.cells], delimiter, lineEnd));
  return { status: 200, headers: { 'content-type': 'text/csv;charset=UTF-8' }, body: lines.join('') };
}
