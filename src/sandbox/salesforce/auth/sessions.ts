import type { SandboxClock, SandboxRandom } from '../../simulator.ts';
import { ApiError } from '../errors.ts';
import type { Org } from '../org.ts';

/** An app that may log in, and whose writes the truth log names. */
export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly actor: string;
}

export interface Session {
  readonly token: string;
  readonly app: App;
  readonly userId: string;
  lastUsed: number;
}

/** Access and refresh tokens. A session dies when it idles longer than `sessionMinutes`; every use prolongs it. */
export class Sessions {
  readonly #org: Org;
  readonly #clock: SandboxClock;
  readonly #random: SandboxRandom;
  readonly #sessions = new Map<string, Session>();
  readonly #refreshTokens = new Map<string, { app: App; userId: string }>();
  readonly #codes = new Map<string, { app: App; userId: string; challenge: string | null }>();

  constructor(org: Org) {
    this.#org = org;
    this.#clock = org.deps.clock;
    this.#random = org.deps.random.fork('salesforce tokens');
  }

  open(app: App, userId: string): Session {
    const token = `${this.#org.organizationId.slice(0, 15)}!AQ${this.secret(80)}`;
    const session = { token, app, userId, lastUsed: this.#clock.now() };
    this.#sessions.set(token, session);
    return session;
  }

  /** The live session behind an Authorization header. Throws the API's 401. */
  use(authorization: string | undefined): Session {
    const token = /^(?:Bearer|OAuth)\s+(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
    if (token === undefined)
      throw new ApiError('INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE', { status: 401 });
    const session = this.#sessions.get(token);
    const now = this.#clock.now();
    const { sessionMinutes, rejectAllTokens } = this.#org.switches;
    if (session === undefined || rejectAllTokens || now - session.lastUsed > sessionMinutes * 60_000) {
      this.#sessions.delete(token);
      throw new ApiError('INVALID_SESSION_ID', 'Session expired or invalid');
    }
    session.lastUsed = now;
    return session;
  }

  newRefreshToken(app: App, userId: string): string {
    const token = `5Aep861${this.secret(70)}`;
    this.#refreshTokens.set(token, { app, userId });
    return token;
  }

  refreshGrant(token: string): { app: App; userId: string } | undefined {
    return this.#refreshTokens.get(token);
  }

  newCode(app: App, userId: string, challenge: string | null): string {
    const code = `aPrx${this.secret(60)}`;
    this.#codes.set(code, { app, userId, challenge });
    return code;
  }

  /** A code works once. */
  takeCode(code: string): { app: App; userId: string; challenge: string | null } | undefined {
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    return grant;
  }

  /** Ends an access or refresh token; unknown ones are ignored. */
  revoke(token: string): void {
    this.#sessions.delete(token);
    this.#refreshTokens.delete(token);
  }

  secret(length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
    let out = '';
    for (let i = 0; i < length; i += 1) out += alphabet.charAt(this.#random.int(0, alphabet.length - 1));
    return out;
  }
}
