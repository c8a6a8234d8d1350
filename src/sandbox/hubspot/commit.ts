import { computeDeal } from './deal-computed.ts';
import { link } from './links.ts';
import { objectTypeOf } from './object-type.ts';
import type { Portal } from './portal.ts';
import { Draft, type HubRecord, type Source, type Values, type Version } from './record.ts';
import { type Intent, validate } from './validate.ts';
import { formatInstant, sameStored } from './values.ts';
import type { Writer } from './writer.ts';

export interface LinkWish {
  readonly to: HubRecord;
  readonly types: readonly number[];
}

export interface Commit {
  readonly record: HubRecord;
  /** The values this write left, before any automation that followed it. */
  readonly version: Version;
  /** Names of stored values that changed, computed ones included, last-change stamps left out. */
  readonly changed: readonly string[];
  readonly created: boolean;
}

type Fields = Record<string, { before: unknown; after: unknown }>;

const DEEPEST_AUTOMATION = 3;

/** Stores a checked write: computed values, stamp, history, search, truth, then the automations it sets off. */
export function commit(
  portal: Portal,
  intent: Intent,
  writer: Writer,
  links: readonly LinkWish[] = [],
): Commit {
  return intent.record === undefined
    ? create(portal, intent, writer, links, 0)
    : update(portal, intent, intent.record, writer, 0);
}

/** Computes a record anew after something it depends on changed: its links, or the metadata of its stage. */
export function recompute(portal: Portal, record: HubRecord, writer: Writer): Commit {
  const now = portal.now();
  const draft = new Draft(record.slots, record.current.values);
  const before = record.current.values;
  computeFor(portal, record, draft, before, new Set(), now);
  const fields = differences(record, before, draft.values);
  const changed = Object.keys(fields);
  if (changed.length > 0) store(portal, record, draft, fields, writer, now, 'update');
  return { record, version: record.current, changed, created: false };
}

function create(
  portal: Portal,
  { store: objects, values }: Intent,
  writer: Writer,
  links: readonly LinkWish[],
  depth: number,
): Commit {
  const now = portal.now();
  const draft = new Draft(objects.slots);
  const id = objects.newId();
  const record = objects.add(id, { values: [], at: now, source: writer.source });
  stampBirth(record, draft, writer.source, now);
  for (const [name, value] of values) draft.set(name, value);
  for (const { to, types } of links) link(record, to, types);
  if (objects.type.plural === 'deals') {
    computeDeal(portal, record, draft, {
      before: undefined,
      sent: new Set(values.keys()),
      imported: false,
      now,
    });
  }
  const fields = differences(record, [], draft.values);
  store(portal, record, draft, fields, writer, now, 'create');
  record.older = undefined;
  const version = record.current;
  runAutomations(portal, record, fields, writer, depth);
  return { record, version, changed: Object.keys(fields), created: true };
}

function update(portal: Portal, intent: Intent, record: HubRecord, writer: Writer, depth: number): Commit {
  const now = portal.now();
  const draft = new Draft(record.slots, record.current.values);
  const before = record.current.values;
  let moved = false;
  for (const [name, value] of intent.values) {
    const stored = draft.get(name);
    const same =
      stored === undefined || value === null
        ? stored === (value ?? undefined)
        : sameStored(intent.store.properties.get(name), stored, value);
    if (same) continue;
    draft.set(name, value);
    moved = true;
  }
  if (!moved) return { record, version: record.current, changed: [], created: false };
  computeFor(portal, record, draft, before, new Set(intent.values.keys()), now);
  const fields = differences(record, before, draft.values);
  store(portal, record, draft, fields, writer, now, 'update');
  const version = record.current;
  runAutomations(portal, record, fields, writer, depth);
  return { record, version, changed: Object.keys(fields), created: false };
}

function computeFor(
  portal: Portal,
  record: HubRecord,
  draft: Draft,
  before: Values,
  sent: ReadonlySet<string>,
  now: number,
): void {
  if (record.type.plural !== 'deals') return;
  const old = new Draft(record.slots, before);
  computeDeal(portal, record, draft, { before: (name) => old.get(name), sent, imported: false, now });
}

/** What a record is born with, whatever is sent. */
export function stampBirth(record: HubRecord, draft: Draft, source: Source, now: number): void {
  const stamp = formatInstant(now);
  draft.set('hs_object_id', record.id);
  draft.set(record.type.created, stamp);
  if (record.type.plural === 'deals' || record.type.plural === 'companies') draft.set('hs_createdate', stamp);
  draft.set(record.type.modified, stamp);
  draft.set('hs_object_source', source.type);
  draft.set('hs_object_source_id', source.id);
  draft.set('hs_object_source_label', source.label ?? source.type);
  if (source.userId !== undefined) draft.set('hs_object_source_user_id', String(source.userId));
}

/** Makes the draft the current version and lets search, uniqueness and the truth log know. */
export function store(
  portal: Portal,
  record: HubRecord,
  draft: Draft,
  fields: Fields,
  writer: Writer,
  now: number,
  action: 'create' | 'update' | 'merge' | 'restore',
): void {
  draft.set(record.type.modified, formatInstant(now));
  const objects = portal.store(record.type);
  const values = draft.values;
  for (const { name } of objects.properties.unique()) {
    const change = fields[name];
    if (change !== undefined) {
      objects.moved(
        record,
        name,
        change.before as string | undefined,
        (change.after as string | null) ?? undefined,
      );
    }
  }
  record.advance({ values, at: now, source: writer.source });
  objects.index.write(record, values, portal.visibleAt(now), now);
  portal.deps.truth.append({
    at: now,
    crm: 'hubspot',
    type: record.type.singular,
    id: record.id,
    action,
    actor: writer.actor,
    fields,
  });
}

/** Values that differ between two versions, last-change stamp left out. */
export function differences(record: HubRecord, before: Values, after: Values): Fields {
  const fields: Fields = {};
  for (let slot = 0; slot < after.length; slot += 1) {
    if (before[slot] === after[slot]) continue;
    const name = record.slots.names[slot];
    if (name === undefined || name === record.type.modified) continue;
    fields[name] = { before: before[slot] ?? null, after: after[slot] ?? null };
  }
  return fields;
}

function runAutomations(
  portal: Portal,
  record: HubRecord,
  fields: Fields,
  writer: Writer,
  depth: number,
): void {
  if (depth >= DEEPEST_AUTOMATION) return;
  for (const automation of portal.switches.automations) {
    const actor = `automation:${automation.name}`;
    const change = fields[automation.property];
    if (change === undefined || actor === writer.actor || objectTypeOf(automation.type) !== record.type)
      continue;
    if (automation.changedTo !== undefined && change.after !== automation.changedTo) continue;
    const intent = validate(portal, portal.store(record.type), record, automation.set);
    if (intent.problems.length > 0) continue;
    const source = { type: 'AUTOMATION_PLATFORM', id: automation.name, label: 'AUTOMATION_PLATFORM' };
    update(portal, intent, record, { actor, source }, depth + 1);
  }
}
