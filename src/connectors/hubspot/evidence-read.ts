import { z } from 'zod';
import type { AccountFacts } from '../../core/account-facts.ts';
import type { EvidencePage, EvidenceReader, ReadPosition } from '../../core/connector-port.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { SentenceParams } from '../../core/told.ts';
import { asDeals, asList, asObject, asText, nextAfter } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { evidenceAbout } from './evidence-about.ts';
import { EVIDENCE_OBJECTS, type EvidenceObject, itemOf } from './evidence-objects.ts';
import { pathsOf } from './paths.ts';
import { higherId } from './read.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';

const PAGE = 200;
/** A contact longer ago than this says no more than none. */
const WINDOW_MS = 400 * 86_400_000;
/** Answers that mean: this user, or this account, has no such objects to show. */
const NOT_TO_BE_SEEN = new Set([403, 404]);

const schema = z.object({
  full: z.boolean(),
  from: z.number(),
  until: z.number(),
  /** Kinds still to be read, the present one first. */
  open: z.array(z.string()),
  lastId: z.string(),
  /** Kinds that may not be read. They are asked for again with the next complete reading only. */
  refused: z.array(z.string()),
});
type Position = z.output<typeof schema>;
const markSchema = z.object({ until: z.number(), refused: z.array(z.string()) });

/**
 * Reads activities, quotes, invoices and payments that changed, kind by kind through search, and which deals they are about:
 * one call per 200 objects and one more where there are any.
 */
export function evidenceReader(
  client: HubspotClient,
  settings: HubspotSettings,
  clock: Clock,
): EvidenceReader {
  const kindsSince = (known: z.output<typeof markSchema> | null): readonly EvidenceObject[] =>
    EVIDENCE_OBJECTS.filter(
      ({ isActivity, type }) =>
        (!isActivity || settings.evidence.activities === 'auto') && known?.refused.includes(type) !== true,
    );
  return {
    start(mark, facts) {
      const known = mark === null ? null : markSchema.parse(mark);
      const open = kindsSince(known).map(({ type }) => type);
      if (open.length === 0) return null;
      return {
        full: known === null,
        from: known === null ? 0 : known.until - settings.overlapMs,
        until: clock.now() + facts.clockOffsetMs - settings.searchLagMs,
        open,
        lastId: '0',
        refused: known?.refused ?? [],
      } satisfies Position;
    },
    about(ids, mark, facts, signal) {
      const kinds = kindsSince(markSchema.parse(mark));
      const since = clock.now() + facts.clockOffsetMs - WINDOW_MS;
      return evidenceAbout(client, settings, ids, { kinds, since, notToBeSeen }, signal);
    },
    page: (position, facts, signal) => readPage(client, settings, schema.parse(position), facts, signal),
  };
}

async function readPage(
  client: HubspotClient,
  settings: HubspotSettings,
  at: Position,
  _facts: AccountFacts,
  signal: AbortSignal,
): Promise<EvidencePage> {
  const [type = '', ...others] = at.open;
  const of = EVIDENCE_OBJECTS.find((one) => one.type === type);
  if (of === undefined) throw new Error(`no evidence is read from ${type}`);
  const outcome = await client.attempt(
    {
      method: 'POST',
      path: pathsOf(settings.generation).objectSearch(type),
      json: searchBody(of, at),
      search: true,
    },
    signal,
  );
  if (!outcome.ok) {
    if (!notToBeSeen(outcome.answer?.status, outcome.error)) throw new OppsyncError(outcome.error);
    return ended(at, { open: others, refused: [...at.refused, type] }, 1, [refusalOf(type, outcome.error)]);
  }
  const body = asObject(outcome.answer.body);
  const found = asDeals(body['results']);
  const total = Number(body['total'] ?? found.length);
  const counting = found.filter((each) => itemOf(of, each, ['?']).records.length > 0);
  const deals = await dealsOf(
    client,
    settings,
    type,
    counting.map(({ id }) => id),
    signal,
  );
  const items = found.map((each) => itemOf(of, each, deals.about.get(each.id) ?? []));
  const made = 1 + deals.calls;
  const last = found.length === 0 || (nextAfter(body) === null && total <= found.length);
  if (last) return { ...ended(at, { open: others }, made, []), items };
  const lastId = found.map(({ id }) => id).reduce(higherId, at.lastId);
  const left = 2 * Math.ceil((total - found.length) / PAGE) + others.length;
  const next: Position = { ...at, lastId };
  return { items, next: next as ReadPosition, mark: null, calls: { made, left }, refused: [] };
}

/** The present kind is done: on to the next, or the end. */
function ended(
  at: Position,
  then: Partial<Position>,
  made: number,
  refused: readonly ErrorDetails[],
): EvidencePage {
  const next: Position = { ...at, lastId: '0', ...then };
  const done = next.open.length === 0;
  return {
    items: [],
    next: done ? null : (next as ReadPosition),
    mark: done ? { until: next.until, refused: next.refused } : null,
    calls: { made, left: 0 },
    refused,
  };
}

function searchBody(of: EvidenceObject, { full, from, until, lastId }: Position): object {
  const after = { propertyName: 'hs_object_id', operator: 'GT', value: lastId };
  const since = full
    ? of.isActivity
      ? [{ propertyName: 'hs_timestamp', operator: 'GTE', value: String(until - WINDOW_MS) }]
      : []
    : [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: String(from) }];
  const filterGroups = full
    ? of.counts.map((counts) => ({ filters: [counts, ...since, after] }))
    : [{ filters: [...since, after] }];
  return {
    filterGroups,
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties: of.properties,
    limit: PAGE,
  };
}

/** The deals each of these objects is about. Objects without any come back as errors of the batch and are simply not there. */
async function dealsOf(
  client: HubspotClient,
  settings: HubspotSettings,
  type: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly about: ReadonlyMap<string, readonly string[]>; readonly calls: number }> {
  const about = new Map<string, string[]>();
  let inputs: readonly { readonly id: string; readonly after?: string }[] = ids.map((id) => ({ id }));
  let calls = 0;
  while (inputs.length > 0) {
    const path = pathsOf(settings.generation).dealsOf(type);
    const { body } = await client.call({ method: 'POST', path, json: { inputs } }, signal);
    calls += 1;
    const more: { id: string; after: string }[] = [];
    for (const each of asList(asObject(body)['results']).map(asObject)) {
      const id = asText(asObject(each['from'])['id']);
      if (id === null) continue;
      const to = asList(each['to']).flatMap((one) => asText(asObject(one)['toObjectId']) ?? []);
      about.set(id, [...(about.get(id) ?? []), ...to]);
      const after = nextAfter(each);
      if (after !== null) more.push({ id, after });
    }
    inputs = more;
  }
  return { about, calls };
}

function notToBeSeen(status: number | undefined, error: ErrorDetails): boolean {
  if (status !== undefined && NOT_TO_BE_SEEN.has(status)) return true;
  // Portals without such objects say that they cannot tell what is meant.
  return status === 400 && /infer object type/i.test(error.message);
}

/** What HubSpot said about it: the scope that is missing, or words of its own. */
function reasonOf({ params = {} }: ErrorDetails): SentenceParams {
  const { scopes, words } = params;
  return scopes === undefined ? (words === undefined ? {} : { words: words.replace(/\.$/, '') }) : { scopes };
}

function refusalOf(type: string, error: ErrorDetails): ErrorDetails {
  return {
    recovery: 'fix',
    code: 'hubspot.evidence_hidden',
    crm: 'hubspot',
    field: type,
    ...told('evidence_hidden', { kind: type, ...reasonOf(error) }),
  };
}
