/** Salesforce Outbound Messages: `POST /webhooks/salesforce/<secret>`, SOAP that waits for its acknowledgement. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  EventAnswer,
  EventProtocol,
  EventReader,
  EventReading,
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
  maxBytes: MAX_BYTES,
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
        return { status: 400, headers: {}, body: null };
      case 'too_large':
        return { status: 413, headers: {}, body: null };
    }
  },
};

/** Null when the connection has no secret address. */
export function salesforceEventReader(settings: SalesforceSettings): EventReader | null {
  const secrets = settings.webhookSecret.map(digestOf);
  if (secrets.length === 0) return null;
  return {
    needsAccount: settings.organizationId === undefined || settings.organizationId === null,
    read(request, _now, account): EventReading {
      if (!isOneOf(secrets, request.secret ?? ''))
        return refused('unknown', 'the secret in the path is not right');
      if (!isUtf8(request)) return refused('malformed', 'the content type names another encoding than UTF-8');
      const message = readOutboundMessage(request.body);
      if (message === null) return refused('malformed', 'not an outbound message');
      const organization = to18(message.organizationId);
      const expected = settings.organizationId ?? account;
      if (expected !== null && organization !== to18(expected))
        return refused('unknown', 'the message comes from another organization');
      const events = message.notifications.flatMap(({ id, object, recordId }) =>
        object === 'Opportunity'
          ? [{ id: to18(recordId), kind: 'changed' as const, key: to18(id), account: organization, at: null }]
          : [],
      );
      return { ok: true, events: [...new Map(events.map((event) => [event.key, event])).values()] };
    },
  };
}

function refused(fault: 'unknown' | 'malformed', reason: string): EventReading {
  return { ok: false, fault, reason };
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
