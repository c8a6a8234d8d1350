import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { NO_TRACING, type Tracing } from '../../src/core/tracing-port.ts';
import { startTracing } from '../../src/observability/tracing.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';

describe('tracing', () => {
  useRealNetwork();
  let server: Server;
  let url: string;
  const requests: { url: string; headers: Record<string, unknown>; body: string }[] = [];
  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      request.on('end', () => {
        requests.push({ url: request.url ?? '', headers: request.headers, body });
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => void server.close());
  beforeEach(() => void requests.splice(0));

  async function spansOf(work: (tracing: Tracing) => Promise<void>): Promise<readonly ReadableSpan[]> {
    const exporter = new InMemorySpanExporter();
    const kept: ReadableSpan[] = [];
    const collect: InMemorySpanExporter = Object.assign(exporter, {
      export: (spans: ReadableSpan[], done: (result: { code: number }) => void) => {
        kept.push(...spans);
        done({ code: 0 });
      },
    });
    const tracing = startTracing({ endpoint: url, exporter: collect });
    await work(tracing);
    await tracing.close();
    return kept;
  }

  it('nests a CRM call in the step that made it, and keeps ids and queries out', async () => {
    const spans = await spansOf(async (tracing) => {
      await tracing.span('task', { task: 'push', run: 'r_1' }, async () => {
        await fetch(`${url}/crm/v3/objects/deals/4711?properties=amount&q=Acme`);
        await fetch(`${url}/services/data/v66.0/query/?q=SELECT+Name+WHERE+Id='006Pf0000000001AAA'`);
      });
      await fetch(`${url}/outside`);
    });
    const [first, second, task, ...others] = spans;
    assert.deepEqual(others, []);
    assert.equal(task?.name, 'task');
    assert.deepEqual(task?.attributes, { 'oppsync.task': 'push', 'oppsync.run': 'r_1' });
    assert.equal(task?.resource.attributes['service.name'], 'oppsync');
    for (const call of [first, second])
      assert.equal(call?.parentSpanContext?.spanId, task?.spanContext().spanId);
    assert.equal(first?.attributes['url.full'], `${url}/crm/v3/objects/deals/{}`);
    assert.equal(second?.attributes['url.full'], `${url}/services/data/v66.0/query/`);
    assert.doesNotMatch(JSON.stringify(spans.map((span) => span.attributes)), /4711|Acme|006Pf|SELECT/);
    // The CRMs see nothing of it.
    assert.ok(requests.every(({ headers }) => headers['traceparent'] === undefined));
  });

  it('makes one trace of all that came of a delivery, in whichever process it was made', async () => {
    const place = { cause: 'd_1', inside: null, name: 'd_1' };
    const [webhook] = await spansOf((tracing) => tracing.span('webhook', {}, async () => undefined, place));
    const [task] = await spansOf((tracing) =>
      tracing.span('task', {}, async () => undefined, { cause: 'd_1', inside: 'r_1' }),
    );
    const times = { from: 1_000, to: 3_500, failed: 'quota.daily' };
    const [run, other] = await spansOf(async (tracing) => {
      tracing.record('run', {}, { cause: 'd_1', inside: 'd_1', name: 'r_1' }, times);
      tracing.record('run', {}, { cause: 'r_2', inside: null, name: 'r_2' }, times);
    });
    assert.equal(webhook?.parentSpanContext, undefined);
    assert.equal(run?.parentSpanContext?.spanId, webhook?.spanContext().spanId);
    assert.equal(task?.parentSpanContext?.spanId, run?.spanContext().spanId);
    const traces = [webhook, run, task, other].map((span) => span?.spanContext().traceId);
    assert.deepEqual(traces.slice(1), [traces[0], traces[0], other?.spanContext().traceId]);
    assert.notEqual(traces[0], traces[3]);
    assert.deepEqual([run?.duration, run?.status.message], [[2, 500_000_000], 'quota.daily']);
  });

  it('marks a failed step, lets the error through, and keeps credentials out', async () => {
    const spans = await spansOf(async (tracing) => {
      const failing = tracing.span('task', {}, async () => {
        throw new Error('refused: Bearer abcdef123456');
      });
      await assert.rejects(failing, /refused/);
    });
    assert.equal(spans[0]?.status.message, 'refused: Bearer …');
  });

  it('sends to the collector, and a collector that is away costs nothing but its spans', async () => {
    const tracing = startTracing({ endpoint: `${url}/` });
    assert.equal(await tracing.span('task', { n: 1 }, async () => 7), 7);
    await tracing.close();
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/v1/traces'],
    );
    assert.match(requests[0]?.body ?? '', /oppsync/);
    const away = startTracing({ endpoint: 'http://127.0.0.1:1' });
    assert.equal(await away.span('task', {}, async () => 8), 8);
    await away.close();
  });

  it('does the work alone when nothing is configured', async () => {
    assert.equal(await NO_TRACING.span('task', {}, async () => 9), 9);
    await NO_TRACING.close();
  });
});
