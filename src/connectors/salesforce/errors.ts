import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import { API_CODES, type Meaning, meaningOf, OAUTH_CODES, OAUTH_DESCRIPTIONS } from './vendor-codes.ts';

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

/** A sentence: capital first letter, the vendor's own words behind a colon, one full stop. */
function sentence(says: string, words: string): string {
  const own = plain(words).slice(0, 500);
  const start = says.charAt(0).toUpperCase() + says.slice(1);
  return own === '' ? `${start}.` : `${start}: ${own}${/[.!?]$/.test(own) ? '' : '.'}`;
}

function requestLimit(error: VendorError): ErrorDetails {
  const concurrent = error.message.includes('ConcurrentRequests') || error.message.includes('Concurrent API');
  if (concurrent) {
    return {
      recovery: 'wait',
      code: error.code,
      message: sentence('too many long calls run in this Salesforce org at once', error.message),
      remedy: 'Nothing to do unless it persists: then find out which integration makes long calls.',
      crm: 'salesforce',
      retryAfterMs: CONCURRENT_PAUSE_MS,
    };
  }
  return {
    recovery: 'stop',
    code: error.code,
    message: sentence('the daily number of API calls of this Salesforce org is used up', error.message),
    remedy:
      'Wait until calls of the last 24 hours fall out of the count, or buy more; the run resumes where it stopped.',
    crm: 'salesforce',
  };
}

function byStatus(status: number): Meaning {
  if (status === 401) return API_CODES.INVALID_SESSION_ID;
  if (status === 410) return API_CODES.UNSUPPORTED_API_VERSION;
  if (status === 403) return API_CODES.INSUFFICIENT_ACCESS;
  if (status === 420) {
    return {
      recovery: 'retry',
      says: 'no Salesforce server answers for this org',
      remedy: 'Check that the org (a sandbox?) still exists under the url in the configuration.',
    };
  }
  if (status === 408 || status === 429 || status >= 500 || (status >= 200 && status < 400)) {
    return {
      recovery: 'retry',
      says: `Salesforce gave an answer that is not one of the API (HTTP ${status})`,
      remedy:
        'Run again later; see trust.salesforce.com. If it persists, check the url in the configuration.',
    };
  }
  return {
    recovery: 'stop',
    says: `Salesforce refused a call (HTTP ${status})`,
    remedy:
      'Look the code up in the Salesforce REST API guide; check the permissions of the integration user.',
  };
}

function detailsOf(error: VendorError, status: number): ErrorDetails {
  if (error.code === 'REQUEST_LIMIT_EXCEEDED') return requestLimit(error);
  const meaning = meaningOf(API_CODES, error.code) ?? byStatus(status);
  const field = fieldNamed(error);
  return {
    recovery: meaning.recovery,
    code: error.code,
    message: sentence(meaning.says, error.message),
    remedy: meaning.remedy,
    crm: 'salesforce',
    ...(field === undefined ? {} : { field }),
  };
}

/** Translates a refused call. Bodies that are not the API's own (HTML from the edge, broken JSON) are judged by status. */
export function fromAnswer(answer: FailedAnswer): OppsyncError {
  const [first] = vendorErrors(parsed(answer.body));
  if (first !== undefined) return new OppsyncError(detailsOf(first, answer.status));
  const meaning = byStatus(answer.status);
  return new OppsyncError({
    recovery: meaning.recovery,
    code: `HTTP_${answer.status}`,
    message: sentence(meaning.says, ''),
    remedy: meaning.remedy,
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
  const spoken = description.toLowerCase();
  const meaning =
    OAUTH_DESCRIPTIONS.find(([fragment]) => spoken.includes(fragment))?.[1] ??
    meaningOf(OAUTH_CODES, code) ??
    OAUTH_CODES.invalid_grant;
  return new OppsyncError({
    recovery: meaning.recovery,
    code,
    message: sentence(meaning.says, description),
    remedy: meaning.remedy,
    crm: 'salesforce',
    ...(meaning.recovery === 'wait' ? { retryAfterMs: LOGIN_PAUSE_MS } : {}),
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
      message: `Salesforce did not say what became of opportunity ${record}.`,
      remedy: 'Nothing to do: the record is read back before anything else.',
      crm: 'salesforce',
      record,
    };
  }
  const meaning: Meaning =
    first.code === 'REQUEST_LIMIT_EXCEEDED'
      ? { recovery: 'retry', says: 'a limit of the org was reached', remedy: 'Run again later.' }
      : isMissingRecord(first)
        ? API_CODES.NOT_FOUND
        : isLock(first)
          ? API_CODES.UNABLE_TO_LOCK_ROW
          : (meaningOf(API_CODES, first.code) ?? {
              recovery: 'skip',
              says: 'Salesforce refused the change',
              remedy:
                'Look the code up in the Salesforce REST API guide, correct the record, then replay it.',
            });
  const native = fieldNamed(first);
  // A fault that would stop a whole call only costs this row when it comes back for a row.
  const recovery = meaning.recovery === 'stop' || meaning.recovery === 'fix' ? 'skip' : meaning.recovery;
  return {
    recovery,
    code: first.code,
    message: sentence(
      `opportunity ${record}: ${meaning.says}`,
      errors.map((error) => error.message).join('; '),
    ),
    remedy: meaning.remedy,
    crm: 'salesforce',
    record,
    ...(native === undefined ? {} : { field: canonical(native) }),
  };
}
