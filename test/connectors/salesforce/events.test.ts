import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { salesforceEventReader, salesforceEvents } from '../../../src/connectors/salesforce/events.ts';
import { readOutboundMessage } from '../../../src/connectors/salesforce/outbound-message.ts';
import { parseSalesforceSettings } from '../../../src/connectors/salesforce/settings.ts';
import type { EventReading, EventRequest } from '../../../src/core/event-port.ts';
import { ORGANIZATION, outboundMessage } from '../../support/webhook-requests.ts';

const ATTACKS = path.resolve(import.meta.dirname, '../../../../shared/fixtures/bad-input/xml-attacks');
const SECRET = 'f'.repeat(64);
const NOTICE = '04l000000000001AAA';
const RECORD = '006000000000001AAA';

function settings(more: Readonly<Record<string, unknown>> = {}) {
  const auth = { type: 'client_credentials', clientId: 'id', clientSecret: 'secret' };
  return parseSalesforceSettings(
    { url: 'https://acme.my.salesforce.com', auth, webhookSecret: SECRET, ...more },
    'connections.salesforce',
  );
}

function request(body: string | Uint8Array, more: Partial<EventRequest> = {}): EventRequest {
  return {
    method: 'POST',
    url: `https://oppsync.example.com/webhooks/salesforce/${SECRET}`,
    secret: SECRET,
    headers: { 'content-type': ['text/xml; charset=utf-8'] },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    ...more,
  };
}

function read(
  asked: EventRequest,
  account: string | null = ORGANIZATION,
  more: Readonly<Record<string, unknown>> = {},
): EventReading {
  const reader = salesforceEventReader(settings(more));
  assert.ok(reader !== null);
  return reader.read(asked, 0, account);
}

const faultOf = (reading: EventReading): string => (reading.ok ? 'accepted' : reading.fault);

