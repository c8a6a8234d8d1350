import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { createClock } from '../../src/sandbox/clock.ts';
import { presetsOf } from '../../src/sandbox/fault-presets.ts';
import { createFaults, type Faults } from '../../src/sandbox/faults.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import type { RunningSandbox } from '../../src/sandbox/sandbox.ts';
import { useRealNetwork } from './real-network.ts';
import { control, controlLines, NOTES, ndjson, notebookSandbox, withDataset } from './running-notebook.ts';

interface Outcome {
  readonly status?: number | undefined;
  readonly headers?: IncomingHttpHeaders;
  readonly body: string;
  /** `complete`, the error code of a cut connection, or `silence` when nothing more came in time. */
  readonly end: string;
}

/** A call that gives up after `patience` ms and tells how far it came. */
function call(url: string, { method = 'GET', body = '', patience = 5_000 } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    let seen: Omit<Outcome, 'end'> = { body: '' };
    const outgoing = httpRequest(
      url,
      { method, agent: false, signal: AbortSignal.timeout(patience) },
      (answer) => {
        seen = { status: answer.statusCode, headers: answer.headers, body: '' };
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          seen = { ...seen, body: seen.body + piece };
        });
        answer.on('end', () => resolve({ ...seen, end: 'complete' }));
        answer.on('error', (error) => resolve({ ...seen, end: endOf(error) }));
      },
    );
    outgoing.on('error', (error) => resolve({ ...seen, end: endOf(error) }));
    outgoing.end(body);
  });
}

function endOf(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'silence';
  return 'code' in error ? String(error.code) : error.name;
}

describe('sandbox faults', () => {
  useRealNetwork();
  let sandbox: RunningSandbox;
  let url: string;
  beforeEach(async () => {
    sandbox = await withDataset(ndjson(NOTES), (dataset) => notebookSandbox({ dataset }));
    url = sandbox.salesforce.url;
  });
  afterEach(() => sandbox.close());

  const noteA = async (): Promise<unknown> => {
    const notes = (await controlLines(url, 'state')).map(
      (line) => line['fields'] as { id: string; text: string },
    );
    return notes.find(({ id }) => id === 'a')?.text;
  };
  const put = (patience?: number): Promise<Outcome> =>
    call(`${url}/notes/a`, {
      method: 'PUT',
      body: 'written',
      ...(patience === undefined ? {} : { patience }),
    });
  const set = (fault: unknown): Promise<unknown> => control(url, 'POST faults', fault);

  it('status: the request is not applied, body and headers are those of the rule', async () => {
    await set({
      effect: { status: 503, body: '<h1>down</h1>', html: true, headers: { 'Retry-After': '7' } },
    });
    const { status, body, headers } = await put();
    assert.deepEqual([status, body, headers?.['retry-after']], [503, '<h1>down</h1>', '7']);
    assert.match(String(headers?.['content-type']), /^text\/html/);
    assert.equal(await noteA(), 'one');
  });

  it('reset: the connection is cut, nothing is applied', async () => {
    await set({ effect: 'reset' });
    assert.equal((await put()).end, 'ECONNRESET');
    assert.equal(await noteA(), 'one');
  });

  it('stall-headers: silence, nothing is applied', async () => {
    await set({ effect: 'stall-headers' });
    assert.deepEqual(await put(150), { body: '', end: 'silence' });
    assert.equal(await noteA(), 'one');
  });

  it('stall-body: half of the answer, then silence; applied', async () => {
    await set({ effect: 'stall-body' });
    const { status, body, end } = await put(300);
    assert.deepEqual([status, end], [200, 'silence']);
    assert.throws(() => JSON.parse(body));
    assert.equal(await noteA(), 'written');
  });

  it('cut-body: half of the answer, then a cut; applied', async () => {
    await set({ effect: 'cut-body' });
    const { status, body, end, headers } = await put();
    assert.deepEqual([status, end], [200, 'ECONNRESET']);
    assert.ok(body.length > 0 && body.length < Number(headers?.['content-length']));
    assert.equal(await noteA(), 'written');
  });

  it('broken-json: a complete answer that is not JSON; applied', async () => {
    await set({ effect: 'broken-json' });
    const { status, body, end } = await put();
    assert.deepEqual([status, end], [200, 'complete']);
    assert.throws(() => JSON.parse(body));
    assert.equal(await noteA(), 'written');
  });

  it('slow: the right answer, later', async () => {
    await set({ effect: { slow: { ms: 80 } } });
    const before = performance.now();
    const { status, end } = await put();
    assert.ok(performance.now() - before >= 79);
    assert.deepEqual([status, end], [200, 'complete']);
  });

  it('commit-then-timeout: applied, and never answered', async () => {
    await set({ effect: 'commit-then-timeout' });
    assert.deepEqual(await put(200), { body: '', end: 'silence' });
    assert.equal(await noteA(), 'written');
    assert.deepEqual((await control(url, 'GET counters')).json, {
      requests: { 'PUT /notes/{id}': 1 },
      status: { '0': 1 },
      writes: 1,
      redundantWrites: 0,
    });
  });

  it('commit-then-reset: applied, then cut', async () => {
    await set({ effect: 'commit-then-reset' });
    assert.equal((await put()).end, 'ECONNRESET');
    assert.equal(await noteA(), 'written');
  });

  it('meets only what the rule says, and counts', async () => {
    await set({ path: '/notes', method: 'put', nth: 2, times: 2, effect: { status: 503 } });
    const statuses: unknown[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await put()).status);
    assert.deepEqual(statuses, [200, 503, 503, 200, 200]);
    assert.equal((await call(`${url}/notes`)).status, 200);
    const [listed] = (await control(url, 'GET faults')).json['faults'] as Record<string, unknown>[];
    assert.deepEqual([listed?.['matched'], listed?.['hits']], [5, 2]);
    const requests = (await control(url, 'GET requests')).json as unknown as Record<string, unknown>[];
    assert.deepEqual(requests.map(({ status, fault }) => [status, fault]).slice(0, 2), [
      [200, undefined],
      [503, 'status'],
    ]);
  });

  it('DELETE clears', async () => {
    await set({ effect: 'reset' });
    assert.deepEqual((await control(url, 'DELETE faults')).json['faults'], []);
    assert.equal((await put()).status, 200);
  });

  it('takes a preset by name, limited by the caller, and leaves the other CRM alone', async () => {
    await set({ preset: 'sf-503', times: 1 });
    const { status, body, headers } = await put();
    assert.equal(status, 503);
    assert.equal(JSON.parse(body)[0].errorCode, 'SERVER_UNAVAILABLE');
    assert.equal(headers?.['content-type'], 'application/json;charset=UTF-8');
    assert.equal((await put()).status, 200);
    assert.equal((await call(`${sandbox.hubspot.url}/notes`)).status, 200);
  });

  it('a 429 of HubSpot says its policy and gives no Retry-After; 477 gives seconds (hubspot.md §4.2, §4.3)', async () => {
    await control(sandbox.hubspot.url, 'POST faults', [
      { preset: 'hs-429-burst', times: 1 },
      { preset: 'hs-477', times: 1 },
    ]);
    const limited = await call(`${sandbox.hubspot.url}/notes`);
    assert.equal(limited.status, 429);
    assert.equal(limited.headers?.['retry-after'], undefined);
    const { policyName, message, category } = JSON.parse(limited.body) as Record<string, unknown>;
    assert.deepEqual(
      [policyName, message, category],
      ['TEN_SECONDLY_ROLLING', 'You have reached your ten_secondly_rolling limit.', undefined],
    );
    assert.equal((await call(`${sandbox.hubspot.url}/notes`)).headers?.['retry-after'], '2');
  });
});

