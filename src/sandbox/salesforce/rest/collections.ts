import { ApiError, notFound } from '../errors.ts';
import { hasIdForm, toId18 } from '../ids.ts';
import { deleteRecord } from '../save/delete-record.ts';
import { createRecord, type Saved, updateRecord } from '../save/save-record.ts';
import type { Transaction } from '../save/transaction.ts';
import { runQuery } from '../soql/run-query.ts';
import type { Row, Table } from '../table.ts';
import {
  type Call,
  inTransaction,
  isJsonObject,
  type JsonObject,
  jsonBody,
  lockedAccounts,
  type Reply,
  requireTable,
  seen,
} from './call.ts';
import { externalIdColumn, methodNotAllowed } from './single-record.ts';

const MAX_RECORDS = 200;
const MAX_CHUNKS = 10;
const MAX_RETRIEVED = 2_000;

/** One row of a collection: how to save it, and which record it is about. */
interface Item {
  readonly row: Row | undefined;
  readonly fields: JsonObject;
  readonly save: (tx: Transaction) => Saved;
}

/** /composite/sobjects and below (salesforce.md §4.1). */
export async function collections(call: Call): Promise<Reply> {
  const [, , type, externalId] = call.path;
  if (type === undefined) {
    if (call.method === 'DELETE') return remove(call);
    const { records, allOrNone } = recordsOf(call);
    if (call.method === 'POST')
      return run(
        call,
        records.map((record) => insertItem(call, record)),
        allOrNone,
      );
    if (call.method === 'PATCH') return run(call, updateItems(call, records), allOrNone);
    throw methodNotAllowed(call);
  }
  const table = requireTable(call, type);
  if (externalId === undefined) return retrieve(call, table);
  if (call.method !== 'PATCH') throw methodNotAllowed(call);
  const { records, allOrNone } = recordsOf(call);
  return run(
    call,
    records.map((record) => upsertItem(call, table, externalId, record)),
    allOrNone,
    true,
  );
}

function recordsOf(call: Call): { records: JsonObject[]; allOrNone: boolean } {
  const body = jsonBody(call);
  const { records, allOrNone } = body;
  if (!Array.isArray(records) || !records.every(isJsonObject)) {
    throw new ApiError('JSON_PARSER_ERROR', 'records must be a list of objects');
  }
  checkSize(records.length);
  const types = records.map(typeOf);
  const chunks = types.filter((type, i) => i === 0 || type !== types[i - 1]).length;
  if (chunks > MAX_CHUNKS) {
    throw new ApiError(
      'LIMIT_EXCEEDED',
      `Cannot have more than ${MAX_CHUNKS} chunks in a single operation. Please rearrange the data to reduce chunking.`,
    );
  }
  return { records, allOrNone: allOrNone === true };
}

function checkSize(count: number): void {
  if (count <= MAX_RECORDS) return;
  throw new ApiError(
    'EXCEEDED_MAX_SIZE_REQUEST',
    `record limit reached. cannot submit more than ${MAX_RECORDS} records into this call`,
  );
}

function typeOf(record: JsonObject): string {
  const { attributes } = record;
  return isJsonObject(attributes) ? String(attributes['type'] ?? '') : '';
}

function tableOf(call: Call, record: JsonObject): Table {
  const table = call.org.find(typeOf(record));
  if (table !== undefined && call.org.isObjectVisible(table) && !table.type.tooling) return table;
  throw new ApiError('INVALID_TYPE', `sObject type '${typeOf(record)}' is not supported.`, { fields: [] });
}

function insertItem(call: Call, record: JsonObject): Item {
  return {
    row: undefined,
    fields: record,
    save: (tx) => createRecord(tx, tableOf(call, record), record, true),
  };
}

function updateItems(call: Call, records: readonly JsonObject[]): Item[] {
  const ids = new Set<string>();
  return records.map((record) => {
    const id = toId18(String(record['id'] ?? record['Id'] ?? ''));
    const isRepeated = ids.has(id);
    ids.add(id);
    const row = seen(call, call.org.find(typeOf(record))?.rows.get(id));
    const save = (tx: Transaction): Saved => {
      const table = tableOf(call, record);
      if (id === '')
        throw new ApiError('MISSING_ARGUMENT', 'Id not specified in an update call', { fields: [] });
      if (isRepeated) throw new ApiError('DUPLICATE_VALUE', `duplicate id in list: ${id}`, { fields: [] });
      if (row === undefined) throw missing(table, id);
      return updateRecord(tx, row, record, true);
    };
    return { row, fields: record, save };
  });
}

function missing(table: Table, id: string): ApiError {
  if (!hasIdForm(id))
    return new ApiError('MALFORMED_ID', `${table.type.label} ID: id value of incorrect type: ${id}`, {
      fields: ['Id'],
    });
  return new ApiError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', { fields: [] });
}

