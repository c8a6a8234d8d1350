/** Every way HubSpot or the way to it can fail, translated once. Pure. */
import type { ErrorDetails } from '../../core/errors.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';
import type { SentenceParams } from '../../core/told.ts';
import { asList, asObject, asText, asTexts, type HubspotAnswer, type Json } from './answer.ts';
import { nextMidnight } from './calendar.ts';
import { type HubspotSentence, told } from './sentences.ts';

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
  if (status === 423) return waitError('LOCKED', 'locked', LOCK_MS);
  if (status === 429) return limitError(answer, context);
  if (status === 477) return migrationError(answer);
  if (status === 414 || status === 413) return tooLongError(status);
  if (status === 408 || status >= 500) return serverError(status, context.writes);
  if (context.writes) return refusalError(body, status, context.record);
  return {
    ...refusalError(body, status, context.record),
    recovery: 'stop',
    ...told('not_accepted', { words: wordsOf(body, status) }),
  };
}

/** What one entry of `errors` in a partly successful (207) or refused batch means for a row. */
export function errorOfItem(item: unknown, record: RecordId): ErrorDetails {
  const entry = asObject(item);
  const category = asText(entry['category']) ?? '';
  if (category === 'OBJECT_NOT_FOUND') return goneError(entry, record);
  if (/RATE_LIMIT|LOCKED/.test(category)) {
    return { ...waitError(category, 'busy', LOCK_MS), record };
  }
  if (/INTERNAL|TIMEOUT|SERVER/.test(category)) {
    return { ...unknownError(category, 'unknown_fault'), record };
  }
  return refusalError(entry, 400, record);
}

/** What a thrown fault of the transport means: nothing came back, or not all of it. */
export function errorOfFault(fault: unknown, writes: boolean): ErrorDetails {
  const code = faultCode(fault);
  const unsent = NEVER_SENT.has(code) || code.startsWith('CERT_') || code.startsWith('ERR_TLS');
  if (writes && !unsent) return unknownError(code, 'unknown_broken');
  return {
    recovery: 'retry',
    code,
    crm: 'hubspot',
    ...told('unreachable', { code }),
    unreachable: true,
  };
}

/** What running out of our own deadline means. */
export function errorOfDeadline(deadlineMs: number, writes: boolean): ErrorDetails {
  const ms = String(deadlineMs);
  if (writes) return unknownError('DEADLINE', 'unknown_deadline', { ms });
  return {
    recovery: 'retry',
    code: 'DEADLINE',
    crm: 'hubspot',
    ...told('deadline', { ms }),
    unreachable: true,
  };
}

/** An answer that claims success and cannot be read. */
export function errorOfGarbage(writes: boolean): ErrorDetails {
  if (writes) return unknownError('UNREADABLE_ANSWER', 'unknown_garbage');
  return {
    recovery: 'retry',
    code: 'UNREADABLE_ANSWER',
    crm: 'hubspot',
    ...told('garbage'),
  };
}

/** A row whose fate is not known. */
export function unknownError(
  code: string,
  why: Extract<HubspotSentence, `unknown_${string}`>,
  params: SentenceParams = {},
): ErrorDetails {
  return { recovery: 'unknown', code, crm: 'hubspot', ...told(why, params) };
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
    ...told('credentials'),
  };
}

function permissionError(body: Json): ErrorDetails {
  const scopes = missingScopes(body);
  return {
    recovery: 'stop',
    code: asText(body['category']) ?? 'FORBIDDEN',
    crm: 'hubspot',
    ...(scopes.length > 0
      ? told('scopes', { scopes: scopes.join(', ') })
      : told('permission', { words: wordsOf(body, 403) })),
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
    ...(record === undefined
      ? told('not_there', { words: wordsOf(body, 404) })
      : { ...told('gone', { record }), record }),
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
    ...told(refusalFor(code), {
      words: wordsOf(body, status),
      ...(record === undefined ? {} : { record }),
    }),
    ...(record === undefined ? {} : { record }),
    ...(field === null || field === undefined ? {} : { field }),
  };
}

/** They all say that HubSpot refused, and differ in what to do. */
function refusalFor(code: string): HubspotSentence {
  switch (code) {
    case 'CONFLICTING_UNIQUE_VALUE':
    case 'CONFLICT':
      return 'refused_unique';
    case 'PROPERTY_DOESNT_EXIST':
      return 'refused_property';
    case 'READ_ONLY_VALUE':
      return 'refused_read_only';
    case 'INVALID_OPTION':
      return 'refused_option';
    default:
      return 'refused';
  }
}

function limitError(answer: HubspotAnswer, context: AnswerContext): ErrorDetails {
  const body = asObject(answer.body);
  const policy = (asText(body['policyName']) ?? '').toUpperCase();
  const words = (asText(body['message']) ?? '').toLowerCase();
  if (policy === 'DAILY' || words.includes('daily limit')) return dailyError(context);
  const asked = retryAfterMs(answer);
  if (policy === 'SECONDLY' || (policy === '' && words.includes('secondly limit')))
    return waitError('RATE_LIMIT_SECONDLY', 'limit_second', asked ?? SECOND_MS);
  return waitError('RATE_LIMIT_TEN_SECONDLY', 'limit_ten_seconds', asked ?? TEN_SECONDS_MS);
}

function dailyError(context: AnswerContext): ErrorDetails {
  const zone = context.timeZone;
  const resetAt = zone === null ? null : nextMidnight(context.now, zone);
  return {
    recovery: 'stop',
    code: 'RATE_LIMIT_DAILY',
    crm: 'hubspot',
    ...told(
      'limit_day',
      zone === null || resetAt === null ? {} : { when: new Date(resetAt).toISOString(), zone },
    ),
    ...(resetAt === null ? {} : { retryAfterMs: Math.max(0, resetAt - context.now) }),
    resumesAt: resetAt ?? context.now + HOUR_MS,
  };
}

function migrationError(answer: HubspotAnswer): ErrorDetails {
  const ms = retryAfterMs(answer) ?? 60 * SECOND_MS;
  return waitError('MIGRATION', 'migration', ms);
}

function tooLongError(status: number): ErrorDetails {
  return {
    recovery: 'fix',
    code: `HTTP_${status}`,
    crm: 'hubspot',
    ...told('too_long_request'),
  };
}

function serverError(status: number, writes: boolean): ErrorDetails {
  const params = { status: String(status) };
  if (writes) return unknownError(`HTTP_${status}`, 'unknown_server', params);
  return {
    recovery: 'retry',
    code: `HTTP_${status}`,
    crm: 'hubspot',
    ...told(SUPPORT_STATUSES.has(status) ? 'server_support' : 'server', params),
    unreachable: status >= 502,
  };
}

function waitError(code: string, why: HubspotSentence, ms: number): ErrorDetails {
  return { recovery: 'wait', code, crm: 'hubspot', ...told(why), retryAfterMs: ms };
}

/** HubSpot counts Retry-After in seconds; null when it is absent or a date. */
function retryAfterMs(answer: HubspotAnswer): number | null {
  const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * SECOND_MS) : null;
}
