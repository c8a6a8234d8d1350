/** Bodies no CRM would send, signed as it would sign them: refused with a 4xx, never stored, never a fault of ours. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hubspotEventReader, hubspotEvents } from '../../src/connectors/hubspot/events.ts';
import { parseHubspotSettings } from '../../src/connectors/hubspot/settings.ts';
import { salesforceEventReader, salesforceEvents } from '../../src/connectors/salesforce/events.ts';
import { parseSalesforceSettings } from '../../src/connectors/salesforce/settings.ts';
import { createWebApp } from '../../src/http/app.ts';
import { listenWeb, type WebServer } from '../../src/http/listen.ts';
import { createStore } from '../../src/store/create-store.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { quiet, type TestDatabase, testDatabase } from '../support/database.ts';
import { dealEvent, HUBSPOT_SECRET } from '../support/webhook-requests.ts';

const SECRET = 'f'.repeat(64);
const NOW = 1_790_000_001_000;
const CORPUS = new URL('../../../shared/fixtures/bad-input/JSONTestSuite/test_parsing/', import.meta.url);

const text = (event: string): Buffer => Buffer.from(`[${event}]`);
const event = JSON.stringify(dealEvent());
const withMember = (member: string): Buffer => text(`{${member},${event.slice(1)}`);

const HOSTILE: Readonly<Record<string, Buffer>> = {
  'cut off': Buffer.from(`[${event}`),
  'two values': Buffer.from(`[${event}] []`),
  'a trailing comma': Buffer.from(`[${event},]`),
  'a comment': Buffer.from(`[${event}] // more`),
  'single quotes': Buffer.from("[{'objectId':1}]"),
  nothing: Buffer.from(' '),
  'a list in a list': Buffer.from(`[[${event}]]`),
  'no list': Buffer.from(event),
  'a list of numbers': Buffer.from('[1,2,3]'),
  'nothing in the list': Buffer.from(`[null,${event}]`),
  'deep lists': Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)),
  'deep objects': Buffer.from(`[${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]`),
  'deep and never closed': Buffer.from('[{"a":'.repeat(100_000)),
  'nested beyond reason in an event': withMember(`"more":${'['.repeat(17)}${']'.repeat(17)}`),
  'a number no double holds': withMember('"much":1e400'),
  'a negative one': withMember('"much":-1e400'),
  NaN: withMember('"much":NaN'),
  'a name given twice': withMember('"objectId":1'),
  'twice further in': withMember('"more":{"a":{"b":1,"b":1}}'),
  'twice, once escaped': withMember('"\\u006fbjectId":1'),
  'half of a surrogate pair': withMember('"half":"\\ud800"'),
  'half of one in a name': withMember('"\\udfff":1'),
  'a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text(event)]),
  'UTF-16': Buffer.from(`[${event}]`, 'utf16le'),
  'Latin 1': Buffer.from(`[${event.replace('CRM_UI', 'caf\u00e9')}]`, 'latin1'),
  'a NUL between': Buffer.from(`[${event}\0]`),
  'more events than are ever sent': Buffer.from(`[${Array.from({ length: 1_001 }, () => event).join()}]`),
};

/** Events whose parts are not what they should be: they name no deal that could be stored. */
const STRANGE: Readonly<Record<string, Record<string, unknown>>> = {
  'a NUL in the portal': { portalId: '62515\u0000' },
  'a portal that is a text': { portalId: 'x'.repeat(100_000) },
  'no portal': { portalId: null },
  'a NUL in the id': { objectId: '1\u0000' },
  'an id of a hundred digits': { objectId: '9'.repeat(100) },
  'a negative id': { objectId: -1 },
  'an id with a fraction': { objectId: 1.5 },
  'an id that is a list': { objectId: [1] },
  'a type nobody knows': { subscriptionType: 'deal.cooking' },
  'a type every object knows': { subscriptionType: 'deal.__proto__' },
  'another one': { subscriptionType: 'deal.constructor' },
};

