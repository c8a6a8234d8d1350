/** Every way HubSpot or the way to it can fail, translated once. Pure. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';
import { asList, asObject, asText, asTexts, type HubspotAnswer, type Json } from './answer.ts';
import { nextMidnight } from './calendar.ts';

const MAX_WORDS = 300;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const TEN_SECONDS_MS = 10_000;
/** HubSpot holds a record lock for about 2 s and asks to wait at least that long. */
const LOCK_MS = 2000;
/** Edge faults that retrying rarely cures: the usage guidelines ask to contact support. */
const SUPPORT_STATUSES = new Set([522, 525, 526]);

export interface AnswerContext {
  readonly now: EpochMs;
  /** The portal's zone when it is known: its daily quota resets at that midnight. */
  readonly timeZone: string | null;
  /** A write that may have been carried out must not be repeated blindly. */
  readonly writes: boolean;
  readonly record?: RecordId;
}

/** What an answer outside 2xx means. */
export function errorOfAnswer(answer: HubspotAnswer, context: AnswerContext): ErrorDetails {
  const { status } = answer;
  const body = asObject(answer.body);
  if (status === 401) return credentialsError(body);
  if (status === 403) return permissionError(body);
  if (status === 404 || status === 410) return goneError(body, context.record);
  if (status === 423) return waitError('LOCKED', 'HubSpot has locked the record for a moment', LOCK_MS);
  if (status === 429) return limitError(answer, context);
  if (status === 477) return migrationError(answer);
  if (status === 414 || status === 413) return tooLongError(status);
  if (status === 408 || status >= 500) return serverError(status, context.writes);
  if (context.writes) return refusalError(body, status, context.record);
  return {
    ...refusalError(body, status, context.record),
    recovery: 'stop',
    message: `HubSpot does not accept what oppsync asks: ${wordsOf(body, status)}`,
    remedy:
      'Check the custom and evidence fields of this connection; if they are right, report this message.',
  };
}

/** What one entry of `errors` in a partly successful (207) or refused batch means for a row. */
export function errorOfItem(item: unknown, record: RecordId): ErrorDetails {
  const entry = asObject(item);
  const category = asText(entry['category']) ?? '';
  if (category === 'OBJECT_NOT_FOUND') return goneError(entry, record);
  if (/RATE_LIMIT|LOCKED/.test(category)) {
    return { ...waitError(category, 'HubSpot could not take this record just now', LOCK_MS), record };
  }
  if (/INTERNAL|TIMEOUT|SERVER/.test(category)) {
    return { ...unknownError(category, 'HubSpot reports a fault of its own'), record };
  }
  return refusalError(entry, 400, record);
}

/** What a thrown fault of the transport means: nothing came back, or not all of it. */
export function errorOfFault(fault: unknown, writes: boolean): ErrorDetails {
  const code = faultCode(fault);
  const unsent = NEVER_SENT.has(code) || code.startsWith('CERT_') || code.startsWith('ERR_TLS');
  if (writes && !unsent) return unknownError(code, 'the connection broke before HubSpot answered');
  return {
    recovery: 'retry',
    code,
    crm: 'hubspot',
    message: `HubSpot could not be reached (${code}).`,
    remedy: 'Check the network, the proxy and the url of this connection; oppsync tries again by itself.',
    unreachable: true,
  };
}

/** What running out of our own deadline means. */
export function errorOfDeadline(deadlineMs: number, writes: boolean): ErrorDetails {
  if (writes) return unknownError('DEADLINE', `HubSpot did not answer within ${deadlineMs} ms`);
  return {
    recovery: 'retry',
    code: 'DEADLINE',
    crm: 'hubspot',
    message: `HubSpot did not answer within ${deadlineMs} ms.`,
    remedy: 'oppsync tries again by itself; if it persists, see status.hubspot.com or raise deadlineMs.',
    unreachable: true,
  };
}

/** An answer that claims success and cannot be read. */
export function errorOfGarbage(writes: boolean): ErrorDetails {
  if (writes) return unknownError('UNREADABLE_ANSWER', 'the answer of HubSpot was cut short');
  return {
    recovery: 'retry',
    code: 'UNREADABLE_ANSWER',
    crm: 'hubspot',
    message: 'The answer of HubSpot was cut short.',
    remedy: 'oppsync tries again by itself.',
  };
}

