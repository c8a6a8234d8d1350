import type { App } from './call.ts';
import { HubError } from './hub-error.ts';
import { type Portal, uuidFrom } from './portal.ts';

/** What the OAuth endpoints hand out for an app. */
export interface Grant {
  readonly app: App;
  readonly refreshToken: string | null;
  /** Epoch ms. */
  readonly expiresAt: number;
}

const ACCESS_TOKEN_MS = 1_800_000;
const CODE_MS = 600_000;

/** Tokens of the account: static ones, and those OAuth hands out. */
export class Access {
  readonly token: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The refresh token of the app whose credentials are given to oppsync. */
  readonly refreshToken: string;
  readonly userId = 9_586_504;
  readonly appId: number;
  readonly #portal: Portal;
  readonly #engine: App;
  readonly #engineOauth: App;
  readonly #grants = new Map<string, Grant>();
  readonly #refresh = new Set<string>();
  readonly #codes = new Map<string, { expiresAt: number; redirectUri: string }>();
  readonly #others = new Map<string, App>();

  constructor(portal: Portal) {
    this.#portal = portal;
    const random = portal.deps.random.fork('hubspot credentials');
    this.token = `pat-na1-${uuidFrom(random)}`;
    this.clientId = uuidFrom(random);
    this.clientSecret = uuidFrom(random);
    this.refreshToken = `na1-${uuidFrom(random)}`;
    this.#refresh.add(this.refreshToken);
    const engine = { name: 'engine', id: random.int(1_000_000, 9_999_999), actor: 'engine', scopes: null };
    this.appId = engine.id;
    this.#engine = { ...engine, oauth: false };
    this.#engineOauth = { ...engine, oauth: true };
  }

  /** The app behind an Authorization header. @throws {HubError} 401 */
  appFor(authorization: string | undefined): App {
    const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? '';
    if (token === this.token) return this.#engine;
    const other = this.#portal.switches.apps.find((app) => app.token === token);
    if (other !== undefined && token !== '') return this.#named(other.name, other.scopes);
    const grant = this.#grants.get(token);
    if (grant !== undefined && grant.expiresAt > this.#portal.now()) return grant.app;
    if (grant !== undefined) throw expired();
    throw new HubError(
      401,
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
      { category: 'INVALID_AUTHENTICATION' },
    );
  }

  /** A new access token, with the refresh token that goes with it when the flow has one. */
  grant(withRefresh: boolean): { accessToken: string; grant: Grant } {
    const accessToken = `CN${this.#portal.uuid().replaceAll('-', '')}${this.#portal.uuid().replaceAll('-', '')}`;
    const grant: Grant = {
      app: this.#engineOauth,
      refreshToken: withRefresh ? this.refreshToken : null,
      expiresAt: this.#portal.now() + ACCESS_TOKEN_MS,
    };
    if (withRefresh) this.#refresh.add(this.refreshToken);
    this.#grants.set(accessToken, grant);
    return { accessToken, grant };
  }

  grantOf(accessToken: string): Grant | undefined {
    return this.#grants.get(accessToken);
  }

  isRefreshToken(token: string): boolean {
    return this.#refresh.has(token);
  }

  /** Access tokens already handed out live on until they expire (hubspot.md §1.2). */
  revoke(refreshToken: string): void {
    this.#refresh.delete(refreshToken);
  }

  revokeAccess(accessToken: string): void {
    this.#grants.delete(accessToken);
  }

  /** A single-use code, as the consent page would put it in the redirect. */
  authorize(redirectUri: string): string {
    const code = this.#portal.uuid();
    this.#codes.set(code, { redirectUri, expiresAt: this.#portal.now() + CODE_MS });
    return code;
  }

  /** Uses up a code. @returns its redirect address, or undefined when it is unknown, used or too old. */
  redeem(code: string): string | undefined {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    return known !== undefined && known.expiresAt > this.#portal.now() ? known.redirectUri : undefined;
  }

  #named(name: string, scopes: readonly string[] | undefined): App {
    const key = JSON.stringify([name, scopes]);
    let app = this.#others.get(key);
    if (app === undefined) {
      const id = this.#portal.deps.random.fork(`hubspot app ${name}`).int(1_000_000, 9_999_999);
      app = {
        name,
        id,
        actor: `app:${name}`,
        scopes: scopes === undefined ? null : new Set(scopes),
        oauth: false,
      };
      this.#others.set(key, app);
    }
    return app;
  }
}

function expired(): HubError {
  return new HubError(401, 'The OAuth token used to make this call expired.', {
    category: 'EXPIRED_AUTHENTICATION',
  });
}
