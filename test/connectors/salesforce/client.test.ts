import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { createClient } from '../../../src/connectors/salesforce/client.ts';
import { parseSalesforceSettings } from '../../../src/connectors/salesforce/settings.ts';
import { OppsyncError } from '../../../src/core/errors.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import {
  isLogin,
  quickDeps,
  type Reply,
  type ScriptedOrg,
  type Seen,
  settingsFor,
  startScriptedOrg,
  token,
} from './scripted-org.ts';

const GO = new AbortController().signal;
const READ = { method: 'GET', path: '/query?q=x', repeatable: true } as const;
const WRITE = { method: 'PATCH', path: '/composite/sobjects', body: {}, repeatable: false } as const;
const EXPIRED = {
  status: 401,
  json: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
};
const DAILY = {
  status: 403,
  json: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
};
const BUSY = {
  status: 403,
  json: [
    {
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    },
  ],
};

async function failure(promise: Promise<unknown>): Promise<OppsyncError> {
  const error = await promise.then(
    () => assert.fail('should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OppsyncError, String(error));
  return error;
}

describe('salesforce client', () => {
  useRealNetwork();
  let org: ScriptedOrg;
  let answer: (seen: Seen) => Reply;
  let logins = 0;

  beforeEach(async () => {
    logins = 0;
    answer = () => ({ json: { ok: true } });
    org = await startScriptedOrg((seen) => {
      if (isLogin(seen)) return token(org.url, `T${++logins}`);
      return answer(seen);
    });
  });
  afterEach(() => org.close());

  const apiCalls = (): Seen[] => org.seen.filter((seen) => !isLogin(seen));
  /** Answers these in turn, then well. */
  function inTurn(...replies: Reply[]): void {
    answer = () => replies.shift() ?? { json: { ok: true } };
  }

  it('logs in once for many calls at once and names itself', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    await Promise.all(Array.from({ length: 20 }, () => client.call(READ, GO)));
    assert.equal(logins, 1);
    assert.equal(client.calls(), 21);
    assert.equal(org.seen.length, 21);
    assert.equal(org.seen[0]?.body, 'grant_type=client_credentials&client_id=id&client_secret=secret');
    const call = apiCalls()[0];
    assert.equal(call?.url, '/services/data/v66.0/query?q=x');
    assert.equal(call?.headers['authorization'], 'Bearer T1');
    assert.equal(call?.headers['sforce-call-options'], 'client=oppsync');
  });

  it('renews an expired token once for all who met it', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    answer = (seen) => (seen.headers['authorization'] === 'Bearer T1' ? EXPIRED : { json: { ok: true } });
    await Promise.all(Array.from({ length: 10 }, () => client.call(READ, GO)));
    assert.equal(logins, 2);
  });

  it('stops when fresh tokens are refused too, and stops asking for more', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    answer = () => EXPIRED;
    for (let n = 0; n < 10; n += 1) assert.equal((await failure(client.call(READ, GO))).recovery, 'stop');
    assert.ok(logins <= 5, `${logins} logins`);
  });

  it('does not renew when a new token cannot help', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    inTurn({
      status: 401,
      json: [{ errorCode: 'X', message: 'This session is not valid for use with the REST API' }],
    });
    assert.equal((await failure(client.call(READ, GO))).recovery, 'stop');
    assert.equal(logins, 1);
  });

  it('follows the org to another host when it renews', async () => {
    const moved = await startScriptedOrg(() => ({ json: { moved: true } }));
    try {
      const old = await startScriptedOrg((seen) =>
        isLogin(seen) ? token(old.seen.length === 1 ? old.url : moved.url) : EXPIRED,
      );
      try {
        const client = createClient(settingsFor(old.url), quickDeps());
        assert.deepEqual((await client.call(READ, GO)).body, { moved: true });
        assert.equal(client.origin(), moved.url);
      } finally {
        await old.close();
      }
    } finally {
      await moved.close();
    }
  });

  const passing: [string, Reply][] = [
    ['503', { status: 503, json: [{ errorCode: 'SERVER_UNAVAILABLE', message: 'Server unavailable' }] }],
    ['an HTML 502', { status: 502, html: '<html>Bad Gateway</html>' }],
    ['an HTML 200', { status: 200, html: '<html>Maintenance</html>' }],
    ['a redirect', { status: 302, html: '', headers: { location: 'http://127.0.0.1:1/elsewhere' } }],
    ['a cut body', 'cut'],
    ['broken JSON', 'broken-json'],
    ['too many long calls', BUSY],
  ];
  for (const [what, reply] of passing) {
    it(`tries a read again after ${what}`, async () => {
      const deps = quickDeps();
      const client = createClient(settingsFor(org.url), deps);
      inTurn(reply, reply);
      assert.deepEqual((await client.call(READ, GO)).body, { ok: true });
      assert.equal(apiCalls().length, 3);
      assert.equal(client.calls(), 4);
      assert.equal(deps.pauses.length, 2);
      assert.ok(deps.pauses.every((pause) => pause >= 500 && pause <= 8_000));
    });
  }

  it('gives a stalled body up at the deadline', async () => {
    const client = createClient(settingsFor(org.url, { deadlineMs: 150 }), quickDeps());
    answer = () => 'stall';
    const error = await failure(client.call(READ, GO));
    assert.equal(error.recovery, 'retry');
    assert.equal(error.details.code, 'DEADLINE');
    assert.equal(error.details.unreachable, true);
    assert.equal(apiCalls().length, 3);
  });

  it('says that a host cannot be reached', async () => {
    await org.close();
    const deps = quickDeps();
    const error = await failure(createClient(settingsFor(org.url), deps).call(READ, GO));
    assert.equal(error.recovery, 'retry');
    assert.equal(error.details.unreachable, true);
    assert.equal(error.details.code, 'ECONNREFUSED');
    assert.equal(deps.pauses.length, 2);
  });

  it('never repeats a write whose fate is open', async () => {
    for (const reply of ['cut', 'broken-json', { status: 502, html: '<html></html>' }] as const) {
      const client = createClient(settingsFor(org.url), quickDeps());
      const before = apiCalls().length;
      inTurn(reply);
      assert.equal((await failure(client.call(WRITE, GO))).recovery, 'unknown');
      assert.equal(apiCalls().length, before + 1);
    }
  });

  it('repeats a write that was turned away at the door', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    inTurn({ status: 503, html: '<html></html>' }, EXPIRED);
    assert.deepEqual((await client.call(WRITE, GO)).body, { ok: true });
  });

  it('stops at the daily limit without a second try', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    answer = () => DAILY;
    assert.equal((await failure(client.call(READ, GO))).recovery, 'stop');
    assert.equal(apiCalls().length, 1);
  });

  it('lets go when the caller does', async () => {
    const client = createClient(settingsFor(org.url), quickDeps());
    const caller = new AbortController();
    answer = () => {
      caller.abort(new Error('enough'));
      return 'stall';
    };
    await assert.rejects(client.call(READ, caller.signal), /enough/);
    assert.equal(apiCalls().length, 1);
  });

  it('signs in with a certificate', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const auth = { type: 'jwt', clientId: 'id', username: 'int@acme.test', privateKey };
    await createClient(settingsFor(org.url, { auth }), quickDeps()).call(READ, GO);
    const form = new URLSearchParams(org.seen[0]?.body);
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head, claims, signature] = String(form.get('assertion')).split('.');
    const valid = createVerify('RSA-SHA256')
      .update(`${head}.${claims}`)
      .verify(keys.publicKey, String(signature), 'base64url');
    assert.ok(valid);
    const claimed = JSON.parse(Buffer.from(String(claims), 'base64url').toString());
    assert.equal(claimed.aud, org.url);
    assert.equal(claimed.sub, 'int@acme.test');
    const lifetime = claimed.exp - Date.now() / 1000;
    assert.ok(lifetime > 60 && lifetime <= 300, `${lifetime} s`);
  });

  it('explains a key that cannot sign without quoting it', async () => {
    const auth = { type: 'jwt', clientId: 'id', username: 'int@acme.test', privateKey: 'not-a-key' };
    const error = await failure(createClient(settingsFor(org.url, { auth }), quickDeps()).call(READ, GO));
    assert.equal(error.recovery, 'fix');
    assert.equal(JSON.stringify(error.details).includes('not-a-key'), false);
    assert.equal(org.seen.length, 0);
  });

  it('keeps a rotated refresh token before using what came with it', async () => {
    const events: string[] = [];
    const rotating = await startScriptedOrg((seen) => {
      if (isLogin(seen)) {
        const given = new URLSearchParams(seen.body).get('refresh_token');
        events.push(`login with ${given}`);
        const reply = token(rotating.url, `A-${given}`);
        return typeof reply === 'string'
          ? reply
          : { json: { ...Object(reply.json), refresh_token: `${given}+` } };
      }
      events.push(`call with ${seen.headers['authorization']}`);
      return seen.headers['authorization'] === 'Bearer A-R' ? EXPIRED : { json: {} };
    });
    try {
      const auth = { type: 'refresh_token', clientId: 'id', refreshToken: 'R' };
      const deps = {
        ...quickDeps(),
        saveRefreshToken: async (next: string) => {
          events.push(`saved ${next}`);
        },
      };
      await createClient(settingsFor(rotating.url, { auth }), deps).call(READ, GO);
    } finally {
      await rotating.close();
    }
    assert.deepEqual(events, [
      'login with R',
      'saved R+',
      'call with Bearer A-R',
      'login with R+',
      'saved R++',
      'call with Bearer A-R+',
    ]);
  });

  const refusedLogins: [string, Reply, string, RegExp][] = [
    [
      'a wrong secret',
      { status: 401, json: { error: 'invalid_client', error_description: 'invalid client credentials' } },
      'stop',
      /secret/,
    ],
    [
      'no Run-As user',
      {
        status: 400,
        json: { error: 'invalid_grant', error_description: 'no client credentials user enabled' },
      },
      'stop',
      /Run-As/,
    ],
    [
      'the shared login host',
      {
        status: 400,
        json: { error: 'invalid_request', error_description: 'request not supported on this domain' },
      },
      'stop',
      /My Domain/,
    ],
    [
      'too many logins',
      { status: 400, json: { error: 'rate_limit_exceeded', error_description: 'slow down' } },
      'wait',
      /Wait/,
    ],
  ];
  for (const [what, reply, recovery, remedy] of refusedLogins) {
    it(`explains a login refused for ${what}`, async () => {
      const refusing = await startScriptedOrg(() => reply);
      try {
        const error = await failure(createClient(settingsFor(refusing.url), quickDeps()).call(READ, GO));
        assert.equal(error.recovery, recovery);
        assert.match(error.details.remedy, remedy);
        assert.equal(JSON.stringify({ ...error.details, m: error.message }).includes('"secret"'), false);
        assert.equal(refusing.seen.length, 1);
      } finally {
        await refusing.close();
      }
    });
  }
});

describe('salesforce settings', () => {
  it('name every wrong key and repeat no value', () => {
    const given = {
      url: 'acme',
      auth: { type: 'client_credentials', clientId: 'top-secret-id' },
      colour: 'red',
    };
    assert.throws(
      () => parseSalesforceSettings(given, 'connections.main'),
      (error) => {
        assert.ok(error instanceof OppsyncError);
        assert.equal(error.recovery, 'fix');
        for (const key of ['connections.main.url', 'connections.main.auth.clientSecret', 'colour']) {
          assert.ok(error.message.includes(key), error.message);
        }
        assert.equal(error.message.includes('top-secret-id'), false);
        return true;
      },
    );
  });

  it('have defaults', () => {
    const settings = settingsFor('https://acme.my.salesforce.com');
    assert.equal(settings.apiVersion, '66.0');
    assert.deepEqual(settings.customFields, {});
  });
});
