/** The XML of an Outbound Message: which records it names. Values it carries are not even looked at. */
import { SaxesParser, type SaxesTagNS } from 'saxes';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const MOST_NOTIFICATIONS = 1_000;
const DEEPEST = 32;
const LONGEST_ID = 64;
const ID = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/;

export interface OutboundMessage {
  readonly organizationId: string;
  readonly notifications: readonly {
    /** What is told once keeps this id, however often it is delivered. */
    readonly id: string;
    /** API name of the object, such as `Opportunity`. */
    readonly object: string;
    readonly recordId: string;
  }[];
}

const BODY = 'Envelope/Body';
const MESSAGE = 'Envelope/Body/notifications';
const ORGANIZATION = `${MESSAGE}/OrganizationId`;
const NOTIFICATION = `${MESSAGE}/Notification`;
const NOTIFICATION_ID = `${NOTIFICATION}/Id`;
const OBJECT = `${NOTIFICATION}/sObject`;
const RECORD_ID = `${OBJECT}/Id`;

/** Elements that count, with the namespace they must be of; the fields of an object have one by kind of API. */
const NAMESPACES: Readonly<Record<string, string | null>> = {
  Envelope: SOAP,
  [BODY]: SOAP,
  [MESSAGE]: OUTBOUND,
  [ORGANIZATION]: OUTBOUND,
  [NOTIFICATION]: OUTBOUND,
  [NOTIFICATION_ID]: OUTBOUND,
  [OBJECT]: OUTBOUND,
  [RECORD_ID]: null,
};
/** Two of them would leave it open which is meant. */
const ONCE: ReadonlySet<string> = new Set([BODY, MESSAGE, ORGANIZATION]);
/** Elements whose text is kept. All other text is thrown away. */
const KEPT: ReadonlySet<string> = new Set([ORGANIZATION, NOTIFICATION_ID, RECORD_ID]);

/**
 * Reads a message. Null for everything that is not exactly one: a document type, another encoding than UTF-8, XML that is
 * not well-formed, other elements. Document types are refused on the bytes, before a parser sees them.
 */
export function readOutboundMessage(body: Uint8Array): OutboundMessage | null {
  const text = plainText(body);
  if (text === null) return null;
  try {
    return parsed(text);
  } catch {
    return null;
  }
}

/** The text of a UTF-8 document without declarations; null for any other. */
function plainText(body: Uint8Array): string | null {
  if (/<!\s*(doctype|entity|element|attlist|notation)/i.test(Buffer.from(body).toString('latin1')))
    return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
  // UTF-16 and UTF-32 without a mark are valid UTF-8 full of zeros.
  if (text.includes('\0')) return null;
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']/i.exec(text)?.[1];
  return declared === undefined || /^utf-?8$/i.test(declared) ? text : null;
}

function parsed(text: string): OutboundMessage | null {
  const parser = new SaxesParser({ xmlns: true });
  const path: string[] = [];
  const seen = new Set<string>();
  const notifications: { id: string; object: string; recordId: string }[] = [];
  let organizationId = '';
  let current = { id: '', object: '', recordId: '' };
  let value: string | null = null;

  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  parser.on('opentag', (tag: SaxesTagNS) => {
    path.push(tag.local);
    if (path.length > DEEPEST) throw new Error('nested too deep');
    const place = path.join('/');
    const namespace = NAMESPACES[place];
    // A SOAP header may stand beside the body; it says nothing we need.
    if (namespace === undefined && path.length <= 3 && !place.startsWith('Envelope/Header'))
      throw new Error('not an outbound message');
    if (typeof namespace === 'string' && tag.uri !== namespace) throw new Error('another namespace');
    if (ONCE.has(place) && seen.has(place)) throw new Error('more than one of it');
    seen.add(place);
    if (place === NOTIFICATION) current = { id: '', object: '', recordId: '' };
    if (place === OBJECT) current.object = typeOf(tag) ?? '';
    value = KEPT.has(place) ? '' : null;
  });
  const take = (piece: string): void => {
    if (value === null) return;
    value += piece;
    if (value.length > LONGEST_ID) throw new Error('too long for an id');
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    const place = path.join('/');
    const found = value?.trim() ?? '';
    if (place === ORGANIZATION) organizationId = found;
    else if (place === NOTIFICATION_ID) current.id = found;
    else if (place === RECORD_ID) current.recordId = found;
    else if (place === NOTIFICATION) notifications.push(current);
    if (notifications.length > MOST_NOTIFICATIONS) throw new Error('too many notifications');
    path.pop();
    value = null;
  });
  parser.write(text).close();
  // They become parts of keys, and of questions to the org.
  const whole = notifications.every(
    ({ id, object, recordId }) => ID.test(id) && object !== '' && ID.test(recordId),
  );
  return seen.has(MESSAGE) && whole && ID.test(organizationId) ? { organizationId, notifications } : null;
}

/** `sf:Opportunity` says Opportunity, whatever the prefix stands for. */
function typeOf(tag: SaxesTagNS): string | null {
  for (const attribute of Object.values(tag.attributes))
    if (attribute.uri === XSI && attribute.local === 'type') return attribute.value.split(':').at(-1) ?? null;
  return null;
}
