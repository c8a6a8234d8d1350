import { PassThrough } from 'node:stream';
import { Transport } from 'jsforce/lib/transport.js';
import type { HttpRequest, HttpResponse } from 'jsforce/lib/types/index.js';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import { type Deadline, startDeadline } from '../deadline.ts';

/** What one HTTP exchange came to. */
export interface Exchange {
  /** The complete answer, once there is one. */
  answer: {
    readonly status: number;
    readonly body: string;
    readonly serverTime: number | null;
    readonly usage: string | null;
    readonly headers: Headers;
  } | null;
  /** True when the deadline passed first. */
  expired: boolean;
}

/**
 * One exchange on fetch, in place of the client library's own transport. That one neither notices a stalled body nor survives
 * a connection cut in the middle of one (its error event has no listener and ends the process). Also leaves a record of the
 * answer, because the library's errors do not carry the HTTP status.
 */
export class FetchTransport extends Transport {
  readonly exchange: Exchange = { answer: null, expired: false };
  readonly #deadlineMs: number;
  readonly #caller: AbortSignal | undefined;
  readonly #beforeSend: () => void;

  constructor(deadlineMs: number, caller: AbortSignal | undefined, beforeSend: () => void) {
    super();
    this.#deadlineMs = deadlineMs;
    this.#caller = caller;
    this.#beforeSend = beforeSend;
  }

  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.#send(request) }));
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const deadline: Deadline = startDeadline(this.#deadlineMs, this.#caller);
    const headers = new Headers(request.headers);
    // fetch counts the bytes itself.
    headers.delete('content-length');
    this.#beforeSend();
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers,
        ...(typeof request.body === 'string' ? { body: request.body } : {}),
        // A redirect is a maintenance page or a moved org; following it would carry the token to another host.
        redirect: 'manual',
        signal: deadline.signal,
      });
      const body = await response.text();
      const date = Date.parse(response.headers.get('date') ?? '');
      this.exchange.answer = {
        status: response.status,
        body,
        serverTime: Number.isNaN(date) ? null : date,
        usage: response.headers.get('sforce-limit-info'),
        headers: response.headers,
      };
      return { statusCode: response.status, headers: Object.fromEntries(response.headers), body };
    } catch (error) {
      this.exchange.expired = deadline.expired();
      throw error;
    }
  }
}
