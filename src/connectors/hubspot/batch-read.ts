import type { AccountFacts } from '../../core/account-facts.ts';
import type { ReadByIds } from '../../core/connector-port.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { RecordId } from '../../core/ids.ts';
import type { Snapshot } from '../../core/opportunity.ts';
import { asDeal, asDeals, asObject, type NativeDeal } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { toSnapshot } from './map.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';
import { type Shape, shapeOf } from './shape.ts';

export const READ_BATCH = 100;

/** The deals among these ids that a batch read finds; ids it does not know are simply not among them. */
export async function readBatch(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  shape: Shape,
  signal: AbortSignal,
): Promise<readonly NativeDeal[]> {
  if (ids.length === 0) return [];
  const { body } = await client.call(
    {
      method: 'POST',
      path: pathsOf(settings.generation).batchRead,
      query: { archived: 'false' },
      json: { properties: shape.properties, propertiesWithHistory: [], inputs: ids.map((id) => ({ id })) },
    },
    signal,
  );
  return asDeals(asObject(body)['results']);
}

/**
 * Reads records by id. An id that a batch read does not answer for is asked for singly, because only that follows merges:
 * the survivor is reported, with the id among those it absorbed.
 */
export async function readByIds(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadByIds> {
  if (new Set(ids).size < ids.length) throw new RangeError('The same deal is asked for twice in one call.');
  const shape = shapeOf(facts);
  const found = new Map<RecordId, Snapshot>();
  for (const deal of await readBatch(client, settings, ids, shape, signal)) {
    found.set(deal.id, toSnapshot(deal, shape));
  }
  const missing: RecordId[] = [];
  const open = ids.filter((id) => !found.has(id));
  const survivors = await Promise.all(open.map((id) => readOne(client, settings, id, shape, signal)));
  for (const [index, asked] of open.entries()) {
    const deal = survivors[index] ?? null;
    if (deal === null) {
      missing.push(asked);
      continue;
    }
    const snapshot = found.get(deal.id) ?? toSnapshot(deal, shape);
    const absorbs = asked !== deal.id && !snapshot.absorbedIds.includes(asked);
    const absorbedIds = absorbs ? [...snapshot.absorbedIds, asked] : snapshot.absorbedIds;
    found.set(deal.id, { ...snapshot, absorbedIds });
  }
  return { snapshots: [...found.values()], missing };
}

/** Null when the deal does not exist any more. */
async function readOne(
  client: HubspotClient,
  settings: HubspotSettings,
  id: RecordId,
  shape: Shape,
  signal: AbortSignal,
): Promise<NativeDeal | null> {
  const path = `${pathsOf(settings.generation).deals}/${encodeURIComponent(id)}`;
  const query = { properties: shape.properties.join(','), archived: 'false' };
  const outcome = await client.attempt({ method: 'GET', path, query, record: id }, signal);
  if (outcome.ok) return asDeal(outcome.answer.body);
  if (outcome.error.recovery === 'gone') return null;
  throw new OppsyncError(outcome.error);
}
