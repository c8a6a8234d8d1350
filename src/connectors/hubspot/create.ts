import type { AccountFacts } from '../../core/account-facts.ts';
import type { CreateResult, Creator, NewRecord } from '../../core/connector-port.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { PairKey } from '../../core/ids.ts';
import type { Snapshot } from '../../core/opportunity.ts';
import { asDeals, asObject } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { unknownError } from './errors.ts';
import { OWNED_NATIVE_FIELDS } from './fields.ts';
import { toSnapshot } from './map.ts';
import { toProperties } from './native-values.ts';
import { pathsOf } from './paths.ts';
import { sendRows } from './send-rows.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';
import { shapeOf } from './shape.ts';

const KEY = OWNED_NATIVE_FIELDS.pairKey;
const KEYS_PER_READ = 100;

/** Makes deals by batch upsert on the unique pair key property. */
export function createCreator(client: HubspotClient, settings: HubspotSettings): Creator {
  return {
    required: ['name', 'stage'],
    keyBatch: KEYS_PER_READ,
    // The recycle bin is a partition of its own.
    callsPerLook: 2,
    obstacles,
    readByKeys: (keys, facts, signal) => readByKeys(client, settings, keys, facts, signal),
    create: (records, facts, signal) => create(client, settings, records, facts, signal),
  };
}

/** PURE. */
function obstacles(facts: AccountFacts): readonly ErrorDetails[] {
  const key = facts.fields.find((fact) => fact.field === 'pairKey');
  if (key?.readable === true && key.writable && key.unique === true) return [];
  const why = key?.readable !== true ? 'key_missing' : key.writable ? 'key_not_unique' : 'key_read_only';
  return [
    {
      recovery: 'fix',
      code: 'hubspot.create_without_key',
      crm: 'hubspot',
      field: 'pairKey',
      ...told(why, { native: KEY }),
    },
  ];
}

/** Living deals first; those not among them are looked for in the recycle bin. */
async function readByKeys(
  client: HubspotClient,
  settings: HubspotSettings,
  keys: readonly PairKey[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> {
  client.knowZone(facts.timeZone);
  if (new Set(keys).size < keys.length) throw new RangeError('The same key is asked for twice in one call.');
  const shape = shapeOf(facts);
  const read = async (wanted: readonly PairKey[], archived: boolean): Promise<readonly Snapshot[]> => {
    if (wanted.length === 0) return [];
    const { body } = await client.call(
      {
        method: 'POST',
        path: pathsOf(settings.generation).batchRead,
        query: { archived: String(archived) },
        json: {
          properties: shape.properties,
          propertiesWithHistory: [],
          idProperty: KEY,
          inputs: wanted.map((id) => ({ id })),
        },
      },
      signal,
    );
    return asDeals(asObject(body)['results']).map((deal) => toSnapshot(deal, shape));
  };
  const living = await read(keys, false);
  const found = new Set(living.map(({ pairKey }) => pairKey));
  const deleted = await read(
    keys.filter((key) => !found.has(key)),
    true,
  );
  return [...living, ...deleted];
}

async function create(
  client: HubspotClient,
  settings: HubspotSettings,
  records: readonly NewRecord[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly CreateResult[]> {
  client.knowZone(facts.timeZone);
  if (new Set(records.map(({ key }) => key)).size < records.length) {
    throw new RangeError('The same key is given twice in one call.');
  }
  const shape = shapeOf(facts);
  const rows = records.map(({ key, fields, owned }) => ({
    id: key,
    trace: key,
    properties: { ...toProperties({ fields, owned }, shape), [KEY]: key },
  }));
  const path = pathsOf(settings.generation).batchUpsert;
  const sent = await sendRows(rows, {
    post: (batch) => {
      const inputs = batch.map(({ id, properties, trace }) => ({
        ...{ id, idProperty: KEY, properties },
        objectWriteTraceId: trace,
      }));
      return client.attempt({ method: 'POST', path, json: { inputs }, writes: true }, signal);
    },
    // Answers come in an order of their own, and may spell values differently; the key is ours and stays as it is.
    rowOf: (deal, batch) => batch.find((row) => row.id === deal.properties[KEY]),
  });
  return records.map(({ key }): CreateResult => {
    const result = sent.get(key);
    if (result?.ok === true)
      return { key, ok: true, id: result.deal.id, created: result.deal.isNew !== false };
    return { key, ok: false, error: result?.error ?? unknownError('NO_RESULT', 'unknown_unsent') };
  });
}
