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
/** Of more deals that a batch read does not answer for, those in the recycle bin are found out together. */
const MOST_ASKED_SINGLY = 5;

/** The deals among these ids that a batch read finds; ids it does not know are simply not among them. */
export function readBatch(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  { properties }: Shape,
  signal: AbortSignal,
): Promise<readonly NativeDeal[]> {
  return dealsAmong(client, settings, ids, { properties, archived: false }, signal);
}

async function dealsAmong(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  { properties, archived }: { readonly properties: readonly string[]; readonly archived: boolean },
  signal: AbortSignal,
): Promise<readonly NativeDeal[]> {
  if (ids.length === 0) return [];
  const { body } = await client.call(
    {
      method: 'POST',
      path: pathsOf(settings.generation).batchRead,
      query: { archived: String(archived) },
      json: { properties, propertiesWithHistory: [], inputs: ids.map((id) => ({ id })) },
    },
    signal,
  );
  return asDeals(asObject(body)['results']);
}

/**
 * Reads records by id. An id that a batch read does not answer for is asked for singly, because only that follows merges:
 * the survivor is reported, with the id among those it absorbed. Where many are missing most were deleted together, which
 * one more batch read tells.
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
  const unanswered = ids.filter((id) => !found.has(id));
  const deleted =
    unanswered.length > MOST_ASKED_SINGLY ? await inBin(client, settings, unanswered, signal) : NONE;
  const missing: RecordId[] = unanswered.filter((id) => deleted.has(id));
  const open = unanswered.filter((id) => !deleted.has(id));
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

const NONE: ReadonlySet<RecordId> = new Set();

/** Those of these deals that lie in the recycle bin under their own id. */
async function inBin(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  signal: AbortSignal,
): Promise<ReadonlySet<RecordId>> {
  const deals = await dealsAmong(client, settings, ids, { properties: [], archived: true }, signal);
  return new Set(deals.filter(({ archived }) => archived).map(({ id }) => id));
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
