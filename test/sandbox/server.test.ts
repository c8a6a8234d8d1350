import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { RunningSandbox } from '../../src/sandbox/sandbox.ts';
import { SandboxPortError } from '../../src/sandbox/server.ts';
import { useRealNetwork } from './real-network.ts';
import { control, NOTES, ndjson, notebookSandbox, withDataset } from './running-notebook.ts';

interface Raw {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function raw(url: string, headers: Record<string, string> = {}, method = 'GET', body?: Buffer): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(url, { headers, method }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }),
      );
      response.on('error', reject);
    });
    call.on('error', reject).end(body);
  });
}

describe('sandbox server', () => {
  useRealNetwork();
  let sandbox: RunningSandbox;
  before(async () => {
    sandbox = await withDataset(ndjson(NOTES), (dataset) => notebookSandbox({ dataset }));
  });
  after(() => sandbox.close());

  it('listens on the loopback address only, one port for each CRM', () => {
    assert.match(sandbox.salesforce.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.notEqual(sandbox.salesforce.url, sandbox.hubspot.url);
    assert.equal(sandbox.hubspot.credentials['url'], sandbox.hubspot.url);
  });

  it('answers JSON with the content type of each CRM', async () => {
    const types = await Promise.all(
      [sandbox.salesforce, sandbox.hubspot].map(
        async ({ url }) => (await raw(`${url}/notes`)).headers['content-type'],
      ),
    );
    assert.deepEqual(types, ['application/json;charset=UTF-8', 'application/json;charset=utf-8']);
  });

  it('sends no body and no content type with 204', async () => {
    const { status, headers, body } = await raw(`${sandbox.salesforce.url}/nothing`);
    assert.deepEqual([status, body.length, headers['content-type']], [204, 0, undefined]);
  });

  it('sends a long answer in chunks, gzipped only when asked', async () => {
    const plain = await raw(`${sandbox.salesforce.url}/big`);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.headers['transfer-encoding'], 'chunked');
    const packed = await raw(`${sandbox.salesforce.url}/big`, { 'accept-encoding': 'gzip, deflate' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(packed.body), plain.body);
    const refused = await raw(`${sandbox.salesforce.url}/big`, { 'accept-encoding': 'gzip;q=0' });
    assert.equal(refused.headers['content-encoding'], undefined);
  });

  it('keeps connections open and hands over query and body undamaged', async () => {
    const { headers, body } = await raw(
      `${sandbox.salesforce.url}/echo?q=a%20b&q=c`,
      {},
      'POST',
      Buffer.alloc(3_000_000),
    );
    assert.equal(headers['connection'], 'keep-alive');
    const seen = JSON.parse(body.toString()) as Record<string, unknown>;
    assert.deepEqual(seen['q'], ['a b', 'c']);
    assert.equal(seen['size'], 3_000_000);
  });

  it('refuses a body over 50 MB with 413', async () => {
    const { status } = await raw(
      `${sandbox.salesforce.url}/echo`,
      {},
      'POST',
      Buffer.alloc(50 * 1024 * 1024 + 1),
    );
    assert.equal(status, 413);
  });

  it('shows the time of the sandbox in the Date header', async () => {
    await control(sandbox.hubspot.url, 'POST clock', { set: '2031-05-04T03:02:01Z', freeze: true });
    const { headers } = await raw(`${sandbox.salesforce.url}/notes`);
    await control(sandbox.hubspot.url, 'POST clock', { freeze: false });
    assert.equal(headers['date'], 'Sun, 04 May 2031 03:02:01 GMT');
  });

  it('survives clients that leave in the middle of a request, and garbage', async () => {
    const port = Number(new URL(sandbox.salesforce.url).port);
    for (const start of [
      'PUT /notes/x HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf',
      'GET /big HTTP/1.1\r\nhost: x\r\n\r\n',
      '\u0000\u0001 nonsense\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(start, () => socket.resetAndDestroy()));
        socket.on('close', () => resolve());
      });
    }
    const { body } = await raw(`${sandbox.salesforce.url}/notes`);
    assert.equal('x' in JSON.parse(body.toString()), false);
  });

  it('answers a failure of the simulator as the CRM would, and shows it in the request log', async () => {
    const { status, body } = await raw(`${sandbox.salesforce.url}/boom`);
    assert.equal(status, 500);
    assert.equal(JSON.parse(body.toString())[0].errorCode, 'UNKNOWN_EXCEPTION');
    const { json } = await control(sandbox.salesforce.url, 'GET requests');
    const last = (json as unknown as Record<string, unknown>[]).at(-1);
    assert.match(String(last?.['error']), /a mistake in the simulator/);
  });

  it('names an occupied port', async () => {
    const port = Number(new URL(sandbox.hubspot.url).port);
    await assert.rejects(notebookSandbox({ portSalesforce: port }), (error: unknown) => {
      assert.ok(error instanceof SandboxPortError);
      assert.equal(error.code, 'EADDRINUSE');
      assert.equal(error.port, port);
      assert.match(error.message, new RegExp(`port ${port} .*already in use`));
      return true;
    });
  });

  it('closes although an answer is held back for ever', async () => {
    const held = await notebookSandbox();
    await control(held.salesforce.url, 'POST faults', { effect: 'stall-headers' });
    const call = raw(`${held.salesforce.url}/notes`);
    const outcome = assert.rejects(call);
    while (((await control(held.salesforce.url, 'GET requests')).json as unknown as unknown[]).length === 0);
    await held.close();
    await outcome;
  });
});
