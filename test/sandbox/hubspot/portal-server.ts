/** A HubSpot simulator behind a plain HTTP server, with a clock, randomness and logs that a test can read and move. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@hubspot/api-client';
import { createHubspotSimulator } from '../../../src/sandbox/hubspot/index.ts';
import type { DatasetLine, SandboxRandom, Simulator, TruthEntry } from '../../../src/sandbox/simulator.ts';

export const START = Date.parse('2026-11-20T10:00:00.000Z');

export interface TestPortal {
  readonly simulator: Simulator;
  readonly url: string;
  readonly client: Client;
  readonly token: string;
  readonly truth: TruthEntry[];
  readonly writes: { total: number; redundant: number };
  readonly routes: string[];
  now(): number;
  advance(ms: number): void;
  /** JSON request with the engine's token unless headers say otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the wire says
  readonly body: any;
}

export interface PortalOptions {
  readonly lines?: readonly DatasetLine[];
  readonly switches?: Readonly<Record<string, unknown>>;
  readonly provisioned?: boolean;
}

/** Starts a frozen-clock portal on a free loopback port. Limits are off unless the switches say otherwise. */
export async function startPortal({
  lines = [],
  switches = {},
  provisioned = true,
}: PortalOptions = {}): Promise<TestPortal> {
  const bench = createBench(provisioned);
  const { simulator } = bench;
  simulator.configure({ burstLimit: 0, searchPerSecond: 0, ...switches });
  for (const line of lines) simulator.load(line);
  simulator.loaded();
  const routes: string[] = [];
  const server = http.createServer((request, response) => void relay(simulator, routes, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  simulator.listening(url);
  const token = simulator.credentials()['token'] ?? '';
  return {
    ...bench,
    url,
    token,
    routes,
    client: new Client({ accessToken: token, basePath: url }),
    async ask(method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.startsWith('application/json') === true;
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The simulator with everything it is handed, without a server. */
export function createBench(provisioned = true) {
  let at = START;
  const set = (to: number): void => {
    at = to;
  };
  const advance = (ms: number): void => set(at + ms);
  const truth: TruthEntry[] = [];
  const writes = { total: 0, redundant: 0 };
  const simulator = createHubspotSimulator(
    {
      clock: {
        now: () => at,
        set,
        advance,
        freeze: () => undefined,
      },
      random: seeded(1),
      truth: {
        append: (entry) => void truth.push({ ...entry, seq: truth.length + 1 }),
        since: (seq) => truth.filter((entry) => entry.seq > seq),
      },
      counters: {
        request: () => undefined,
        write(redundant) {
          writes.total += 1;
          if (redundant) writes.redundant += 1;
        },
      },
    },
    { provisioned },
  );
  return { simulator, truth, writes, now: () => at, advance };
}

/** A deal line with these native fields. */
export function deal(fields: Record<string, unknown>, companies?: readonly string[]): DatasetLine {
  return {
    crm: 'hubspot',
    type: 'deal',
    fields,
    ...(companies === undefined ? {} : { associations: { companies } }),
  };
}

export function line(type: string, fields: Record<string, unknown>): DatasetLine {
  return { crm: 'hubspot', type, fields };
}

async function relay(
  simulator: Simulator,
  routes: string[],
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const answer = await simulator.handle({
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks),
  });
  routes.push(answer.route);
  response.writeHead(answer.status, answer.headers);
  if (answer.body === undefined) response.end();
  else response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
}

/** Small seeded generator (mulberry32): enough for a test to be repeatable. */
function seeded(seed: number): SandboxRandom {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
    fork: (label) =>
      seeded([...label].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)),
  };
}
