import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import {
  type AccountFacts,
  MODIFIED_SINCE_READ,
  type RecordWrite,
  type WriteResult,
} from '../../core/ports.ts';
import type { Client } from './client.ts';
import { nativeBody } from './native-values.ts';

/**
 * So few records with fields of the teams are written one by one, on the condition that nobody has changed them since they
 * were looked at (If-Unmodified-Since, to the second). Salesforce knows no such condition for collections: for more of them
 * it would cost a call each, and their history is looked at afterwards instead.
 */
const MOST_ALONE = 5;
/** The answer 412, with a body or without. */
const MODIFIED = new Set(['PRECONDITION_FAILED', 'HTTP_412']);

/**
 * Writes those of these records that are worth a call of their own. Answers only for records whose fate is settled by it: the
 * others are to be sent together, where a refusal is told best, row by row.
 */
export async function writeUnlessModified(
  client: Client,
  writes: readonly RecordWrite[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadonlyMap<RecordWrite, WriteResult>> {
  const results = new Map<RecordWrite, WriteResult>();
  // Our own fields are nobody else's: they need no condition.
  const alone = writes.filter((write) => Object.keys(write.fields).length > 0);
  if (alone.length > MOST_ALONE) return results;
  for (const write of alone) {
    if (write.unmodifiedSince === undefined) continue;
    const { trace, id } = write;
    const error = await writeOne(client, write, write.unmodifiedSince, facts, signal);
    if (error === null) results.set(write, { trace, id, ok: true, version: null });
    else if (MODIFIED.has(error.code))
      results.set(write, { trace, id, ok: false, error: modified(error, id) });
    else if (error.recovery === 'unknown') results.set(write, { trace, id, ok: false, error });
  }
  return results;
}

/** Null when it was written. */
async function writeOne(
  client: Client,
  write: RecordWrite,
  since: number,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ErrorDetails | null> {
  const path = `/sobjects/Opportunity/${encodeURIComponent(write.id)}`;
  const headers = { 'if-unmodified-since': new Date(since).toUTCString() };
  const body = nativeBody(write, facts);
  try {
    await client.call({ method: 'PATCH', path, body, headers, withoutBody: true, repeatable: false }, signal);
    return null;
  } catch (error) {
    if (!(error instanceof OppsyncError) || signal.aborted) throw error;
    return error.details;
  }
}

function modified(details: ErrorDetails, id: string): ErrorDetails {
  return {
    ...details,
    recovery: 'retry',
    code: MODIFIED_SINCE_READ,
    record: id,
    message: 'Salesforce: the record was changed right before it was to be written.',
    remedy: 'Nothing to do: oppsync looks at it again and decides anew.',
  };
}
