import type { SimRequest, SimResponse } from '../simulator.ts';
import type { Access } from './access.ts';
import { accountInfo } from './account.ts';
import { associations } from './associations.ts';
import { type App, type Call, ok, type Reply, requireScope, unknownPath } from './call.ts';
import { HubError } from './hub-error.ts';
import type { RateLimits } from './limits.ts';
import { oauth } from './oauth.ts';
import { objects } from './objects.ts';
import { owners } from './owners.ts';
import { pipelineRules } from './pipeline-rules.ts';
import { pipelines } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { properties } from './properties.ts';
import { isSearch, type Place, placeOf } from './router.ts';
import { appWriter } from './writer.ts';

/** Longer addresses are refused by the edge, in HTML (hubspot.md §2.2). */
const LONGEST_ADDRESS = 16_384;
const MOST_CUSTOM_PROPERTIES = 1000;

const TOO_LONG = `<html>
<head><title>414 Request-URI Too Large</title></head>
<body><center><h1>414 Request-URI Too Large</h1></center><hr><center>cloudflare</center></body>
</html>
`;

/** Takes one request through address, token, limits and area, and dresses the answer with headers. */
export class Service {
  readonly #portal: Portal;
  readonly #access: Access;
  readonly #limits: RateLimits;

  constructor(portal: Portal, access: Access, limits: RateLimits) {
    this.#portal = portal;
    this.#access = access;
    this.#limits = limits;
  }

  answer(request: SimRequest): SimResponse {
    const place = placeOf(request.method, request.path);
    if (request.path.length + request.query.toString().length > LONGEST_ADDRESS) {
      return { status: 414, headers: { 'content-type': 'text/html' }, body: TOO_LONG, route: place.route };
    }
    try {
      return this.#admitted(request, place);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return this.#dressed({ status: error.status, body: error.body }, place, {});
    }
  }

  #admitted(request: SimRequest, place: Place): SimResponse {
    if (place.area === 'oauth') {
      const { location, ...reply } = oauth(this.#portal, this.#access, request, place.rest);
      return this.#dressed(reply, place, location === undefined ? {} : { location });
    }
    const app = this.#access.appFor(request.headers['authorization']);
    const searching = isSearch(place);
    const limited = this.#limits.admit(app, searching);
    if (limited !== undefined) return this.#dressed(limited, place, limited.headers);
    const headers = this.#limits.headers(app, searching);
    try {
      return this.#dressed(this.#routed(request, place, app), place, headers);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return this.#dressed({ status: error.status, body: error.body }, place, headers);
    }
  }

  #routed(request: SimRequest, { area, rest }: Place, app: App): Reply {
    const call: Call = {
      method: request.method,
      path: request.path,
      query: request.query,
      raw: request.body,
      app,
      writer: appWriter(app.actor, app.name, String(app.id)),
    };
    switch (area) {
      case 'objects':
        return objects(this.#portal, call, rest);
      case 'associations':
        return associations(this.#portal, call, rest);
      case 'pipelines':
        return pipelines(this.#portal, call, rest);
      case 'pipelines-rules':
        return pipelineRules(this.#portal, call, rest);
      case 'properties':
        return properties(this.#portal, call, rest);
      case 'owners':
        return owners(this.#portal, call, rest);
      case 'account':
        return accountInfo(this.#portal, this.#limits, call, rest);
      case 'limits':
        return this.#customProperties(rest);
      case 'schemas':
        return schemas(app, rest);
      default:
        throw unknownPath();
    }
  }

  #customProperties(rest: readonly string[]): Reply {
    if (rest.join('/') !== 'custom-properties') throw unknownPath();
    const byObjectType = [...this.#portal.stores()].map(({ type, properties: book }) => {
      const usage = [...book.all()].filter((entry) => !entry.hubspotDefined).length;
      return {
        objectTypeId: type.id,
        limit: MOST_CUSTOM_PROPERTIES,
        usage,
        percentage: (usage / MOST_CUSTOM_PROPERTIES) * 100,
      };
    });
    return ok({ byObjectType });
  }

  #dressed(
    { status, body }: Reply,
    { route }: Place,
    headers: Readonly<Record<string, string>>,
  ): SimResponse {
    const correlationId = this.#portal.uuid();
    const all = { ...headers, 'X-HubSpot-Correlation-Id': correlationId };
    if (body === undefined) return { status, headers: all, route };
    const named = status >= 400 ? { ...(body as Record<string, unknown>), correlationId } : body;
    return {
      status,
      headers: { ...all, 'content-type': 'application/json;charset=utf-8' },
      body: named,
      route,
    };
  }
}

/** Custom object schemas: an account without any. Without the scope, the recorded form of the refusal. */
function schemas(app: App, rest: readonly string[]): Reply {
  if (app.scopes !== null && !app.scopes.has('crm.schemas.custom.read')) {
    throw new HubError(403, 'One or more of the following scopes are required.', {
      context: {
        requiredGranularScopes: ['custom-object-read'],
        links: ['https://developers.hubspot.com/scopes'],
      },
      category: 'MISSING_SCOPES',
    });
  }
  requireScope(app, 'crm.schemas.custom.read');
  if (rest.length === 0) return ok({ results: [] });
  throw new HubError(404, `Unable to infer object type from: ${rest[0]}`);
}
