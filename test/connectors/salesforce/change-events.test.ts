/** The stream of change events against the simulated Pub/Sub API, over gRPC. */
import assert from 'node:assert/strict';
import { salesforceChangeStream } from '../../../src/connectors/salesforce/change-events/index.ts';
import { parseSalesforceSettings } from '../../../src/connectors/salesforce/settings.ts';
import { type ChangeStream, POSITION_LOST, type StreamBatch } from '../../../src/core/change-stream-port.ts';
import { OppsyncError } from '../../../src/core/errors.ts';
import type { RecordEvent } from '../../../src/core/event-port.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { quiet } from '../../support/database.ts';
import { type EventsControl, eventsOf } from '../../support/event-bus.ts';
import { type TestSandbox, testSandbox } from '../../support/sandbox.ts';

const MINUTE = 60_000;

describe('the stream of Salesforce change events', function () {
  useRealNetwork();
  this.timeout(20_000);
  let sandbox: TestSandbox;
  let bus: EventsControl;
  let stop: AbortController;
  const streams: ChangeStream[] = [];

  before(async () => {
    sandbox = await testSandbox({ portEvents: 0, switches: { salesforce: { eventKeepaliveMs: 60 } } });
    bus = eventsOf(sandbox);
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    stop = new AbortController();
    await sandbox.salesforce.reset();
  });
  afterEach(() => {
    stop.abort();
    for (const stream of streams.splice(0)) stream.close();
  });

  const open = (options: Parameters<typeof salesforceChangeStream>[2] = {}): ChangeStream => {
    const { url, credentials, eventsUrl } = sandbox.running.salesforce;
    const { clientId, clientSecret } = credentials;
    const stream = salesforceChangeStream(
      parseSalesforceSettings(
        {
          url,
          auth: { type: 'client_credentials', clientId, clientSecret },
          changeEvents: { endpoint: eventsUrl },
        },
        'connections.salesforce',
      ),
      {
        clock: sandbox.running.clock,
        random: { next: () => 0.5 },
        sleep: (ms, signal) =>
          new Promise((resolve, reject) => {
            const timer = setTimeout(resolve, ms);
            signal?.addEventListener('abort', () => {
              clearTimeout(timer);
              reject(signal.reason);
            });
          }),
        log: quiet,
      },
      options,
    );
    assert.ok(stream !== null);
    streams.push(stream);
    return stream;
  };
  const follow = (stream: ChangeStream, from: Uint8Array | null = null): AsyncIterator<StreamBatch> =>
    stream.follow(from, stop.signal)[Symbol.asyncIterator]();
  const next = async (from: AsyncIterator<StreamBatch>): Promise<StreamBatch> => {
    const { value, done } = await from.next();
    assert.notEqual(done, true, 'the stream has ended');
    return value as StreamBatch;
  };
  /** The next batch that says something. */
  const telling = async (from: AsyncIterator<StreamBatch>): Promise<StreamBatch> => {
    for (;;) {
      const batch = await next(from);
      if (batch.events.length > 0 || batch.gap !== null) return batch;
    }
  };
  const gather = async (from: AsyncIterator<StreamBatch>, count: number): Promise<RecordEvent[]> => {
    const found: RecordEvent[] = [];
    while (found.length < count) found.push(...(await next(from)).events);
    return found;
  };
  const create = async (name: string): Promise<string> => {
    const fields = { Name: name, StageName: 'Prospecting', CloseDate: '2030-01-01' };
    const answer = await fetch(`${sandbox.salesforce.url}/_sandbox/edit`, {
      method: 'POST',
      body: JSON.stringify({ type: 'Opportunity', action: 'create', fields }),
    });
    return ((await answer.json()) as { id: string }).id;
  };
  const update = (id: string, NextStep: string): Promise<void> =>
    sandbox.salesforce.edit({ type: 'Opportunity', id, fields: { NextStep } });
  const failure = async (from: AsyncIterator<StreamBatch>): Promise<OppsyncError> => {
    try {
      for (;;) await next(from);
    } catch (error) {
      assert.ok(error instanceof OppsyncError, String(error));
      return error;
    }
  };

  it('names what was created, changed, deleted and restored, and nothing else of it', async () => {
    const stream = open();
    const from = follow(stream);
    await next(from);
    const id = await create('Acme renewal');
    await update(id, 'call');
    await sandbox.salesforce.edit({ type: 'Opportunity', id, action: 'delete' });
    await sandbox.salesforce.edit({ type: 'Opportunity', id, action: 'restore' });
    const events = await gather(from, 4);
    const kinds = [...new Set(events.map(({ kind }) => kind))];
    assert.deepEqual(kinds, ['created', 'changed', 'deleted', 'restored']);
    assert.equal(new Set(events.map(({ key }) => key)).size, events.length);
    for (const event of events) {
      assert.equal(event.id, id);
      assert.equal(event.account, await stream.account(stop.signal));
      assert.ok(Math.abs((event.at ?? 0) - sandbox.running.clock.now()) < MINUTE);
      assert.deepEqual(Object.keys(event).sort(), ['account', 'at', 'id', 'key', 'kind']);
    }
  });

  it('is sent no more than one asking ahead of whoever stores it', async () => {
    const from = follow(open({ atOnce: 5 }));
    await next(from);
    for (let n = 0; n < 17; n += 1) await create(`deal ${n}`);
    const first = await gather(from, 5);
    // Time enough for more to be sent, were it asked for.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const [held] = (await bus.report()).streams;
    assert.deepEqual([held?.sent, held?.owed], [5, 0]);
    const rest = await gather(from, 12);
    assert.equal(new Set([...first, ...rest].map(({ id }) => id)).size, 17);
  });

  it('goes on after the place it is given: nothing lost, nothing twice', async () => {
    const from = follow(open({ atOnce: 4 }));
    await next(from);
    const made = [];
    for (let n = 0; n < 10; n += 1) made.push(await create(`deal ${n}`));
    const stored: RecordEvent[] = [];
    let place: Uint8Array | null = null;
    while (stored.length < 4) {
      const batch = await telling(from);
      stored.push(...batch.events);
      place = batch.position;
    }
    await bus.command({ kill: 'UNAVAILABLE' });
    const cut = await failure(from);
    assert.deepEqual([cut.recovery, cut.details.unreachable], ['retry', true]);
    stored.push(...(await gather(follow(open(), place), 6)));
    assert.deepEqual(
      stored.map(({ id }) => id),
      made,
    );
  });

  it('a connection cut without a word is an error that is tried again', async () => {
    const from = follow(open());
    await next(from);
    await bus.command({ kill: 'drop' });
    assert.equal((await failure(from)).recovery, 'retry');
  });

  it('tells that the place is gone: too old, of another org, or no place at all', async () => {
    const from = follow(open());
    const { position } = await next(from);
    for (let n = 0; n < 3; n += 1) await create(`deal ${n}`);
    await gather(from, 3);
    await bus.command({ forget: true });
    assert.equal((await failure(follow(open(), position))).details.code, POSITION_LOST);
    assert.equal((await failure(follow(open(), Buffer.from('nonsense')))).details.code, POSITION_LOST);
    assert.equal((await failure(follow(open(), new Uint8Array()))).details.code, POSITION_LOST);
  });

  it('keeps events for as long as the org does', async () => {
    const from = follow(open());
    const { position } = await next(from);
    const id = await create('old news');
    sandbox.running.clock.advance(71 * 60 * MINUTE);
    assert.deepEqual(
      (await gather(follow(open(), position), 1)).map((event) => event.id),
      [id],
    );
    sandbox.running.clock.advance(2 * 60 * MINUTE);
    assert.equal((await failure(follow(open(), position))).details.code, POSITION_LOST);
  });

  it('logs in again when the session has ended, and goes on where it was', async () => {
    const from = follow(open());
    await next(from);
    const before = await create('before');
    assert.deepEqual(
      (await gather(from, 1)).map(({ id }) => id),
      [before],
    );
    const logins = (await sandbox.salesforce.counters()).requests['POST /services/oauth2/token'] ?? 0;
    sandbox.running.clock.advance(180 * MINUTE);
    await bus.command({ kill: 'UNAUTHENTICATED' });
    const after = await create('after');
    assert.deepEqual(
      (await gather(from, 1)).map(({ id }) => id),
      [after],
    );
    const now = (await sandbox.salesforce.counters()).requests['POST /services/oauth2/token'] ?? 0;
    assert.equal(now - logins, 1);
  });

  it('gives up on credentials that are refused however fresh they are, by all calls or by this one', async () => {
    const logins = async (): Promise<number> =>
      (await sandbox.salesforce.counters()).requests['POST /services/oauth2/token'] ?? 0;
    await bus.command({ refuse: Array.from({ length: 20 }, () => 'UNAUTHENTICATED') });
    assert.equal((await failure(follow(open()))).recovery, 'stop');
    assert.ok((await logins()) <= 5, `${await logins()} logins`);
    await sandbox.salesforce.configure({ rejectAllTokens: true });
    assert.equal((await failure(follow(open()))).recovery, 'stop');
    assert.ok((await logins()) <= 10, `${await logins()} logins`);
  });

  it('a gap with ids names them; without any, everything lately changed is to be read', async () => {
    const from = follow(open());
    await next(from);
    const id = await create('big');
    await gather(from, 1);
    await bus.command({ gap: { type: 'GAP_UPDATE', ids: [id] } });
    const named = await telling(from);
    assert.deepEqual(
      [named.events.map((event) => [event.id, event.kind]), named.gap],
      [[[id, 'changed']], null],
    );
    await bus.command({ gap: { type: 'GAP_OVERFLOW', ids: [] } });
    const overflow = await telling(from);
    assert.deepEqual([overflow.events, overflow.gap], [[], 'overflow']);
    await bus.command({ gap: { type: 'GAP_UPDATE', ids: ['006*', id] } });
    const pattern = await telling(from);
    assert.deepEqual([pattern.events.map((event) => event.id), pattern.gap], [[id], 'overflow']);
  });

  it('an event that cannot be understood is passed over, told as a gap, and does not hold up the next', async () => {
    const from = follow(open());
    await next(from);
    const bytes = Buffer.from('Robert\0"); drop table inbox;--', 'utf8').toString('base64');
    for (const raw of [
      { payload: '' },
      { payload: bytes },
      // An entity, then ten million ids and not one of them.
      {
        payload: Buffer.from([22, ...Buffer.from('Opportunity'), 0x80, 0xad, 0xe2, 0x09]).toString('base64'),
      },
      { payload: bytes, schemaId: 'there-is-none' },
    ]) {
      const started = performance.now();
      await bus.command({ raw });
      const batch = await telling(from);
      assert.deepEqual([batch.events, batch.gap], [[], 'unreadable']);
      assert.ok(batch.position !== null && batch.position.length > 0);
      assert.ok(performance.now() - started < 2_000);
    }
    const id = await create('fine');
    assert.deepEqual(
      (await gather(from, 1)).map((event) => event.id),
      [id],
    );
  });

  it('asks for each schema once', async () => {
    const from = follow(open());
    await next(from);
    for (let n = 0; n < 3; n += 1) await create(`deal ${n}`);
    await gather(from, 3);
    assert.equal((await bus.report()).schemas, 1);
  });

  it('says what to do when Opportunity is not selected, or may not be seen', async () => {
    await sandbox.salesforce.configure({ changeEvents: ['Account'] });
    const closed = await failure(follow(open()));
    assert.equal(closed.recovery, 'fix');
    assert.match(closed.details.remedy, /Change Data Capture/);
    await sandbox.salesforce.configure({ changeEvents: ['Opportunity'], hiddenObjects: ['Opportunity'] });
    assert.equal((await failure(follow(open()))).recovery, 'fix');
  });

  it('a used-up allowance waits, other ends are tried again', async () => {
    await bus.command({ refuse: ['RESOURCE_EXHAUSTED', 'INTERNAL', 'PERMISSION_DENIED'] });
    const recoveries = [];
    for (let n = 0; n < 3; n += 1) recoveries.push((await failure(follow(open()))).recovery);
    assert.deepEqual(recoveries, ['wait', 'retry', 'fix']);
  });

  it('takes silence beyond every sign of life for a dead connection', async () => {
    await sandbox.salesforce.configure({ eventKeepaliveMs: 60_000 });
    const error = await failure(follow(open({ silenceMs: 100 })));
    assert.deepEqual([error.recovery, error.details.code], ['retry', 'salesforce.silent']);
  });

  it('ends at once when it is told to, whatever it waits for', async () => {
    await sandbox.salesforce.configure({ eventKeepaliveMs: 60_000 });
    const from = follow(open());
    const waiting = from.next();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await assert.rejects(waiting, /enough/);
    await bus.until(({ streams: left }) => left.length === 0);
  });

  it('an address that would send the token in the clear is refused', () => {
    const settings = (endpoint: string): unknown =>
      parseSalesforceSettings(
        {
          url: 'https://acme.my.salesforce.com',
          auth: { type: 'client_credentials', clientId: 'a', clientSecret: 'b' },
          changeEvents: { endpoint },
        },
        'connections.sf',
      ).changeEvents;
    assert.throws(() => settings('http://api.pubsub.salesforce.com:7443'), /changeEvents/);
    assert.throws(() => settings('http://127.0.0.1.example.org:7443'), /changeEvents/);
    assert.throws(
      () => settings('api.pubsub.salesforce.com:7443'),
      /endpoint \(must be an address such as [^;]*\)\.$/,
    );
    assert.throws(() => settings('https://api.pubsub.salesforce.com:7443/path'), /changeEvents/);
    assert.equal(
      settings('https://api.deu.pubsub.salesforce.com:7443'),
      'https://api.deu.pubsub.salesforce.com:7443',
    );
    assert.equal(settings('http://127.0.0.1:9'), 'http://127.0.0.1:9');
  });
});
