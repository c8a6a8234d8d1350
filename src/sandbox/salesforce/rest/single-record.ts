import { ApiError, notFound } from '../errors.ts';
import { hasIdForm, toId18 } from '../ids.ts';
import { deleteRecord } from '../save/delete-record.ts';
import { createRecord, updateRecord } from '../save/save-record.ts';
import { recordUrl } from '../soql/projection.ts';
import { toMs } from '../stamps.ts';
import { type Column, type Row, type Table, valueAt } from '../table.ts';
import { type Call, inTransaction, jsonBody, lockedAccounts, type Reply, seen } from './call.ts';

/** POST /sobjects/{type}. */
export async function create(call: Call, table: Table): Promise<Reply> {
  const fields = jsonBody(call);
  const accounts = lockedAccounts(call, [{ row: undefined, fields }]);
  const saved = await inTransaction(call, accounts, (tx) => createRecord(tx, table, fields, true));
  const location = recordUrl(call.version, table.type.name, saved.id);
  return { status: 201, headers: { location }, body: { id: saved.id, success: true, errors: [] } };
}

/** GET, PATCH or DELETE of one record. */
export async function byId(call: Call, table: Table, id: string): Promise<Reply> {
  const row = requireRow(call, table, id);
  if (call.method === 'GET' || call.method === 'HEAD') return read(call, row);
  if (call.method === 'DELETE') {
    await inTransaction(call, lockedAccounts(call, [{ row, fields: {} }]), (tx) => {
      deleteRecord(tx, row);
      tx.countWrite(false);
    });
    return { status: 204 };
  }
  if (call.method !== 'PATCH') throw methodNotAllowed(call);
  checkUnmodified(call, row);
  const fields = jsonBody(call);
  await inTransaction(call, lockedAccounts(call, [{ row, fields }]), (tx) =>
    updateRecord(tx, row, fields, true),
  );
  return { status: 204 };
}

function requireRow(call: Call, table: Table, id: string): Row {
  const row = seen(call, table.rows.get(toId18(id)));
  if (row !== undefined) {
    if (table.isDeleted(row.values))
      throw new ApiError('ENTITY_IS_DELETED', 'entity is deleted', { fields: [] });
    return row;
  }
  if (call.method === 'PATCH' && !hasIdForm(id)) {
    throw new ApiError('MALFORMED_ID', `${table.type.label} ID: id value of incorrect type: ${id}`, {
      fields: ['Id'],
    });
  }
  throw hasIdForm(id)
    ? notFound()
    : notFound(`Provided external ID field does not exist or is not accessible: ${id}`);
}

function read(call: Call, row: Row): Reply {
  const { table } = row;
  const since = conditionDate(call, 'if-modified-since');
  const modified = toMs(String(table.read(row, 'LastModifiedDate') ?? ''));
  if (since !== null && modified <= since) return { status: 304 };
  const asked = call.query.get('fields');
  const columns = asked === null ? visibleColumns(call, table) : askedColumns(call, table, asked);
  const values = table.visible(row, call.org.now()) ?? row.values;
  const body: Record<string, unknown> = {
    attributes: { type: table.type.name, url: recordUrl(call.version, table.type.name, row.id) },
  };
  for (const column of columns) body[column.field.name] = valueAt(values, column);
  if (asked !== null) body['Id'] = row.id;
  return { status: 200, body };
}

function visibleColumns(call: Call, table: Table): Column[] {
  return table.columns.filter((column) => call.org.mayRead(table, column, call.session.userId));
}

function askedColumns(call: Call, table: Table, asked: string): Column[] {
  return asked.split(',').map((name) => {
    const column = call.org.visibleColumn(table, name.trim(), call.session.userId);
    if (column === undefined) {
      throw new ApiError(
        'INVALID_FIELD',
        `No such column '${name.trim()}' on sobject of type ${table.type.name}`,
      );
    }
    return column;
  });
}

function checkUnmodified(call: Call, row: Row): void {
  const since = conditionDate(call, 'if-unmodified-since');
  if (since === null) return;
  const modified = toMs(String(row.table.read(row, 'LastModifiedDate') ?? ''));
  if (modified > since) {
    throw new ApiError(
      'PRECONDITION_FAILED',
      'Record has been modified since the date in If-Unmodified-Since',
      { status: 412 },
    );
  }
}

/** Epoch ms of an HTTP date header; an unreadable one is refused on a write and ignored on a read. */
function conditionDate(call: Call, header: string): number | null {
  const text = call.headers[header];
  if (text === undefined) return null;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  if (call.method === 'GET') return null;
  throw new ApiError('INVALID_HEADER', `Invalid date in header ${header}: ${text}`);
}

/** GET, PATCH (upsert) or DELETE by an external id. */
export async function byExternalId(call: Call, table: Table, name: string, value: string): Promise<Reply> {
  const column = externalIdColumn(call, table, name);
  const rows = [...table.byKey(column, value)].filter(
    (row) => seen(call, row) !== undefined && !table.isDeleted(row.values),
  );
  if (rows.length > 1) {
    return { status: 300, body: rows.map((row) => recordUrl(call.version, table.type.name, row.id)) };
  }
  const [row] = rows;
  if (call.method !== 'PATCH') {
    if (row === undefined) throw notFound();
    return byId(call, table, row.id);
  }
  const fields = jsonBody(call);
  if (Object.keys(fields).some((key) => key.toLowerCase() === column.field.name.toLowerCase())) {
    throw new ApiError(
      'INVALID_FIELD',
      `The ${column.field.name} field should not be specified in the sobject data.`,
    );
  }
  if (row === undefined && call.query.get('updateOnly') === 'true') throw notFound();
  if (row !== undefined) checkUnmodified(call, row);
  const saved = await inTransaction(call, lockedAccounts(call, [{ row, fields }]), (tx) =>
    row === undefined
      ? createRecord(tx, table, { ...fields, [column.field.name]: value }, true)
      : updateRecord(tx, row, fields, true),
  );
  return {
    status: saved.created ? 201 : 200,
    body: { id: saved.id, success: true, errors: [], created: saved.created },
  };
}

export function externalIdColumn(call: Call, table: Table, name: string): Column {
  const column = call.org.visibleColumn(table, name, call.session.userId);
  if (column?.field.externalId !== true) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${name}`);
  }
  return column;
}

export function methodNotAllowed(call: Call): ApiError {
  return new ApiError(
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${call.method}' not allowed. Allowed are HEAD,GET,PATCH,DELETE`,
  );
}
