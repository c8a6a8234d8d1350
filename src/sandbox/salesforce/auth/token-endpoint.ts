import { createHash, createHmac } from 'node:crypto';
import type { SimRequest, SimResponse } from '../../simulator.ts';
import type { Org } from '../org.ts';
import type { Apps } from './apps.ts';
import { verifyAssertion } from './jwt.ts';
import type { App, Sessions } from './sessions.ts';

/** A refusal of the token endpoint: an object, unlike the REST array. */
class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly error: string;
  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

interface Grant {
  readonly app: App;
  readonly userId: string;
  readonly refreshToken?: string;
  readonly scope?: string;
}

type Flow = (deps: OAuth, form: URLSearchParams, authorization: string | undefined) => Grant;

export interface OAuth {
  readonly org: Org;
  readonly apps: Apps;
  readonly sessions: Sessions;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** POST /services/oauth2/token (salesforce.md §1.1, §1.2). */
export function tokenEndpoint(deps: OAuth, request: SimRequest): SimResponse {
  const route = 'POST /services/oauth2/token';
  if (request.method !== 'POST') {
    return {
      status: 405,
      route: `${request.method} /services/oauth2/token`,
      body: { error: 'invalid_request', error_description: 'must use HTTP POST' },
    };
  }
  const form = new URLSearchParams(request.body.toString('utf8'));
  try {
    const type = form.get('grant_type') ?? '';
    const flow = FLOWS[type];
    if (flow === undefined) throw new OAuthError('unsupported_grant_type', 'grant type not supported');
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: answer(deps, flow(deps, form, request.headers['authorization'])),
      route,
    };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { status: 400, body: { error: error.error, error_description: error.message }, route };
  }
}

/** Standard flows answer no `expires_in`; `issued_at` is a text of epoch ms. */
function answer({ org, sessions }: OAuth, grant: Grant): unknown {
  const session = sessions.open(grant.app, grant.userId);
  const id = `${org.baseUrl}/id/${org.organizationId}/${grant.userId}`;
  const issuedAt = String(org.now());
  return {
    access_token: session.token,
    ...(grant.refreshToken === undefined ? {} : { refresh_token: grant.refreshToken }),
    signature: createHmac('sha256', grant.app.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
    scope: grant.scope ?? 'api',
    instance_url: org.baseUrl,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

const FLOWS: Readonly<Record<string, Flow>> = {
  client_credentials: (deps, form, authorization) => {
    const app = authenticate(deps, form, authorization, true);
    return { app, userId: deps.org.integrationId };
  },
  refresh_token: (deps, form, authorization) => {
    const app = authenticate(deps, form, authorization, false);
    const given = form.get('refresh_token') ?? '';
    const grant = deps.sessions.refreshGrant(given);
    if (grant === undefined || grant.app.clientId !== app.clientId) {
      throw new OAuthError('invalid_grant', 'expired access/refresh token');
    }
    if (!deps.org.switches.rotateRefreshTokens)
      return { app, userId: grant.userId, scope: 'api refresh_token' };
    deps.sessions.revoke(given);
    const refreshToken = deps.sessions.newRefreshToken(app, grant.userId);
    return { app, userId: grant.userId, refreshToken, scope: 'api refresh_token' };
  },
  authorization_code: (deps, form, authorization) => {
    const app = authenticate(deps, form, authorization, false);
    const grant = deps.sessions.takeCode(form.get('code') ?? '');
    if (grant === undefined || grant.app.clientId !== app.clientId)
      throw new OAuthError('invalid_grant', 'expired authorization code');
    if (grant.challenge !== null && challengeOf(form.get('code_verifier') ?? '') !== grant.challenge) {
      throw new OAuthError('invalid_grant', 'invalid code verifier');
    }
    const refreshToken = deps.sessions.newRefreshToken(app, grant.userId);
    return { app, userId: grant.userId, refreshToken, scope: 'api refresh_token' };
  },
  [JWT_BEARER]: (deps, form) => {
    const claims = verifyAssertion(form.get('assertion') ?? '', deps.org.switches.jwtPublicKey);
    if (claims === null) throw new OAuthError('invalid_grant', 'invalid assertion');
    const app = deps.apps.find(claims.iss);
    if (app === undefined) throw new OAuthError('invalid_client_id', 'client identifier invalid');
    const audiences = ['https://login.salesforce.com', 'https://test.salesforce.com', deps.org.baseUrl];
    if (!audiences.includes(claims.aud.replace(/\/$/, '')))
      throw new OAuthError('invalid_grant', 'audience is invalid');
    const now = deps.org.now() / 1000;
    if (claims.exp <= now || claims.exp > now + 300)
      throw new OAuthError('invalid_grant', 'expired authorization code');
    return { app, userId: activeUser(deps.org, claims.sub, "user hasn't approved this consumer") };
  },
  password: (deps, form, authorization) => {
    if (!deps.org.switches.allowPassword) throw new OAuthError('invalid_grant', 'authentication failure');
    const app = authenticate(deps, form, authorization, true);
    return { app, userId: activeUser(deps.org, form.get('username') ?? '', 'authentication failure') };
  },
};

function authenticate(
  { apps }: OAuth,
  form: URLSearchParams,
  authorization: string | undefined,
  secret: boolean,
): App {
  const basic = /^Basic\s+(.+)$/i.exec(authorization ?? '')?.[1];
  const [basicId, ...basicSecret] =
    basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  const app = apps.find(form.get('client_id') ?? basicId ?? '');
  if (app === undefined) throw new OAuthError('invalid_client_id', 'client identifier invalid');
  const given = form.get('client_secret') ?? (basic === undefined ? null : basicSecret.join(':'));
  const isWrong = given === null ? secret : given !== app.clientSecret;
  if (isWrong) throw new OAuthError('invalid_client', 'invalid client credentials');
  return app;
}

function activeUser(org: Org, username: string, refusal: string): string {
  const users = org.table('User');
  for (const row of users.rows.values()) {
    if (users.read(row, 'Username') !== username) continue;
    if (users.read(row, 'IsActive') !== true) throw new OAuthError('inactive_user', 'user is inactive');
    return row.id;
  }
  throw new OAuthError('invalid_grant', refusal);
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
