/** Takes what the CRMs tell by themselves: proves it, stores it, answers. Nothing is read or decided here. */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { EventInlet, EventProtocol, EventReading, EventRequest, Reception } from '../core/event-port.ts';
import type { Crm, SyncName } from '../core/ids.ts';
import type { InboxTx, NewEvent } from '../core/inbox-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import { storeTogether } from './store-together.ts';

export interface WebhookDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly inbox: Pick<InboxTx, 'storeEvents' | 'waitingEvents' | 'knownAccounts'>;
  readonly protocols: readonly EventProtocol[];
  readonly inlets: readonly EventInlet[];
  /** The address others know this server by, without a slash at the end. */
  publicUrl(): string;
  /** Events of one sync that may wait for a run. */
  readonly mostWaiting?: number;
}

/** More deliveries than this at once are asked to come again. */
const MOST_AT_ONCE = 200;
const MOST_WAITING = 200_000;
/** How long a count of what waits, and what is known of accounts, is relied on. */
const COUNT_MS = 1_000;
const ACCOUNTS_MS = 60_000;
const NO_ACCOUNT_MS = 2_000;
/** Refused deliveries are told to the log at most this often per reason. */
const TELL_MS = 60_000;

/** Adds the webhook routes. They come before anything that reads a body: signatures are over the bytes as sent. */
export function mountWebhooks(app: Express, deps: WebhookDeps): void {
  const context = createContext(deps);
  for (const protocol of deps.protocols) {
    const inlets = deps.inlets.filter(({ crm }) => crm === protocol.crm);
    const path = `/webhooks/${protocol.crm}${protocol.secretInPath ? '/:secret' : ''}`;
    const raw = express.raw({ type: () => true, limit: protocol.maxBytes, inflate: false });
    const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
      if (response.headersSent) return next(error);
      const tooLarge = (error as { status?: unknown } | null)?.status === 413;
      send(response, protocol, tooLarge ? 'too_large' : 'malformed');
    };
    app.post(path, context.gate(protocol), raw, context.taker(protocol, inlets), onError);
  }
}

interface Context {
  gate(protocol: EventProtocol): RequestHandler;
  taker(protocol: EventProtocol, inlets: readonly EventInlet[]): RequestHandler;
}

function createContext(deps: WebhookDeps): Context {
  const { log, clock, inbox, mostWaiting = MOST_WAITING } = deps;
  const store = storeTogether(inbox, clock);
  const told = new Map<string, number>();
  const accounts = new Map<SyncName, { at: number; known: Readonly<Record<Crm, string>> }>();
  let waiting: ReadonlyMap<SyncName, number> = new Map();
  let counted = Number.NEGATIVE_INFINITY;
  let underWay = 0;

  async function accountOf(inlet: EventInlet): Promise<string | null> {
    for (const sync of inlet.syncs) {
      let held = accounts.get(sync);
      const good = held?.known[inlet.crm] === undefined ? NO_ACCOUNT_MS : ACCOUNTS_MS;
      if (held === undefined || clock.now() - held.at > good) {
        held = { at: clock.now(), known: await inbox.knownAccounts(sync) };
        accounts.set(sync, held);
      }
      const account = held.known[inlet.crm];
      if (account !== undefined) return account;
    }
    return null;
  }

  async function isFull(syncs: readonly SyncName[]): Promise<boolean> {
    if (clock.now() - counted > COUNT_MS) {
      counted = clock.now();
      const found = await inbox.waitingEvents();
      waiting = new Map(found.map(({ sync, events }) => [sync, events]));
    }
    return syncs.some((sync) => (waiting.get(sync) ?? 0) >= mostWaiting);
  }

  async function receive(request: EventRequest, inlets: readonly EventInlet[]): Promise<Reception> {
    let refusal: Extract<EventReading, { ok: false }> | null = null;
    const events: NewEvent[] = [];
    let taken = false;
    for (const inlet of inlets) {
      const { crm, reader, syncs } = inlet;
      let reading = reader.read(request, clock.now(), null);
      // Only of those it may be for is asked which account they belong to: there may be thousands.
      const account = reading.ok && reader.needsAccount === true ? await accountOf(inlet) : null;
      if (account !== null) reading = reader.read(request, clock.now(), account);
      if (!reading.ok) {
        // What was proved and cannot be read says more than what was not proved.
        if (refusal === null || reading.fault === 'malformed') refusal = reading;
        continue;
      }
      taken = true;
      if (await isFull(syncs)) return 'busy';
      for (const sync of syncs) for (const event of reading.events) events.push({ ...event, sync, crm });
    }
    if (!taken) {
      tell(refusal?.fault ?? 'unknown', refusal?.reason ?? 'no connection has a webhookSecret');
      return refusal?.fault ?? 'unknown';
    }
    await store(events);
    return 'stored';
  }

  function tell(fault: string, reason: string): void {
    const now = clock.now();
    if (now - (told.get(reason) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return;
    told.set(reason, now);
    log.warn('webhook refused', { fault, reason });
  }

  return {
    gate: (protocol) => (_request, response, next) => {
      if (underWay >= MOST_AT_ONCE) {
        send(response, protocol, 'busy');
        return;
      }
      underWay += 1;
      response.once('close', () => {
        underWay -= 1;
      });
      next();
    },
    taker: (protocol, inlets) => async (request, response) => {
      if (!Buffer.isBuffer(request.body)) {
        send(response, protocol, 'malformed');
        return;
      }
      let reception: Reception;
      try {
        reception = await receive(asSent(request, deps.publicUrl()), inlets);
      } catch (error) {
        tell('unavailable', error instanceof Error ? error.message : String(error));
        reception = 'unavailable';
      }
      send(response, protocol, reception);
    },
  };
}

/** Headers apart as they were sent: the usual joined form would hide that one came twice. */
function asSent(request: Request, publicUrl: string): EventRequest {
  const headers: Record<string, string[]> = {};
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    headers[name] = [
      ...(Object.hasOwn(headers, name) ? (headers[name] ?? []) : []),
      rawHeaders[at + 1] ?? '',
    ];
  }
  const { secret } = request.params;
  return {
    method: request.method,
    url: `${publicUrl}${request.originalUrl}`,
    secret: typeof secret === 'string' ? secret : null,
    headers,
    body: request.body as Buffer,
  };
}

function send(response: Response, protocol: EventProtocol, reception: Reception): void {
  const { status, headers, body } = protocol.answer(reception);
  response.status(status).set(headers);
  if (body === null) response.end();
  else response.send(body);
}
