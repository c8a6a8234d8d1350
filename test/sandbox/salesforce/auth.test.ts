import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { useRealNetwork } from '../real-network.ts';
import { type Answer, MINUTE, NOW, type Org, opportunities, startOrg } from './running-org.ts';

const TOKEN = '/services/oauth2/token';

describe('salesforce simulator: sessions and limits (salesforce.md §1)', () => {
  useRealNetwork();
  let org: Org;
  beforeEach(async () => {
    org = await startOrg(opportunities(1));
  });
  afterEach(() => org.close());

  const ask = (form: Record<string, string>, headers = {}): Promise<Answer> =>
    org.raw('POST', TOKEN, new URLSearchParams(form).toString(), headers);
  const app = (): { client_id: string; client_secret: string } => {
    const { clientId, clientSecret } = org.simulator.credentials();
    return { client_id: clientId!, client_secret: clientSecret! };
  };

  it('answers no expires_in, a text issued_at and an id of org and user (§1.1)', async () => {
    const { status, body } = await ask({ grant_type: 'client_credentials', ...app() });
    assert.equal(status, 200);
    assert.equal(body.issued_at, String(NOW));
    assert.equal('expires_in' in body, false);
    assert.match(body.id, /\/id\/00D\w{15}\/005\w{15}$/);
    assert.equal(body.instance_url, org.url);
  });

  it('takes the client from a Basic header', async () => {
    const { client_id, client_secret } = app();
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    assert.equal((await ask({ grant_type: 'client_credentials' }, { authorization })).status, 200);
  });

  it('refuses with an object: wrong client, wrong secret, unknown grant, blocked password (§1.1, §1.2)', async () => {
    const refusals = [
      [{ grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' }, 'invalid_client_id'],
      [{ grant_type: 'client_credentials', ...app(), client_secret: 'y' }, 'invalid_client'],
      [{ grant_type: 'magic' }, 'unsupported_grant_type'],
      [
        { grant_type: 'password', ...app(), username: 'admin@sandbox.example', password: 'p' },
        'invalid_grant',
      ],
    ] as const;
    for (const [form, error] of refusals) {
      const answer = await ask(form);
      assert.deepEqual(
        [answer.status, answer.body.error, typeof answer.body.error_description],
        [400, error, 'string'],
      );
    }
  });

  it('rotates refresh tokens when asked, and the old one dies at once (§1.2, §1.4 c)', async () => {
    org.simulator.configure({ rotateRefreshTokens: true });
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: app().client_id,
      redirect_uri: 'http://127.0.0.1/cb',
      state: 's',
    });
    const { headers } = await org.raw('GET', `/services/oauth2/authorize?${query}`);
    const code = new URL(headers.get('location')!).searchParams.get('code')!;
    const first = await ask({
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'http://127.0.0.1/cb',
      ...app(),
    });
    const old = first.body.refresh_token;
    const second = await ask({ grant_type: 'refresh_token', refresh_token: old, ...app() });
    assert.notEqual(second.body.refresh_token, old);
    const reused = await ask({ grant_type: 'refresh_token', refresh_token: old, ...app() });
    assert.deepEqual(reused.body, {
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
  });

  it('verifies JWT bearer assertions: signature, audience, expiry (§1.2)', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    org.simulator.configure({ jwtPublicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
    const grant = (claims: object): Promise<Answer> => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const defaults = {
        iss: app().client_id,
        sub: 'integration@sandbox.example',
        aud: 'https://login.salesforce.com',
        exp: NOW / 1000 + 180,
      };
      const signed = `${part({ alg: 'RS256' })}.${part({ ...defaults, ...claims })}`;
      const signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url');
      return ask({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: `${signed}.${signature}`,
      });
    };
    assert.equal((await grant({})).status, 200);
    assert.equal(
      (await grant({ aud: 'https://else.example' })).body.error_description,
      'audience is invalid',
    );
    assert.equal((await grant({ exp: NOW / 1000 - 1 })).body.error, 'invalid_grant');
    assert.match((await grant({ sub: 'nobody@x.example' })).body.error_description, /hasn't approved/);
  });

  it('ends idle sessions by the clock, with the array of a 401 (§10.2)', async () => {
    org.clock.advance(119 * MINUTE);
    assert.equal((await org.api('GET', '/limits')).status, 200);
    org.clock.advance(119 * MINUTE);
    assert.equal((await org.api('GET', '/limits')).status, 200);
    org.clock.advance(121 * MINUTE);
    const { status, body } = await org.api('GET', '/limits');
    assert.equal(status, 401);
    assert.deepEqual(body, [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
  });

  it('can reject every token, and revokes one', async () => {
    const authorization = `Bearer ${org.token}`;
    assert.equal(
      (await org.raw('GET', '/services/oauth2/userinfo', undefined, { authorization })).body
        .preferred_username,
      'integration@sandbox.example',
    );
    await org.raw('POST', '/services/oauth2/revoke', `token=${encodeURIComponent(org.token)}`);
    assert.equal((await org.api('GET', '/limits')).status, 401);
    const token = await org.newToken();
    org.simulator.configure({ rejectAllTokens: true });
    const answer = await org.raw('GET', '/services/data/v66.0/limits', undefined, {
      authorization: `Bearer ${token}`,
    });
    assert.equal(answer.status, 401);
  });

  it('logs another app under its own name', async () => {
    org.simulator.configure({
      apps: [{ name: 'legacy', clientId: 'legacy-id', clientSecret: 'legacy-secret' }],
    });
    const { body } = await ask({
      grant_type: 'client_credentials',
      client_id: 'legacy-id',
      client_secret: 'legacy-secret',
    });
    const authorization = `Bearer ${body.access_token}`;
    await org.raw('POST', '/services/data/v66.0/sobjects/Account', JSON.stringify({ Name: 'By legacy' }), {
      authorization,
    });
    assert.equal(org.truth().at(-1)?.actor, 'app:legacy');
  });

  it('counts requests in a header and stops at the daily limit, over a rolling day (§7, §10.13)', async () => {
    org.simulator.configure({ dailyLimit: 3, sessionMinutes: 3000 });
    const first = await org.api('GET', '/limits');
    assert.equal(first.headers.get('sforce-limit-info'), 'api-usage=1/3');
    await org.api('GET', '/nowhere');
    await org.api('GET', '/limits');
    const over = await org.api('GET', '/limits');
    assert.deepEqual(
      [over.status, over.body],
      [403, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]],
    );
    assert.equal(over.headers.has('retry-after'), false);
    org.clock.advance(24 * 60 * MINUTE);
    assert.equal((await org.api('GET', '/limits')).status, 200);
  });

  it('limits long-running requests, told apart by the text alone (§4.4)', async () => {
    org.simulator.configure({ slowRequestMs: 60, longRunningMs: 50, concurrentLimit: 2 });
    const answers = await Promise.all([1, 2, 3].map(() => org.api('GET', '/limits')));
    const refused = answers.filter((answer) => answer.status === 403);
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.body[0].message, 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.');
  });

  it('serves versions 31.0 to 68.0, 410 for retired ones, 404 for others (§10.3)', async () => {
    const list = await org.raw('GET', '/services/data');
    assert.deepEqual(list.body.at(-3), { label: "Spring '26", url: '/services/data/v66.0', version: '66.0' });
    const authorization = `Bearer ${org.token}`;
    const status = async (version: string): Promise<number> =>
      (await org.raw('GET', `/services/data/${version}/limits`, undefined, { authorization })).status;
    assert.deepEqual(
      [await status('v31.0'), await status('v68.0'), await status('v30.0'), await status('v69.0')],
      [200, 200, 410, 404],
    );
    const unknown = await org.api('GET', '/no/such/path');
    assert.deepEqual(unknown.body, [
      { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
    ]);
  });

  it('refuses unknown switches', () => {
    assert.throws(() => org.simulator.configure({ nope: 1 }), /unknown salesforce switch 'nope'/);
    assert.throws(() => org.simulator.configure({ lockMs: 'long' }), /must be a number/);
  });
});
