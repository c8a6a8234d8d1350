/** Takes what the CRMs tell by themselves: proves it, stores it, answers. Nothing is read or decided here. */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { EventProtocol, EventRequest, Reception } from '../core/event-port.ts';
import type { Crm } from '../core/ids.ts';
import { sendProblem } from './problem.ts';
import { createReceiver, type ReceiverDeps } from './receive-delivery.ts';

export interface WebhookDeps extends ReceiverDeps {
  readonly protocols: readonly EventProtocol[];
  /** The address others know this server by, without a slash at the end. */
  publicUrl(): string;
  /** So long an answer may take, ms. */
  readonly answerWithinMs?: number;
  /** Told what each delivery was answered. */
  count?(crm: Crm, reception: Reception): void;
}

/** More deliveries than this at once are asked to come again. */
const MOST_AT_ONCE = 200;
/** HubSpot waits five seconds for an answer: a database that does not say anything is as one that is away. */
const ANSWER_WITHIN_MS = 4_000;

/** Adds the webhook routes. They come before anything that reads a body: signatures are over the bytes as sent. */
export function mountWebhooks(app: Express, deps: WebhookDeps): void {
  const receiver = createReceiver(deps);
  const gate = createGate();
  for (const protocol of deps.protocols) {
    const { receive, unread } = receiver(protocol);
    const answer = (response: Response, reception: Reception): void => {
      deps.count?.(protocol.crm, reception);
      send(response, protocol, reception);
    };
    const enter: RequestHandler = (_request, response, next) => {
      if (gate.enter(response)) next();
      else answer(response, 'busy');
    };
    const unreadable = (response: Response, reception: 'too_large' | 'malformed'): void => {
      unread(reception);
      answer(response, reception);
    };
    const take: RequestHandler = async (request, response) => {
      const body: unknown = request.body;
      if (!Buffer.isBuffer(body)) return unreadable(response, 'malformed');
      const received = receive(asSent(request, body, deps.publicUrl()));
      gate.keepUntil(received, response);
      answer(response, await soon(received, deps.answerWithinMs ?? ANSWER_WITHIN_MS));
    };
    const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
      if (response.headersSent) return next(error);
      const tooLarge = (error as { status?: unknown } | null)?.status === 413;
      unreadable(response, tooLarge ? 'too_large' : 'malformed');
    };
    const path = `/webhooks/${protocol.crm}${protocol.secretInPath ? '/:secret' : ''}`;
    app.post(
      path,
      enter,
      express.raw({ type: () => true, limit: protocol.maxBytes, inflate: false }),
      take,
      onError,
    );
    // Somebody looks with a browser whether the address is there.
    app.all(path, (_request, response) => {
      response.set('Allow', 'POST');
      sendProblem(response, {
        status: 405,
        title: 'method not allowed',
        detail: 'webhooks are taken here, sent by POST',
      });
    });
  }
}

/** Lets in so many at once. A place is free again when the response has closed and what was begun for it has ended. */
function createGate() {
  let underWay = 0;
  const begun = new WeakMap<Response, Promise<unknown>>();
  return {
    enter(response: Response): boolean {
      if (underWay >= MOST_AT_ONCE) return false;
      underWay += 1;
      response.once('close', () => {
        void Promise.resolve(begun.get(response)).finally(() => {
          underWay -= 1;
        });
      });
      return true;
    },
    keepUntil(work: Promise<unknown>, response: Response): void {
      begun.set(response, work);
    },
  };
}

/** What is stored after all, when it has been answered that it could not be, is known when it is sent again. */
async function soon(received: Promise<Reception>, ms: number): Promise<Reception> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Reception>((resolve) => {
    timer = setTimeout(() => resolve('unavailable'), ms);
  });
  try {
    return await Promise.race([received, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Headers apart as they were sent: the usual joined form would hide that one came twice. */
function asSent(request: Request, body: Buffer, publicUrl: string): EventRequest {
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
    body,
  };
}

function send(response: Response, protocol: EventProtocol, reception: Reception): void {
  const { status, headers, body } = protocol.answer(reception);
  response.status(status).set(headers);
  if (body === null) response.end();
  else response.send(body);
}
