import assert from 'node:assert/strict';
import { OppsyncError } from '../../../src/core/errors.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { connect, never, openPortal, type Portal, type Reply, type Seen, sampleFacts } from './portal.ts';

const facts = sampleFacts();
const full = { mode: 'full', until: 0, after: null };

describe('HubSpot client', () => {
  useRealNetwork();
  let portal: Portal | undefined;
  afterEach(async () => {
    await portal?.close();
    portal = undefined;
  });

  async function serve(answer: (request: Seen, nth: number) => Reply): Promise<Portal> {
    let nth = 0;
    portal = await openPortal((request) => {
      nth += 1;
      return answer(request, nth);
    });
    return portal;
  }

  async function details(promise: Promise<unknown>) {
    const fault = await promise.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(fault instanceof OppsyncError, String(fault));
    return fault.details;
  }

  const page = { results: [{ id: '1', properties: { dealname: 'A' }, updatedAt: '2026-01-01T00:00:00Z' }] };

  for (const [title, first] of [
    ['a 500', { status: 500, body: { status: 'error' } }],
    ['an HTML 502', { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a cut connection', { instead: 'reset' }],
    ['a truncated answer', { body: '{"results":[{"id":' }],
    ['a lock', { status: 423 }],
    ['a limit per second', { status: 429, body: { policyName: 'SECONDLY' } }],
  ] as [string, Reply][]) {
    it(`reads again after ${title}, and counts both calls`, async () => {
      const { url } = await serve((_, nth) => (nth === 1 ? first : { body: page }));
      const { connector, waits } = connect(url);
      const read = await connector.readPage(full, facts, never);
      assert.equal(read.snapshots[0]?.fields['name'], 'A');
      assert.equal(connector.calls(), 2);
      assert.ok(
        waits.some((ms) => ms >= 500),
        `it should have waited: ${waits.join()}`,
      );
    });
  }

  it('gives up after a few tries and says that HubSpot cannot be reached', async () => {
    const { url } = await serve(() => ({ instead: 'reset' }));
    const { connector } = connect(url);
    const error = await details(connector.readPage(full, facts, never));
    assert.deepEqual([error.recovery, error.unreachable], ['retry', true]);
    assert.equal(connector.calls(), 5);
  });

  it('does not wait for a migration that takes hours', async () => {
    const { url } = await serve(() => ({ status: 477, headers: { 'retry-after': '86400' } }));
    const error = await details(connect(url).connector.readPage(full, facts, never));
    assert.deepEqual([error.recovery, error.retryAfterMs], ['wait', 86_400_000]);
  });

  it('leaves a hung call behind at its deadline', async () => {
    const { url } = await serve((_, nth) => (nth <= 1 ? { instead: 'hang' } : { body: page }));
    const { connector } = connect(url, { deadlineMs: 60 });
    const read = await connector.readPage(full, facts, never);
    assert.equal(read.snapshots.length, 1);
  });

  it('stops at once when it is told to, also while a call hangs', async () => {
    const { url } = await serve(() => ({ instead: 'hang' }));
    const { connector } = connect(url);
    const reason = new Error('enough');
    await assert.rejects(connector.readPage(full, facts, AbortSignal.any([abortSoon(reason)])), reason);
    assert.equal(connector.calls(), 1);
  });

  it('answers unknown for every row of a write that got no answer, and sends it once', async () => {
    for (const silence of [
      { instead: 'hang' },
      { instead: 'reset' },
      { status: 502, body: '<html>' },
    ] as Reply[]) {
      const { url } = await serve(() => silence);
      const { connector } = connect(url, { deadlineMs: 60 });
      const results = await connector.write(
        ['1', '2'].map((id) => ({ id, trace: `t${id}`, fields: { name: 'B' }, owned: {} })),
        facts,
        never,
      );
      assert.deepEqual(
        results.map((result) => [result.trace, result.ok ? 'ok' : result.error.recovery]),
        [
          ['t1', 'unknown'],
          ['t2', 'unknown'],
        ],
      );
      assert.equal(connector.calls(), 1);
      await portal?.close();
    }
  });

  it('throws instead when a write was surely not carried out', async () => {
    const { url } = await serve(() => ({ status: 401, body: { category: 'INVALID_AUTHENTICATION' } }));
    const writes = [{ id: '1', trace: 't', fields: { name: 'B' }, owned: {} }];
    const error = await details(connect(url).connector.write(writes, facts, never));
    assert.equal(error.recovery, 'stop');
    assert.doesNotMatch(JSON.stringify(error), /pat-na1-secret/);
  });

  it('keeps to the limit the answers tell, sending nothing too much', async () => {
    const { url, seen } = await serve(() => ({
      body: page,
      headers: {
        'x-hubspot-ratelimit-max': '10',
        'x-hubspot-ratelimit-remaining': '5',
        'x-hubspot-ratelimit-interval-milliseconds': '300',
      },
    }));
    const { connector } = connect(url, {}, { realTime: true });
    for (let call = 0; call < 25; call += 1) await connector.readPage(full, facts, never);
    const times = seen.map((each) => each.at);
    for (const end of times) {
      const inside = times.filter((at) => at > end - 300 && at <= end).length;
      assert.ok(inside <= 10, `${inside} calls within 300 ms`);
    }
  });

  describe('with OAuth', () => {
    const oauth = { auth: { type: 'oauth', clientId: 'i', clientSecret: 's', refreshToken: 'r1' } };
    const token = (n: number) => ({ access_token: `a${n}`, refresh_token: `r${n + 1}`, expires_in: 1800 });

    it('renews once for many callers, before the token runs out, with the latest refresh token', async () => {
      let now = 1_000_000;
      let issued = 0;
      const forms: string[] = [];
      const { url, seen } = await serve((request) => {
        if (request.path !== '/oauth/v1/token') return { body: page };
        forms.push(request.text);
        issued += 1;
        return { body: token(issued) };
      });
      const { connector } = connect(url, oauth, { now: () => now });
      const read = () => connector.readPage(full, facts, never);
      await Promise.all([read(), read(), read()]);
      assert.equal(issued, 1);
      now += 1_679_000;
      await read();
      assert.equal(issued, 1);
      now += 2000;
      await read();
      assert.equal(issued, 2);
      assert.match(forms[1] ?? '', /refresh_token=r2/);
      assert.equal(seen.at(-1)?.headers.authorization, 'Bearer a2');
      assert.equal(connector.calls(), 7, 'token calls are calls');
    });

    it('renews once when a token is refused early, then believes it', async () => {
      let issued = 0;
      const { url } = await serve((request) => {
        if (request.path === '/oauth/v1/token') {
          issued += 1;
          return { body: token(issued) };
        }
        return { status: 401, body: { category: 'EXPIRED_AUTHENTICATION' } };
      });
      const error = await details(connect(url, oauth).connector.readPage(full, facts, never));
      assert.equal(error.recovery, 'stop');
      assert.equal(issued, 2);
    });

    it('stops when the grant was withdrawn, keeping the secrets to itself', async () => {
      const { url } = await serve(() => ({
        status: 400,
        body: {
          error: 'invalid_grant',
          status: 'BAD_REFRESH_TOKEN',
          message: 'missing or invalid refresh token',
        },
      }));
      const error = await details(connect(url, oauth).connector.describe(never));
      assert.deepEqual([error.recovery, error.code], ['stop', 'BAD_REFRESH_TOKEN']);
    });
  });
});

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  return controller.signal;
}
