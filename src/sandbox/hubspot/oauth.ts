import type { SimRequest } from '../simulator.ts';
import type { Access } from './access.ts';
import { NO_CONTENT, ok, type Reply, unknownPath } from './call.ts';
import { HubError } from './hub-error.ts';
import type { Portal } from './portal.ts';

const SCOPES = [
  'oauth',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'crm.schemas.deals.read',
  'crm.schemas.deals.write',
  'crm.objects.companies.read',
  'crm.objects.companies.write',
  'crm.schemas.companies.read',
  'crm.schemas.companies.write',
  'crm.objects.contacts.read',
  'crm.objects.owners.read',
  'crm.objects.quotes.read',
];

/** `/oauth/…` of every generation: v1, v3 and dated (hubspot.md §1.2). Needs no bearer token. */
export function oauth(
  portal: Portal,
  access: Access,
  request: SimRequest,
  rest: readonly string[],
): Reply & { location?: string } {
  const [version = '', action = '', token = ''] = rest;
  const form = formOf(request);
  if (version === 'authorize') return consent(access, request);
  if (action === 'token' && token === '' && request.method === 'POST') return ok(grant(portal, access, form));
  if (action === 'token' && token === 'introspect' && request.method === 'POST')
    return introspect(portal, access, form);
  if (action === 'token' && token === 'revoke' && request.method === 'POST') {
    access.revoke(form.get('token') ?? '');
    access.revokeAccess(form.get('token') ?? '');
    return NO_CONTENT;
  }
  if (version === 'v1' && action === 'access-tokens' && request.method === 'GET')
    return ok(accessMetadata(portal, access, token));
  if (version === 'v1' && action === 'refresh-tokens') return refreshMetadata(portal, access, request, token);
  throw unknownPath();
}

/** The consent page: agrees at once and leads back with a code. */
function consent(access: Access, request: SimRequest): Reply & { location: string } {
  const redirectUri = request.query.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri))
    throw refused('BAD_REDIRECT_URI', 'invalid_request', 'missing or unknown redirect_uri');
  if (request.query.get('client_id') !== access.clientId)
    throw refused('BAD_CLIENT_ID', 'invalid_client', 'missing or unknown client id');
  const target = new URL(redirectUri);
  target.searchParams.set('code', access.authorize(redirectUri));
  const state = request.query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  return { status: 302, location: target.href };
}

function grant(portal: Portal, access: Access, form: URLSearchParams): Record<string, unknown> {
  if (form.get('client_id') !== access.clientId)
    throw refused('BAD_CLIENT_ID', 'invalid_client', 'missing or unknown client id');
  if (form.get('client_secret') !== access.clientSecret)
    throw refused('BAD_CLIENT_SECRET', 'invalid_client', 'missing or invalid client secret');
  switch (form.get('grant_type')) {
    case 'refresh_token':
      if (!access.isRefreshToken(form.get('refresh_token') ?? '')) {
        throw refused('BAD_REFRESH_TOKEN', 'invalid_grant', 'missing or invalid refresh token');
      }
      return issued(portal, access, true);
    case 'authorization_code': {
      const redirectUri = access.redeem(form.get('code') ?? '');
      if (redirectUri === undefined)
        throw refused('BAD_AUTH_CODE', 'invalid_grant', 'missing or unknown auth code');
      if (redirectUri !== form.get('redirect_uri'))
        throw refused('BAD_REDIRECT_URI', 'invalid_grant', 'redirect_uri does not match');
      return issued(portal, access, true);
    }
    case 'client_credentials':
      return issued(portal, access, false);
    default:
      throw refused('BAD_GRANT_TYPE', 'unsupported_grant_type', 'unknown grant_type');
  }
}

function issued(portal: Portal, access: Access, withRefresh: boolean): Record<string, unknown> {
  const { accessToken, grant: given } = access.grant(withRefresh);
  return {
    token_type: 'bearer',
    access_token: accessToken,
    ...(given.refreshToken === null ? {} : { refresh_token: given.refreshToken }),
    expires_in: Math.round((given.expiresAt - portal.now()) / 1000),
    hub_id: portal.portalId,
    user_id: access.userId,
    scopes: SCOPES,
    token_use: 'access_token',
  };
}

function introspect(portal: Portal, access: Access, form: URLSearchParams): Reply {
  const token = form.get('token') ?? '';
  const found = access.grantOf(token);
  const about = {
    hub_id: portal.portalId,
    client_id: access.clientId,
    user_id: access.userId,
    scopes: SCOPES,
  };
  if (found !== undefined && found.expiresAt > portal.now()) {
    const expiresIn = Math.round((found.expiresAt - portal.now()) / 1000);
    return ok({
      active: true,
      token_use: 'access_token',
      token_type: 'bearer',
      expires_in: expiresIn,
      ...about,
    });
  }
  if (access.isRefreshToken(token)) return ok({ active: true, token_use: 'refresh_token', ...about });
  return ok({ active: false });
}

function accessMetadata(portal: Portal, access: Access, token: string): Record<string, unknown> {
  const found = access.grantOf(token);
  if (found === undefined || found.expiresAt <= portal.now()) {
    throw new HubError(404, 'Access token not found or expired', { category: 'OBJECT_NOT_FOUND' });
  }
  return {
    token,
    user: 'owner@example.com',
    hub_domain: 'example.com',
    scopes: SCOPES,
    hub_id: portal.portalId,
    app_id: found.app.id,
    expires_in: Math.round((found.expiresAt - portal.now()) / 1000),
    user_id: access.userId,
    token_type: 'access',
  };
}

function refreshMetadata(portal: Portal, access: Access, request: SimRequest, token: string): Reply {
  if (!access.isRefreshToken(token))
    throw new HubError(404, 'Refresh token not found', { category: 'OBJECT_NOT_FOUND' });
  if (request.method === 'DELETE') {
    access.revoke(token);
    return NO_CONTENT;
  }
  return ok({
    token,
    user: 'owner@example.com',
    hub_domain: 'example.com',
    scopes: SCOPES,
    hub_id: portal.portalId,
    client_id: access.clientId,
    user_id: access.userId,
    token_type: 'refresh',
  });
}

function refused(status: string, error: string, description: string): HubError {
  return new HubError(400, description, { status, error, error_description: description });
}

function formOf(request: SimRequest): URLSearchParams {
  return request.method === 'POST'
    ? new URLSearchParams(request.body.toString('utf8'))
    : new URLSearchParams();
}
