import { ApiError } from '../errors.ts';
import type { QueryResult } from '../soql/run-query.ts';
import { runQuery } from '../soql/run-query.ts';
import type { Call, Reply } from './call.ts';

/** GET /query, /queryAll and /tooling/query with a SOQL text. */
export function query(call: Call, mode: { includeDeleted: boolean; tooling: boolean }): Reply {
  const soql = call.query.get('q');
  if (soql === null || soql.trim() === '') {
    throw new ApiError('MALFORMED_QUERY', 'SOQL query is required: no q parameter');
  }
  const { userId, token } = call.session;
  const result = runQuery(call.org, soql, { userId, version: call.version, ...mode });
  if (result.groups.length > 0 || result.rows.length === 0) {
    return { status: 200, body: { totalSize: result.totalSize, done: true, records: result.groups } };
  }
  const size = batchSize(call);
  const id = result.rows.length > size ? call.services.locators.open(result, token, size) : '';
  return { status: 200, body: page(call, result, id, 0, size) };
}

/** GET /query/{locator}. */
export function queryMore(call: Call, locator: string): Reply {
  const { id, cursor, offset } = call.services.locators.find(locator, call.session.token);
  if (offset >= cursor.result.rows.length)
    throw new ApiError('INVALID_QUERY_LOCATOR', 'invalid query locator');
  return { status: 200, body: page(call, cursor.result, id, offset, cursor.batchSize) };
}

function page(call: Call, result: QueryResult, id: string, offset: number, size: number): unknown {
  const end = Math.min(offset + size, result.rows.length);
  const records = [];
  for (let i = offset; i < end; i += 1) {
    const row = result.rows[i];
    const record = row === undefined ? null : result.print(row);
    if (record !== null) records.push(record);
  }
  const { totalSize } = result;
  if (end >= result.rows.length) return { totalSize, done: true, records };
  const base = call.path[0] === 'tooling' ? 'tooling/query' : 'query';
  return {
    totalSize,
    done: false,
    nextRecordsUrl: `/services/data/v${call.version}/${base}/${id}-${end}`,
    records,
  };
}

/** `Sforce-Query-Options: batchSize=500`, a hint between 200 and 2,000. */
function batchSize(call: Call): number {
  const asked = Number(
    /batchSize\s*=\s*(\d+)/i.exec(call.headers['sforce-query-options'] ?? '')?.[1] ?? 2_000,
  );
  return Math.min(Math.max(asked, 200), 2_000, call.org.switches.maxPageRows);
}
