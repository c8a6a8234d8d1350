/** HubSpot webhooks: `POST /webhooks/hubspot`, an array of events signed with the app's client secret. */
import type {
  EventAnswer,
  EventProtocol,
  EventReader,
  EventReading,
  EventRefusal,
  EventRequest,
  Reception,
  RecordEvent,
} from '../../core/event-port.ts';
import type { EpochMs } from '../../core/ids.ts';
import type { Json } from './answer.ts';
import { portalsNamedIn, recordEvents } from './event-items.ts';
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
  unknown: 401,
  forged: 401,
  malformed: 400,
  too_large: 413,
};

export const hubspotEvents: EventProtocol = {
  crm: 'hubspot',
  secretInPath: false,
  repeatsUnproved: false,
  maxBytes: MAX_BYTES,
  addressees: ({ body }) => portalsNamedIn(body),
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
  const proof = JSON.stringify([secrets, versions]);
  return {
    read(request, now, account): EventReading {
      const delivery = deliveryOf(request);
      const why = delivery.once(proof, () => forgeryOf(request, secrets, versions, now));
      if (why !== null) return refused('forged', why, REMEDIES[why](request));
      if (!isJson(request)) return refused('malformed', 'the content type is not JSON', NOT_ALTERED);
      const told = delivery.events();
      if (told === null) return refused('malformed', 'the body is not a list of events', NOT_ALTERED);
      const own = account === null ? told : told.filter((event) => event.account === account);
      return { ok: true, events: own, others: told.length - own.length };
    },
  };
}

function refused(fault: EventRefusal['fault'], reason: string, remedy: string): EventRefusal {
  return { ok: false, fault, reason, remedy };
}

const NOT_ALTERED =
  'nothing has to be done: HubSpot sends no such thing, somebody who knows the secret tries it';
const STRANGER = 'if it comes from HubSpot, see what a proxy on the way does to headers; otherwise ignore it';
const SWITCHED_OFF =
  'nothing has to be done for webhooks of an app: they are signed with v3 as well; to believe older ones, which anybody can repeat who saw one, name them in webhookSignatures';

/** Why a request is not believed, and what to do about it. */
const REMEDIES = {
  'a signature header came twice': () => STRANGER,
  'there is no signature': () => STRANGER,
  'the signature is of a version that is not known': () => STRANGER,
  'signatures of version v1 are switched off': () => SWITCHED_OFF,
  'signatures of version v2 are switched off': () => SWITCHED_OFF,
  'signatures of version v3 are switched off': () => 'name v3 in webhookSignatures of the connection',
  'the time of the request is missing, malformed or too far from now': () =>
    'check the clock of this machine: five minutes are the most it may be wrong',
  'the signature is not right': ({ url }: EventRequest) =>
    `webhookSecret must be the client secret of the app, and http.publicUrl what HubSpot calls: here it is taken for ${url.replace(/[?#].*$/s, '')}`,
} as const;
type Forgery = keyof typeof REMEDIES;

interface Delivery {
  /** What was found out about the request with these secrets. */
  once(proof: string, find: () => Forgery | null): Forgery | null;
  /** Each event once; null when the body is no list of them. */
  events(): readonly RecordEvent[] | null;
}

const deliveries = new WeakMap<EventRequest, Delivery>();

/** Connections of one app share its secret: a request is proved once for all of them, and read once. */
function deliveryOf(request: EventRequest): Delivery {
  const held = deliveries.get(request);
  if (held !== undefined) return held;
  const proved = new Map<string, Forgery | null>();
  let read: { readonly events: readonly RecordEvent[] | null } | null = null;
  const made: Delivery = {
    once(proof, find) {
      let found = proved.get(proof);
      if (found === undefined) {
        found = find();
        proved.set(proof, found);
      }
      return found;
    },
    events() {
      read ??= { events: eventsOf(request.body) };
      return read.events;
    },
  };
  deliveries.set(request, made);
  return made;
}

function eventsOf(body: Uint8Array): readonly RecordEvent[] | null {
  const items = itemsOf(body);
  if (items === null) return null;
  return [...new Map(items.flatMap(recordEvents).map((event) => [event.key, event])).values()];
}

/** Why a request is not believed; null when it is. */
function forgeryOf(
  request: EventRequest,
  secrets: readonly string[],
  versions: readonly SignatureVersion[],
  now: EpochMs,
): Forgery | null {
  const { headers } = request;
  const v3 = headers['x-hubspot-signature-v3'] ?? [];
  const older = headers['x-hubspot-signature'] ?? [];
  const stamps = headers['x-hubspot-request-timestamp'] ?? [];
  const named = headers['x-hubspot-signature-version'] ?? [];
  // Two of one name leave it open which of them was meant: somebody may have added one.
  if ([v3, older, stamps, named].some((values) => values.length > 1)) return 'a signature header came twice';
  const [given] = v3;
  const [stamp = ''] = stamps;
  if (given !== undefined && versions.includes('v3')) {
    if (!isTimely(stamp, now)) return 'the time of the request is missing, malformed or too far from now';
    if (!isSignedBy(secrets, 'v3', request, given, stamp)) return 'the signature is not right';
    return null;
  }
  const [old] = older;
  if (old === undefined)
    return given === undefined ? 'there is no signature' : 'signatures of version v3 are switched off';
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
