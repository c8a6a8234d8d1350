/** Many connections: a delivery is tried with the secrets of those it names, and stored for those it belongs to. */
import assert from 'node:assert/strict';
import { hubspotEventReader, hubspotEvents } from '../../src/connectors/hubspot/events.ts';
import { parseHubspotSettings } from '../../src/connectors/hubspot/settings.ts';
import { salesforceEventReader, salesforceEvents } from '../../src/connectors/salesforce/events.ts';
import { parseSalesforceSettings } from '../../src/connectors/salesforce/settings.ts';
import type { EventInlet, EventReader, Reception } from '../../src/core/event-port.ts';
import type { NewEvent } from '../../src/core/inbox-port.ts';
import { createReceiver } from '../../src/http/receive-delivery.ts';
import { quiet } from '../support/database.ts';
import { dealEvent, hubspotRequest, outboundMessage } from '../support/webhook-requests.ts';

const MANY = 300;
const START = 1_790_000_001_000;
const portal = (n: number): string => String(1_000_000 + n);

describe('deliveries among many connections', () => {
  let tried = 0;
  let asked: string[][] = [];
  let stored: NewEvent[] = [];
  let waiting = new Map<string, number>();
  let held = new Set<string>();
  let accounts = new Map<string, string>();
  let now = START;
  let lost: (readonly string[])[] = [];

  beforeEach(() => {
    [tried, now] = [0, START];
    [asked, stored] = [[], []];
    [waiting, held] = [new Map(), new Set()];
    accounts = new Map(Array.from({ length: MANY }, (_, n) => [`s${n}`, portal(n)]));
  });

  const counted = (reader: EventReader | null): EventReader => {
    assert.ok(reader !== null);
    return {
      ...reader,
      read: (...given) => {
        tried += 1;
        return reader.read(...given);
      },
    };
  };
  const hubspot = (webhookSecret: string) =>
    counted(
      hubspotEventReader(parseHubspotSettings({ auth: { type: 'token', token: 'x' }, webhookSecret }, 'h')),
    );
  const door = (secretOf: (n: number) => string, many = MANY) => {
    const inlets = Array.from(
      { length: many },
      (_, n): EventInlet => ({ crm: 'hubspot', reader: hubspot(secretOf(n)), syncs: [`s${n}`] }),
    );
    const receive = receiver(inlets)(hubspotEvents).receive;
    return (portals: readonly string[], secret: string): Promise<Reception> =>
      receive(
        hubspotRequest(
          portals.map((portalId, at) => dealEvent({ portalId: Number(portalId), objectId: at + 1 })),
          now,
          { secret },
        ),
      );
  };
  const receiver = (inlets: readonly EventInlet[]) =>
    createReceiver({
      ...{ log: quiet, clock: { now: () => now }, inlets, mostWaiting: 10 },
      lost: (_crm, syncs) => lost.push(syncs),
      inbox: {
        waitingEvents: async () => [...waiting].map(([sync, events]) => ({ sync, events, since: 0 })),
        eventsHeld: async (sync) => (held.has(sync) ? 'unapproved' : null),
        storeEvents: async (events) => stored.push(...events),
        knownAccounts: async (syncs) => {
          asked.push([...syncs]);
          return syncs.flatMap((sync) => {
            const account = accounts.get(sync);
            return account === undefined ? [] : [{ sync, crm: 'hubspot', account }];
          });
        },
      },
    });
  const takenFor = (): string[] => stored.map(({ sync, account, id }) => `${sync} ${account} ${id}`);

  it('tries the secret of the one it names, and no other', async () => {
    const send = door((n) => `secret-${n}`);
    assert.equal(await send([portal(170)], 'secret-170'), 'stored');
    assert.deepEqual(takenFor(), [`s170 ${portal(170)} 1`]);
    assert.ok(tried <= 2, `${tried} tries`);
    tried = 0;
    assert.equal(await send([portal(170)], 'secret-171'), 'forged');
    assert.equal(await send(['77'], 'secret-170'), 'unknown');
    assert.ok(tried <= 1, `${tried} tries`);
    assert.equal(stored.length, 1);
  });

  it('of a delivery of several portals stores those whose secret proved it', async () => {
    const send = door((n) => `secret-${n}`);
    assert.equal(await send([portal(3), portal(4), portal(3)], 'secret-4'), 'stored');
    assert.deepEqual(takenFor(), [`s4 ${portal(4)} 2`]);
  });

  it('gives each portal of a shared app its own events only', async () => {
    const send = door(() => 'one app');
    assert.equal(await send([portal(3), portal(4), '77'], 'one app'), 'stored');
    assert.deepEqual(takenFor(), [`s3 ${portal(3)} 1`, `s4 ${portal(4)} 2`]);
    // Few connections are told apart all the same.
    stored = [];
    assert.equal(await door(() => 'one app', 5)([portal(3), portal(9)], 'one app'), 'stored');
    assert.deepEqual(takenFor(), [`s3 ${portal(3)} 1`]);
  });

  it('tries few of those that no run has met, and knows them soon after one has', async () => {
    accounts.clear();
    const send = door((n) => `secret-${n}`);
    assert.equal(await send([portal(0)], 'secret-0'), 'stored');
    assert.deepEqual(takenFor(), [`s0 ${portal(0)} 1`]);
    tried = 0;
    assert.equal(await send([portal(299)], 'secret-299'), 'forged');
    assert.ok(tried <= 50, `${tried} tries`);
    accounts.set('s299', portal(299));
    now += 2_001;
    assert.equal(await send([portal(299)], 'secret-299'), 'stored');
  });

  it('notices that a connection has come to belong to another account', async () => {
    const send = door((n) => `secret-${n}`, 5);
    assert.equal(await send(['1000002'], 'secret-2'), 'stored');
    accounts.set('s2', '88');
    now += 2_001;
    assert.equal(await send(['88'], 'secret-2'), 'stored');
    assert.deepEqual(takenFor(), [`s2 ${portal(2)} 1`, 's2 88 1']);
  });

  it('whoever proves nothing cannot make it ask the store again and again', async () => {
    const send = door((n) => `secret-${n}`);
    for (let n = 0; n < 50; n++) await send([String(n + 1)], 'a guess');
    assert.equal(asked.length, 1);
  });

  it('tells which syncs lose something when what names their portal is not believed', async () => {
    for (const many of [MANY, 5]) {
      lost = [];
      const send = door((n) => `secret-${n}`, many);
      await send([portal(3), portal(4)], 'a guess');
      await new Promise(setImmediate);
      assert.deepEqual(lost, [['s3', 's4']]);
      await send([portal(3)], 'secret-3');
      await new Promise(setImmediate);
      assert.equal(lost.length, 1);
    }
  });

  it('a sync whose events wait for a person holds up no other', async () => {
    const inlets = [{ crm: 'hubspot', reader: hubspot('a'), syncs: ['s1', 'never-approved'] }];
    const receive = receiver(inlets)(hubspotEvents).receive;
    const send = () =>
      receive(hubspotRequest([dealEvent({ portalId: Number(portal(1)) })], now, { secret: 'a' }));
    waiting.set('never-approved', 10);
    assert.equal(await send(), 'busy');
    held.add('never-approved');
    now += 1_001;
    assert.equal(await send(), 'stored');
    assert.deepEqual(takenFor(), [`s1 ${portal(1)} 4711`]);
  });

  it('finds a secret address among many', async () => {
    const auth = { type: 'client_credentials', clientId: 'a', clientSecret: 'b' };
    const secret = (n: number) => `${n}`.padStart(64, 'e');
    const inlets = Array.from({ length: MANY }, (_, n): EventInlet => {
      const given = { url: 'https://x.example', auth, webhookSecret: [secret(n), secret(n + 1_000)] };
      return {
        crm: 'salesforce',
        reader: counted(salesforceEventReader(parseSalesforceSettings(given, 's'))),
        syncs: [`s${n}`],
      };
    });
    const receive = receiver(inlets)(salesforceEvents).receive;
    const body = Buffer.from(outboundMessage([['04l000000000001AAA', '006000000000001AAA']]));
    const send = (path: string) =>
      receive({ method: 'POST', url: 'https://x.example', secret: path, headers: {}, body });
    assert.deepEqual(
      [await send(secret(7)), await send(secret(1_007)), await send(secret(5_000))],
      ['stored', 'stored', 'unknown'],
    );
    assert.deepEqual(new Set(stored.map(({ sync }) => sync)), new Set(['s7']));
    assert.ok(tried <= 4, `${tried} tries`);
  });
});
