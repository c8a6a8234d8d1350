import { Refusal } from './refusal.ts';
import type { Simulator } from './simulator.ts';

/** Faults by name, with the bodies the two CRMs and the edges in front of them are known to send. Limits (path, nth, times…) are added by the caller. */

const CORRELATION = '5b1f6c2e-0d3a-4c47-9a55-6f1f0e7f8d21';

function page(title: string, sentence: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n<body><h1>${title}</h1><p>${sentence}</p></body></html>\n`;
}

function html(status: number, title: string, sentence: string): Record<string, unknown> {
  return { effect: { status, html: true, body: page(title, sentence) } };
}

function salesforceError(status: number, errorCode: string, message: string): Record<string, unknown> {
  return { effect: { status, body: [{ message, errorCode }] } };
}

function hubspotError(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  return {
    effect: {
      status,
      body: { status: 'error', ...body },
      headers: { 'x-hubspot-correlation-id': CORRELATION, ...headers },
    },
  };
}

function limit(policyName: string, words: string, groupName: string): Record<string, unknown> {
  return hubspotError(429, {
    message: `You have reached your ${words} limit.`,
    errorType: 'RATE_LIMIT',
    correlationId: CORRELATION,
    policyName,
    groupName,
    requestId: CORRELATION,
  });
}

const TRANSPORT: Readonly<Record<string, Record<string, unknown>>> = {
  reset: { effect: 'reset' },
  'stall-headers': { effect: 'stall-headers' },
  'stall-body': { effect: 'stall-body' },
  'cut-body': { effect: 'cut-body' },
  'broken-json': { effect: 'broken-json' },
  slow: { effect: { slow: { ms: 2_000 } } },
  'commit-then-timeout': { effect: 'commit-then-timeout' },
  'commit-then-reset': { effect: 'commit-then-reset' },
};

const SALESFORCE: Readonly<Record<string, Record<string, unknown>>> = {
  '503': salesforceError(503, 'SERVER_UNAVAILABLE', 'Server unavailable'),
  '500': salesforceError(
    500,
    'UNKNOWN_EXCEPTION',
    'An unexpected error occurred. Please include this ErrorId if you contact support: 1024518237-41208 (1867354923)',
  ),
  'html-502': html(
    502,
    '502 Bad Gateway',
    'The server received an invalid response from an upstream server.',
  ),
  'html-503': html(503, 'Down for Maintenance', 'Sorry to interrupt. This organization is being maintained.'),
  '420': html(420, 'Unknown host', 'The host you asked for is not routed to any instance.'),
  'daily-limit': salesforceError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
  concurrent: salesforceError(
    403,
    'REQUEST_LIMIT_EXCEEDED',
    'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
  ),
  'expired-session': salesforceError(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
  'lock-row': salesforceError(
    400,
    'UNABLE_TO_LOCK_ROW',
    'unable to obtain exclusive access to this record or 1 records',
  ),
  'query-timeout': salesforceError(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.'),
};

const HUBSPOT: Readonly<Record<string, Record<string, unknown>>> = {
  '423': hubspotError(423, {
    message: 'The record is locked because it is being written to heavily.',
    correlationId: CORRELATION,
    category: 'LOCKED',
  }),
  '477': hubspotError(
    477,
    { message: 'This account is being migrated between data centres.', correlationId: CORRELATION },
    { 'retry-after': '2' },
  ),
  '429-burst': limit(
    'TEN_SECONDLY_ROLLING',
    'ten_secondly_rolling',
    'publicapi:private_app-api-calls-ten-secondly:1:1',
  ),
  '429-search': limit('SECONDLY', 'secondly', 'publicapi:crm:search:1'),
  '429-daily': limit('DAILY', 'daily', 'publicapi:private-apps:api-calls-daily:1'),
  '500': hubspotError(500, { message: 'internal error', correlationId: CORRELATION }),
  '502-html': html(502, '502 Bad Gateway', 'The web server reported a bad gateway error.'),
  '503-html': html(503, '503 Service Temporarily Unavailable', 'The service is temporarily unavailable.'),
  '504-html': html(504, '504 Gateway Time-out', 'The web server reported a gateway time-out error.'),
  '521': html(521, '521: Web server is down', 'The web server is not returning a connection.'),
  '523': html(523, '523: Origin is unreachable', 'The origin web server is not reachable.'),
  '524': html(524, '524: A timeout occurred', 'The origin web server timed out.'),
  '401-expired': hubspotError(401, {
    message: 'The OAuth token used to make this call expired.',
    correlationId: CORRELATION,
    category: 'EXPIRED_AUTHENTICATION',
  }),
};

const PRESETS = {
  salesforce: named('sf', { ...SALESFORCE, ...TRANSPORT }),
  hubspot: named('hs', { ...HUBSPOT, ...TRANSPORT }),
};

function named(prefix: string, faults: Readonly<Record<string, Record<string, unknown>>>) {
  return new Map(Object.entries(faults).map(([name, rule]) => [`${prefix}-${name}`, rule]));
}

export function presetsOf(crm: Simulator['crm']): readonly string[] {
  return [...PRESETS[crm].keys()].sort();
}

/** The rule behind a name, as it could be posted in full. @throws {Refusal} listing the names there are. */
export function presetRule(crm: Simulator['crm'], name: string): Readonly<Record<string, unknown>> {
  const rule = PRESETS[crm].get(name);
  if (rule !== undefined) return rule;
  throw new Refusal(`unknown fault preset "${name}" (known here: ${presetsOf(crm).join(', ')})`);
}
