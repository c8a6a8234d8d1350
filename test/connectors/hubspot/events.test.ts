import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hubspotEventReader, hubspotEvents } from '../../../src/connectors/hubspot/events.ts';
import { parseHubspotSettings } from '../../../src/connectors/hubspot/settings.ts';
import { signatureOf, signedAddress } from '../../../src/connectors/hubspot/signature.ts';
import type { EventReader, EventReading, EventRequest } from '../../../src/core/event-port.ts';
import { dealEvent, HUBSPOT_SECRET, hubspotRequest } from '../../support/webhook-requests.ts';

const VECTORS = path.resolve(
  import.meta.dirname,
  '../../../../shared/fixtures/hubspot/signatures/vectors.json',
);
const NOW = 1_790_000_001_000;

function reader(more: Readonly<Record<string, unknown>> = {}): EventReader {
  const auth = { type: 'token', token: 'pat-na1-x' };
  const made = hubspotEventReader(
    parseHubspotSettings({ auth, webhookSecret: HUBSPOT_SECRET, ...more }, 'connections.hubspot'),
  );
  assert.ok(made !== null);
  return made;
}

const read = (request: EventRequest, more: Readonly<Record<string, unknown>> = {}, now = NOW): EventReading =>
  reader(more).read(request, now, null);

function faultOf(reading: EventReading): string {
  return reading.ok ? 'accepted' : reading.fault;
}

function idsOf(item: Readonly<Record<string, unknown>>): string[] {
  const reading = read(hubspotRequest([item], NOW));
  assert.ok(reading.ok);
  return reading.events.map(({ id, kind }) => `${id} ${kind}`);
}

