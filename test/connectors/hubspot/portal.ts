/** A scripted HubSpot on 127.0.0.1, and what a connector needs besides. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { HubspotFacts } from '../../../src/connectors/hubspot/fields.ts';
import { createHubspot, parseHubspotSettings } from '../../../src/connectors/hubspot/index.ts';
import type { AccountFacts } from '../../../src/core/account-facts.ts';
import type { Connector } from '../../../src/core/connector-port.ts';
import type { Log } from '../../../src/core/ports.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly at: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** JSON, or text sent as it is. */
  readonly body?: unknown;
  /** `reset` cuts the connection, `hang` never answers. */
  readonly instead?: 'reset' | 'hang';
}

export interface Portal {
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

/** Serves every request with what `answer` says. */
export async function openPortal(answer: (request: Seen) => Reply): Promise<Portal> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://portal');
      const one = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        text: Buffer.concat(chunks).toString(),
        at: Date.now(),
      };
      seen.push(one);
      reply(response, answer(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reply(response: ServerResponse, { status = 200, headers = {}, body, instead }: Reply): void {
  if (instead === 'hang') return;
  if (instead === 'reset') {
    response.destroy();
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers });
  response.end(text);
}

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** A connector against this url. `waits` collects every pause it asked for; each passes at once unless `realTime`. */
export function connect(
  url: string,
  settings: Record<string, unknown> = {},
  options: { realTime?: boolean; now?: () => number } = {},
): { connector: Connector; waits: number[] } {
  const waits: number[] = [];
  let skipped = 0;
  const now = options.now ?? (() => Date.now() + skipped);
  const connector = createHubspot(
    parseHubspotSettings({ url, auth: { type: 'token', token: 'pat-na1-secret' }, ...settings }, 'hubspot'),
    {
      clock: { now },
      sleep: async (ms, signal) => {
        waits.push(ms);
        if (options.realTime === true) await delay(ms, undefined, signal === undefined ? {} : { signal });
        else skipped += ms;
      },
      random: { next: () => 0.5 },
      log: silent,
    },
  );
  return { connector, waits };
}

/** Facts of a small portal in Tokyo with one pipeline. */
export function sampleFacts(changes: Partial<HubspotFacts> = {}): HubspotFacts & AccountFacts {
  const field = (name: string, native: string, kind: string, nativeType: string) => ({
    field: name,
    native,
    kind: kind as 'text',
    nativeType,
    readable: true,
    writable: true,
    choices: null,
    maxLength: nativeType === 'string' ? 65_536 : null,
  });
  return {
    crm: 'hubspot',
    accountId: '4711',
    timeZone: 'Asia/Tokyo',
    currency: 'JPY',
    currencies: ['JPY', 'EUR'],
    stages: [
      stage('default/qualified', 'Qualified', false, null, 0.4),
      stage('default/closedwon', 'Lost after relabelling', true, false, 0),
      stage('default/contractsent', 'Won', true, true, 1),
    ],
    fields: [
      field('name', 'dealname', 'text', 'string'),
      field('stage', 'dealstage', 'stage', 'enumeration'),
      field('amount', 'amount', 'decimal', 'number'),
      field('currency', 'deal_currency_code', 'currency', 'enumeration'),
      field('closeDate', 'closedate', 'date', 'datetime'),
      field('owner', 'hubspot_owner_id', 'person', 'enumeration'),
      field('nextStep', 'hs_next_step', 'text', 'string'),
      field('status', 'oppsync_status', 'text', 'string'),
      field('pairKey', 'oppsync_pair_key', 'text', 'string'),
    ],
    owners: [
      { id: '7', email: 'ann@example.com', name: 'Ann', active: true },
      { id: '8', email: 'bob@example.com', name: 'Bob', active: false },
    ],
    clockOffsetMs: 0,
    problems: [],
    activities: 'auto',
    uiDomain: 'app-eu1.hubspot.com',
    evidence: [],
    ...changes,
  };
}

function stage(key: string, label: string, closed: boolean, won: boolean | null, probability: number) {
  return {
    key,
    label,
    pipeline: 'default',
    pipelineLabel: 'Sales Pipeline',
    order: 0,
    closed,
    won,
    probability,
    active: true,
  };
}

export const never = new AbortController().signal;
