/** What HubSpot's webhook events say about deals, in their classic (`deal.*`) and generic (`object.*`) shapes. */
import { createHash } from 'node:crypto';
import type { EventKind, RecordEvent } from '../../core/event-port.ts';
import type { Json } from './answer.ts';

const DEAL_TYPE = '0-3';

/** A map, because a name such as `__proto__` is a member of any object. */
const KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['creation', 'created'],
  ['propertyChange', 'changed'],
  ['deletion', 'deleted'],
  ['privacyDeletion', 'deleted'],
  ['restore', 'restored'],
  ['merge', 'merged'],
  ['associationChange', 'linked'],
]);

/** The deals an event is about: none for other objects and for kinds of events we do not know. */
export function recordEvents(item: Json): readonly RecordEvent[] {
  const type = textOf(item['subscriptionType']) ?? textOf(item['eventType']) ?? '';
  const [object, happening] = [type.slice(0, type.indexOf('.')), type.slice(type.indexOf('.') + 1)];
  const kind = KINDS.get(happening);
  const account = idOf(item['portalId']);
  if (kind === undefined || account === null) return [];
  const ids = new Set(idsOf(object, kind, item));
  const at = Number(item['occurredAt']);
  return [...ids].map((id) => ({
    id,
    kind,
    key: keyOf(type, id, item),
    account,
    at: Number.isSafeInteger(at) && at > 0 ? at : null,
  }));
}

/** HubSpot sends a hundred events at most, so of no more portals. */
const MOST_PORTALS = 100;

/** The portals a body names, found in its bytes: nothing is decoded for somebody who has proved nothing yet. */
export function portalsNamedIn(body: Uint8Array): readonly string[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const portals = new Set<string>();
  for (const [, portal = ''] of text.matchAll(/"portalId"\s*:\s*"?(\d{1,20})/g)) {
    portals.add(portal);
    if (portals.size >= MOST_PORTALS) break;
  }
  return [...portals];
}

function idsOf(object: string, kind: EventKind, item: Json): readonly string[] {
  const own = idOf(item['objectId']);
  const generic = object === 'object';
  if (kind === 'linked') return linkedIds(object, item);
  if (object !== 'deal' && !(generic && textOf(item['objectTypeId']) === DEAL_TYPE)) return [];
  if (kind !== 'merged') return own === null ? [] : [own];
  // A merge of deals may make a record of its own: whoever took part is looked at again.
  const merged = Array.isArray(item['mergedObjectIds']) ? item['mergedObjectIds'] : [];
  return [item['newObjectId'], item['primaryObjectId'], ...merged, item['objectId']].flatMap(
    (id) => idOf(id) ?? [],
  );
}

/** An association is told from both of its ends, by either object's events. */
function linkedIds(object: string, item: Json): readonly string[] {
  const [from, to] = (textOf(item['associationType']) ?? '').split('_TO_');
  const isDeal = (side: string | undefined, typeId: unknown, first: boolean): boolean =>
    textOf(typeId) === DEAL_TYPE || side === 'DEAL' || (first && object === 'deal');
  return [
    ...(isDeal(from, item['fromObjectTypeId'], true) ? [item['fromObjectId'] ?? item['objectId']] : []),
    ...(isDeal(to, item['toObjectTypeId'], false) ? [item['toObjectId']] : []),
  ].flatMap((id) => idOf(id) ?? []);
}

/** The number of the attempt is left out: a repeated delivery is the same happening. */
function keyOf(type: string, id: string, item: Json): string {
  const parts = [
    ...[item['portalId'], type, id, item['propertyName'], item['occurredAt'], item['eventId']],
    ...[item['associationType'], item['fromObjectId'], item['toObjectId'], item['associationRemoved']],
    item['isPrimaryAssociation'],
  ];
  const named = JSON.stringify(parts.map((part) => (part === undefined ? null : String(part))));
  return createHash('sha256').update(named).digest('base64url').slice(0, 27);
}

function idOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && /^\d{1,20}$/.test(text) ? text : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
}