describe('Salesforce Outbound Messages', () => {
  it('names the records, once per notification, and keeps nothing else', () => {
    const text = outboundMessage([
      [NOTICE, '006000000000001'],
      ['04l000000000002AAA', '006000000000002AAB'],
      [NOTICE, '006000000000001'],
    ]);
    const reading = read(request(text));
    assert.deepEqual(reading, {
      ok: true,
      events: [
        { id: RECORD, kind: 'changed', key: NOTICE, account: ORGANIZATION, at: null },
        {
          id: '006000000000002AAB',
          kind: 'changed',
          key: '04l000000000002AAA',
          account: ORGANIZATION,
          at: null,
        },
      ],
      others: 0,
    });
    assert.ok(!JSON.stringify(reading).includes('session'));
  });

  it('knows the organization by 15 and by 18 characters, configured or from the last run', () => {
    const from = (organization: string) => request(outboundMessage([[NOTICE, RECORD]], { organization }));
    assert.equal(faultOf(read(from('00D000000000001'))), 'accepted');
    assert.equal(faultOf(read(from('00D000000000002EAA'))), 'unknown');
    assert.equal(
      faultOf(read(from('00D000000000002'), null, { organizationId: '00D000000000001' })),
      'unknown',
    );
    assert.equal(faultOf(read(from(ORGANIZATION), null, { organizationId: '00D000000000001' })), 'accepted');
    assert.equal(faultOf(read(from(ORGANIZATION), null)), 'accepted');
  });

  it('is only reached by a secret path, the new or the old one', () => {
    const text = outboundMessage([[NOTICE, RECORD]]);
    for (const secret of [null, '', 'f'.repeat(63), `${SECRET}f`, SECRET.toUpperCase()])
      assert.equal(faultOf(read(request(text, { secret }))), 'unknown', String(secret));
    const both = { webhookSecret: ['a'.repeat(43), SECRET] };
    assert.equal(faultOf(read(request(text), ORGANIZATION, both)), 'accepted');
    assert.equal(faultOf(read(request(text, { secret: 'a'.repeat(43) }), ORGANIZATION, both)), 'accepted');
    assert.throws(() => settings({ webhookSecret: 'short' }), /webhookSecret/);
  });

  it('leaves out other objects', () => {
    const reading = read(request(outboundMessage([[NOTICE, '001000000000001AAA']], { object: 'Account' })));
    assert.deepEqual(reading, { ok: true, events: [], others: 0 });
  });

  it('refuses document types, other encodings and anything that is no message', () => {
    const good = outboundMessage([[NOTICE, RECORD]]);
    const declared = (encoding: string) => good.replace('UTF-8', encoding);
    const bad: Record<string, string | Uint8Array> = {
      empty: '',
      'no xml': 'hello',
      json: '[]',
      doctype: good.replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>'),
      'doctype with a space': good.replace('?>', '?><! DOCTYPE x>'),
      entity: good.replace('<SessionId>', '<!ENTITY x "y"><SessionId>'),
      // No parser would mind this one: it is the look at the bytes that refuses it.
      'doctype in a text': good.replace('45000.0', '<![CDATA[<!DOCTYPE x>]]>'),
      'unknown entity': good.replace('45000.0', '&x;'),
      'cut off': good.slice(0, -20),
      'two roots': `${good}<a/>`,
      'other root': good.replaceAll('soapenv:Envelope', 'soapenv:Letter'),
      'other namespace': good.replace('2005/09/outbound', '2005/09/inbound'),
      'no organization': good.replace(/<OrganizationId>.*<\/OrganizationId>/, ''),
      'no record id': good.replace(/<sf:Id>.*<\/sf:Id>/, ''),
      'a long id': good.replace(RECORD, 'x'.repeat(70)),
      'an id that is none': good.replace(RECORD, "006' or 'a'='a"),
      'a notification id that is none': good.replace(NOTICE, 'x y'),
      'an organization that is none': good.replace(ORGANIZATION, 'acme'),
      'two organizations': good.replace(
        '<ActionId>',
        '<OrganizationId>00D000000000009AAA</OrganizationId><ActionId>',
      ),
      'an organization of another namespace': good.replace(
        '<OrganizationId>',
        '<OrganizationId xmlns="urn:x">',
      ),
      'two messages': good.replace(/<notifications[\s\S]*<\/notifications>/, '$&$&'),
      'two bodies': good.replace('</soapenv:Envelope>', '<soapenv:Body/></soapenv:Envelope>'),
      'nested too deep': good.replace('<SessionId>', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}<SessionId>`),
      'declared latin-1': declared('ISO-8859-1'),
      'declared utf-16': declared('UTF-16'),
      'declared utf-7': declared('UTF-7'),
      'utf-16 with a mark': Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le'),
      'utf-16 without': Buffer.from(good, 'utf16le'),
      'invalid utf-8': Buffer.concat([Buffer.from(good), Buffer.from([0xff])]),
      'bytes of latin-1': Buffer.from(good.replace('&#233;', '\xe9'), 'latin1'),
    };
    assert.notEqual(readOutboundMessage(Buffer.from(good)), null);
    for (const [what, body] of Object.entries({
      'other prefixes': good
        .replaceAll('soapenv', 'S')
        .replaceAll('sf:', 'x:')
        .replace(':sf=', ':x=')
        .replaceAll('xsi', 'i'),
      'a header': good.replace('<soapenv:Body>', '<soapenv:Header><a xmlns="b"><c/></a></soapenv:Header>$&'),
      'no session': good.replace(/<SessionId>.*<\/SessionId>/, '<SessionId xsi:nil="true"/>'),
      'a mark, and no declaration': `\ufeff${good.replace(/<\?xml.*\?>\s*/, '')}`,
    }))
      assert.equal(faultOf(read(request(body))), 'accepted', what);
    for (const [what, body] of Object.entries(bad))
      assert.equal(faultOf(read(request(body))), 'malformed', what);
    const utf16 = { headers: { 'content-type': ['text/xml; charset=utf-16'] } };
    assert.equal(faultOf(read(request(good, utf16))), 'malformed');
  });

  it('refuses every attack in the corpus, at once', () => {
    const files = globSync('**/*.xml', { cwd: ATTACKS });
    if (files.length === 0) return;
    for (const file of files) {
      const started = performance.now();
      assert.equal(readOutboundMessage(readFileSync(path.join(ATTACKS, file))), null, file);
      assert.ok(performance.now() - started < 200, `${file} took too long`);
    }
  });

  it('does not grow on its own: a quarter megabyte of references is read in no time', () => {
    const started = performance.now();
    readOutboundMessage(
      Buffer.from(outboundMessage([[NOTICE, RECORD]]).replace('45000.0', '&amp;'.repeat(50_000))),
    );
    assert.ok(performance.now() - started < 1_000);
  });

  it('acknowledges only what is stored', () => {
    const { status, body, headers } = salesforceEvents.answer('stored');
    assert.equal(status, 200);
    assert.match(headers['Content-Type'] ?? '', /^text\/xml/);
    assert.match(
      body ?? '',
      /^<soapenv:Envelope [^>]*><soapenv:Body><notificationsResponse xmlns="http:\/\/soap\.sforce\.com\/2005\/09\/outbound"><Ack>true<\/Ack>/,
    );
    for (const other of ['unavailable', 'busy', 'unknown', 'forged', 'malformed', 'too_large'] as const) {
      const answer = salesforceEvents.answer(other);
      assert.ok(!(answer.body ?? '').includes('Ack>true'), other);
      assert.ok(answer.status >= 400, other);
    }
    assert.equal(salesforceEvents.answer('unknown').status, 404);
  });
});
