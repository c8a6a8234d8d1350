import assert from 'node:assert/strict';
import type { HubspotAnswer } from '../../../src/connectors/hubspot/answer.ts';
import { errorOfExchange } from '../../../src/connectors/hubspot/auth.ts';
import { errorOfAnswer, errorOfFault, errorOfItem } from '../../../src/connectors/hubspot/errors.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): HubspotAnswer {
  return { status, body, headers, sentAt: now, receivedAt: now };
}

function read(status: number, body?: unknown, headers?: Record<string, string>) {
  return errorOfAnswer(answer(status, body, headers), { now, timeZone: 'America/New_York', writes: false });
}

function write(status: number, body?: unknown) {
  return errorOfAnswer(answer(status, body), { now, timeZone: null, writes: true });
}

describe('HubSpot errors: what to do about an answer', () => {
  const limit = (policyName: string) => ({ status: 'error', errorType: 'RATE_LIMIT', policyName });
  const cases: [string, ReturnType<typeof read>, string, string, number | undefined][] = [
    ['401', read(401, { category: 'EXPIRED_AUTHENTICATION' }), 'stop', 'EXPIRED_AUTHENTICATION', undefined],
    ['403', read(403, { category: 'MISSING_SCOPES' }), 'stop', 'MISSING_SCOPES', undefined],
    ['404', read(404, { message: 'resource not found' }), 'gone', 'OBJECT_NOT_FOUND', undefined],
    ['414 as HTML', read(414, '<html>'), 'fix', 'HTTP_414', undefined],
    ['423', read(423), 'wait', 'LOCKED', 2000],
    ['477', read(477, {}, { 'retry-after': '7200' }), 'wait', 'MIGRATION', 7_200_000],
    ['429 by the second', read(429, limit('SECONDLY')), 'wait', 'RATE_LIMIT_SECONDLY', 1000],
    [
      '429 by the second, in words',
      read(429, { message: 'You have reached your secondly limit.' }),
      'wait',
      'RATE_LIMIT_SECONDLY',
      1000,
    ],
    [
      '429 by ten seconds',
      read(429, limit('TEN_SECONDLY_ROLLING')),
      'wait',
      'RATE_LIMIT_TEN_SECONDLY',
      10_000,
    ],
    [
      '429 in words',
      read(429, { message: 'You have reached your ten_secondly_rolling limit.' }),
      'wait',
      'RATE_LIMIT_TEN_SECONDLY',
      10_000,
    ],
    [
      '429 with Retry-After',
      read(429, limit('TEN_SECONDLY_ROLLING'), { 'retry-after': '3' }),
      'wait',
      'RATE_LIMIT_TEN_SECONDLY',
      3000,
    ],
    ['500 to a read', read(500), 'retry', 'HTTP_500', undefined],
    ['502 as HTML to a read', read(502, '<html>bad gateway</html>'), 'retry', 'HTTP_502', undefined],
    ['524 to a read', read(524, '<html>'), 'retry', 'HTTP_524', undefined],
    ['504 to a write', write(504, '<html>'), 'unknown', 'HTTP_504', undefined],
    [
      '400 to a read',
      read(400, { message: 'Bad', category: 'VALIDATION_ERROR' }),
      'stop',
      'VALIDATION_ERROR',
      undefined,
    ],
    [
      '400 to a write',
      write(400, { errors: [{ message: 'x', code: 'INVALID_OPTION' }] }),
      'skip',
      'INVALID_OPTION',
      undefined,
    ],
    [
      '409 to a write',
      write(409, { message: 'Conflict', category: 'CONFLICT' }),
      'skip',
      'CONFLICT',
      undefined,
    ],
  ];
  for (const [title, error, recovery, code, retryAfterMs] of cases) {
    it(title, () => {
      assert.deepEqual([error.recovery, error.code, error.retryAfterMs], [recovery, code, retryAfterMs]);
      assert.match(error.message, /\S/);
      assert.match(error.remedy, /\S/);
    });
  }

  it('tells when a daily quota is renewed', () => {
    const error = read(429, limit('DAILY'));
    assert.equal(error.recovery, 'stop');
    assert.match(error.remedy, /2026-11-24T05:00:00\.000Z/);
    assert.equal(error.retryAfterMs, 17 * 3_600_000);
  });

  it('names missing scopes, wherever the answer puts them', () => {
    const inErrors = { errors: [{ context: { requiredGranularScopes: ['crm.objects.deals.read'] } }] };
    assert.match(read(403, inErrors).remedy, /crm\.objects\.deals\.read/);
    const inBody = { context: { requiredGranularScopes: ['crm.objects.owners.read'] } };
    assert.match(read(403, inBody).message, /crm\.objects\.owners\.read/);
  });

  it('repeats HubSpot in short, and never a token', () => {
    const message = `Token pat-na1-11111111-2222 is bad, Bearer abc.def too. ${'x'.repeat(1000)}`;
    const { message: ours } = write(400, { message });
    assert.ok(ours.length < 400);
    assert.doesNotMatch(ours, /11111111|abc\.def/);
  });
});

describe('HubSpot errors: faults on the way', () => {
  const fault = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });

  it('may be repeated when nothing was sent, and are unknown when a write was', () => {
    assert.equal(errorOfFault(fault('ECONNREFUSED'), true).recovery, 'retry');
    assert.equal(errorOfFault(fault('ENOTFOUND'), true).unreachable, true);
    assert.equal(errorOfFault(fault('UND_ERR_SOCKET'), true).recovery, 'unknown');
    assert.equal(errorOfFault(fault('ECONNRESET'), false).recovery, 'retry');
  });
});

describe('HubSpot errors: one row of a batch', () => {
  it('is gone, refused, or in doubt', () => {
    assert.equal(errorOfItem({ category: 'OBJECT_NOT_FOUND' }, '5').recovery, 'gone');
    assert.equal(errorOfItem({ category: 'CONFLICT', message: 'taken' }, '5').recovery, 'skip');
    assert.equal(errorOfItem({ category: 'INTERNAL_ERROR', message: 'oops' }, '5').recovery, 'unknown');
    assert.equal(errorOfItem({ category: 'RATE_LIMITS', message: 'slow' }, '5').recovery, 'wait');
    assert.equal(errorOfItem({ category: 'VALIDATION_ERROR', message: 'no' }, '5').record, '5');
  });
});

describe('HubSpot errors: the token endpoint', () => {
  const refused = (body: object) => errorOfExchange(read(400, body), answer(400, body));

  it('tells revoked from wrongly configured', () => {
    assert.match(refused({ error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' }).remedy, /Connect .* again/);
    assert.match(refused({ error: 'access_denied', status: 'BAD_HUB' }).remedy, /Connect .* again/);
    assert.match(refused({ error: 'invalid_client', status: 'BAD_CLIENT_SECRET' }).remedy, /clientSecret/);
  });
});
