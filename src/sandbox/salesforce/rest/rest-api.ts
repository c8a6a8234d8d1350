import type { SimRequest, SimResponse } from '../../simulator.ts';
import type { Sessions } from '../auth/sessions.ts';
import { ApiError } from '../errors.ts';
import type { Call, Reply, Services } from './call.ts';
import { checkVersion, route, routeTemplate, versions } from './router.ts';

/** Longest address plus headers a GET may carry (salesforce.md §2.1). */
const MAX_HEAD_BYTES = 16_384;

/** The door of the REST API: size, version, session, limits, then the router. */
export class RestApi {
  readonly #sessions: Sessions;
  readonly #services: Services;

  constructor(sessions: Sessions, services: Services) {
    this.#sessions = sessions;
    this.#services = services;
  }

  async answer(request: SimRequest): Promise<SimResponse> {
    const segments = request.path
      .split('/')
      .filter((segment) => segment !== '')
      .slice(2);
    const [version, ...rest] = segments;
    const method = overridden(request);
    const template = version === undefined ? '/services/data' : routeTemplate(version.slice(1), rest);
    const counted = `${method} ${template}`;
    try {
      checkHead(request);
      if (version === undefined) return { status: 200, body: versions(), route: counted };
      const number = checkVersion(version);
      const reply = await this.#authenticated(request, method, number, rest.map(decode));
      return {
        ...reply,
        headers: { 'sforce-limit-info': this.#services.limits.header(), ...reply.headers },
        route: counted,
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const headers = { 'sforce-limit-info': this.#services.limits.header() };
      return { status: error.status, headers, body: error.body(), route: counted };
    }
  }

  async #authenticated(request: SimRequest, method: string, version: string, path: string[]): Promise<Reply> {
    const { org, limits } = this.#services;
    const session = this.#sessions.use(request.headers['authorization']);
    limits.count();
    const { query, headers, body } = request;
    const call: Call = {
      services: this.#services,
      org,
      session,
      version,
      method,
      path,
      query,
      headers,
      body,
      outer: null,
    };
    return limits.during(() => route(call));
  }
}

/** Clients that cannot send PATCH say so in the query. */
function overridden(request: SimRequest): string {
  const asked = request.query.get('_HttpMethod');
  return request.method === 'POST' && asked !== null ? asked.toUpperCase() : request.method;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function checkHead(request: SimRequest): void {
  const address = request.path.length + request.query.toString().length;
  if (address > MAX_HEAD_BYTES)
    throw new ApiError('URI_TOO_LONG', 'The URI is longer than 16,384 bytes', { status: 414 });
  let size = address;
  for (const [name, value] of Object.entries(request.headers)) size += name.length + value.length + 4;
  if (size > MAX_HEAD_BYTES) {
    throw new ApiError(
      'REQUEST_HEADER_FIELDS_TOO_LARGE',
      'The URI and headers are longer than 16,384 bytes',
      { status: 431 },
    );
  }
}