describe('fault rules', () => {
  function faults(
    seed = 1,
    crm: 'salesforce' | 'hubspot' = 'salesforce',
  ): { faults: Faults; clock: ReturnType<typeof createClock> } {
    const clock = createClock(1_000_000);
    clock.freeze(true);
    return { faults: createFaults(crm, clock, createRandom(seed)), clock };
  }

  function hits(seed: number): string {
    const { faults: rules } = faults(seed);
    rules.add({ effect: 'reset', probability: 0.3 });
    return Array.from({ length: 200 }, () => (rules.meet('GET', '/x') === null ? '.' : 'x')).join('');
  }

  it('meet with the same luck for the same seed', () => {
    assert.equal(hits(5), hits(5));
    assert.notEqual(hits(5), hits(6));
    const share = hits(5).replaceAll('.', '').length / 200;
    assert.ok(share > 0.15 && share < 0.45);
  });

  it('match paths by text or by regular expression', () => {
    const { faults: rules } = faults();
    rules.add([
      { path: '/^\\/a\\/\\d+$/', effect: 'reset' },
      { path: '/services/data/', effect: 'cut-body' },
    ]);
    assert.equal(rules.meet('GET', '/a/17')?.name, 'reset');
    assert.equal(rules.meet('GET', '/a/b'), null);
    assert.equal(rules.meet('GET', '/services/data/v60.0/query?q=x')?.name, 'cut-body');
  });

  it('hold between two moments of the sandbox clock', () => {
    const { faults: rules, clock } = faults();
    rules.add({ effect: 'reset', after: 1_000_100, before: new Date(1_000_200).toISOString() });
    const met = [0, 100, 99, 1].map((ms) => {
      clock.advance(ms);
      return rules.meet('GET', '/') !== null;
    });
    assert.deepEqual(met, [false, true, true, false]);
  });

  it('add nothing when one of a list is wrong', () => {
    const { faults: rules } = faults();
    assert.throws(() => rules.add([{ effect: 'reset' }, { effect: 'nonsense' }]));
    assert.deepEqual(rules.list(), []);
  });

  it('have presets that are all valid, named after their CRM', () => {
    for (const crm of ['salesforce', 'hubspot'] as const) {
      const { faults: rules } = faults(1, crm);
      for (const preset of presetsOf(crm)) {
        assert.match(preset, crm === 'salesforce' ? /^sf-/ : /^hs-/);
        rules.add({ preset });
      }
      assert.equal(rules.list().length, presetsOf(crm).length);
    }
  });
});
