import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { waitAtMost } from './abandon.ts';
import { asObject, asText, type HubspotAnswer } from './answer.ts';
import { wordsOf } from './errors.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';

/** Renew this long before the token runs out, so that no call starts with a dying one. */
const MARGIN_MS = 120_000;
const SECOND_MS = 1000;
const DEFAULT_LIFETIME_S = 1800;

/** What an exchange at the token endpoint came to. */
export type Exchange = (
  form: string,
) => Promise<
  { ok: true; answer: HubspotAnswer } | { ok: false; error: ErrorDetails; answer: HubspotAnswer | null }
>;

/** Hands out the bearer token of the connection. */
export interface TokenSource {
  /** A token that is still good for a while; renews it first when it is not. One renewal serves all who wait. */
  current(signal: AbortSignal): Promise<string>;
  /** HubSpot refused this token: whether another one can be had by asking {@link current} again. */
  refused(token: string): boolean;
}

export function createTokenSource(
  auth: HubspotSettings['auth'],
  deps: { clock: Clock; exchange: Exchange },
): TokenSource {
  if (auth.type === 'token') {
    return { current: () => Promise.resolve(auth.token), refused: () => false };
  }
  let refreshToken = auth.refreshToken;
  let held: { token: string; goodUntil: number } | null = null;
  let renewal: Promise<string> | null = null;

  async function renew(): Promise<string> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: auth.type === 'oauth' ? auth.clientId : '',
      client_secret: auth.type === 'oauth' ? auth.clientSecret : '',
      refresh_token: refreshToken,
    });
    const outcome = await deps.exchange(form.toString());
    if (!outcome.ok) throw new OppsyncError(errorOfExchange(outcome.error, outcome.answer));
    const body = asObject(outcome.answer.body);
    const token = asText(body['access_token']);
    if (token === null) throw new OppsyncError(noTokenError());
    refreshToken = asText(body['refresh_token']) ?? refreshToken;
    const seconds = Number(body['expires_in'] ?? DEFAULT_LIFETIME_S);
    const lifetime = (Number.isFinite(seconds) ? seconds : DEFAULT_LIFETIME_S) * SECOND_MS;
    held = { token, goodUntil: outcome.answer.sentAt + Math.max(lifetime - MARGIN_MS, lifetime / 2) };
    return token;
  }

  return {
    async current(signal) {
      if (held !== null && deps.clock.now() < held.goodUntil) return held.token;
      renewal ??= renew().finally(() => {
        renewal = null;
      });
      const ending = await waitAtMost(null, [signal], renewal);
      if (ending.is === 'done') return ending.value;
      throw signal.reason;
    },
    refused(token) {
      // Somebody else may have renewed it while this call was under way; then there is nothing to throw away.
      if (held?.token === token) held = null;
      return true;
    },
  };
}

/** Why the token endpoint said no: revoked, wrongly configured, or a passing fault that keeps its own class. */
export function errorOfExchange(error: ErrorDetails, answer: HubspotAnswer | null): ErrorDetails {
  if (answer === null || ![400, 401, 403].includes(answer.status)) return error;
  const body = asObject(answer.body);
  const kind = asText(body['error']) ?? '';
  const status = asText(body['status']) ?? '';
  const code = status === '' ? kind || error.code : status;
  const revoked = kind === 'invalid_grant' || ['BAD_REFRESH_TOKEN', 'BAD_HUB'].includes(status);
  return {
    recovery: 'stop',
    code,
    crm: 'hubspot',
    ...(revoked ? told('withdrawn') : told('app_credentials', { words: wordsOf(body, answer.status) })),
  };
}

function noTokenError(): ErrorDetails {
  return {
    recovery: 'retry',
    code: 'NO_ACCESS_TOKEN',
    crm: 'hubspot',
    ...told('no_token'),
  };
}
