import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import { asDeals, asList, asObject, type NativeDeal } from './answer.ts';
import { culprits, type Row, rowsNamedBy } from './blame.ts';
import type { Outcome } from './client.ts';
import { errorOfItem, unknownError } from './errors.ts';
import { told } from './sentences.ts';

/** What HubSpot says became of one row. */
export type Sent =
  | { readonly ok: true; readonly deal: NativeDeal }
  | { readonly ok: false; readonly error: ErrorDetails };

export interface Sending {
  /** Sends these rows in one call. */
  post(rows: readonly Row[]): Promise<Outcome>;
  /** The row a deal of the answer belongs to, when it does not bear the row's trace. */
  rowOf(deal: NativeDeal, rows: readonly Row[]): Row | undefined;
}

/** Answers to a whole batch that say: some row in it cannot be written, and none was. */
const ABOUT_ROWS: ReadonlySet<string> = new Set(['skip', 'gone', 'fix']);

/**
 * Sends rows in one call; when HubSpot refuses the batch for some of them, those are set aside and the rest is sent again,
 * halving the batch where the answer does not say which rows they are. Answers by trace what became of each row.
 *
 * @throws OppsyncError when nothing is known to have been written
 */
export async function sendRows(rows: readonly Row[], sending: Sending): Promise<ReadonlyMap<string, Sent>> {
  const results = new Map<string, Sent>();
  const waiting: (readonly Row[])[] = [rows];
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    if (batch.length === 0) continue;
    const outcome = await sending.post(batch).catch((fault: unknown) => {
      if (!anySent(results)) throw fault;
      return { ok: false, error: errorOfStop(fault), answer: null } satisfies Outcome;
    });
    if (outcome.ok) {
      settle(batch, outcome.answer.body, sending, results);
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
  for (const row of rows) if (!results.has(row.trace)) failRow(row, { ...lost(), record: row.id }, results);
  return results;
}

/** Reads the answer to a batch that was carried out, in full or in part. */
function settle(rows: readonly Row[], body: unknown, sending: Sending, results: Map<string, Sent>): void {
  const byTrace = new Map(rows.map((row) => [row.trace, row]));
  for (const deal of asDeals(asObject(body)['results'])) {
    const row = (deal.trace === null ? undefined : byTrace.get(deal.trace)) ?? sending.rowOf(deal, rows);
    if (row !== undefined) results.set(row.trace, { ok: true, deal });
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
  results: Map<string, Sent>,
): (readonly Row[])[] {
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

function fail(rows: readonly Row[], error: ErrorDetails, results: Map<string, Sent>): void {
  for (const row of rows) failRow(row, { ...error, record: row.id }, results);
}

function failRow(row: Row, error: ErrorDetails, results: Map<string, Sent>): void {
  results.set(row.trace, { ok: false, error });
}

/** Whether a part of the batch may have changed HubSpot already: then its results must not be lost in an exception. */
function anySent(results: ReadonlyMap<string, Sent>): boolean {
  return [...results.values()].some((result) => result.ok || result.error.recovery === 'unknown');
}

function errorOfStop(fault: unknown): ErrorDetails {
  if (fault instanceof OppsyncError) return fault.details;
  return {
    recovery: 'retry',
    code: 'ABANDONED',
    crm: 'hubspot',
    ...told('not_sent'),
  };
}

function lost(): ErrorDetails {
  return unknownError('NO_RESULT', 'unknown_unmentioned');
}
