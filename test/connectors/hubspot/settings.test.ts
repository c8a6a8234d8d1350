import assert from 'node:assert/strict';
import { parseHubspotSettings } from '../../../src/connectors/hubspot/index.ts';
import { quotaRules, toldBy } from '../../../src/connectors/hubspot/quota.ts';
import { OppsyncError } from '../../../src/core/errors.ts';
import { learn, ownShare } from '../../../src/core/quota-others.ts';
import { openRate } from '../../../src/core/quota-window.ts';

const auth = { type: 'token', token: 'pat-na1-secret' };

describe('HubSpot settings', () => {
  it('have defaults for everything but the credentials', () => {
    const settings = parseHubspotSettings({ auth }, 'connections.hubspot');
    assert.deepEqual(
      [settings.url, settings.searchPerSecond, settings.deadlineMs, settings.searchLagMs, settings.overlapMs],
      ['https://api.hubapi.com', 5, 60_000, 60_000, 300_000],
    );
    assert.equal(settings.burst, undefined);
  });

  it('lose the slash at the end of the url, which would double', () => {
    assert.equal(parseHubspotSettings({ auth, url: 'http://127.0.0.1:1/' }, 'x').url, 'http://127.0.0.1:1');
  });

  const wrong: [string, unknown, string][] = [
    ['no credentials', {}, 'connections.hubspot.auth'],
    ['a blank token', { auth: { type: 'token', token: ' ' } }, 'connections.hubspot.auth.token'],
    [
      'a missing OAuth secret',
      { auth: { type: 'oauth', clientId: 'a', refreshToken: 'b' } },
      'connections.hubspot.auth.clientSecret',
    ],
    ['an unknown key', { auth, serchPerSecond: 4 }, 'connections.hubspot.serchPerSecond'],
    ['another protocol', { auth, url: 'ftp://x' }, 'connections.hubspot.url'],
    [
      'a custom field that takes a name of ours',
      { auth, customFields: { amount: { native: 'a', kind: 'decimal' } } },
      'connections.hubspot.customFields.amount',
    ],
    [
      'a property that cannot exist',
      { auth, evidence: { signed: 'Contract Signed' } },
      'connections.hubspot.evidence.signed',
    ],
    ['a negative time', { auth, deadlineMs: -1 }, 'connections.hubspot.deadlineMs'],
  ];
  for (const [title, value, key] of wrong) {
    it(`name ${title}`, () => {
      assert.throws(
        () => parseHubspotSettings(value, 'connections.hubspot'),
        (fault) => {
          assert.ok(fault instanceof OppsyncError);
          assert.equal(fault.recovery, 'fix');
          assert.equal(fault.details.field, key);
          assert.match(fault.message, new RegExp(key.replaceAll('.', '\\.')));
          assert.doesNotMatch(fault.message, /pat-na1-secret/);
          return true;
        },
      );
    });
  }
});

describe('HubSpot settings: a configured burst', () => {
  /** Our share when so many calls of the window are left, none of them taken by us. */
  const shareWhenLeft = (left: number): number => {
    const burst = { limit: 150, perMs: 10_000 };
    const settings = parseHubspotSettings(
      { auth: { type: 'token', token: 't' }, burst },
      'connections.hubspot',
    );
    const [rule] = quotaRules(settings).rates;
    assert.ok(rule !== undefined);
    const headers = {
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-remaining': String(left),
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
    };
    const answer = { status: 200, body: {}, headers, sentAt: 1000, receivedAt: 1000 };
    let rate = openRate(rule);
    for (const at of [1000, 5000])
      for (const told of toldBy(answer, 'burst', settings.burst)) rate = learn(rate, rule, { ...told, at });
    return ownShare(rate, rule, 5000);
  };

  it('is what we take at most, and less where others leave less', () => {
    assert.equal(shareWhenLeft(190), 149);
    assert.equal(shareWhenLeft(160), 149);
    assert.equal(shareWhenLeft(95), 94);
  });
});
