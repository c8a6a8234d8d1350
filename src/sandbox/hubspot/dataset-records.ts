import { DatasetError, type DatasetLine } from '../simulator.ts';
import { pairTypes } from './association-types.ts';
import { differences, stampBirth } from './commit.ts';
import { computeDeal } from './deal-computed.ts';
import { link } from './links.ts';
import type { ObjectStore } from './object-store.ts';
import { objectTypeOf } from './object-type.ts';
import type { Portal } from './portal.ts';
import { Draft, type HubRecord } from './record.ts';
import { normalise } from './values.ts';

const IMPORT = { type: 'IMPORT', id: 'sandbox-dataset', label: 'IMPORT' } as const;

interface Fresh {
  readonly record: HubRecord | undefined;
  readonly store: ObjectStore;
  readonly draft: Draft;
  readonly line: DatasetLine;
}

/** Takes records from dataset lines; what depends on other lines waits for `finish`. */
export class RecordLoader {
  readonly #portal: Portal;
  #fresh: Fresh[] = [];

  constructor(portal: Portal) {
    this.#portal = portal;
  }

  /** @throws {DatasetError} for an unknown key, a bad value, or an id that is taken. */
  load(store: ObjectStore, line: DatasetLine): void {
    const { singular } = store.type;
    const { id: plainId, ...fields } = line.fields;
    const given = fields['hs_object_id'] ?? plainId;
    const id = given === undefined || given === null || given === '' ? undefined : String(given);
    if (id !== undefined && !/^[1-9]\d{0,15}$/.test(id)) {
      throw new DatasetError('record_id', { id, what: singular });
    }
    if (id !== undefined && store.get(id) !== undefined)
      throw new DatasetError('id_twice', { what: singular, id });
    const draft = new Draft(store.slots);
    for (const [name, raw] of Object.entries(fields)) draft.set(name, storedValue(store, name, raw));
    for (const { name } of store.properties.unique()) {
      const value = draft.get(name);
      if (value !== undefined && store.byUnique(name, value) !== undefined) {
        throw new DatasetError('unique', { name, value, id: String(store.byUnique(name, value)?.id) });
      }
    }
    this.#fresh.push({
      record: id === undefined ? undefined : this.#place(store, id, draft),
      store,
      draft,
      line,
    });
  }

  /** Resolves links, computes what HubSpot computes, and makes everything visible at once. A link to nothing is left out. */
  finish(onBad?: (error: DatasetError, line: DatasetLine) => void): void {
    const portal = this.#portal;
    const fresh = this.#fresh.map((each) => ({
      ...each,
      record: each.record ?? this.#place(each.store, each.store.newId(), each.draft),
    }));
    this.#fresh = [];
    for (const { record, line } of fresh) {
      try {
        linkAll(portal, record, line);
      } catch (error) {
        if (!(error instanceof DatasetError) || onBad === undefined) throw error;
        onBad(error, line);
      }
    }
    const now = portal.now();
    for (const { record, store, draft, line } of fresh) {
      activateCurrency(portal, record);
      const { at, source } = record.current;
      if (store.type.plural === 'deals') {
        computeDeal(portal, record, draft, { before: undefined, sent: new Set(), imported: true, now });
      }
      record.current = { values: draft.values, at, source };
      const fields = differences(record, [], draft.values);
      const entry = { at: now, crm: 'hubspot', type: store.type.singular, id: record.id, actor: 'import' };
      portal.deps.truth.append({ ...entry, action: 'create', fields });
      store.index.write(record, draft.values, now, now);
      if (line.deleted === true) {
        store.archive(record, now);
        portal.deps.truth.append({ ...entry, action: 'delete', fields: {} });
      }
    }
  }

  #place(store: ObjectStore, id: string, draft: Draft): HubRecord {
    const { type } = store;
    const now = this.#portal.now();
    const record = store.add(id, { values: draft.values, at: now, source: IMPORT });
    const born = new Draft(store.slots);
    stampBirth(record, born, IMPORT, now);
    const created = draft.get(type.created) ?? draft.get('hs_createdate');
    if (created !== undefined) {
      for (const name of [type.created, type.modified]) born.set(name, created);
      if (born.get('hs_createdate') !== undefined) born.set('hs_createdate', created);
    }
    for (const [slot, value] of born.values.entries()) {
      const name = store.slots.names[slot];
      if (name !== undefined && value !== undefined && draft.get(name) === undefined) draft.set(name, value);
    }
    draft.set('hs_object_id', id);
    record.current = {
      values: draft.values,
      at: Date.parse(draft.get(type.created) ?? '') || now,
      source: IMPORT,
    };
    for (const { name } of store.properties.unique()) {
      const value = draft.get(name);
      if (value !== undefined) store.moved(record, name, undefined, value);
    }
    return record;
  }
}

function storedValue(store: ObjectStore, name: string, raw: unknown): string | null {
  const definition = store.properties.get(name);
  if (definition === undefined) {
    throw new DatasetError('unknown_property', {
      ...{ name, what: store.type.singular, near: store.properties.nearest(name) },
    });
  }
  const result = normalise(definition, raw);
  if (!result.ok) {
    const words = result.message.replaceAll('\n', ' ').trim().slice(0, 300);
    throw new DatasetError('bad_value', { name, words });
  }
  return result.value;
}

/** The first company of a deal or contact is its primary one. */
function linkAll(portal: Portal, record: HubRecord, line: DatasetLine): void {
  for (const [segment, ids] of Object.entries(line.associations ?? {}) as [string, readonly string[]][]) {
    const type = objectTypeOf(segment);
    const types = type === undefined ? undefined : pairTypes(record.type, type);
    if (type === undefined || types === undefined) {
      throw new DatasetError('not_associable', { what: record.type.singular, name: segment });
    }
    for (const [i, id] of ids.entries()) {
      const to = portal.store(type).get(String(id));
      if (to === undefined) {
        throw new DatasetError('absent', {
          ...{ what: record.type.singular, id: record.id, other: type.singular, otherId: String(id) },
        });
      }
      link(record, to, i === 0 && types.primary !== null ? [types.primary, types.plain] : [types.plain]);
    }
  }
}

/** A portal that holds deals in a currency has that currency active. */
function activateCurrency(portal: Portal, record: HubRecord): void {
  const code = record.get('deal_currency_code');
  if (code === undefined || portal.isActiveCurrency(code)) return;
  portal.switches.currencies = new Map([...portal.switches.currencies, [code, 1]]);
}
