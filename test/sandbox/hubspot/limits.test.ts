import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { startPortal, type TestPortal } from './portal-server.ts';

describe('HubSpot simulator: limits and access', () => {
  useRealNetwork();
  let portal: TestPortal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const list = (headers: Record<string, string> = {}) =>
    portal.ask('GET', '/crm/v3/objects/deals', undefined, headers);
  const search = () => portal.ask('POST', '/crm/v3/objects/deals/search', {});

  it('counts a rolling window per app and tells of it in headers (hubspot.md §4.3)', async () => {
    portal.simulator.configure({ burstLimit: 3, apps: [{ name: 'other', token: 'pat-other' }] });
    const first = await list();
    assert.equal(first.headers.get('x-hubspot-ratelimit-max'), '3');
    assert.equal(first.headers.get('x-hubspot-ratelimit-remaining'), '2');
    assert.equal(first.headers.get('x-hubspot-ratelimit-interval-milliseconds'), '10000');
    assert.equal(first.headers.get('x-hubspot-ratelimit-daily'), '1000000');
    portal.advance(9_000);
    await list();
    await list();
    const over = await list();
    assert.equal(over.status, 429);
    assert.equal(over.body.policyName, 'TEN_SECONDLY_ROLLING');
    assert.equal(over.body.message, 'You have reached your ten_secondly_rolling limit.');
    assert.equal(over.body.errorType, 'RATE_LIMIT');
    assert.equal('category' in over.body, false);
    assert.equal(over.headers.get('retry-after'), null);
    assert.equal((await list({ authorization: 'Bearer pat-other' })).status, 200);
    assert.equal((await search()).status, 200);
    portal.advance(1_000);
    assert.equal((await list()).status, 200);
    assert.equal((await list()).status, 429);
  });

  it('counts searches per second and account, without headers (hubspot.md §2.4)', async () => {
    portal.simulator.configure({ searchPerSecond: 2 });
    const answers = [await search(), await search(), await search()];
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200, 429],
    );
    assert.equal(answers[2]?.body.policyName, 'SECONDLY');
    assert.equal(answers[2]?.body.message, 'You have reached your secondly limit.');
    assert.equal(answers[0]?.headers.get('x-hubspot-ratelimit-max'), null);
    portal.advance(1000);
    assert.equal((await search()).status, 200);
  });

  it('counts the day in the time zone of the account (hubspot.md §4.3)', async () => {
    portal.simulator.configure({ dailyLimit: 1, timeZone: 'America/New_York' });
    await list();
    const over = await list();
    assert.deepEqual([over.status, over.body.policyName], [429, 'DAILY']);
    portal.advance(14 * 3_600_000); // midnight UTC, evening in New York
    assert.equal((await list()).status, 429);
    portal.advance(5 * 3_600_000);
    assert.equal((await list()).status, 200);
  });

  it('refuses unknown tokens and missing scopes in their known forms (hubspot.md §1.3)', async () => {
    const unknown = await list({ authorization: 'Bearer pat-na1-nope' });
    assert.deepEqual([unknown.status, unknown.body.category], [401, 'INVALID_AUTHENTICATION']);
    assert.match(unknown.body.message, /^Authentication credentials not found\./);
    portal.simulator.configure({
      apps: [{ name: 'reader', token: 'pat-reader', scopes: ['crm.objects.deals.read'] }],
    });
    const headers = { authorization: 'Bearer pat-reader' };
    assert.equal((await list(headers)).status, 200);
    const write = await portal.ask('POST', '/crm/v3/objects/deals', { properties: {} }, headers);
    assert.deepEqual([write.status, write.body.category], [403, 'MISSING_SCOPES']);
    assert.deepEqual(write.body.errors[0].context.requiredGranularScopes, ['crm.objects.deals.write']);
  });

  it('writes of other apps are told apart from the engine', async () => {
    portal.simulator.configure({ apps: [{ name: 'salesforce', token: 'pat-sf' }] });
    const made = await portal.ask(
      'POST',
      '/crm/v3/objects/deals',
      { properties: { hs_salesforceopportunityid: '006000000000001AAA' } },
      { authorization: 'Bearer pat-sf' },
    );
    assert.equal(made.status, 201);
    assert.equal(portal.truth[0]?.actor, 'app:salesforce');
    const { body } = await portal.ask(
      'GET',
      `/crm/v3/objects/deals/${made.body.id}?propertiesWithHistory=hs_salesforceopportunityid`,
    );
    assert.equal(body.propertiesWithHistory.hs_salesforceopportunityid[0].sourceType, 'SALESFORCE');
  });

  it('hands out 30-minute tokens on every generation of the token endpoint (hubspot.md §1.2)', async () => {
    const { clientId = '', clientSecret = '', refreshToken = '' } = portal.simulator.credentials();
    const typed = await portal.client.oauth.tokensApi.create(
      'refresh_token',
      undefined,
      undefined,
      clientId,
      clientSecret,
      refreshToken,
    );
    assert.equal(typed.expiresIn, 1800);
    const headers = { authorization: `Bearer ${typed.accessToken}` };
    const fresh = await list(headers);
    assert.equal(fresh.status, 200);
    assert.equal(fresh.headers.get('x-hubspot-ratelimit-daily'), null);
    portal.advance(1_800_000);
    const stale = await list(headers);
    assert.deepEqual([stale.status, stale.body.category], [401, 'EXPIRED_AUTHENTICATION']);
    for (const path of ['/oauth/v1/token', '/oauth/v3/token', '/oauth/2026-09/token']) {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: 'no',
      });
      const refused = await fetch(portal.url + path, { method: 'POST', body: form });
      const body = (await refused.json()) as Record<string, unknown>;
      assert.deepEqual(
        [refused.status, body['status'], body['error']],
        [400, 'BAD_REFRESH_TOKEN', 'invalid_grant'],
      );
    }
  });

  it('describes the account as recorded, with its switches (hubspot.md §1.2)', async () => {
    portal.simulator.configure({ timeZone: 'Asia/Kolkata', companyCurrency: 'INR', currencies: ['EUR'] });
    const { body } = await portal.ask('GET', '/account-info/v3/details');
    assert.equal(body.utcOffset, '+05:30');
    assert.equal(body.utcOffsetMilliseconds, 19_800_000);
    assert.deepEqual([body.companyCurrency, body.additionalCurrencies], ['INR', ['EUR']]);
    const usage = await portal.ask('GET', '/account-info/v3/api-usage/daily/private-apps');
    assert.equal(usage.body.results[0].currentUsage, 2);
  });
});
