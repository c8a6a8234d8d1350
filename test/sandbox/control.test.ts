import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import type { RunningSandbox } from '../../src/sandbox/sandbox.ts';
import { useRealNetwork } from './real-network.ts';
import { control, controlLines, NOTES, ndjson, notebookSandbox, withDataset } from './running-notebook.ts';

async function put(url: string, id: string, text: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/notes/${id}`, { method: 'PUT', body: text });
  return (await response.json()) as Record<string, unknown>;
}

describe('sandbox control prefix', () => {
  useRealNetwork();

  async function withNotes(
    use: (sandbox: RunningSandbox, url: string, file: string) => Promise<void>,
  ): Promise<void> {
    await withDataset(ndjson(NOTES), async (dataset) => {
      const sandbox = await notebookSandbox({ dataset, switches: { salesforce: { mood: 'calm' } } });
      try {
        await use(sandbox, sandbox.salesforce.url, dataset);
      } finally {
        await sandbox.close();
      }
    });
  }

  it('counts requests by route, statuses, writes and redundant writes, and not itself', () =>
    withNotes(async (_sandbox, url) => {
      await put(url, 'a', 'changed');
      await put(url, 'a', 'changed');
      await fetch(`${url}/nothing`);
      const expected = {
        requests: { 'PUT /notes/{id}': 2, 'GET /nothing': 1 },
        status: { '200': 2, '204': 1 },
        writes: 2,
        redundantWrites: 1,
      };
      assert.deepEqual((await control(url, 'GET counters')).json, expected);
      const zero = { requests: {}, status: {}, writes: 0, redundantWrites: 0 };
      assert.deepEqual((await control(url, 'POST counters/reset')).json, zero);
    }));

  it('streams the truth after a sequence number, and the state', () =>
    withNotes(async (_sandbox, url) => {
      await put(url, 'a', 'first');
      await control(url, 'POST edit', {
        type: 'note',
        id: 'c',
        fields: { text: 'second' },
        actor: 'human:ann',
      });
      const [one, two, ...none] = await controlLines(url, 'truth');
      assert.deepEqual(
        [one?.['seq'], one?.['actor'], one?.['fields']],
        [1, 'engine', { text: { before: 'one', after: 'first' } }],
      );
      assert.deepEqual([two?.['seq'], two?.['actor'], two?.['id']], [2, 'human:ann', 'c']);
      assert.equal(none.length, 0);
      assert.deepEqual(await controlLines(url, 'truth?since=1'), [two]);
      assert.deepEqual(await controlLines(url, 'state'), [
        { crm: 'salesforce', type: 'note', fields: { id: 'a', text: 'first' } },
        { crm: 'salesforce', type: 'note', fields: { id: 'c', text: 'second' } },
      ]);
    }));

  it('says what an edit changed, and passes on what the CRM refuses', () =>
    withNotes(async (_sandbox, url) => {
      const done = await control(url, 'POST edit', { type: 'note', id: 'a', fields: { text: 'x' } });
      assert.deepEqual(done, { status: 200, json: { ok: true, id: 'a', changed: ['text'] } });
      const refused = await control(url, 'POST edit', { type: 'note', id: 'zz', fields: { text: 'x' } });
      assert.deepEqual(refused, { status: 404, json: { error: 'no note zz', status: 404 } });
      assert.equal((await controlLines(url, 'truth'))[0]?.['actor'], 'human:someone');
    }));

  it('moves and freezes one clock for both CRMs', () =>
    withNotes(async (sandbox, url) => {
      await control(url, 'POST clock', { freeze: true, set: '2030-01-01T00:00:00Z' });
      const { json } = await control(sandbox.hubspot.url, 'POST clock', { advanceMs: 1_500 });
      assert.deepEqual(json, {
        now: Date.UTC(2030, 0, 1) + 1_500,
        iso: '2030-01-01T00:00:01.500Z',
        frozen: true,
      });
      assert.equal(sandbox.clock.now(), Date.UTC(2030, 0, 1) + 1_500);
    }));

  it('reset brings back records, switches, counters, truth, faults, clock and luck', () =>
    withNotes(async (sandbox, url) => {
      const luck = (await put(url, 'a', 'first'))['luck'];
      await put(url, 'new', 'created');
      await control(url, 'POST configure', { mood: 'wild' });
      await control(url, 'POST clock', { set: '2040-01-01T00:00:00Z', freeze: true });
      await control(url, 'POST faults', { effect: 'reset', path: '/never' });
      assert.deepEqual((await control(url, 'POST reset')).json, { lines: 2, skipped: [] });
      assert.deepEqual(
        await controlLines(url, 'state'),
        NOTES.filter(({ crm }) => crm === 'salesforce'),
      );
      assert.deepEqual(await controlLines(url, 'truth'), []);
      assert.deepEqual((await control(url, 'GET faults')).json['faults'], []);
      assert.deepEqual((await control(url, 'GET counters')).json['requests'], {});
      assert.deepEqual((await control(url, 'GET requests')).json, []);
      assert.ok(Math.abs(sandbox.clock.now() - Date.now()) < 60_000);
      const echo = (await (await fetch(`${url}/echo`)).json()) as Record<string, unknown>;
      assert.deepEqual([echo['switches'], echo['url']], [{ mood: 'calm' }, url]);
      assert.equal((await put(url, 'a', 'first'))['luck'], luck);
      assert.equal([...sandbox.salesforce.simulator.state()].length, 2);
    }));

  it('keeps the present records when the dataset cannot be loaded again', () =>
    withNotes(async (_sandbox, url, file) => {
      await put(url, 'a', 'kept');
      await writeFile(file, '{"crm":"salesforce"}\n');
      const { status, json } = await control(url, 'POST reset');
      assert.equal(status, 400);
      assert.match(String(json['error']), /records\.ndjson, line 1: /);
      await rm(file);
      assert.match(String((await control(url, 'POST reset')).json['error']), /there is no such file/);
      assert.equal((await controlLines(url, 'state'))[0]?.['fields'] instanceof Object, true);
      assert.deepEqual((await controlLines(url, 'state'))[0]?.['fields'], { id: 'a', text: 'kept' });
    }));

  const wrong: readonly [string, unknown, RegExp][] = [
    ['POST edit', 'not json', /not JSON/],
    ['POST edit', { id: 'a' }, /"type" is missing/],
    ['POST edit', { type: 'note' }, /"id" is missing/],
    ['POST edit', { type: 'note', id: 'a', action: 'explode' }, /"action" must be one of/],
    ['POST edit', { type: 'note', id: 'a', feilds: {} }, /unknown key "feilds"/],
    ['POST edit', [], /must be a JSON object/],
    ['POST clock', {}, /give advanceMs, set or freeze/],
    ['POST clock', { set: 'tomorrow' }, /must be a moment/],
    ['POST clock', { advanceMs: 'x' }, /number of milliseconds/],
    ['POST configure', { temper: 1 }, /unknown switch "temper"/],
    ['POST faults', { effect: 'explode' }, /unknown effect "explode"/],
    ['POST faults', { preset: 'sf-999' }, /unknown fault preset "sf-999"/],
    ['POST faults', { preset: 'hs-423' }, /unknown fault preset "hs-423"/],
    ['POST faults', { effect: 'reset', nth: 0 }, /"nth" must be/],
    ['POST faults', { effect: 'reset', path: '/(unclosed/' }, /not a regular expression/],
    ['POST faults', { effect: { status: 99 } }, /between 200 and 599/],
    ['GET truth?since=x', undefined, /"since" must be/],
  ];
  for (const [command, body, sentence] of wrong) {
    it(`refuses ${command} ${JSON.stringify(body)} with one sentence`, () =>
      withNotes(async (_sandbox, url) => {
        const { status, json } = await control(url, command, body);
        assert.equal(status, 400);
        assert.match(String(json['error']), sentence);
      }));
  }

  it('names what it knows when asked for anything else', () =>
    withNotes(async (_sandbox, url) => {
      const missing = await control(url, 'GET nonsense');
      assert.equal(missing.status, 404);
      assert.match(String(missing.json['error']), /GET counters/);
      assert.equal((await control(url, 'GET reset')).status, 405);
      assert.equal((await control(url, 'GET health')).json['ready'], true);
    }));
});
