import { createSign } from 'node:crypto';
import { OAuth2 } from 'jsforce/lib/oauth2.js';
import { OppsyncError } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import { nextBackOff } from '../../core/timing.ts';
import type { GovernorDeps } from '../governor.ts';
import { fromAnswer, fromTokenAnswer } from './errors.ts';
import { to18 } from './record-id.ts';
import { told } from './sentences.ts';
import type { SalesforceSettings } from './settings.ts';
import { FetchTransport } from './transport.ts';
import { fromTransport } from './transport-errors.ts';

export interface Token {
  readonly accessToken: string;
  /** Origin of the API; may differ from one login to the next. */
  readonly instanceUrl: string;
  /** Whom Salesforce names as the author of what is written with it; null when the login did not say. */
  readonly userId: string | null;
  /** The org that was logged in to; null when the login did not say. */
  readonly organizationId: string | null;
}

export interface SessionDeps extends GovernorDeps {
  readonly log: Log;
  /**
   * Called with each new refresh token before the access token that came with it is used: with rotation the old one is
   * dead already, and losing the new one locks the app out for good.
   */
  readonly saveRefreshToken?: (refreshToken: string) => Promise<void>;
}

/** One access token for all calls of a connector. */
export interface Session {
  /** The current token, logging in first when there is none. */
  token(signal: AbortSignal): Promise<Token>;
  /** A newer token than the one just refused. Callers at the same moment share one login. */
  renew(refused: Token, signal: AbortSignal): Promise<Token>;
  /** A call with the current token went through. */
  accepted(): void;
  current(): Token | null;
}

const TRIES = 3;
const PAUSES = { baseMs: 500, capMs: 8_000 };
/** Fresh tokens refused in a row before we stop asking for more. */
const MAX_REFUSED = 3;
const REFUSED_WINDOW_MS = 60_000;
const JWT_LIFE_SECONDS = 180;

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A signed JWT for the bearer flow (RFC 7523): RS256, short-lived. Throws OppsyncError `fix` for an unusable key. */
export function signAssertion(
  auth: { clientId: string; username: string; privateKey: string },
  audience: string,
  nowMs: number,
): string {
  const claims = {
    iss: auth.clientId,
    sub: auth.username,
    aud: audience,
    exp: Math.floor(nowMs / 1000) + JWT_LIFE_SECONDS,
  };
  const unsigned = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  try {
    return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(auth.privateKey, 'base64url')}`;
  } catch {
    // The cause is left out: its text may quote the key.
    throw new OppsyncError({
      recovery: 'fix',
      code: 'config.salesforce.privateKey',
      ...told('private_key'),
      crm: 'salesforce',
      field: 'auth.privateKey',
    });
  }
}

/** The `id` of a login is an address that ends in /ORGANIZATION/USER. */
function idsOf(identity: unknown): Pick<Token, 'userId' | 'organizationId'> {
  const parts = typeof identity === 'string' ? identity.split('/') : [];
  const idAt = (place: number, form: RegExp): string | null => {
    const id = parts.at(place) ?? '';
    return form.test(id) ? to18(id) : null;
  };
  return {
    userId: idAt(-1, /^005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/),
    organizationId: idAt(-2, /^00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/),
  };
}

/** Keeps the access token of one connector. `count` is called for each HTTP call made. */
export function createSession(settings: SalesforceSettings, deps: SessionDeps, count: () => void): Session {
  const { auth } = settings;
  const loginUrl = new URL(settings.url).origin;
  let token: Token | null = null;
  let underWay: Promise<Token> | null = null;
  let refreshToken = auth.type === 'refresh_token' ? auth.refreshToken : null;
  let refusedInARow = 0;
  let lastRefusal = 0;

  function ask(oauth: OAuth2): Promise<unknown> {
    if (auth.type === 'client_credentials') return oauth.requestToken({ grant_type: 'client_credentials' });
    if (auth.type === 'refresh_token') return oauth.refreshToken(refreshToken ?? auth.refreshToken);
    return oauth.requestToken({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: signAssertion(auth, auth.audience ?? loginUrl, deps.clock.now()),
    });
  }

  async function loginOnce(): Promise<Token> {
    const oauth = new OAuth2({
      loginUrl,
      clientId: auth.clientId,
      ...('clientSecret' in auth && auth.clientSecret !== undefined
        ? { clientSecret: auth.clientSecret }
        : {}),
    });
    // No caller's signal: a login is shared, and one caller giving up must not fail the others.
    const transport = new FetchTransport(settings.deadlineMs, undefined, count);
    oauth._transport = transport;
    let body: unknown;
    try {
      body = await ask(oauth);
    } catch (error) {
      if (error instanceof OppsyncError) throw error;
      const { answer, expired } = transport.exchange;
      if (answer !== null) throw fromTokenAnswer(answer);
      throw fromTransport(error, new URL(loginUrl).host, { expired, ms: settings.deadlineMs });
    }
    const answer = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const accessToken = answer['access_token'];
    const instanceUrl = answer['instance_url'];
    if (typeof accessToken !== 'string' || typeof instanceUrl !== 'string' || !URL.canParse(instanceUrl)) {
      throw fromAnswer({ status: transport.exchange.answer?.status ?? 200, body: '' });
    }
    const rotated = answer['refresh_token'];
    if (auth.type === 'refresh_token' && typeof rotated === 'string' && rotated !== refreshToken) {
      refreshToken = rotated;
      if (deps.saveRefreshToken === undefined) {
        deps.log.warn('Salesforce rotates the refresh token and there is no place to keep the new one');
      } else {
        await deps.saveRefreshToken(rotated);
      }
    }
    return { accessToken, instanceUrl: new URL(instanceUrl).origin, ...idsOf(answer['id']) };
  }

  async function login(): Promise<Token> {
    let pause = 0;
    for (let failures = 1; ; failures += 1) {
      try {
        token = await loginOnce();
        return token;
      } catch (error) {
        if (!(error instanceof OppsyncError) || error.recovery !== 'retry' || failures >= TRIES) throw error;
        pause = nextBackOff(PAUSES, pause, deps.random.next());
        await deps.sleep(pause);
      }
    }
  }

  async function shared(signal: AbortSignal): Promise<Token> {
    if (underWay === null) {
      underWay = login().finally(() => {
        underWay = null;
      });
      // Every caller may have given up by the time it fails; then nobody else listens.
      underWay.catch(() => undefined);
    }
    const abandoned = Promise.withResolvers<never>();
    const giveUp = (): void => abandoned.reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([underWay, abandoned.promise]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  return {
    current: () => token,
    accepted: () => {
      refusedInARow = 0;
    },
    async token(signal) {
      signal.throwIfAborted();
      return token ?? (await shared(signal));
    },
    async renew(refused, signal) {
      signal.throwIfAborted();
      if (underWay === null) {
        if (token !== null && token !== refused) return token;
        const now = deps.clock.now();
        if (now - lastRefusal > REFUSED_WINDOW_MS) refusedInARow = 0;
        lastRefusal = now;
        refusedInARow += 1;
        if (refusedInARow > MAX_REFUSED) throw fromAnswer({ status: 401, body: '' });
        deps.log.info('Salesforce session expired, logging in again');
      }
      return shared(signal);
    },
  };
}
