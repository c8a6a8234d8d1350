import { bodyOf, type Call, ok, type Reply } from './call.ts';
import { differences, store as keep, stampBirth } from './commit.ts';
import { computeDeal } from './deal-computed.ts';
import { badRequest, recordNotFound } from './hub-error.ts';
import { link } from './links.ts';
import type { ObjectStore } from './object-store.ts';
import type { Portal } from './portal.ts';
import { Draft, type HubRecord } from './record.ts';
import { projection, rendered } from './render.ts';
import type { Writer } from './writer.ts';

/** POST merge: 200 with the record that came of it, under an id of its own (hubspot.md §2.5). */
export function mergeCall(portal: Portal, store: ObjectStore, call: Call): Reply {
  const body = bodyOf(call);
  const find = (name: string): HubRecord => {
    const id = String(body[name] ?? '');
    const record = store.resolve(id);
    if (record === undefined || record.archivedAt !== undefined) throw recordNotFound(id);
    return record;
  };
  const primary = find('primaryObjectId');
  const absorbed = find('objectIdToMerge');
  if (primary === absorbed) throw badRequest('An object cannot be merged into itself.');
  const survivor = merge(portal, store, primary, absorbed, call.writer);
  portal.deps.counters.write(false);
  return ok(rendered(portal, survivor, survivor.current.values, projection(store, store.slots.names)));
}

/**
 * Merges two records into a new one: the primary's values win, blanks are filled from the other, links are united, and
 * both old ids lead to the new record from now on.
 */
export function merge(
  portal: Portal,
  store: ObjectStore,
  primary: HubRecord,
  absorbed: HubRecord,
  writer: Writer,
): HubRecord {
  const now = portal.now();
  const source = { ...writer.source, type: 'MERGE_OBJECTS' };
  const id = store.newId();
  const survivor = store.add(id, { values: [], at: now, source });
  const draft = new Draft(store.slots);
  stampBirth(survivor, draft, source, now);
  const ids = [primary, absorbed].flatMap((old) => [
    ...(old.get('hs_merged_object_ids') ?? '').split(';'),
    old.id,
  ]);
  for (const [slot, name] of store.slots.names.entries()) {
    if (name === 'hs_object_id') continue;
    const value = primary.current.values[slot] ?? absorbed.current.values[slot];
    if (value !== undefined) draft.set(name, value);
  }
  draft.set('hs_merged_object_ids', [...new Set(ids.filter((old) => old !== ''))].join(';'));
  takeLinks(survivor, primary, absorbed);
  takeLinks(survivor, absorbed, primary);
  for (const old of [primary, absorbed]) store.absorb(old, id);
  if (store.type.plural === 'deals') {
    const before = (name: string): string | undefined => primary.get(name);
    computeDeal(portal, survivor, draft, { before, sent: new Set(['closedate']), imported: false, now });
  }
  keep(portal, survivor, draft, differences(survivor, [], draft.values), writer, now, 'merge');
  survivor.older = undefined;
  for (const old of [primary, absorbed]) {
    portal.deps.truth.append({
      at: now,
      crm: 'hubspot',
      type: store.type.singular,
      id: old.id,
      action: 'merge',
      actor: writer.actor,
      fields: { hs_object_id: { before: old.id, after: id } },
    });
  }
  return survivor;
}

/** Whatever kind of link the survivor holds already keeps its primary mark. */
function takeLinks(survivor: HubRecord, old: HubRecord, other: HubRecord): void {
  const held = new Set(survivor.links.map((each) => each.to.type));
  for (const { to, types } of old.links) {
    to.links = to.links.filter((each) => each.to !== old);
    if (to !== other) link(survivor, to, held.has(to.type) ? types.slice(-1) : types);
  }
  old.links = [];
}