function upsertItem(call: Call, table: Table, externalId: string, record: JsonObject): Item {
  const column = externalIdColumn(call, table, externalId);
  const value = record[column.field.name];
  const matches =
    typeof value === 'string'
      ? [...table.byKey(column, value)].filter((row) => !table.isDeleted(row.values))
      : [];
  const save = (tx: Transaction): Saved => {
    if (value === undefined || value === null || value === '') {
      throw new ApiError('MISSING_ARGUMENT', `${column.field.name} not specified`, { fields: [] });
    }
    // Read again: an earlier row of this request may have created it.
    const rows = [...table.byKey(column, String(value))].filter((row) => !table.isDeleted(row.values));
    if (rows.length > 1)
      throw new ApiError('DUPLICATE_EXTERNAL_ID', `more than one record found for external id field`, {
        fields: [],
      });
    const [row] = rows;
    return row === undefined ? createRecord(tx, table, record, true) : updateRecord(tx, row, record, true);
  };
  return { row: matches[0], fields: record, save };
}

async function remove(call: Call): Promise<Reply> {
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  checkSize(ids.length);
  const items = ids.map((id): Item => {
    const row = seen(call, call.org.record(id.trim()));
    const save = (tx: Transaction): Saved => {
      if (row === undefined)
        throw new ApiError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', { fields: [] });
      deleteRecord(tx, row);
      tx.countWrite(false);
      return { id: row.id, created: false, changed: [] };
    };
    return { row, fields: {}, save };
  });
  return run(call, items, call.query.get('allOrNone') === 'true');
}

/** Saves row by row. A refused row leaves no trace, and all of them when the request is all or nothing. */
async function run(
  call: Call,
  items: readonly Item[],
  allOrNone: boolean,
  showCreated = false,
): Promise<Reply> {
  const results = await inTransaction(call, lockedAccounts(call, items), (tx) => {
    const start = tx.mark();
    const outcomes = items.map((item) => attempt(tx, item));
    if (!allOrNone || outcomes.every((one) => !(one instanceof ApiError))) return outcomes;
    tx.rollbackTo(start);
    return outcomes.map((one) => (one instanceof ApiError ? one : rolledBack()));
  });
  return { status: 200, body: results.map((one) => resultBody(one, showCreated)) };
}

function attempt(tx: Transaction, item: Item): Saved | ApiError {
  const mark = tx.mark();
  try {
    return item.save(tx);
  } catch (error) {
    // A value of the wrong JSON kind makes the whole request unreadable.
    if (!(error instanceof ApiError) || error.code === 'JSON_PARSER_ERROR') throw error;
    tx.rollbackTo(mark);
    return error;
  }
}

function rolledBack(): ApiError {
  const message =
    'Record rolled back because not all records were valid and the request was using AllOrNone header';
  return new ApiError('ALL_OR_NONE_OPERATION_ROLLED_BACK', message, { fields: [] });
}

function resultBody(outcome: Saved | ApiError, showCreated: boolean): unknown {
  if (outcome instanceof ApiError) return { success: false, errors: [outcome.row()] };
  const body = { id: outcome.id, success: true, errors: [] };
  return showCreated ? { ...body, created: outcome.created } : body;
}

/** GET or POST /composite/sobjects/{type}: records in the order of their ids, null for those not found. */
function retrieve(call: Call, table: Table): Reply {
  const body = call.method === 'POST' ? jsonBody(call) : {};
  if (call.method !== 'POST' && call.method !== 'GET') throw notFound();
  const ids = listOf(body['ids'] ?? call.query.get('ids')).map(toId18);
  const fields = listOf(body['fields'] ?? call.query.get('fields'));
  if (ids.length === 0 || fields.length === 0)
    throw new ApiError('MISSING_ARGUMENT', 'ids and fields must be provided');
  if (ids.length > MAX_RETRIEVED) {
    throw new ApiError(
      'EXCEEDED_MAX_SIZE_REQUEST',
      `record limit reached. cannot retrieve more than ${MAX_RETRIEVED} records`,
    );
  }
  const quoted = ids.map((id) => `'${id.replace(/[\\']/g, '\\$&')}'`).join(',');
  const unique = [...new Map(fields.map((name) => [name.toLowerCase(), name])).values()];
  const soql = `SELECT ${unique.join(',')} FROM ${table.type.name} WHERE Id IN (${quoted})`;
  const { userId } = call.session;
  const result = runQuery(call.org, soql, {
    userId,
    version: call.version,
    includeDeleted: false,
    tooling: false,
  });
  const rows = new Map(result.rows.map((row) => [row.id, row]));
  const records = ids.map((id) => {
    const row = rows.get(id);
    return row === undefined ? null : result.print(row);
  });
  return { status: 200, body: records };
}

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(',').filter((one) => one !== '') : [];
}