describe('hostile webhooks', () => {
  useRealNetwork();
  let database: TestDatabase;
  let server: WebServer;
  let count: () => Promise<number>;

  before(async () => {
    database = await testDatabase();
    const { db, pool } = await database.openDatabase<unknown>();
    count = async () =>
      (await pool.query<{ n: number }>('select count(*)::int as n from inbox')).rows[0]?.n ?? 0;
    const hubspot = hubspotEventReader(
      parseHubspotSettings({ auth: { type: 'token', token: 'x' }, webhookSecret: HUBSPOT_SECRET }, 'h'),
    );
    const auth = { type: 'client_credentials', clientId: 'a', clientSecret: 'b' };
    const salesforce = salesforceEventReader(
      parseSalesforceSettings({ url: 'https://x.example', auth, webhookSecret: SECRET }, 's'),
    );
    assert.ok(hubspot !== null && salesforce !== null);
    const webhooks = {
      ...{ log: quiet, clock: { now: () => NOW }, inbox: createStore(db, 1) },
      protocols: [hubspotEvents, salesforceEvents],
      inlets: [
        { crm: 'hubspot', reader: hubspot, syncs: ['main'] },
        { crm: 'salesforce', reader: salesforce, syncs: ['main'] },
      ],
      publicUrl: () => 'https://oppsync.example.com',
    };
    server = await listenWeb(
      createWebApp({ log: quiet, ready: {}, metrics: async () => '', webhooks }),
      '127.0.0.1',
      0,
    );
  });
  after(async () => {
    await server.close(100);
    await database.drop();
  });

  /** A body signed over its bytes. */
  const send = async (body: Buffer, type = 'application/json', path = 'hubspot'): Promise<number> => {
    const signature = createHmac('sha256', HUBSPOT_SECRET)
      .update('POSThttps://oppsync.example.com/webhooks/hubspot')
      .update(body)
      .update(String(NOW))
      .digest('base64');
    const response = await fetch(`http://127.0.0.1:${server.port}/webhooks/${path}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-hubspot-request-timestamp': String(NOW),
        'x-hubspot-signature-v3': signature,
      },
      body: new Uint8Array(body),
    });
    await response.arrayBuffer();
    return response.status;
  };

  it('each is refused, on both doors', async () => {
    for (const [name, body] of Object.entries(HOSTILE)) {
      assert.equal(await send(body), 400, name);
      // The deepest are larger than a message may be.
      const other = await send(body, 'text/xml', `salesforce/${SECRET}`);
      assert.ok(other === 400 || other === 413, `${name} as an Outbound Message: ${other}`);
    }
    assert.equal(await count(), 0);
  });

  it('what says that it is no JSON is not read as such, and what is too large not at all', async () => {
    const body = text(event);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/xml',
      'application/jsonp',
      'x',
    ])
      assert.equal(await send(body, type), 400, type);
    assert.equal(await send(Buffer.alloc(1_048_577, 0x5b)), 413);
    assert.equal(await count(), 0);
  });

  it('events whose parts make no sense name nothing', async () => {
    for (const [name, parts] of Object.entries(STRANGE))
      assert.equal(await send(text(JSON.stringify(dealEvent(parts)))), 204, name);
    assert.equal(await count(), 0);
  });

  it('the public suite of parsing tests: what is no JSON is refused, and nothing of it is stored', async function () {
    if (!existsSync(CORPUS)) return console.log('    ../shared/fixtures is not there: own cases only');
    this.timeout(30_000);
    const names = readdirSync(CORPUS);
    assert.ok(names.length > 300);
    for (const name of names) {
      const status = await send(readFileSync(new URL(encodeURIComponent(name), CORPUS)));
      if (name.startsWith('n_')) assert.equal(status, 400, name);
      // Valid or of undecided validity: at best a list of objects that are no events.
      else assert.ok(status === 400 || status === 204, `${name}: ${status}`);
    }
    assert.equal(await count(), 0);
  });

  it('a proper one is stored, whatever moment it tells', async () => {
    for (const [at, occurredAt] of [NOW, 1e300, 1.5, 'soon', -1].entries())
      assert.equal(await send(text(JSON.stringify(dealEvent({ occurredAt, eventId: at })))), 204);
    assert.equal(await count(), 5);
  });
});
