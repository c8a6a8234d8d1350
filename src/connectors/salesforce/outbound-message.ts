/** The XML of an Outbound Message: which records it names. Values it carries are not even looked at. */
import { SaxesParser, type SaxesTagNS } from 'saxes';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const MOST_NOTIFICATIONS = 1_000;
const DEEPEST = 32;
const LONGEST_ID = 64;

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

/** Ways an element may be known: what its text is kept as. All other text is thrown away. */
type Kept = 'organization' | 'notification' | 'record';

const PATHS: Readonly<Record<string, Kept>> = {
  'Envelope/Body/notifications/OrganizationId': 'organization',
  'Envelope/Body/notifications/Notification/Id': 'notification',
  'Envelope/Body/notifications/Notification/sObject/Id': 'record',
};

const NAMESPACES: readonly (string | null)[] = [SOAP, SOAP, OUTBOUND, OUTBOUND, OUTBOUND];

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
  const notifications: { id: string; object: string; recordId: string }[] = [];
  let organizationId = '';
  let current = { id: '', object: '', recordId: '' };
  let kept: Kept | null = null;
  let value = '';
  let isMessage = false;

  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  parser.on('opentag', (tag: SaxesTagNS) => {
    path.push(tag.local);
    if (path.length > DEEPEST) throw new Error('nested too deep');
    const expected = NAMESPACES[path.length - 1];
    const place = path.join('/');
    if (path.length <= 3 && (tag.uri !== expected || !'Envelope/Body/notifications'.startsWith(place))) {
      // A SOAP header may stand beside the body; it says nothing we need.
      if (place !== 'Envelope/Header') throw new Error('not an outbound message');
    }
    if (place === 'Envelope/Body/notifications') isMessage = true;
    if (place === 'Envelope/Body/notifications/Notification') current = { id: '', object: '', recordId: '' };
    if (place === 'Envelope/Body/notifications/Notification/sObject') current.object = typeOf(tag) ?? '';
    kept = PATHS[place] ?? null;
    value = '';
  });
  const take = (piece: string): void => {
    if (kept === null) return;
    value += piece;
    if (value.length > LONGEST_ID) throw new Error('too long for an id');
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    const place = path.join('/');
    const found = value.trim();
    const what = PATHS[place];
    if (what === 'organization') organizationId = found;
    else if (what === 'notification') current.id = found;
    else if (what === 'record') current.recordId = found;
    if (place === 'Envelope/Body/notifications/Notification') notifications.push(current);
    if (notifications.length > MOST_NOTIFICATIONS) throw new Error('too many notifications');
    path.pop();
    kept = null;
  });
  parser.write(text).close();
  const whole = notifications.every(
    ({ id, object, recordId }) => id !== '' && object !== '' && recordId !== '',
  );
  return isMessage && whole && organizationId !== '' ? { organizationId, notifications } : null;
}

/** `sf:Opportunity` says Opportunity, whatever the prefix stands for. */
function typeOf(tag: SaxesTagNS): string | null {
  for (const attribute of Object.values(tag.attributes))
    if (attribute.uri === XSI && attribute.local === 'type') return attribute.value.split(':').at(-1) ?? null;
  return null;
}
