import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { SentenceParams } from '../../core/told.ts';
import { told, toldOfAnswer } from './sentences.ts';
import { apiMeaning, type Known, loginMeaning, otherAnswer } from './vendor-codes.ts';

/** An HTTP answer that is not the one hoped for. */
export interface FailedAnswer {
  readonly status: number;
  readonly body: string;
}

/** One error as the API words it; `statusCode` in rows of a collection, `errorCode` everywhere else. */
export interface VendorError {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
}

const CONCURRENT_PAUSE_MS = 10_000;
const LOGIN_PAUSE_MS = 60_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Reads vendor errors out of a JSON value; empty when it holds none. */
export function vendorErrors(value: unknown): VendorError[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter(isObject).flatMap((error) => {
    const code = error['errorCode'] ?? error['statusCode'];
    if (typeof code !== 'string') return [];
    const message = typeof error['message'] === 'string' ? error['message'].trim() : '';
    const fields = Array.isArray(error['fields'])
      ? error['fields'].filter((name) => typeof name === 'string')
      : [];
    return [{ code, message, fields }];
  });
}

/** The column a "No such column 'X'" message names; such errors carry no `fields`. */
export function fieldNamed(error: VendorError): string | undefined {
  return error.fields[0] ?? /No such column '([^']+)'/.exec(error.message)?.[1];
}

/** True when a lock made a write fail, said plainly or wrapped in the failure of a trigger. */
export function isLock(error: VendorError): boolean {
  return (
    error.code === 'UNABLE_TO_LOCK_ROW' ||
    (error.code === 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' && error.message.includes('UNABLE_TO_LOCK_ROW'))
  );
}

/** What a write to an id that no record has (any more) is told: no field is named, so it is the record itself. */
function isMissingRecord(error: VendorError): boolean {
  return error.code === 'INVALID_CROSS_REFERENCE_KEY' && error.fields.length === 0;
}

/** True when a batch failed as a whole because triggers and bad rows did not settle; the rows may be fine apart. */
export function isTooManyBatchRetries(error: VendorError): boolean {
  return error.message.includes('Too many batch retries');
}

/** Query errors quote the query with a caret under the place and end in general advice: only what is wrong is kept. */
function plain(words: string): string {
  const told = words.replace(/\s+/g, ' ').trim();
  return told
    .replace(/^.*ERROR at Row:\d+:Column:\d+ /, '')
    .replace(/ If you are attempting to use a custom field.*$/, '');
}

/** The CRM's own words as the end of a sentence of ours; nothing where it said nothing. */
function ownWords(words: string): SentenceParams {
  const own = plain(words).slice(0, 500).replace(/\.$/, '');
  return own === '' ? {} : { words: own };
}

function requestLimit(error: VendorError): ErrorDetails {
  const concurrent = error.message.includes('ConcurrentRequests') || error.message.includes('Concurrent API');
  const { what, recovery } = otherAnswer(concurrent ? 'concurrent' : 'day_used_up');
  return {
    recovery,
    code: error.code,
    ...toldOfAnswer(what, ownWords(error.message)),
    crm: 'salesforce',
    ...(concurrent ? { retryAfterMs: CONCURRENT_PAUSE_MS } : {}),
  };
}

function byStatus(status: number): Known {
  const code =
    status === 401
      ? 'INVALID_SESSION_ID'
      : status === 410
        ? 'UNSUPPORTED_API_VERSION'
        : status === 403
          ? 'INSUFFICIENT_ACCESS'
          : null;
  const meaning = code === null ? undefined : apiMeaning(code);
  if (meaning !== undefined) return meaning;
  if (status === 420) return otherAnswer('no_server');
  const foreign = status === 408 || status === 429 || status >= 500 || (status >= 200 && status < 400);
  return otherAnswer(foreign ? 'foreign_answer' : 'call_refused');
}

function detailsOf(error: VendorError, status: number): ErrorDetails {
  if (error.code === 'REQUEST_LIMIT_EXCEEDED') return requestLimit(error);
  const { what, recovery } = apiMeaning(error.code) ?? byStatus(status);
  const field = fieldNamed(error);
  return {
    recovery,
    code: error.code,
    ...toldOfAnswer(what, { ...ownWords(error.message), status: String(status) }),
    crm: 'salesforce',
    ...(field === undefined ? {} : { field }),
  };
}

/** Translates a refused call. Bodies that are not the API's own (HTML from the edge, broken JSON) are judged by status. */
export function fromAnswer(answer: FailedAnswer): OppsyncError {
  const [first] = vendorErrors(parsed(answer.body));
  if (first !== undefined) return new OppsyncError(detailsOf(first, answer.status));
  const { what, recovery } = byStatus(answer.status);
  return new OppsyncError({
    recovery,
    code: `HTTP_${answer.status}`,
    ...toldOfAnswer(what, { status: String(answer.status) }),
    crm: 'salesforce',
    ...(answer.status >= 500 || answer.status === 420 ? { unreachable: true } : {}),
  });
}

/** Translates a refused token request; its errors are objects, not arrays. */
export function fromTokenAnswer(answer: FailedAnswer): OppsyncError {
  const body = parsed(answer.body);
  if (!isObject(body) || typeof body['error'] !== 'string') return fromAnswer(answer);
  const code = body['error'];
  const description = typeof body['error_description'] === 'string' ? body['error_description'] : '';
  const { what, recovery } = loginMeaning(code, description);
  return new OppsyncError({
    recovery,
    code,
    ...toldOfAnswer(what, ownWords(description)),
    crm: 'salesforce',
    ...(recovery === 'wait' ? { retryAfterMs: LOGIN_PAUSE_MS } : {}),
  });
}

/**
 * Translates the errors of one row of a collection write. A row that only failed for reasons a second attempt may cure
 * stays `retry`; anything about its values is `skip`.
 */
export function fromRow(
  errors: readonly VendorError[],
  record: string,
  canonical: (native: string) => string,
): ErrorDetails {
  const [first] = errors;
  if (first === undefined) {
    return {
      recovery: 'unknown',
      code: 'NO_RESULT',
      ...told('no_result', { record }),
      crm: 'salesforce',
      record,
    };
  }
  const meaning =
    first.code === 'REQUEST_LIMIT_EXCEEDED'
      ? otherAnswer('row_limit')
      : ((isMissingRecord(first)
          ? apiMeaning('NOT_FOUND')
          : isLock(first)
            ? apiMeaning('UNABLE_TO_LOCK_ROW')
            : apiMeaning(first.code)) ?? otherAnswer('row_refused'));
  const native = fieldNamed(first);
  // A fault that would stop a whole call only costs this row when it comes back for a row.
  const recovery = meaning.recovery === 'stop' || meaning.recovery === 'fix' ? 'skip' : meaning.recovery;
  return {
    recovery,
    code: first.code,
    ...toldOfAnswer(meaning.what, { ...ownWords(errors.map((error) => error.message).join('; ')), record }),
    crm: 'salesforce',
    record,
    ...(native === undefined ? {} : { field: canonical(native) }),
  };
}
