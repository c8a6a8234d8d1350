/** HubSpot webhooks: `POST /webhooks/hubspot`, an array of events signed with the app's client secret. */
import type {
  EventAnswer,
  EventProtocol,
  EventReader,
  EventReading,
  EventRequest,
  Reception,
} from '../../core/event-port.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { Json } from './answer.ts';
import { recordEvents } from './event-items.ts';
import type { HubspotSettings } from './settings.ts';
import { isSignedBy, isTimely, type SignatureVersion } from './signature.ts';
import { strictJson } from './strict-json.ts';

const MAX_BYTES = 1_048_576;
/** HubSpot sends up to 100; more than this it never will. */
const MOST_EVENTS = 1_000;
const RETRY_AFTER_S = 30;

/** HubSpot repeats 429 and 5xx for a day; what it is told is wrong (401, 400, 413) it may not send again. */
const STATUS: Readonly<Record<Reception, number>> = {
  stored: 204,
  unavailable: 503,
  busy: 429,
  unknown: 404,
  forged: 401,
  malformed: 400,
  too_large: 413,
};

export const hubspotEvents: EventProtocol = {
  crm: 'hubspot',
  secretInPath: false,
  maxBytes: MAX_BYTES,
  answer(reception): EventAnswer {
    const waits = reception === 'busy' || reception === 'unavailable';
    const headers = waits ? { 'Retry-After': String(RETRY_AFTER_S) } : {};
    return { status: STATUS[reception], headers, body: null };
  },
};

/** Null when the connection has no secret to prove a delivery with. */
export function hubspotEventReader(settings: HubspotSettings): EventReader | null {
  const { webhookSecret: secrets, webhookSignatures: versions } = settings;
  if (secrets.length === 0) return null;
  return {
    read(request, now): EventReading {
      const why = forgeryOf(request, secrets, versions, now);
      if (why !== null) return { ok: false, fault: 'forged', reason: why };
      if (!isJson(request)) return { ok: false, fault: 'malformed', reason: 'the content type is not JSON' };
      const items = itemsOf(request.body);
      if (items === null) return { ok: false, fault: 'malformed', reason: 'not a list of events' };
      const events = new Map(items.flatMap(recordEvents).map((event) => [event.key, event]));
      return { ok: true, events: [...events.values()] };
    },
  };
}

/** Why a request is not believed; null when it is. */
function forgeryOf(
  request: EventRequest,
  secrets: readonly string[],
  versions: readonly SignatureVersion[],
  now: EpochMs,
): string | null {
  const { headers } = request;
  const v3 = headers['x-hubspot-signature-v3'] ?? [];
  const older = headers['x-hubspot-signature'] ?? [];
  const stamps = headers['x-hubspot-request-timestamp'] ?? [];
  const named = headers['x-hubspot-signature-version'] ?? [];
  // Two of one name leave it open which of them was meant: somebody may have added one.
  if ([v3, older, stamps, named].some((values) => values.length > 1)) return 'a signature header came twice';
  const [given] = v3;
  const [stamp = ''] = stamps;
  if (given !== undefined) {
    if (!versions.includes('v3')) return 'signatures of version v3 are switched off';
    if (!isTimely(stamp, now)) return 'the time of the request is missing, malformed or too far from now';
    if (!isSignedBy(secrets, 'v3', request, given, stamp)) return 'the signature is not right';
    return null;
  }
  const [old] = older;
  if (old === undefined) return 'there is no signature';
  const [version = 'v1'] = named;
  if (version !== 'v1' && version !== 'v2') return 'the signature is of a version that is not known';
  if (!versions.includes(version)) return `signatures of version ${version} are switched off`;
  return isSignedBy(secrets, version, request, old, stamp) ? null : 'the signature is not right';
}

/** Null for anything but a list of objects ({@link ./strict-json.ts}). */
function itemsOf(body: Uint8Array): readonly Json[] | null {
  const value = strictJson(body);
  if (!Array.isArray(value) || value.length > MOST_EVENTS) return null;
  const items: readonly unknown[] = value;
  return items.every(isObject) ? items : null;
}

/** A body that says it is something else is not read as JSON. One that says nothing is. */
function isJson({ headers }: EventRequest): boolean {
  const [type] = headers['content-type'] ?? [];
  return type === undefined || /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