/** A row whose fate is not known. */
export function unknownError(code: string, why: string): ErrorDetails {
  return {
    recovery: 'unknown',
    code,
    crm: 'hubspot',
    message: `It is not known whether HubSpot has carried out the change: ${why}.`,
    remedy: 'oppsync reads the record back before it does anything else with it.',
  };
}

/** HubSpot's own short words, without anything that looks like a token. */
export function wordsOf(body: Json, status: number): string {
  const single = asList(body['errors'])
    .map((entry) => asText(asObject(entry)['message']))
    .filter((text) => text !== null);
  const own = asText(body['message']) ?? asText(body['error_description']);
  // A validation error repeats the same faults as JSON inside its message: the list beside it is meant for people.
  const words = single.length > 0 ? [...new Set(single)].join(' ') : own;
  if (words === null || words.trim() === '') return `HTTP ${status}`;
  return words
    .replace(/\b(pat-[a-z0-9]+-|Bearer\s+)[\w.-]+/gi, '$1…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_WORDS);
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** fetch hides the code of a system fault in `cause`, twice when several addresses were tried. */
function faultCode(fault: unknown): string {
  for (let each = fault; each instanceof Error; each = each.cause) {
    const code = 'code' in each ? each.code : undefined;
    if (typeof code === 'string' && code !== '') return code;
    if (each instanceof AggregateError && each.errors[0] instanceof Error) return faultCode(each.errors[0]);
  }
  return 'NETWORK';
}

function credentialsError(body: Json): ErrorDetails {
  return {
    recovery: 'stop',
    code: asText(body['category']) ?? 'INVALID_AUTHENTICATION',
    crm: 'hubspot',
    message: 'HubSpot does not accept the credentials of this connection.',
    remedy: 'Enter a valid access token, or connect the HubSpot account again.',
  };
}

function permissionError(body: Json): ErrorDetails {
  const scopes = missingScopes(body);
  const named = scopes.length > 0 ? `: ${scopes.join(', ')}` : ` (${wordsOf(body, 403)})`;
  return {
    recovery: 'stop',
    code: asText(body['category']) ?? 'FORBIDDEN',
    crm: 'hubspot',
    message: `The HubSpot credentials lack a permission${named}.`,
    remedy: `Add ${scopes.length > 0 ? `the scope ${scopes.join(', ')}` : 'the missing scope'} to the HubSpot app or service key, then try again.`,
  };
}

/** The scopes a 403 names, in the body or in its list of errors. */
export function missingScopes(body: Json): readonly string[] {
  const places = [body, ...asList(body['errors']).map(asObject)];
  const found = places.flatMap((place) => {
    const context = asObject(place['context']);
    return [...asList(context['requiredGranularScopes']), ...asList(context['requiredScopes'])];
  });
  return [...new Set(found.flatMap(asTexts))];
}

function goneError(body: Json, record: RecordId | undefined): ErrorDetails {
  return {
    recovery: 'gone',
    code: asText(body['category']) ?? 'OBJECT_NOT_FOUND',
    crm: 'hubspot',
    message:
      record === undefined
        ? `HubSpot does not have what oppsync asked for: ${wordsOf(body, 404)}`
        : `Deal ${record} does not exist in HubSpot any more.`,
    remedy:
      record === undefined
        ? 'Check the url of this connection and the age of this version of oppsync.'
        : 'It was deleted or merged; oppsync does not create it again. Restore it in HubSpot if that was a mistake.',
    ...(record === undefined ? {} : { record }),
  };
}

function refusalError(body: Json, status: number, record: RecordId | undefined): ErrorDetails {
  const first = asObject(asList(body['errors'])[0]);
  const code = asText(first['code']) ?? asText(body['code']) ?? asText(body['category']) ?? `HTTP_${status}`;
  const field = asTexts(asObject(first['context'])['propertyName'])[0] ?? asText(body['name']);
  return {
    recovery: 'skip',
    code,
    crm: 'hubspot',
    message: `HubSpot refused ${record === undefined ? 'the change' : `deal ${record}`}: ${wordsOf(body, status)}`,
    remedy: remedyFor(code),
    ...(record === undefined ? {} : { record }),
    ...(field === null || field === undefined ? {} : { field }),
  };
}

function remedyFor(code: string): string {
  switch (code) {
    case 'CONFLICTING_UNIQUE_VALUE':
    case 'CONFLICT':
      return 'Another deal already holds this value, which must be unique: check whether both are the same deal.';
    case 'PROPERTY_DOESNT_EXIST':
      return 'Create the property in HubSpot (`oppsync provision` creates those oppsync owns) or remove it from the configuration.';
    case 'READ_ONLY_VALUE':
      return 'HubSpot computes this property: let it win in the policy of this field.';
    case 'INVALID_OPTION':
      return 'Add the option to the property in HubSpot, or map the value in the configuration.';
    default:
      return 'Correct the value in either CRM, then replay the record from quarantine.';
  }
}

function limitError(answer: HubspotAnswer, context: AnswerContext): ErrorDetails {
  const body = asObject(answer.body);
  const policy = (asText(body['policyName']) ?? '').toUpperCase();
  const words = (asText(body['message']) ?? '').toLowerCase();
  if (policy === 'DAILY' || words.includes('daily limit')) return dailyError(context);
  const asked = retryAfterMs(answer);
  if (policy === 'SECONDLY' || (policy === '' && words.includes('secondly limit')))
    return waitError('RATE_LIMIT_SECONDLY', 'The limit of HubSpot per second is used up', asked ?? SECOND_MS);
  return waitError(
    'RATE_LIMIT_TEN_SECONDLY',
    'The limit of HubSpot per 10 seconds is used up',
    asked ?? TEN_SECONDS_MS,
  );
}

function dailyError(context: AnswerContext): ErrorDetails {
  const zone = context.timeZone;
  const resetAt = zone === null ? null : nextMidnight(context.now, zone);
  const when =
    resetAt === null
      ? "at midnight in the account's time zone"
      : `at ${new Date(resetAt).toISOString()} (midnight in ${zone})`;
  return {
    recovery: 'stop',
    code: 'RATE_LIMIT_DAILY',
    crm: 'hubspot',
    message: "The daily quota of the HubSpot account's API calls is used up.",
    remedy: `The quota is renewed ${when}; run the sync again after that, or find which app uses it up.`,
    ...(resetAt === null ? {} : { retryAfterMs: Math.max(0, resetAt - context.now) }),
    resumesAt: resetAt ?? context.now + HOUR_MS,
  };
}

function migrationError(answer: HubspotAnswer): ErrorDetails {
  const ms = retryAfterMs(answer) ?? 60 * SECOND_MS;
  return waitError('MIGRATION', 'HubSpot is moving this account to another data centre', ms);
}

function tooLongError(status: number): ErrorDetails {
  return {
    recovery: 'fix',
    code: `HTTP_${status}`,
    crm: 'hubspot',
    message: 'One request to HubSpot would be too long: too many properties are asked for.',
    remedy: 'Configure fewer custom and evidence fields for this connection.',
  };
}

function serverError(status: number, writes: boolean): ErrorDetails {
  if (writes)
    return unknownError(`HTTP_${status}`, `HubSpot answered with a fault of its own (HTTP ${status})`);
  return {
    recovery: 'retry',
    code: `HTTP_${status}`,
    crm: 'hubspot',
    message: `HubSpot has a fault of its own (HTTP ${status}).`,
    remedy: SUPPORT_STATUSES.has(status)
      ? 'oppsync tries again by itself; if it persists, contact HubSpot support.'
      : 'oppsync tries again by itself; if it persists, see status.hubspot.com.',
    unreachable: status >= 502,
  };
}

function waitError(code: string, why: string, ms: number): ErrorDetails {
  return {
    recovery: 'wait',
    code,
    crm: 'hubspot',
    message: `${why}.`,
    remedy: 'oppsync waits and goes on by itself.',
    retryAfterMs: ms,
  };
}

/** HubSpot counts Retry-After in seconds; null when it is absent or a date. */
function retryAfterMs(answer: HubspotAnswer): number | null {
  const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * SECOND_MS) : null;
}
