import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionDeps } from '../../../src/connectors/salesforce/session.ts';
import {
  parseSalesforceSettings,
  type SalesforceSettings,
} from '../../../src/connectors/salesforce/settings.ts';
import type { Log } from '../../../src/core/ports.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Reply =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly html?: string;
      readonly headers?: Record<string, string>;
    }
  | 'cut'
  | 'stall'
  | 'broken-json';

/** An HTTP server that answers as told; for the few situations the simulator cannot be asked for. */
export interface ScriptedOrg {
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export function token(url: string, accessToken = 'T1'): Reply {
  return {
    json: {
      access_token: accessToken,
      instance_url: url,
      id: `${url}/id/00D000000000001AAA/005000000000001AAA`,
      token_type: 'Bearer',
      issued_at: '1764000000000',
    },
  };
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply === 'stall') {
    response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8' });
    response.write('{"records":[');
    return;
  }
  if (reply === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8', 'content-length': '1000' });
    response.write('{"records":[', () => response.destroy());
    return;
  }
  if (reply === 'broken-json') {
    response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8' });
    response.end('{"records":[');
    return;
  }
  const type = reply.html === undefined ? 'application/json;charset=UTF-8' : 'text/html';
  response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers });
  response.end(reply.html ?? JSON.stringify(reply.json ?? {}));
}

export async function startScriptedOrg(
  answer: (seen: Seen, org: ScriptedOrg) => Reply,
): Promise<ScriptedOrg> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      };
      seen.push(one);
      send(answer(one, org), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const org: ScriptedOrg = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return org;
}

export function isLogin(seen: Seen): boolean {
  return seen.url === '/services/oauth2/token';
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** Dependencies that never really wait; `pauses` lists what was asked for. */
export function quickDeps(): SessionDeps & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    clock: { now: () => Date.now() },
    random: { next: () => 0.5 },
    log: silent,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      pauses.push(ms);
    },
  };
}

export function settingsFor(url: string, more: Record<string, unknown> = {}): SalesforceSettings {
  const auth = { type: 'client_credentials', clientId: 'id', clientSecret: 'secret' };
  return parseSalesforceSettings({ url, auth, deadlineMs: 2_000, ...more }, 'connections.salesforce');
}
