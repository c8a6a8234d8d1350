import { Connection } from 'jsforce/lib/connection.js';
import { OppsyncError } from '../../core/errors.ts';
import { nextBackOff } from '../../core/timing.ts';
import { createGovernor, type Governor } from '../governor.ts';
import { fromAnswer } from './errors.ts';
import { quotaRules, toldOfDay } from './quota.ts';
import { told } from './sentences.ts';
import { createSession, type SessionDeps, type Token } from './session.ts';
import type { SalesforceSettings } from './settings.ts';
import { type Exchange, FetchTransport } from './transport.ts';
import { fromTransport, neverSent } from './transport-errors.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** From the version root (`/query?q=…`) or from the host root (`/services/data/…`). */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** False when a second sending could do harm: then an unclear fate is thrown as recovery `unknown`. */
  readonly repeatable: boolean;
  /** The answer is text and not JSON: the library would parse CSV itself, ten times as dear as need be. */
  readonly asText?: boolean;
}

export interface Answer {
  /** Parsed JSON: an object or an array; text only where it was asked for. */
  readonly body: unknown;
  readonly headers: Headers;
  /** The server's clock from the Date header, epoch ms at the start of that second; null when it sent none. */
  readonly serverTime: number | null;
}

/** HTTP calls to one org: token, deadline, repeats and translation of every failure into OppsyncError. */
export interface Client {
  call(call: Call, signal: AbortSignal): Promise<Answer>;
  /** HTTP calls sent so far, logins included. */
  calls(): number;
  readonly governor: Governor;
  /** Origin of the org as the last login told it; the configured one before. */
  origin(): string;
  /** The user this client writes as, once it has logged in and the login said so. */
  userId(): string | null;
}

const TRIES = 3;
const HOUR_MS = 3_600_000;
const PAUSES = { baseMs: 500, capMs: 8_000 };

/** 401 answers that a new token cannot cure. */
const UNCURABLE = [
  'Connected app is not attached to Agent',
  'This session is not valid for use with the REST API',
];

/** Statuses worth the same request again: overload, edge faults, and answers that were cut or are not the API's. */
function isPassing(status: number, recovery: string): boolean {
  return (
    status >= 500 || status < 400 || status === 408 || status === 420 || status === 429 || recovery === 'wait'
  );
}

/** Statuses that leave open whether a write was done. An answer of 503, 420 or 429 is given instead of doing it. */
function leavesDoubt(status: number): boolean {
  return status < 400 || status === 408 || (status >= 500 && status !== 503);
}

function asUnknown(error: OppsyncError): OppsyncError {
  return new OppsyncError({
    ...error.details,
    recovery: 'unknown',
    remedy: told('read_back').remedy,
    ...(error.details.says === undefined ? {} : { says: `${error.details.says}/read_back` }),
  });
}

/** Creates the client of one org. Makes no call yet. */
export function createClient(settings: SalesforceSettings, deps: SessionDeps): Client {
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  const session = createSession(settings, deps, count);
  const governor = createGovernor({ crm: 'salesforce', rules: quotaRules(settings) }, deps);
  const connections = new WeakMap<Token, Connection>();

  /** The library is given a token and no means to renew it: its own renewal has no end and keeps the old host. */
  function connectionFor(token: Token): Connection {
    const known = connections.get(token);
    if (known !== undefined) return known;
    const connection = new Connection({
      instanceUrl: token.instanceUrl,
      accessToken: token.accessToken,
      version: settings.apiVersion,
      callOptions: { client: 'oppsync' },
    });
    connections.set(token, connection);
    return connection;
  }

  interface Outcome {
    readonly exchange: Exchange;
    readonly body: unknown;
    readonly error: unknown;
  }

  async function exchangeOnce(call: Call, token: Token, signal: AbortSignal): Promise<Outcome> {
    const transport = new FetchTransport(settings.deadlineMs, signal, count);
    const request = {
      method: call.method,
      url: call.path,
      ...(call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { 'content-type': 'application/json' } }),
    };
    try {
      const options = call.asText === true ? { transport, responseType: 'text/plain' } : { transport };
      const body = await connectionFor(token).request(request, options);
      return { exchange: transport.exchange, body, error: null };
    } catch (error) {
      return { exchange: transport.exchange, body: null, error };
    }
  }

  async function call(wanted: Call, signal: AbortSignal): Promise<Answer> {
    let renewed = false;
    let failures = 0;
    let pause = 0;
    let token = await session.token(signal);
    for (;;) {
      signal.throwIfAborted();
      const under = token;
      const request = () => exchangeOnce(wanted, under, signal);
      const { exchange, body, error } = await governor.run(null, request, signal);
      const { answer } = exchange;
      const day = toldOfDay(answer?.usage ?? null);
      if (day !== null) governor.tellDay(day);
      const isWhole =
        wanted.asText === true ? typeof body === 'string' : typeof body === 'object' && body !== null;
      if (answer !== null && answer.status < 300 && isWhole) {
        session.accepted();
        return { body, headers: answer.headers, serverTime: answer.serverTime };
      }
      if (answer?.status === 401 && !renewed && !UNCURABLE.some((words) => answer.body.includes(words))) {
        renewed = true;
        token = await session.renew(token, signal);
        continue;
      }
      let failed: OppsyncError;
      let repeatable: boolean;
      if (answer === null) {
        const host = new URL(token.instanceUrl).host;
        failed = fromTransport(error, host, { expired: exchange.expired, ms: settings.deadlineMs });
        const unsent = neverSent(failed.details.code);
        if (!wanted.repeatable && !unsent) throw asUnknown(failed);
        // The caller has gone; nothing it could want to know is open.
        signal.throwIfAborted();
        repeatable = failed.recovery === 'retry';
      } else {
        failed = limited(fromAnswer(answer));
        if (!wanted.repeatable && leavesDoubt(answer.status)) throw asUnknown(failed);
        repeatable = isPassing(answer.status, failed.recovery) && failed.recovery !== 'stop';
      }
      failures += 1;
      if (!repeatable || failures >= TRIES) throw failed;
      pause = nextBackOff(PAUSES, pause, deps.random.next());
      deps.log.debug('Salesforce call failed, trying again', { code: failed.details.code, failures, pause });
      await deps.sleep(pause, signal);
    }
  }

  /** Tells all processes of a limit that was met, and when the call may go out again. */
  function limited(error: OppsyncError): OppsyncError {
    if (error.details.code !== 'REQUEST_LIMIT_EXCEEDED') return error;
    if (error.recovery === 'wait') {
      governor.crowd();
      return error;
    }
    governor.tellDay({ limit: null, used: null, resetsAt: null });
    return new OppsyncError({ ...error.details, resumesAt: deps.clock.now() + HOUR_MS });
  }

  return {
    call,
    calls: () => calls,
    governor,
    origin: () => session.current()?.instanceUrl ?? new URL(settings.url).origin,
    userId: () => session.current()?.userId ?? null,
  };
}
