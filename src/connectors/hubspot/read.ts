import { z } from 'zod';
import type { AccountFacts } from '../../core/account-facts.ts';
import type { ReadPage, ReadPosition, SafeMark } from '../../core/connector-port.ts';
import { OppsyncError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/ids.ts';
import { asDeals, asObject, type NativeDeal, nextAfter } from './answer.ts';
import { readBatch } from './batch-read.ts';
import type { HubspotClient } from './client.ts';
import { toSnapshot } from './map.ts';
import { pathsOf } from './paths.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';
import { type Shape, shapeOf } from './shape.ts';

export const LIST_PAGE = 100;
const SEARCH_PAGE = 200;
/** HubSpot refuses search bodies above 3,000 characters. */
const MAX_SEARCH_BODY = 2900;

const position = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('full'), until: z.number(), after: z.string().nullable() }),
  z.object({ mode: z.literal('changes'), from: z.number(), until: z.number(), lastId: z.string() }),
]);
const mark = z.object({ until: z.number() });
type Position = z.output<typeof position>;

/**
 * Where a reading begins. The safe mark it will end with is fixed here: the server's present time less the lag of the
 * search index, so that a deal saved now but indexed late falls into the next reading's window.
 */
export function startReading(
  from: SafeMark | null,
  facts: AccountFacts,
  settings: HubspotSettings,
  now: EpochMs,
): ReadPosition {
  const until = now + facts.clockOffsetMs - settings.searchLagMs;
  if (from === null) return { mode: 'full', until, after: null } satisfies Position;
  const since = checked(mark, from, 'mark').until;
  return {
    mode: 'changes',
    from: since - settings.overlapMs,
    until: Math.max(since, until),
    lastId: '0',
  } satisfies Position;
}

/** The page at a position. */
export async function readPage(
  client: HubspotClient,
  settings: HubspotSettings,
  given: ReadPosition,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadPage> {
  const at = checked(position, given, 'position');
  const shape = shapeOf(facts);
  return at.mode === 'full'
    ? listPage(client, settings, at, shape, signal)
    : changesPage(client, settings, at, shape, signal);
}

/** A page of the list, which reads the records themselves and not an index. Archived deals are not in it. */
async function listPage(
  client: HubspotClient,
  settings: HubspotSettings,
  at: Extract<Position, { mode: 'full' }>,
  shape: Shape,
  signal: AbortSignal,
): Promise<ReadPage> {
  const query: Record<string, string> = {
    limit: String(LIST_PAGE),
    properties: shape.properties.join(','),
    archived: 'false',
  };
  if (at.after !== null) query['after'] = at.after;
  const path = pathsOf(settings.generation).deals;
  const { body } = await client.call({ method: 'GET', path, query }, signal);
  const after = nextAfter(body);
  if (after !== null && after === at.after) throw stuck();
  return {
    snapshots: asDeals(asObject(body)['results']).map((deal) => toSnapshot(deal, shape)),
    next: after === null ? null : ({ ...at, after } satisfies Position),
    mark: after === null ? { until: at.until } : null,
    expected: null,
  };
}

/** How many deals the search index knows; the list itself does not tell. */
export async function countDeals(
  client: HubspotClient,
  settings: HubspotSettings,
  signal: AbortSignal,
): Promise<number> {
  const json = { filterGroups: [], properties: ['hs_object_id'], limit: 1 };
  const path = pathsOf(settings.generation).search;
  const { body } = await client.call({ method: 'POST', path, json, search: true }, signal);
  return z.number().catch(0).parse(asObject(body)['total']);
}

/**
 * A page of what changed since `from`, walked by record id: any number of deals may share one stamp, and the offset of
 * search ends at 10,000. There is no upper bound: a deal that is edited during the walk would leave a bounded window.
 * What the index returns from outside the window (it rounds stamps, and trails the records) is kept.
 */
async function changesPage(
  client: HubspotClient,
  settings: HubspotSettings,
  at: Extract<Position, { mode: 'changes' }>,
  shape: Shape,
  signal: AbortSignal,
): Promise<ReadPage> {
  const whole = searchBody(at, shape.properties);
  const fits = JSON.stringify(whole).length <= MAX_SEARCH_BODY;
  const json = fits ? whole : searchBody(at, ['hs_lastmodifieddate']);
  const path = pathsOf(settings.generation).search;
  const { body } = await client.call({ method: 'POST', path, json, search: true }, signal);
  const found = asDeals(asObject(body)['results']);
  const total = Number(asObject(body)['total'] ?? found.length);
  const last = found.length === 0 || (nextAfter(body) === null && total <= found.length);
  const lastId = found.map((deal) => deal.id).reduce(higherId, at.lastId);
  if (!last && lastId === at.lastId) throw stuck();
  const deals = fits ? found : await inFull(client, settings, found, shape, signal);
  return {
    snapshots: deals.map((deal) => toSnapshot(deal, shape)),
    next: last ? null : ({ ...at, lastId } satisfies Position),
    mark: last ? { until: at.until } : null,
    expected: at.lastId === '0' && Number.isFinite(total) ? total : null,
  };
}

function searchBody(at: { from: number; lastId: string }, properties: readonly string[]): object {
  return {
    filterGroups: [
      {
        filters: [
          { propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: String(at.from) },
          { propertyName: 'hs_object_id', operator: 'GT', value: at.lastId },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties,
    limit: SEARCH_PAGE,
  };
}

/** Search could not be asked for all properties at once: reads the deals it named, whole. */
async function inFull(
  client: HubspotClient,
  settings: HubspotSettings,
  found: readonly NativeDeal[],
  shape: Shape,
  signal: AbortSignal,
): Promise<readonly NativeDeal[]> {
  const deals: NativeDeal[] = [];
  for (let start = 0; start < found.length; start += LIST_PAGE) {
    const ids = found.slice(start, start + LIST_PAGE).map((deal) => deal.id);
    deals.push(...(await readBatch(client, settings, ids, shape, signal)));
  }
  return deals;
}

/** Record ids are whole numbers written as text, too long for a float. */
export function higherId(a: string, b: string): string {
  return b.length > a.length || (b.length === a.length && b > a) ? b : a;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OppsyncError({
    recovery: 'fix',
    code: `hubspot.bad-${what}`,
    crm: 'hubspot',
    ...told('old_position', { what }),
  });
}

function stuck(): OppsyncError {
  return new OppsyncError({
    recovery: 'retry',
    code: 'hubspot.no-progress',
    crm: 'hubspot',
    ...told('no_progress'),
  });
}
