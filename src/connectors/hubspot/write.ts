import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { AccountFacts, RecordWrite, WriteResult } from '../../core/ports.ts';
import { asDeals, asList, asObject } from './answer.ts';
import { culprits, type Row, rowsNamedBy } from './blame.ts';
import type { HubspotClient, Outcome } from './client.ts';
import { errorOfItem, unknownError } from './errors.ts';
import { toProperties } from './native-values.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';
import { shapeOf } from './shape.ts';

export const WRITE_BATCH = 100;

/** Answers to a whole batch that say: some row in it cannot be written, and none was. */
const ABOUT_ROWS: ReadonlySet<string> = new Set(['skip', 'gone', 'fix']);

/**
 * Updates the records in one call; when HubSpot refuses the batch for some of its rows, those are set aside and the rest
 * is sent again, halving the batch where the answer does not say which rows they are.
 */
export async function writeBatch(
  client: HubspotClient,
  settings: HubspotSettings,
  writes: readonly RecordWrite[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  if (new Set(writes.map(({ id }) => id)).size < writes.length) {
    throw new RangeError('The same deal is written twice in one call.');
  }
  const shape = shapeOf(facts);
  const rows = writes.map(({ id, trace, fields, owned }) => ({
    id,
    trace,
    properties: toProperties({ fields, owned }, shape),
  }));
  const results = new Map<string, WriteResult>();
  // Nothing to say to HubSpot (a currency its account implies): done without a call.
  for (const row of rows.filter(isEmpty)) results.set(row.trace, { ...written(row), version: null });
  const waiting: Row[][] = [rows.filter((row) => !isEmpty(row))];
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    if (batch.length === 0) continue;
    const outcome = await send(client, settings, batch, signal).catch((fault: unknown) => {
      if (!anySent(results)) throw fault;
      return { ok: false, error: errorOfStop(fault), answer: null } satisfies Outcome;
    });
    if (outcome.ok) {
      settle(batch, outcome.answer.body, results);
    } else if (ABOUT_ROWS.has(outcome.error.recovery)) {
      waiting.unshift(...setAside(batch, outcome, results));
    } else if (outcome.error.recovery === 'unknown') {
      fail(batch, outcome.error, results);
    } else if (anySent(results)) {
      fail([batch, ...waiting.splice(0)].flat(), outcome.error, results);
    } else {
      throw new OppsyncError(outcome.error);
    }
  }
  return writes.map(({ id, trace }) => results.get(trace) ?? lost({ id, trace }));
}

function send(client: HubspotClient, settings: HubspotSettings, rows: readonly Row[], signal: AbortSignal) {
  const inputs = rows.map((row) => ({
    id: row.id,
    properties: row.properties,
    objectWriteTraceId: row.trace,
  }));
  const path = pathsOf(settings.generation).batchUpdate;
  return client.attempt({ method: 'POST', path, json: { inputs }, writes: true }, signal);
}

/** Reads the answer to a batch that was carried out, in full or in part. */
function settle(rows: readonly Row[], body: unknown, results: Map<string, WriteResult>): void {
  const byTrace = new Map(rows.map((row) => [row.trace, row]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const deal of asDeals(asObject(body)['results'])) {
    const row = (deal.trace === null ? undefined : byTrace.get(deal.trace)) ?? byId.get(deal.id);
    if (row === undefined) continue;
    const version = deal.properties['hs_lastmodifieddate'] ?? deal.updatedAt;
    results.set(row.trace, { ...written(row), version });
  }
  const homeless: unknown[] = [];
  for (const entry of asList(asObject(body)['errors'])) {
    const named = rowsNamedBy(entry, rows);
    if (named.length === 0) homeless.push(entry);
    for (const row of named) failRow(row, errorOfItem(entry, row.id), results);
  }
  const open = rows.filter((row) => !results.has(row.trace));
  const only = open[0];
  // One row without an answer and one error without a row belong together; more of either could be anything.
  if (open.length === 1 && homeless.length === 1 && only !== undefined) {
    failRow(only, errorOfItem(homeless[0], only.id), results);
  }
}

/** After a refusal of the whole batch: records what is certain, and says in which parts to try the rest. */
function setAside(
  batch: readonly Row[],
  outcome: Extract<Outcome, { ok: false }>,
  results: Map<string, WriteResult>,
): Row[][] {
  const blamed = culprits(batch, asObject(outcome.answer?.body));
  if (blamed.size > 0) {
    for (const row of batch) {
      const error = blamed.get(row.trace);
      if (error !== undefined) failRow(row, error, results);
    }
    return [batch.filter((row) => !blamed.has(row.trace))];
  }
  const only = batch[0];
  if (batch.length === 1 && only !== undefined) {
    failRow(only, errorOfRow(outcome, only), results);
    return [];
  }
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

function errorOfRow(outcome: Extract<Outcome, { ok: false }>, row: Row): ErrorDetails {
  return outcome.answer?.status === 400
    ? errorOfItem(outcome.answer.body, row.id)
    : { ...outcome.error, record: row.id };
}

function fail(rows: readonly Row[], error: ErrorDetails, results: Map<string, WriteResult>): void {
  for (const row of rows) failRow(row, { ...error, record: row.id }, results);
}

function failRow(row: Row, error: ErrorDetails, results: Map<string, WriteResult>): void {
  results.set(row.trace, { trace: row.trace, id: row.id, ok: false, error });
}

/** Whether a part of the batch may have changed HubSpot already: then its results must not be lost in an exception. */
function anySent(results: ReadonlyMap<string, WriteResult>): boolean {
  return [...results.values()].some((result) =>
    result.ok ? result.version !== null : result.error.recovery === 'unknown',
  );
}

function errorOfStop(fault: unknown): ErrorDetails {
  if (fault instanceof OppsyncError) return fault.details;
  return {
    recovery: 'retry',
    code: 'ABANDONED',
    crm: 'hubspot',
    message: 'oppsync was told to stop before this deal was sent to HubSpot.',
    remedy: 'Run the sync again.',
  };
}

function isEmpty(row: Row): boolean {
  return Object.keys(row.properties).length === 0;
}

function written(row: Row): { trace: string; id: string; ok: true } {
  return { trace: row.trace, id: row.id, ok: true };
}

function lost(row: { id: string; trace: string }): WriteResult {
  const error = unknownError('NO_RESULT', 'its answer does not mention the deal');
  return { ...row, ok: false, error: { ...error, record: row.id } };
}
