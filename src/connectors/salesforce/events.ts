/** Salesforce Outbound Messages: `POST /webhooks/salesforce/<secret>`, SOAP that waits for its acknowledgement. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  EventAnswer,
  EventProtocol,
  EventReader,
  EventReading,
  EventRefusal,
  EventRequest,
  Reception,
} from '../../core/event-port.ts';
import { readOutboundMessage } from './outbound-message.ts';
import { to18 } from './record-id.ts';
import type { SalesforceSettings } from './settings.ts';

const MAX_BYTES = 262_144;
const XML = { 'Content-Type': 'text/xml; charset=utf-8' };
const ENVELOPE = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>';
const END = '</soapenv:Body></soapenv:Envelope>';
const ACKNOWLEDGED = `${ENVELOPE}<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>${END}`;
const FAULT = `${ENVELOPE}<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>not stored, send it again</faultstring></soapenv:Fault>${END}`;

/** Anything without the acknowledgement is repeated for a day: only what is stored gets it. */
export const salesforceEvents: EventProtocol = {
  crm: 'salesforce',
  secretInPath: true,
  repeatsUnproved: true,
  maxBytes: MAX_BYTES,
  // Digests again: how long they take to be found says nothing of the secret.
  addressees: ({ secret }) => [digestOf(secret ?? '').toString('hex')],
  answer(reception: Reception): EventAnswer {
    switch (reception) {
      case 'stored':
        return { status: 200, headers: XML, body: ACKNOWLEDGED };
      case 'unavailable':
      case 'busy':
        return { status: 503, headers: { ...XML, 'Retry-After': '30' }, body: FAULT };
      case 'unknown':
      case 'forged':
        return { status: 404, headers: {}, body: null };
      case 'malformed':
      case 'too_large':
        return { status: 400, headers: {}, body: null };
    }
  },
};

/** Null when the connection has no secret address. */
export function salesforceEventReader(settings: SalesforceSettings): EventReader | null {
  const secrets = settings.webhookSecret.map(digestOf);
  if (secrets.length === 0) return null;
  return {
    names: secrets.map((secret) => secret.toString('hex')),
    read(request, _now, account): EventReading {
      if (!isOneOf(secrets, request.secret ?? ''))
        return refused('unknown', 'the secret in the path is not right', WRONG_PATH);
      if (!isUtf8(request))
        return refused('malformed', 'the content type names another encoding than UTF-8', NOT_ALTERED);
      const message = readOutboundMessage(request.body);
      if (message === null) return refused('malformed', 'the body is not an Outbound Message', NOT_ALTERED);
      const organization = to18(message.organizationId);
      const expected = settings.organizationId ?? account;
      if (expected !== null && organization !== to18(expected))
        return refused('unknown', 'the message comes from another organization', WRONG_ORGANIZATION);
      const events = message.notifications.flatMap(({ id, object, recordId }) =>
        object === 'Opportunity'
          ? [{ id: to18(recordId), kind: 'changed' as const, key: to18(id), account: organization, at: null }]
          : [],
      );
      const once = [...new Map(events.map((event) => [event.key, event])).values()];
      return { ok: true, events: once, others: 0 };
    },
  };
}

const WRONG_PATH =
  'the address in the Outbound Message must end in the webhookSecret of the connection; otherwise somebody is guessing';
const WRONG_ORGANIZATION =
  'give every org an address with a secret of its own, and check organizationId of the connection where it is set';
const NOT_ALTERED =
  'nothing has to be done: Salesforce sends no such thing, somebody who knows the address tries it';

function refused(fault: EventRefusal['fault'], reason: string, remedy: string): EventRefusal {
  return { ok: false, fault, reason, remedy };
}

function isUtf8({ headers }: EventRequest): boolean {
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type']?.[0] ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

/** Digests are compared, so that the time it takes says nothing of length or place of a difference. */
function isOneOf(secrets: readonly Buffer[], given: string): boolean {
  const digest = digestOf(given);
  let found = false;
  for (const secret of secrets) if (timingSafeEqual(secret, digest)) found = true;
  return found;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
