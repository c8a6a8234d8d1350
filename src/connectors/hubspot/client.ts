import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import { nextBackOff } from '../../core/timing.ts';
import { createGovernor, type Governor, type GovernorDeps } from '../governor.ts';
import type { HubspotAnswer } from './answer.ts';
import { createTokenSource, type TokenSource } from './auth.ts';
import { errorOfAnswer, errorOfDeadline, errorOfFault, errorOfGarbage, unknownError } from './errors.ts';
import { pathsOf } from './paths.ts';
import { quotaRules, toldBy, toldOfDay, windowOf } from './quota.ts';
import type { HubspotSettings } from './settings.ts';
import { createTransport, type HttpCall } from './transport.ts';

const BACK_OFF = { baseMs: 500, capMs: 15_000 };
const MAX_FAILURES = 4;
const MAX_WAITS = 5;
/** A longer wait is the queue's business, not ours: the job goes back and others run. */
const PATIENCE_MS = 15_000;

export interface HubspotDeps extends GovernorDeps {
  readonly log: Log;
}

export interface HubspotCall extends Omit<HttpCall, 'token'> {
  /** May change a record: never repeated once it may have been carried out. */
  readonly writes?: boolean;
  /** The search endpoint has a budget of its own, shared by the whole account. */
  readonly search?: boolean;
  readonly record?: string;
}

export type Outcome =
  | { readonly ok: true; readonly answer: HubspotAnswer }
  | { readonly ok: false; readonly error: ErrorDetails; readonly answer: HubspotAnswer | null };

/** Calls HubSpot at the pace it allows, repeating what may be repeated. */
export interface HubspotClient {
  /** What came of the call in the end; rejects only when the signal fires before anything was sent, or without a token. */
  attempt(call: HubspotCall, signal: AbortSignal): Promise<Outcome>;
  /** The answer, or an OppsyncError. */
  call(call: HubspotCall, signal: AbortSignal): Promise<HubspotAnswer>;
  /** HTTP calls sent so far. */
  calls(): number;
  /** The portal's zone, once known: tells when a daily quota is renewed. */
  knowZone(zone: string): void;
  readonly governor: Governor;
  /** Leaves calls under way behind and makes no more. */
  close(): Promise<void>;
}

export function createClient(settings: HubspotSettings, deps: HubspotDeps): HubspotClient {
  const send = createTransport(settings, deps);
  const governor = createGovernor({ crm: 'hubspot', rules: quotaRules(settings) }, deps);
  const closing = new AbortController();
  let sent = 0;
  let zone: string | null = null;

  const tokens: TokenSource = createTokenSource(settings.auth, {
    clock: deps.clock,
    exchange: (form) =>
      repeat(
        { method: 'POST', path: pathsOf(settings.generation).token, form },
        new AbortController().signal,
      ),
  });

  async function once(call: HubspotCall, token: string | null, signal: AbortSignal): Promise<Outcome> {
    const writes = call.writes === true;
    const failed = (error: ErrorDetails): Outcome => ({ ok: false, error, answer: null });
    const request = () => {
      sent += 1;
      return send(token === null ? call : { ...call, token }, [signal, closing.signal]);
    };
    // Tokens are not counted.
    const delivery =
      call.form === undefined ? await governor.run(windowOf(call), request, signal) : await request();
    switch (delivery.is) {
      case 'failed':
        return failed(errorOfFault(delivery.fault, writes));
      case 'late':
        return failed(errorOfDeadline(settings.deadlineMs, writes));
      case 'garbled':
        return failed(errorOfGarbage(writes));
      case 'abandoned':
        if (writes) return failed(unknownError('ABANDONED', 'unknown_stopped'));
        throw delivery.reason;
      case 'answered':
        break;
    }
    const { answer } = delivery;
    if (call.form === undefined) learnFrom(answer, windowOf(call));
    if (answer.status >= 200 && answer.status < 300) return { ok: true, answer };
    const context = { now: deps.clock.now(), timeZone: zone, writes };
    const error = errorOfAnswer(
      answer,
      call.record === undefined ? context : { ...context, record: call.record },
    );
    return { ok: false, error, answer };
  }

  function learnFrom(answer: HubspotAnswer, window: string): void {
    for (const told of toldBy(answer, window, settings.burst)) governor.tell(told);
    const day = toldOfDay(answer, zone, deps.clock.now());
    if (day !== null) governor.tellDay(day);
  }

  async function repeat(call: HubspotCall, signal: AbortSignal): Promise<Outcome> {
    let failures = 0;
    let waits = 0;
    let pause = 0;
    let renewed = false;
    for (;;) {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      const token = call.form === undefined ? await tokens.current(signal) : null;
      const outcome = await once(call, token, signal);
      if (outcome.ok) return outcome;
      const { error } = outcome;
      if (error.code === 'RATE_LIMIT_DAILY')
        governor.tellDay({ limit: null, used: null, resetsAt: error.resumesAt ?? null });
      if (token !== null && outcome.answer?.status === 401 && !renewed && tokens.refused(token)) {
        renewed = true;
      } else if (error.recovery === 'wait' && waits < MAX_WAITS && (error.retryAfterMs ?? 0) <= PATIENCE_MS) {
        waits += 1;
        const wait = (error.retryAfterMs ?? 0) + Math.round(deps.random.next() * 100);
        deps.log.debug('HubSpot asks to wait', { code: error.code, waitMs: wait });
        if (error.code.startsWith('RATE_LIMIT')) governor.refuse(windowOf(call), wait);
        else await deps.sleep(wait, signal);
      } else if (error.recovery === 'retry' && failures < MAX_FAILURES) {
        failures += 1;
        pause = nextBackOff(BACK_OFF, pause, deps.random.next());
        deps.log.debug('HubSpot call failed, trying again', { code: error.code, waitMs: pause });
        await deps.sleep(pause, signal);
      } else {
        return outcome;
      }
    }
  }

  return {
    attempt: repeat,
    async call(call, signal) {
      const outcome = await repeat(call, signal);
      if (!outcome.ok) throw new OppsyncError(outcome.error);
      return outcome.answer;
    },
    calls: () => sent,
    knowZone(known) {
      zone = known;
    },
    governor,
    close: async () => {
      closing.abort(new Error('The HubSpot connection was closed.'));
      await governor.close();
    },
  };
}
