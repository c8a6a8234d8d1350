import type { DatasetLine } from '../simulator.ts';
import { pairTypes } from './association-types.ts';
import type { ObjectStore } from './object-store.ts';
import type { Portal } from './portal.ts';
import type { HubRecord } from './record.ts';

/** Where links are told: a link is part of the line of the record that belongs to the other, never of both. */
const TOLD: readonly string[] = ['companies', 'contacts', 'deals'];

/** Everything stored, as dataset lines in an order that can be loaded again. */
export function* stateOf(portal: Portal): Iterable<DatasetLine> {
  for (const store of portal.stores()) yield* propertyLines(store);
  for (const pipeline of portal.pipelines.all()) {
    yield { crm: 'hubspot', type: 'pipeline', fields: { ...pipeline } };
  }
  for (const owner of portal.owners.values()) yield { crm: 'hubspot', type: 'owner', fields: { ...owner } };
  for (const plural of ['companies', 'contacts', 'deals']) yield* recordLines(portal.storeOf(plural));
  for (const store of portal.stores()) if (!TOLD.includes(store.type.plural)) yield* recordLines(store);
}

function* propertyLines({ type, properties }: ObjectStore): Iterable<DatasetLine> {
  for (const entry of properties.all()) {
    if (entry.hubspotDefined) continue;
    const { name, label, type: kind, fieldType, groupName, description, options, hasUniqueValue } = entry;
    const { readOnlyValue, calculated } = entry;
    const fields = { objectType: type.plural, name, label, type: kind, fieldType, groupName, description };
    const own = options.map(({ label: shown, value, hidden }) => ({ label: shown, value, hidden }));
    yield {
      crm: 'hubspot',
      type: 'property',
      fields: { ...fields, options: own, hasUniqueValue, readOnlyValue, calculated },
    };
  }
}

function* recordLines(store: ObjectStore): Iterable<DatasetLine> {
  for (const record of store.live.all) yield lineOf(record);
  for (const record of store.archived.all) yield { ...lineOf(record), deleted: true };
}

/** One record as a dataset line with every stored value. */
export function lineOf(record: HubRecord): DatasetLine {
  const fields: Record<string, string> = {};
  for (const [slot, value] of record.current.values.entries()) {
    const name = record.slots.names[slot];
    if (name !== undefined && value !== undefined) fields[name] = value;
  }
  const associations = linksOf(record);
  return {
    crm: 'hubspot',
    type: record.type.singular,
    fields,
    ...(Object.keys(associations).length === 0 ? {} : { associations }),
  };
}

/** Linked ids by kind, the primary one first. */
function linksOf(record: HubRecord): Record<string, string[]> {
  const own = TOLD.indexOf(record.type.plural);
  const result: Record<string, string[]> = {};
  for (const { to, types } of record.links) {
    const rank = TOLD.indexOf(to.type.plural);
    if (rank === -1 || (own !== -1 && rank >= own)) continue;
    const ids = result[to.type.plural] ?? [];
    result[to.type.plural] = ids;
    const primary = pairTypes(record.type, to.type)?.primary;
    if (primary !== null && primary !== undefined && types.includes(primary)) ids.unshift(to.id);
    else ids.push(to.id);
  }
  return result;
}
