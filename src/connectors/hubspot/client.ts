import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { Clock, Log, Randomness, Sleep } from '../../core/ports.ts';
import { nextBackOff } from '../../core/timing.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import type { HubspotAnswer } from './answer.ts';
import { createTokenSource, type TokenSource } from './auth.ts';
import { errorOfAnswer, errorOfDeadline, errorOfFault, errorOfGarbage, unknownError } from './errors.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';
import { createTransport, type HttpCall } from './transport.ts';

const BACK_OFF = { baseMs: 500, capMs: 15_000 };
const MAX_FAILURES = 4;
const MAX_WAITS = 5;
/** A longer wait is the queue's business, not ours: the job goes back and others run. */
const PATIENCE_MS = 15_000;
/** Starting point until the first answer tells the real limit: that of the smallest tier. */
const FIRST_LIMIT = { limit: 100, perMs: 10_000 };
/** The rest is left to other users of the same credentials; holding slots until the answer costs some 3 % more. */
const SHARE = 0.98;

export interface HubspotDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
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
  /** Leaves calls under way behind and makes no more. */
  close(): void;
}

export function createClient(settings: HubspotSettings, deps: HubspotDeps): HubspotClient {
  const send = createTransport(settings, deps);
  const burst = createPacer(ownShare(settings.burst ?? FIRST_LIMIT), deps);
  const search = createPacer({ limit: settings.searchPerSecond, perMs: 1000 }, deps);
  const unpaced: Pick<Pacer, 'run' | 'block'> = { run: (request) => request(), block: () => undefined };
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

  function pacerOf(call: HubspotCall): Pick<Pacer, 'run' | 'block'> {
    if (call.form !== undefined) return unpaced;
    return call.search === true ? search : burst;
  }

  async function once(call: HubspotCall, token: string | null, signal: AbortSignal): Promise<Outcome> {
    const writes = call.writes === true;
    const failed = (error: ErrorDetails): Outcome => ({ ok: false, error, answer: null });
    const delivery = await pacerOf(call).run(() => {
      sent += 1;
      return send(token === null ? call : { ...call, token }, [signal, closing.signal]);
    }, signal);
    switch (delivery.is) {
      case 'failed':
        return failed(errorOfFault(delivery.fault, writes));
      case 'late':
        return failed(errorOfDeadline(settings.deadlineMs, writes));
      case 'garbled':
        return failed(errorOfGarbage(writes));
      case 'abandoned':
        if (writes)
          return failed(unknownError('ABANDONED', 'oppsync was told to stop before the answer came'));
        throw delivery.reason;
      case 'answered':
        break;
    }
    const { answer } = delivery;
    learnFrom(answer);
    if (answer.status >= 200 && answer.status < 300) return { ok: true, answer };
    const context = { now: deps.clock.now(), timeZone: zone, writes };
    const error = errorOfAnswer(
      answer,
      call.record === undefined ? context : { ...context, record: call.record },
    );
    return { ok: false, error, answer };
  }

  /** Limits and use as HubSpot counts them; search answers carry neither. */
  function learnFrom(answer: HubspotAnswer): void {
    const max = Number(answer.headers['x-hubspot-ratelimit-max']);
    const left = Number(answer.headers['x-hubspot-ratelimit-remaining']);
    const perMs = Number(answer.headers['x-hubspot-ratelimit-interval-milliseconds']);
    if (settings.burst === undefined && max > 0 && perMs > 0) {
      const share = ownShare({ limit: max, perMs });
      burst.learn(share.limit, share.perMs);
    }
    if (max > 0 && left >= 0) burst.observe(max - left);
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
      if (token !== null && outcome.answer?.status === 401 && !renewed && tokens.refused(token)) {
        renewed = true;
      } else if (error.recovery === 'wait' && waits < MAX_WAITS && (error.retryAfterMs ?? 0) <= PATIENCE_MS) {
        waits += 1;
        const wait = (error.retryAfterMs ?? 0) + Math.round(deps.random.next() * 100);
        deps.log.debug('HubSpot asks to wait', { code: error.code, waitMs: wait });
        if (error.code.startsWith('RATE_LIMIT')) pacerOf(call).block(wait);
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
    close: () => closing.abort(new Error('The HubSpot connection was closed.')),
  };
}

function ownShare(whole: { limit: number; perMs: number }): { limit: number; perMs: number } {
  return { limit: Math.max(1, Math.floor(whole.limit * SHARE)), perMs: whole.perMs };
}
