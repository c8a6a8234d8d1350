/** A Salesforce simulator behind a loopback HTTP server, for tests. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Connection } from 'jsforce';
import { createClock } from '../../../src/sandbox/clock.ts';
import { createCounters, type ReadableCounters } from '../../../src/sandbox/counters.ts';
import { createRandom } from '../../../src/sandbox/random.ts';
import { createSalesforceSimulator } from '../../../src/sandbox/salesforce/index.ts';
import type { SandboxClock, SimResponse, Simulator, TruthEntry } from '../../../src/sandbox/simulator.ts';
import { createTruthLog } from '../../../src/sandbox/truth-log.ts';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface Line {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes are asserted field by field
  readonly body: any;
}

export interface Org {
  readonly url: string;
  readonly simulator: Simulator;
  readonly clock: SandboxClock;
  readonly counters: ReadableCounters;
  readonly token: string;
  /** Request below /services/data/v66.0 with a session of the engine's app. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Request of any path, without a session. */
  raw(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Answer>;
  soql(text: string, headers?: Record<string, string>): Promise<Answer>;
  truth(since?: number): TruthEntry[];
  newToken(): Promise<string>;
  /** jsforce, unmodified, with this org's session. */
  connection(): Connection;
  close(): Promise<void>;
}

export async function startOrg(lines: readonly Line[] = [], provisioned = true): Promise<Org> {
  const clock = createClock(NOW);
  clock.freeze(true);
  const truth = createTruthLog();
  const counters = createCounters();
  const simulator = createSalesforceSimulator(
    { clock, random: createRandom(7), truth, counters },
    { provisioned },
  );
  for (const line of lines) simulator.load({ crm: 'salesforce', ...line });
  simulator.loaded();
  const server = createServer((request, response) => void forward(simulator, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  simulator.listening(url);
  const raw = (
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> => send(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const newToken = async (): Promise<string> => {
    const { clientId, clientSecret } = simulator.credentials();
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId!,
      client_secret: clientSecret!,
    });
    const { status, body } = await raw('POST', '/services/oauth2/token', form.toString());
    assert.equal(status, 200);
    return body.access_token;
  };
  const token = await newToken();
  const api: Org['api'] = (method, path, body, headers = {}) =>
    raw(method, `/services/data/v66.0${path}`, text(body), { authorization: `Bearer ${token}`, ...headers });
  return {
    url,
    simulator,
    clock,
    counters,
    token,
    raw,
    api,
    newToken,
    soql: (query, headers) => api('GET', `/query?q=${encodeURIComponent(query)}`, undefined, headers),
    truth: (since = 0) => [...truth.since(since)],
    connection: () => new Connection({ instanceUrl: url, accessToken: token, version: '66.0' }),
    close: () => stop(server),
  };
}

function text(body: unknown): string | undefined {
  if (body === undefined || typeof body === 'string') return body;
  return JSON.stringify(body);
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const raw = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && raw !== '' ? JSON.parse(raw) : raw,
  };
}

async function forward(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const method = request.method ?? 'GET';
  const answer: SimResponse = await simulator.handle({
    method,
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks),
  });
  const json = { 'content-type': 'application/json;charset=UTF-8' };
  response.writeHead(answer.status, { ...(answer.body === undefined ? {} : json), ...answer.headers });
  response.end(
    typeof answer.body === 'string' || answer.body === undefined ? answer.body : JSON.stringify(answer.body),
  );
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Ids of Salesforce form, counted. */
export function id(prefix: string, n: number): string {
  return `${prefix}${String(n).padStart(12, '0')}AAA`;
}

/** `count` open opportunities of one account, one second apart. */
export function opportunities(count: number, fields: Readonly<Record<string, unknown>> = {}): Line[] {
  const account: Line = { type: 'Account', fields: { Id: id('001', 1), Name: 'Acme' } };
  const rows = Array.from({ length: count }, (_, i): Line => {
    const stamp = new Date(NOW - DAY + i * 1000).toISOString();
    return {
      type: 'Opportunity',
      fields: {
        Id: id('006', i + 1),
        Name: `Deal ${i + 1}`,
        StageName: 'Prospecting',
        CloseDate: '2027-03-31',
        Amount: 1000 + i,
        AccountId: id('001', 1),
        SystemModstamp: stamp,
        ...fields,
      },
    };
  });
  return [account, ...rows];
}
