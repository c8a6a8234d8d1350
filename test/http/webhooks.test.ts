import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { hubspotEventReader, hubspotEvents } from '../../src/connectors/hubspot/events.ts';
import { parseHubspotSettings } from '../../src/connectors/hubspot/settings.ts';
import { salesforceEventReader, salesforceEvents } from '../../src/connectors/salesforce/events.ts';
import { parseSalesforceSettings } from '../../src/connectors/salesforce/settings.ts';
import type { EventRequest } from '../../src/core/event-port.ts';
import { createWebApp } from '../../src/http/app.ts';
import { listenWeb, type WebServer } from '../../src/http/listen.ts';
import type { WebhookDeps } from '../../src/http/webhooks.ts';
import { createLog } from '../../src/observability/log.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { createMemoryDatabase } from '../support/memory-store.ts';
import {
  dealEvent,
  HUBSPOT_SECRET,
  hubspotRequest,
  ORGANIZATION,
  outboundMessage,
} from '../support/webhook-requests.ts';

const SECRET = 'f'.repeat(64);
const PUBLIC = 'https://oppsync.example.com';
const NOW = 1_790_000_001_000;
const lines: string[] = [];
const log = createLog({ level: 'debug', write: (line) => lines.push(line) });

describe('webhook routes', () => {
  useRealNetwork();
  const servers: WebServer[] = [];
  let database = createMemoryDatabase();
  let url = '';

  const serve = async (more: Partial<WebhookDeps> = {}): Promise<void> => {
    database = createMemoryDatabase();
    const { store } = database.connect();
    const hubspot = hubspotEventReader(
      parseHubspotSettings({ auth: { type: 'token', token: 'x' }, webhookSecret: HUBSPOT_SECRET }, 'h'),
    );
    const auth = { type: 'client_credentials', clientId: 'a', clientSecret: 'b' };
    const salesforce = salesforceEventReader(
      parseSalesforceSettings(
        { url: 'https://x.example', auth, webhookSecret: SECRET, organizationId: ORGANIZATION },
        's',
      ),
    );
    assert.ok(hubspot !== null && salesforce !== null);
    const webhooks: WebhookDeps = {
      log,
      clock: { now: () => NOW },
      inbox: store,
      protocols: [hubspotEvents, salesforceEvents],
      inlets: [
        { crm: 'hubspot', reader: hubspot, syncs: ['main', 'second'] },
        { crm: 'salesforce', reader: salesforce, syncs: ['main'] },
      ],
      publicUrl: () => PUBLIC,
      ...more,
    };
    const server = await listenWeb(
      createWebApp({ log, ready: {}, metrics: async () => '', webhooks }),
      '127.0.0.1',
      0,
    );
    servers.push(server);
    url = `http://127.0.0.1:${server.port}`;
  };
  const stored = (): string[] =>
    database.tables.inbox
      .all()
      .map(({ sync, crm, id, kind }) => `${sync} ${crm} ${id} ${kind}`)
      .sort();
  const send = async ({ headers, body }: EventRequest, path = '/webhooks/hubspot', more = {}) => {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values[0] ?? '']));
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...flat, ...more },
      body: Buffer.from(body),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const message = (text: string, secret = SECRET) =>
    send(
      { ...hubspotRequest(text, NOW), headers: { 'content-type': ['text/xml; charset=utf-8'] } },
      `/webhooks/salesforce/${secret}`,
    );

  beforeEach(() => serve());
  afterEach(async () => {
    lines.length = 0;
    await Promise.all(servers.splice(0).map((server) => server.close(100)));
  });

  it('stores a signed delivery for every sync of the connection, and answers 204', async () => {
    const answer = await send(hubspotRequest([dealEvent(), dealEvent({ objectId: 5 })], NOW));
    assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.deepEqual(stored(), [
      'main hubspot 4711 changed',
      'main hubspot 5 changed',
      'second hubspot 4711 changed',
      'second hubspot 5 changed',
    ]);
    // One id leads from the log of the web process to the events, and on to the run that takes them.
    const taken = lines.map((line) => JSON.parse(line)).find(({ message }) => message === 'webhook taken');
    const deliveries = new Set(database.tables.inbox.all().map(({ delivery }) => delivery));
    assert.deepEqual([...deliveries], [taken?.delivery]);
    const { store } = database.connect();
    await store.takeEvents('main', 'r_1', 1);
    assert.equal(await store.deliveryOf('r_1'), taken?.delivery);
  });

  it('stores what is sent again no second time', async () => {
    for (const attemptNumber of [0, 0, 1, 2])
      assert.equal((await send(hubspotRequest([dealEvent({ attemptNumber })], NOW))).status, 204);
    assert.equal(stored().length, 2);
  });

  it('verifies the bytes as sent under the public address, not under the one it was reached by', async () => {
    const spaced = hubspotRequest(' [ ]\n', NOW);
    assert.equal((await send(spaced)).status, 204);
    assert.equal(
      (await send(spaced, '/webhooks/hubspot', { 'content-type': 'application/json; charset=utf-16' }))
        .status,
      204,
    );
    const address = `${PUBLIC}/webhooks/hubspot?a=%3A%20b`;
    assert.equal(
      (await send(hubspotRequest('[]', NOW, { url: address }), '/webhooks/hubspot?a=%3A%20b')).status,
      401,
    );
    const signed = hubspotRequest('[]', NOW, { url: `${PUBLIC}/webhooks/hubspot?a=:%20b` });
    assert.equal((await send(signed, '/webhooks/hubspot?a=%3A%20b')).status, 204);
    const forwarded = hubspotRequest('[]', NOW, { url: 'https://elsewhere.example/webhooks/hubspot' });
    const headers = { 'x-forwarded-host': 'elsewhere.example', 'x-forwarded-proto': 'https' };
    assert.equal((await send(forwarded, '/webhooks/hubspot', headers)).status, 401);
  });

  it('refuses what is not signed, malformed, packed or too large, and stores nothing', async () => {
    const good = hubspotRequest([dealEvent()], NOW);
    assert.equal((await send({ ...good, headers: {} })).status, 401);
    assert.equal((await send({ ...good, body: Buffer.from('[]') })).status, 401);
    assert.equal((await send(hubspotRequest('{}', NOW))).status, 400);
    assert.equal((await send({ ...good, body: Buffer.alloc(0) })).status, 401);
    assert.equal((await send(good, '/webhooks/hubspot', { 'content-encoding': 'gzip' })).status, 400);
    assert.equal((await send({ ...good, body: Buffer.alloc(1_048_577, 32) })).status, 413);
    assert.equal((await send(good, '/webhooks/hubspot/more')).status, 404);
    const looked = await fetch(`${url}/webhooks/hubspot`);
    assert.deepEqual([looked.status, looked.headers.get('allow')], [405, 'POST']);
    for (const why of [/there is no signature/, /compressed/, /larger than/])
      assert.ok(
        lines.some((line) => why.test(line) && /"remedy":"./.test(line)),
        String(why),
      );
    assert.deepEqual(stored(), []);
  });

  it('sees that a signature header came twice', async () => {
    const { headers, body } = hubspotRequest([dealEvent()], NOW);
    const [signature = ''] = headers['x-hubspot-signature-v3'] ?? [];
    const [stamp = ''] = headers['x-hubspot-request-timestamp'] ?? [];
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(
        `${url}/webhooks/hubspot`,
        {
          method: 'POST',
          headers: [
            ...['X-HubSpot-Signature-v3', signature, 'X-HubSpot-Signature-v3', signature],
            ...['X-HubSpot-Request-Timestamp', stamp, 'Content-Length', String(body.length), 'Host', 'x'],
          ],
        },
        (response) => resolve(response.resume().statusCode),
      );
      sending.on('error', reject).end(body);
    });
    assert.equal(status, 401);
  });

  it('asks to come again when the database is down, and takes nothing for stored', async () => {
    await Promise.all(servers.splice(0).map((server) => server.close(100)));
    const down = async (): Promise<never> => {
      throw new Error('connection refused');
    };
    await serve({
      inbox: {
        storeEvents: down,
        waitingEvents: async () => [],
        eventsHeld: async () => null,
        knownAccounts: async () => [],
      },
    });
    const answer = await send(hubspotRequest([dealEvent()], NOW));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '30']);
    const soap = await message(outboundMessage([['04l000000000001AAA', '006000000000001AAA']]));
    assert.equal(soap.status, 503);
    assert.match(soap.text, /Fault/);
    assert.doesNotMatch(soap.text, /Ack/);
  });

  it('answers in time when the database says nothing at all, and lets in no more than it can hold', async () => {
    await Promise.all(servers.splice(0).map((server) => server.close(100)));
    let wake = (): void => undefined;
    const silent = new Promise<number>((resolve) => {
      wake = () => resolve(1);
    });
    await serve({
      answerWithinMs: 30,
      inbox: {
        storeEvents: () => silent,
        waitingEvents: async () => [],
        eventsHeld: async () => null,
        knownAccounts: async () => [],
      },
    });
    const deliver = async () => (await send(hubspotRequest([dealEvent()], NOW))).status;
    const all = async (times: number) =>
      Object.groupBy(await Promise.all(Array.from({ length: times }, deliver)), String);
    assert.deepEqual(Object.keys(await all(200)), ['503']);
    assert.deepEqual(Object.keys(await all(5)), ['429']);
    wake();
    await silent;
    while ((await deliver()) !== 204);
  });

  it('asks to come later when too much waits', async () => {
    await Promise.all(servers.splice(0).map((server) => server.close(100)));
    await serve({
      mostWaiting: 5,
      inbox: {
        storeEvents: async () => assert.fail('stored'),
        waitingEvents: async () => [{ sync: 'main', events: 5, since: 0 }],
        eventsHeld: async () => null,
        knownAccounts: async () => [],
      },
    });
    const answer = await send(hubspotRequest([dealEvent()], NOW));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '30']);
    assert.equal(
      (await message(outboundMessage([['04l000000000001AAA', '006000000000001AAA']]))).status,
      503,
    );
    assert.deepEqual(stored(), []);
  });

  it('acknowledges a stored Outbound Message, and only that', async () => {
    const text = outboundMessage([['04l000000000001AAA', '006000000000001AAA']]);
    for (let repeated = 0; repeated < 2; repeated++) {
      const answer = await message(text);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/xml/);
      assert.match(answer.text, /<Ack>true<\/Ack>/);
    }
    assert.deepEqual(stored(), ['main salesforce 006000000000001AAA changed']);
    const others = [
      await message(text, 'f'.repeat(63)),
      await message(text.replace(ORGANIZATION, '00D000000000009AAA')),
      await message('<a/>'),
      await message(text.padEnd(262_145, ' ')),
      await message(text, ''),
    ];
    assert.deepEqual(
      others.map(({ status }) => status),
      [404, 404, 400, 400, 404],
    );
    for (const other of others) assert.doesNotMatch(other.text, /Ack/);
    assert.equal(stored().length, 1);
  });

  it('believes an organization that is not configured only where a run has met it, and asks about no other connection', async () => {
    const auth = { type: 'client_credentials', clientId: 'a', clientSecret: 'b' };
    const readerOf = (webhookSecret: string) => {
      const reader = salesforceEventReader(
        parseSalesforceSettings({ url: 'https://x.example', auth, webhookSecret }, 's'),
      );
      assert.ok(reader !== null);
      return reader;
    };
    const { store } = createMemoryDatabase().connect();
    const stored: string[] = [];
    const asked: string[] = [];
    const restart = async (known: Record<string, string>): Promise<void> => {
      await Promise.all(servers.splice(0).map((server) => server.close(100)));
      await serve({
        inbox: {
          waitingEvents: () => store.waitingEvents(),
          eventsHeld: async () => null,
          storeEvents: async (events) => stored.push(...events.map(({ sync }) => sync)),
          knownAccounts: async (syncs) => {
            asked.push(...syncs);
            return syncs.flatMap((sync) =>
              Object.entries(known).map(([crm, account]) => ({ sync, crm, account })),
            );
          },
        },
        inlets: [
          { crm: 'salesforce', reader: readerOf(SECRET), syncs: ['mine'] },
          { crm: 'salesforce', reader: readerOf('e'.repeat(64)), syncs: ['another'] },
        ],
      });
    };
    const text = outboundMessage([['04l000000000001AAA', '006000000000001AAA']]);
    await restart({ salesforce: '00D000000000009AAA' });
    assert.equal((await message(text)).status, 404);
    await restart({ salesforce: ORGANIZATION });
    assert.equal((await message(text)).status, 200);
    assert.deepEqual(stored, ['mine']);
    assert.deepEqual(new Set(asked), new Set(['mine']));
  });

  it('tells why it refused, once, without what was sent', async () => {
    for (let time = 0; time < 3; time++) await send({ ...hubspotRequest([dealEvent()], NOW), headers: {} });
    await message(outboundMessage([]), 'a-guess');
    const told = lines.filter((line) => line.includes('webhook refused'));
    assert.equal(told.length, 2);
    assert.doesNotMatch(lines.join(''), /session|4711|a-guess|a-client-secret/);
  });
});
