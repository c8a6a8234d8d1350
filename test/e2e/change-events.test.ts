/** A person edits in Salesforce and sees it in HubSpot: change events over gRPC, the served process, nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { App } from '../../src/app.ts';
import { compose } from '../../src/compose.ts';
import type { Log } from '../../src/core/ports.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import { quiet, testDatabase } from '../support/database.ts';
import { type EventsControl, eventsOf } from '../support/event-bus.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';

describe('from Salesforce to HubSpot by change events', function () {
  this.timeout(90_000);
  useRealNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'oppsync-changes-'));
  const stops: AbortController[] = [];
  let sandbox: TestSandbox;
  let events: EventsControl;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let app: App;
  let serving: Promise<void>;
  let pairs: readonly (readonly [salesforce: string, hubspot: string])[];

  const bus = (command?: unknown) => (command === undefined ? events.report() : events.command(command));
  const until = async (what: string, reached: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (!(await reached())) {
      if (Date.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  const open = (log = quiet): Promise<App> => {
    const config = loadConfig({
      file: join(folder, 'oppsync.yaml'),
      env: { DATABASE_URL: database.url },
      cwd: folder,
    });
    return compose(config, { log });
  };
  /** As a process of its own would: what serves is closed when it has ended. */
  const serve = async (): Promise<void> => {
    const stop = new AbortController();
    stops.push(stop);
    const own = await open();
    await new Promise<void>((resolve) => {
      serving = own.serve(['workers', 'scheduler'], stop.signal, () => resolve()).finally(() => own.close());
    });
  };
  const stopServing = async (): Promise<void> => {
    stops.at(-1)?.abort();
    await serving;
  };
  const status = async () => (await app.status('sandbox')).changeEvents;
  /** Followed, with nothing missing: what happens from now on is told. */
  const followed = (): Promise<void> =>
    until('following', async () => {
      const now = await status();
      return now?.state === 'following' && now.missingSince === null && (await bus()).streams.length === 1;
    });
  const nextStep = async (id: string): Promise<unknown> =>
    (await sandbox.hubspot.records('deal')).get(id)?.['hs_next_step'];
  const edit = ([id]: readonly [string, string], text: string): Promise<void> =>
    sandbox.salesforce.edit({ type: 'Opportunity', id, fields: { NextStep: text } });
  const arrives = (pair: readonly [string, string], text: string): Promise<void> =>
    until(`"${text}" in HubSpot`, async () => (await nextStep(pair[1])) === text);

  before(async () => {
    sandbox = await testSandbox({
      records: 30,
      portEvents: 0,
      switches: { salesforce: { eventKeepaliveMs: 150 } },
    });
    events = eventsOf(sandbox);
    database = await testDatabase();
    writeFileSync(join(folder, 'oppsync.yaml'), `${sandbox.configText()}    events: { windowMs: 50 }\n`);
    app = await open();
    const plan = await app.run('sandbox', 'plan', { by: 'test' });
    await app.apply('sandbox', plan.plan?.digest ?? '', { by: 'test' });
    const { pairs: made } = await app.pairing('sandbox');
    pairs = made.flatMap(({ ids, band }) =>
      band === 'adopted' || band === 'accepted'
        ? [[ids['salesforce'] ?? '', ids['hubspot'] ?? ''] as const]
        : [],
    );
    await serve();
    await followed();
  });
  after(async () => {
    await stopServing();
    await app.close();
    await database.drop();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries an edit over within seconds, and its own write back over nowhere', async () => {
    await edit(pairs[0]!, 'call on Monday');
    await arrives(pairs[0]!, 'call on Monday');
    const now = await status();
    assert.equal(now?.state, 'following');
    assert.ok((now?.lagMs ?? -1) >= 0);
    await edit(pairs[1]!, 'and on Tuesday');
    await arrives(pairs[1]!, 'and on Tuesday');
    const written = (await sandbox.hubspot.truth()).filter(({ actor, fields }) => {
      const { after } = fields['hs_next_step'] ?? {};
      return actor === 'engine' && /^(call|and) on /.test(String(after));
    });
    assert.equal(written.length, 2);
  });

  it('loses nothing of what happens while streams are cut, and while nobody follows', async () => {
    await bus({ kill: 'drop' });
    await edit(pairs[2]!, 'while cut');
    await bus({ kill: 'UNAVAILABLE' });
    await edit(pairs[3]!, 'while cut again');
    await arrives(pairs[2]!, 'while cut');
    await arrives(pairs[3]!, 'while cut again');
    await stopServing();
    assert.equal((await bus()).streams.length, 0);
    await edit(pairs[4]!, 'while away');
    const { last } = await bus();
    await serve();
    await arrives(pairs[4]!, 'while away');
    const { streams } = await bus();
    assert.ok((streams[0]?.sent ?? last) < last, 'what was stored is not sent again');
    assert.equal((await status())?.missingSince, null);
  });

  it('reads again what it was away for too long to be told', async () => {
    await stopServing();
    await edit(pairs[5]!, 'long ago');
    await bus({ forget: true });
    await serve();
    await arrives(pairs[5]!, 'long ago');
    await followed();
    await edit(pairs[6]!, 'told again');
    await arrives(pairs[6]!, 'told again');
  });

  it('reads again what a gap names, and everything when it names nothing', async () => {
    const quietly = async ([id]: readonly [string, string], text: string): Promise<void> => {
      // A change that is told to nobody.
      await sandbox.salesforce.configure({ changeEvents: [] });
      await edit([id, ''], text);
      await sandbox.salesforce.configure({ changeEvents: ['Opportunity'] });
    };
    await quietly(pairs[7]!, 'in a gap');
    await bus({ gap: { type: 'GAP_UPDATE', ids: [pairs[7]![0]] } });
    await arrives(pairs[7]!, 'in a gap');
    await quietly(pairs[8]!, 'in an overflow');
    await bus({ gap: { type: 'GAP_OVERFLOW' } });
    await arrives(pairs[8]!, 'in an overflow');
    await followed();
  });

  it('is followed by one process at a time, and by the next when that one stops', async () => {
    const looked = Promise.withResolvers<void>();
    const log: Log = {
      ...quiet,
      debug: (message) => {
        if (message === 'change events are followed by another process') looked.resolve();
      },
      child: () => log,
    };
    const other = await open(log);
    const [first, stopFirst] = [serving, stops.at(-1)];
    const before = (await bus()).subscribed;
    const stop = new AbortController();
    stops.push(stop);
    const second = other.serve(['workers', 'scheduler'], stop.signal, () => undefined);
    try {
      await edit(pairs[0]!, 'to either');
      await arrives(pairs[0]!, 'to either');
      await looked.promise;
      assert.deepEqual([(await bus()).streams.length, (await bus()).subscribed], [1, before]);
      stopFirst?.abort();
      await first;
      await until('the other', async () => (await bus()).streams.length === 1);
      await edit(pairs[1]!, 'to the other');
      await arrives(pairs[1]!, 'to the other');
      assert.equal((await bus()).subscribed, before + 1);
    } finally {
      stop.abort();
      await second;
      await other.close();
      stops.pop();
    }
    await serve();
  });
});
