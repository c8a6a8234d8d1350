import { Client } from '@hubspot/api-client';
import type { Clock } from '../../core/ports.ts';
import { waitAtMost } from './abandon.ts';
import type { HubspotAnswer } from './answer.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, urlencoded. */
  readonly form?: string;
  /** Bearer token; left out at the token endpoint. */
  readonly token?: string;
}

/** What came of sending a call once. */
export type Delivery =
  | { readonly is: 'answered'; readonly answer: HubspotAnswer }
  /** A success whose body is cut short or no JSON. */
  | { readonly is: 'garbled' }
  | { readonly is: 'late' }
  | { readonly is: 'abandoned'; readonly reason: unknown }
  | { readonly is: 'failed'; readonly fault: unknown };

/** Sends one call through the official client, once, within the deadline. */
export type Transport = (call: HttpCall, signals: readonly AbortSignal[]) => Promise<Delivery>;

/**
 * The generic request call of the client costs a third of its typed ones and never throws for a status. Its own retries
 * and limiter stay off: they are shared by all clients of the process and know neither deadlines nor half of the limits.
 * It takes no abort signal: a call that is late is left behind, and the platform closes it after 300 s of silence.
 */
export function createTransport(
  settings: { url: string; deadlineMs: number },
  deps: { clock: Clock },
): Transport {
  const client = new Client({ basePath: settings.url });
  return async (call, signals) => {
    try {
      const ending = await waitAtMost(settings.deadlineMs, signals, exchange(client, call, deps.clock));
      return ending.is === 'done' ? ending.value : ending;
    } catch (fault) {
      return { is: 'failed', fault };
    }
  };
}

async function exchange(client: Client, call: HttpCall, clock: Clock): Promise<Delivery> {
  const sentAt = clock.now();
  const response = await client.apiRequest({
    method: call.method,
    path: call.path,
    ...(call.query === undefined ? {} : { qs: { ...call.query } }),
    ...(call.form === undefined ? { body: call.json } : { body: call.form, defaultJson: false }),
    headers: {
      ...(call.form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...(call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` }),
    },
  });
  const text = await response.text();
  const answer = {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: parsed(text),
    sentAt,
    receivedAt: clock.now(),
  };
  if (response.ok && text !== '' && typeof answer.body === 'string') return { is: 'garbled' };
  return { is: 'answered', answer };
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