describe('HubSpot webhooks', () => {
  describe('signatures', () => {
    it('gives the published signatures', () => {
      const secret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
      const request = {
        method: 'POST',
        url: 'https://www.example.com/webhook_uri',
        body: Buffer.from("{'example_field':'example_value'}"),
      };
      const of = (version: 'v1' | 'v2' | 'v3') => signatureOf(version, secret, request, '1693657560000');
      assert.equal(of('v1'), '69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750');
      assert.equal(of('v2'), '4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383');
      assert.equal(of('v3'), 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=');
      if (!existsSync(VECTORS)) return;
      const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as Record<string, string>[];
      assert.ok(vectors.length >= 7);
      for (const { id, version, clientSecret, method, uri, body, timestamp, expected } of vectors) {
        const given = { method: method ?? 'POST', url: uri ?? '', body: Buffer.from(body ?? '') };
        const made = signatureOf(version as 'v1', clientSecret ?? '', given, timestamp ?? '');
        assert.equal(made, expected, id);
      }
    });

    it('writes out the twelve escapes HubSpot writes out, in either case, and no other', () => {
      assert.equal(
        signedAddress('https://x.example/a%3Ab%2Fc%3Fd%40e%21f%24g%27h%28i%29j%2Ak%2Cl%3Bm?q=%3a%2f'),
        "https://x.example/a:b/c?d@e!f$g'h(i)j*k,l;m?q=:/",
      );
      const kept = 'https://x.example/%20%26%3D%25%2B?a=%C3%A9%23';
      assert.equal(signedAddress(kept), kept);
    });

    it('believes the new and the old secret while they are being changed, and then the new one only', () => {
      const [old, fresh] = [
        hubspotRequest([], NOW, { secret: 'old' }),
        hubspotRequest([], NOW, { secret: 'new' }),
      ];
      const both = { webhookSecret: ['new', 'old'] };
      assert.deepEqual([faultOf(read(old, both)), faultOf(read(fresh, both))], ['accepted', 'accepted']);
      const after = { webhookSecret: 'new' };
      assert.deepEqual([faultOf(read(old, after)), faultOf(read(fresh, after))], ['forged', 'accepted']);
    });

    it('takes a request within five minutes of its time, before and after, and no other', () => {
      const at = (distance: number) => faultOf(read(hubspotRequest([], NOW), {}, NOW + distance));
      assert.deepEqual([at(300_000), at(-300_000)], ['accepted', 'accepted']);
      assert.deepEqual([at(300_001), at(-300_001)], ['forged', 'forged']);
      for (const stamp of [
        '',
        'NaN',
        '1e999',
        ' 1790000001000',
        '1790000001000.0',
        '0x1a0c5e3a3e8',
        '1790000001',
      ])
        assert.equal(
          faultOf(
            read({
              ...hubspotRequest([], NOW),
              headers: {
                'x-hubspot-signature-v3': [signatureOf('v3', HUBSPOT_SECRET, hubspotRequest([], NOW), stamp)],
                'x-hubspot-request-timestamp': [stamp],
              },
            }),
          ),
          'forged',
          stamp,
        );
    });

    it('goes by v3 where a request carries an older signature as well, right or wrong', () => {
      const [v3, v1] = [hubspotRequest([], NOW), hubspotRequest([], NOW, { version: 'v1' })];
      const wrong = hubspotRequest([], NOW, { secret: 'wrong' });
      const beside = (one: EventRequest) => ({ ...v1, headers: { ...v1.headers, ...one.headers } });
      const both = { webhookSignatures: ['v1', 'v3'] };
      assert.equal(faultOf(read(beside(v3))), 'accepted');
      assert.equal(faultOf(read(beside(v3), both)), 'accepted');
      assert.equal(faultOf(read(beside(wrong), both)), 'forged');
      assert.equal(faultOf(read(beside(wrong), { webhookSignatures: ['v1'] })), 'accepted');
    });

    it('refuses signature headers that come twice, even both right', () => {
      const request = hubspotRequest([], NOW);
      for (const name of ['x-hubspot-signature-v3', 'x-hubspot-request-timestamp']) {
        const [value = ''] = request.headers[name] ?? [];
        const twice = { ...request, headers: { ...request.headers, [name]: [value, value] } };
        assert.equal(faultOf(read(twice)), 'forged', name);
      }
    });

    it('believes older versions only when they are switched on', () => {
      for (const version of ['v1', 'v2'] as const) {
        const request = hubspotRequest([dealEvent()], NOW, { version });
        assert.equal(faultOf(read(request)), 'forged');
        assert.equal(faultOf(read(request, { webhookSignatures: [version] })), 'accepted');
        assert.equal(
          faultOf(read({ ...request, body: Buffer.from('[]') }, { webhookSignatures: [version] })),
          'forged',
        );
      }
      assert.equal(faultOf(read(hubspotRequest([], NOW), { webhookSignatures: ['v1'] })), 'forged');
    });

    it('accepts none of 10,000 requests changed anywhere', () => {
      const request = hubspotRequest([dealEvent(), dealEvent({ eventId: 2, objectId: 12 })], NOW);
      const own = reader();
      assert.equal(faultOf(own.read(request, NOW, null)), 'accepted');
      let accepted = 0;
      let tried = 0;
      const offer = (changed: EventRequest): void => {
        tried += 1;
        if (own.read(changed, NOW, null).ok) accepted += 1;
      };
      const flip = (bytes: Uint8Array, bit: number): Buffer => {
        const copy = Buffer.from(bytes);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return copy;
      };
      for (let bit = 0; bit < request.body.length * 8; bit++)
        offer({ ...request, body: flip(request.body, bit) });
      for (const [name, [value = '']] of Object.entries(request.headers))
        for (let bit = 0; bit < value.length * 8; bit++)
          offer({
            ...request,
            headers: { ...request.headers, [name]: [flip(Buffer.from(value), bit).toString('latin1')] },
          });
      for (let bit = 0; bit < request.url.length * 8; bit++)
        offer({ ...request, url: flip(Buffer.from(request.url), bit).toString('latin1') });
      for (let cut = 0; cut < request.body.length; cut++) {
        offer({ ...request, body: request.body.subarray(0, cut) });
        offer({ ...request, body: Buffer.concat([request.body, Buffer.alloc(cut + 1, 32)]) });
      }
      for (let n = 0; tried < 10_000; n++)
        offer(hubspotRequest([dealEvent()], NOW, { secret: `${HUBSPOT_SECRET}${n}` }));
      assert.ok(tried >= 10_000);
      assert.equal(accepted, 0);
    });
  });

  describe('events', () => {
    it('names the deals of each kind of event, in both shapes', () => {
      assert.deepEqual(idsOf(dealEvent()), ['4711 changed']);
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: undefined, eventType: 'deal.creation' })), [
        '4711 created',
      ]);
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: 'deal.deletion' })), ['4711 deleted']);
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: 'deal.restore' })), ['4711 restored']);
      const generic = { subscriptionType: 'object.propertyChange', objectTypeId: '0-3', isSensitive: false };
      assert.deepEqual(idsOf(dealEvent(generic)), ['4711 changed']);
      assert.deepEqual(
        idsOf(
          dealEvent({
            subscriptionType: 'deal.merge',
            primaryObjectId: 1,
            mergedObjectIds: [2, 1],
            newObjectId: 3,
            objectId: 3,
          }),
        ),
        ['3 merged', '1 merged', '2 merged'],
      );
    });

    it('finds the deal at either end of an association', () => {
      const link = (type: string, more = {}) =>
        idsOf({
          ...dealEvent({ subscriptionType: type, objectId: undefined, fromObjectId: 10, toObjectId: 20 }),
          ...more,
        });
      assert.deepEqual(link('deal.associationChange', { associationType: 'DEAL_TO_COMPANY' }), ['10 linked']);
      assert.deepEqual(link('company.associationChange', { associationType: 'COMPANY_TO_DEAL' }), [
        '20 linked',
      ]);
      assert.deepEqual(link('contact.associationChange', { associationType: 'CONTACT_TO_COMPANY' }), []);
      assert.deepEqual(link('object.associationChange', { fromObjectTypeId: '0-2', toObjectTypeId: '0-3' }), [
        '20 linked',
      ]);
    });

    it('leaves out other objects and kinds it does not know', () => {
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: 'contact.propertyChange' })), []);
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: 'object.creation', objectTypeId: '0-1' })), []);
      assert.deepEqual(idsOf(dealEvent({ subscriptionType: 'deal.somethingNew' })), []);
      assert.deepEqual(idsOf(dealEvent({ objectId: 'x' })), []);
    });

    it('knows a repeated delivery by its key, whatever the attempt, and tells apart what only looks alike', () => {
      const keyOf = (item: Record<string, unknown>): string => {
        const reading = read(hubspotRequest([item], NOW));
        assert.ok(reading.ok);
        return reading.events[0]?.key ?? '';
      };
      const key = keyOf(dealEvent());
      assert.equal(keyOf(dealEvent({ attemptNumber: 3 })), key);
      const others = [
        { portalId: 2 },
        { subscriptionType: 'deal.creation' },
        { objectId: 1 },
        { propertyName: 'dealname' },
        { occurredAt: 1 },
        { eventId: 2 },
      ];
      assert.equal(new Set([key, ...others.map((more) => keyOf(dealEvent(more)))]).size, others.length + 1);
    });

    it('carries no value, and keeps ids that are too large for a number', () => {
      const text = JSON.stringify([dealEvent({ propertyValue: 'tell nobody' })]).replace(
        '4711',
        '90071992547409931',
      );
      const reading = read(hubspotRequest(text, NOW));
      assert.ok(reading.ok);
      assert.equal(reading.events[0]?.id, '90071992547409931');
      assert.ok(!JSON.stringify(reading).includes('tell nobody'));
      assert.deepEqual(Object.keys(reading.events[0] ?? {}).sort(), ['account', 'at', 'id', 'key', 'kind']);
    });

    it('reads a hundred events, and refuses what is no list of objects', () => {
      const many = Array.from({ length: 100 }, (_, n) => dealEvent({ objectId: n + 1 }));
      const reading = read(hubspotRequest(many, NOW));
      assert.equal(reading.ok && reading.events.length, 100);
      const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
      const bad = ['', '{', '{}', '[1]', '[null]', '[[]]', 'null', deep, '[{"a":1}', '\u{feff}{}'];
      for (const text of bad)
        assert.equal(faultOf(read(hubspotRequest(text, NOW))), 'malformed', text.slice(0, 9));
      const latin = Buffer.from('[{"portalId":1,"x":"\xe9"}]', 'latin1');
      const request = hubspotRequest('', NOW);
      const signature = signatureOf('v3', HUBSPOT_SECRET, { ...request, body: latin }, String(NOW));
      const headers = { ...request.headers, 'x-hubspot-signature-v3': [signature] };
      assert.equal(faultOf(read({ ...request, headers, body: latin })), 'malformed');
    });
  });

  it('answers as HubSpot has to be answered', () => {
    const status = (what: Parameters<typeof hubspotEvents.answer>[0]) => hubspotEvents.answer(what).status;
    assert.deepEqual(
      (['stored', 'unavailable', 'busy', 'forged', 'malformed', 'too_large'] as const).map(status),
      [204, 503, 429, 401, 400, 413],
    );
    assert.equal(hubspotEvents.answer('busy').headers['Retry-After'], '30');
  });

  it('takes nothing without a secret', () => {
    assert.equal(
      hubspotEventReader(parseHubspotSettings({ auth: { type: 'token', token: 'x' } }, 'x')),
      null,
    );
  });
});
