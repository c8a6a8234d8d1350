import type { EvidenceAbout } from '../../core/connector-port.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { FoundItem } from '../../core/findings.ts';
import type { EpochMs, RecordId } from '../../core/ids.ts';
import { asDeals, asList, asObject, asText, type Json, type NativeDeal } from './answer.ts';
import type { HubspotClient } from './client.ts';
import { type EvidenceObject, itemOf } from './evidence-objects.ts';
import { instantOf } from './map.ts';
import { pathsOf } from './paths.ts';
import type { HubspotSettings } from './settings.ts';

const READ_BATCH = 100;

/** What the deals asked about are linked to, of one kind. `null`: this user may not see that kind. */
type Kind = readonly FoundItem[] | null;

export interface About {
  readonly kinds: readonly EvidenceObject[];
  /** Activities before this moment say no more than none. */
  readonly since: EpochMs;
  readonly notToBeSeen: (status: number | undefined, error: ErrorDetails) => boolean;
}

/**
 * Everything beside these deals: for each kind one call that tells what they are linked to, and one per 100 objects. The search,
 * which would tell both at once, lags behind, and what an event is about has just happened.
 */
export async function evidenceAbout(
  client: HubspotClient,
  settings: HubspotSettings,
  deals: readonly RecordId[],
  { kinds, since, notToBeSeen }: About,
  signal: AbortSignal,
): Promise<EvidenceAbout> {
  const paths = pathsOf(settings.generation);
  /** The parsed answer; null when this user may not see what was asked for. */
  const ask = async (path: string, json: object): Promise<Json | null> => {
    const outcome = await client.attempt({ method: 'POST', path, json }, signal);
    if (outcome.ok) return asObject(outcome.answer.body);
    if (notToBeSeen(outcome.answer?.status, outcome.error)) return null;
    throw new OppsyncError(outcome.error);
  };

  async function ofKind(kind: EvidenceObject): Promise<Kind> {
    const links = await ask(paths.linksOf(kind.type), { inputs: deals.map((id) => ({ id })) });
    if (links === null) return null;
    const dealsOf = new Map<string, string[]>();
    for (const each of asList(links['results']).map(asObject)) {
      const deal = asText(asObject(each['from'])['id']);
      if (deal === null) continue;
      for (const to of asList(each['to']).flatMap((one) => asText(asObject(one)['toObjectId']) ?? []))
        dealsOf.set(to, [...(dealsOf.get(to) ?? []), deal]);
    }
    const ids = [...dealsOf.keys()];
    const found: NativeDeal[] = [];
    for (let start = 0; start < ids.length; start += READ_BATCH) {
      const inputs = ids.slice(start, start + READ_BATCH).map((id) => ({ id }));
      const read = await ask(paths.objectsBatchRead(kind.type), { properties: kind.properties, inputs });
      if (read === null) return null;
      found.push(...asDeals(read['results']));
    }
    return found
      .filter(
        ({ properties }) => !kind.isActivity || (instantOf(properties['hs_timestamp']) ?? since) >= since,
      )
      .map((each) => itemOf(kind, each, dealsOf.get(each.id) ?? []));
  }

  const answers = await Promise.all(kinds.map(async (kind) => ({ kind, items: await ofKind(kind) })));
  const seen = answers.flatMap(({ kind, items }) => (items === null ? [] : [{ source: kind.type, items }]));
  return { sources: seen.map(({ source }) => source), items: seen.flatMap(({ items }) => items) };
}
