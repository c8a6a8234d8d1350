import type { SimRequest, SimResponse } from '../../simulator.ts';
import { notFound } from '../errors.ts';
import type { Org } from '../org.ts';
import { type OAuth, tokenEndpoint } from './token-endpoint.ts';

/** Everything under /services/oauth2 and /id (salesforce.md §1.3). */
export function identityEndpoints(deps: OAuth, request: SimRequest): SimResponse {
  const route = `${request.method} ${request.path.replace(/^\/id\/.*/, '/id/{id}')}`;
  switch (request.path) {
    case '/services/oauth2/token':
      return tokenEndpoint(deps, request);
    case '/services/oauth2/authorize':
      return authorize(deps, request, route);
    case '/services/oauth2/revoke': {
      const form = new URLSearchParams(request.body.toString('utf8'));
      const token = form.get('token') ?? request.query.get('token');
      if (token !== null) deps.sessions.revoke(token);
      return { status: 200, route };
    }
    case '/services/oauth2/userinfo': {
      const session = deps.sessions.use(request.headers['authorization']);
      return { status: 200, body: userinfo(deps.org, session.userId), route };
    }
    default: {
      const userId = /^\/id\/[^/]+\/([^/]+)$/.exec(request.path)?.[1];
      if (userId === undefined) throw notFound();
      const token = request.query.get('oauth_token');
      deps.sessions.use(token === null ? request.headers['authorization'] : `Bearer ${token}`);
      return { status: 200, body: identity(deps.org, userId), route };
    }
  }
}

/** Consent is given at once: the person at the desk is the administrator of the sandbox. */
function authorize({ org, apps, sessions }: OAuth, request: SimRequest, route: string): SimResponse {
  const { query } = request;
  const app = apps.find(query.get('client_id') ?? '');
  const redirect = query.get('redirect_uri');
  if (app === undefined || redirect === null || !URL.canParse(redirect)) {
    const body = { error: 'invalid_client_id', error_description: 'client identifier invalid' };
    return { status: 400, body, route };
  }
  const address = new URL(redirect);
  const state = query.get('state');
  if (state !== null) address.searchParams.set('state', state);
  address.searchParams.set('code', sessions.newCode(app, org.adminId, query.get('code_challenge')));
  return { status: 302, headers: { location: address.href }, route };
}

function userinfo(org: Org, userId: string): unknown {
  const users = org.table('User');
  const row = users.rows.get(userId);
  const read = (name: string): unknown => (row === undefined ? null : users.read(row, name));
  return {
    sub: `${org.baseUrl}/id/${org.organizationId}/${userId}`,
    user_id: userId,
    organization_id: org.organizationId,
    preferred_username: read('Username'),
    nickname: read('Alias'),
    name: read('Name'),
    email: read('Email'),
    email_verified: true,
    given_name: read('FirstName'),
    family_name: read('LastName'),
    zoneinfo: read('TimeZoneSidKey'),
    active: read('IsActive'),
    user_type: 'STANDARD',
    urls: urls(org, userId),
  };
}

function identity(org: Org, userId: string): unknown {
  const users = org.table('User');
  const row = users.rows.get(userId);
  if (row === undefined) throw notFound();
  return {
    id: `${org.baseUrl}/id/${org.organizationId}/${userId}`,
    asserted_user: true,
    user_id: userId,
    organization_id: org.organizationId,
    username: users.read(row, 'Username'),
    display_name: users.read(row, 'Name'),
    email: users.read(row, 'Email'),
    active: users.read(row, 'IsActive'),
    user_type: 'STANDARD',
    urls: urls(org, userId),
  };
}

function urls(org: Org, userId: string): unknown {
  const data = `${org.baseUrl}/services/data/v{version}`;
  return {
    rest: `${data}/`,
    sobjects: `${data}/sobjects/`,
    query: `${data}/query/`,
    recent: `${data}/recent/`,
    tooling_rest: `${data}/tooling/`,
    profile: `${org.baseUrl}/${userId}`,
    custom_domain: org.baseUrl,
  };
}
