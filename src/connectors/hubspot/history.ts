import type { AccountFacts } from '../../core/account-facts.ts';
import type { FieldEntry, Histories, RecordHistory } from '../../core/field-history.ts';
import type { RecordId } from '../../core/ids.ts';
import { asList, asObject, asText, type Json } from './answer.ts';
import type { HubspotClient } from './client.ts';
import type { HubspotFieldFact } from './fields.ts';
import { canonicalValue, instantOf } from './map.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';
import { type Shape, shapeOf } from './shape.ts';

/** HubSpot reads histories of half as many deals at once as values. */
export const HISTORY_BATCH = 50;

/** One value a property held, as HubSpot writes it. */
interface Saved {
  readonly value: string;
  readonly at: number;
  readonly actor: string | null;
}

/** The history of these fields, in one call. HubSpot keeps one of every property; it cannot be asked for its end alone. */
export async function readHistory(
  client: HubspotClient,
  settings: HubspotSettings,
  ids: readonly RecordId[],
  fields: readonly string[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<Histories> {
  if (ids.length > HISTORY_BATCH) throw new RangeError(`${ids.length} histories in one call`);
  const shape = shapeOf(facts);
  const wanted = shape.readable.filter((fact) => fields.includes(fact.field));
  if (ids.length === 0 || wanted.length === 0) return new Map(ids.map((id) => [id, {}]));
  // A stage is known by its pipeline too, which has a history of its own.
  const pipeline = wanted.some((fact) => fact.kind === 'stage') ? ['pipeline'] : [];
  const natives = [...new Set([...wanted.map((fact) => fact.native), ...pipeline])];
  const { body } = await client.call(
    {
      method: 'POST',
      path: pathsOf(settings.generation).batchRead,
      query: { archived: 'false' },
      json: { properties: natives, propertiesWithHistory: natives, inputs: ids.map((id) => ({ id })) },
    },
    signal,
  );
  const histories = new Map<RecordId, RecordHistory>();
  for (const deal of asList(asObject(body)['results']).map(asObject)) {
    const id = asText(deal['id']);
    if (id !== null) histories.set(id, historyOf(asObject(deal['propertiesWithHistory']), wanted, shape));
  }
  return histories;
}

function historyOf(told: Json, wanted: readonly HubspotFieldFact[], shape: Shape): RecordHistory {
  const pipelines = savedOf(told['pipeline']);
  const history: Record<string, readonly FieldEntry[]> = {};
  for (const fact of wanted) {
    if (!Array.isArray(told[fact.native])) continue;
    history[fact.field] = savedOf(told[fact.native]).flatMap(({ value, at, actor }): FieldEntry[] => {
      const pipeline = pipelines.find((entry) => entry.at <= at)?.value;
      const raw = { [fact.native]: value, ...(pipeline === undefined ? {} : { pipeline }) };
      // A person who left the portal has no address any more; the number still tells one value from another.
      const canonical = canonicalValue(fact, raw, shape) ?? value;
      return [{ value: canonical, at, actor }];
    });
  }
  return history;
}

/** Newest first, whatever order they came in. */
function savedOf(told: unknown): Saved[] {
  return asList(told)
    .map(asObject)
    .flatMap((entry): Saved[] => {
      const at = instantOf(asText(entry['timestamp']));
      return at === null ? [] : [{ value: asText(entry['value']) ?? '', at, actor: actorOf(entry) }];
    })
    .sort((a, b) => b.at - a.at);
}

/** Sources that are programs whatever person they name: an integration writes in the name of who installed it. */
const PROGRAMS: Readonly<Record<string, 'app' | 'automation'>> = {
  API: 'app',
  INTEGRATION: 'app',
  INTEGRATIONS_PLATFORM: 'app',
  SALESFORCE: 'app',
  AUTOMATION_PLATFORM: 'automation',
  WORKFLOWS: 'automation',
  CALCULATED: 'automation',
  PROPERTY_SETTINGS: 'automation',
};

/** Who made an entry: HubSpot names a kind of source, and for people their number. The list of sources is open. */
export function actorOf(entry: Json): string | null {
  const type = asText(entry['sourceType']);
  if (type === null) return null;
  const source = asText(entry['sourceId']) ?? '';
  if (type === 'IMPORT') return 'import';
  const program = PROGRAMS[type];
  if (program !== undefined) return `${program}:${source === '' ? type.toLowerCase() : source}`;
  const person =
    asText(entry['updatedByUserId']) ?? (source.startsWith('userId:') ? source.slice('userId:'.length) : '');
  return person === '' ? `app:${type.toLowerCase()}` : `human:${person}`;
}
