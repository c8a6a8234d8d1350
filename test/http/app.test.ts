import assert from 'node:assert/strict';
import { collectMetrics } from '../../src/collect-metrics.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { createWebApp, type WebDeps } from '../../src/http/app.ts';
import { runChecks } from '../../src/http/checks.ts';
import { listenWeb, type WebServer } from '../../src/http/listen.ts';
import { createLog } from '../../src/observability/log.ts';
import { exposition, type Metric } from '../../src/observability/prometheus.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';

const lines: string[] = [];
const log = createLog({ level: 'debug', write: (line) => lines.push(line) });

describe('web frame', () => {
  useRealNetwork();
  const servers: WebServer[] = [];
  afterEach(async () => {
    lines.length = 0;
    await Promise.all(servers.splice(0).map((server) => server.close(100)));
  });

  const serve = async (deps: Partial<WebDeps> = {}): Promise<string> => {
    const app = createWebApp({ log, ready: {}, metrics: async () => 'up 1\n', ...deps });
    const server = await listenWeb(app, '127.0.0.1', 0);
    servers.push(server);
    return `http://127.0.0.1:${server.port}`;
  };

  it('is alive whatever it depends on', async () => {
    const url = await serve({ ready: { database: () => Promise.reject(new Error('down')) } });
    const response = await fetch(`${url}/healthz`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok' });
  });

  it('is ready when every check is, and names those that are not', async () => {
    let database = true;
    const url = await serve({
      ready: {
        database: async () => {
          if (!database) throw new Error('no route to db.internal');
        },
        queue: async () => {},
      },
    });
    const ready = await fetch(`${url}/readyz`);
    assert.equal(ready.status, 200);
    assert.deepEqual(await ready.json(), { status: 'ready', checks: { database: 'ok', queue: 'ok' } });
    database = false;
    const not = await fetch(`${url}/readyz`);
    assert.equal(not.status, 503);
    assert.match(not.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const problem = await not.json();
    assert.deepEqual(problem, {
      type: 'about:blank',
      status: 503,
      title: 'not ready',
      detail: 'database cannot be used',
      checks: { database: 'failed', queue: 'ok' },
    });
    assert.match(lines.join(''), /no route to db\.internal/);
  });

  it('does not wait for a check that hangs', async () => {
    const results = await runChecks({ slow: () => new Promise(() => {}), quick: async () => {} }, 20);
    assert.deepEqual(
      results.map(({ name, ok }) => [name, ok]),
      [
        ['slow', false],
        ['quick', true],
      ],
    );
  });

  it('shows metrics as text', async () => {
    const response = await fetch(`${await serve()}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(await response.text(), 'up 1\n');
  });

  it('shows what there is of the metrics when a part of them cannot be had, and which that is', async () => {
    const one: Metric = { name: 'up', help: 'h', type: 'gauge', samples: [{ value: 1 }] };
    const collectors = {
      state: () => Promise.reject(new Error('no route to db.internal')),
      queue: () => new Promise<never>(() => {}),
      process: async () => [one],
    };
    const url = await serve({ metrics: async () => exposition(await collectMetrics(collectors, log, 20)) });
    const response = await fetch(`${url}/metrics`);
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.match(text, /^up 1$/m);
    for (const [part, there] of Object.entries({ state: 0, queue: 0, process: 1 }))
      assert.ok(text.includes(`oppsync_metrics_collected{part="${part}"} ${there}\n`), text);
    assert.match(lines.join(''), /no route to db\.internal/);
    assert.doesNotMatch(text, /db\.internal/);
  });

  it('sets security headers on every answer and names no framework', async () => {
    const url = await serve();
    for (const path of ['/healthz', '/nowhere']) {
      const { headers } = await fetch(url + path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-powered-by'), null);
    }
  });

  it('answers what it does not have with a problem document', async () => {
    const response = await fetch(`${await serve()}/nowhere`);
    assert.equal(response.status, 404);
    assert.equal(((await response.json()) as { title: string }).title, 'not found');
  });

  it('answers its own fault without telling what it was', async () => {
    const response = await fetch(
      `${await serve({ metrics: () => Promise.reject(new Error('inner detail')) })}/metrics`,
    );
    assert.equal(response.status, 500);
    assert.ok(!(await response.text()).includes('inner detail'));
    assert.match(lines.join(''), /inner detail/);
  });

  it('answers a path that cannot be decoded as the caller’s mistake', async () => {
    const response = await fetch(`${await serve()}/%ff`);
    assert.ok([400, 404].includes(response.status));
  });

  it('names an occupied port and what to do', async () => {
    const url = new URL(await serve());
    await assert.rejects(
      listenWeb(() => {}, '127.0.0.1', Number(url.port)),
      (error: unknown) => {
        assert.ok(error instanceof OppsyncError);
        assert.equal(error.recovery, 'fix');
        assert.equal(error.message, `port ${url.port} on 127.0.0.1 is occupied`);
        assert.match(error.details.remedy, /OPPSYNC_HTTP_PORT/);
        return true;
      },
    );
  });
});
