import type { OwnerInfo, StageInfo } from '../../core/account-facts.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import { OppsyncError } from '../../core/errors.ts';
import { STANDARD_EVIDENCE } from '../../core/rules.ts';
import { evidenceSource, namedEvidence } from '../evidence-source.ts';
import { asList, asObject, asText, asTexts, type HubspotAnswer, type Json, nextAfter } from './answer.ts';
import { isZone } from './calendar.ts';
import type { HubspotClient } from './client.ts';
import {
  conventionalProperty,
  type FieldPlan,
  type HubspotFacts,
  type HubspotFieldFact,
  plannedFields,
} from './fields.ts';
import { pathsOf } from './paths.ts';
import { readPipelineRules } from './pipeline-rules.ts';
import { told } from './sentences.ts';
import type { HubspotSettings } from './settings.ts';

const OWNERS_PER_PAGE = 500;
const MAX_TEXT = 65_536;
/** The Date header has whole seconds, cut off: half a second is the fairest guess of the rest. */
const HALF_SECOND_MS = 500;

/**
 * Reads what is true of the account: details, pipelines, properties, owners (5 calls, more with over 500 owners).
 * @throws OppsyncError `stop` for bad credentials, and for missing scopes, all of them named at once.
 */
export async function describeAccount(
  client: HubspotClient,
  settings: HubspotSettings,
  signal: AbortSignal,
): Promise<HubspotFacts> {
  const paths = pathsOf(settings.generation);
  const get = (path: string): Promise<HubspotAnswer> => client.call({ method: 'GET', path }, signal);
  const [account, pipelines, properties, owners, formerOwners] = await allOrMissing([
    get(paths.account),
    get(paths.pipelines),
    get(paths.properties),
    readOwners(client, paths.owners, false, signal),
    readOwners(client, paths.owners, true, signal),
  ]);
  const details = asObject(account.body);
  const own = asText(details['companyCurrency']);
  const others = asTexts(details['additionalCurrencies'] ?? []).filter((code) => code !== own);
  const known = new Map(
    asList(asObject(properties.body)['results']).map((each) => [
      asText(asObject(each)['name']),
      asObject(each),
    ]),
  );
  const currencies = own === null || others.length === 0 ? null : [own, ...others];
  const zone = asText(details['timeZone']) ?? '';
  const stages = stagesOf(pipelines.body);
  const ruleProblems: ErrorDetails[] = [];
  const pipelineRules =
    settings.pipelineRules === 'respect'
      ? { pipelineRules: await readPipelineRules(client, paths, stages, ruleProblems, signal) }
      : {};
  const plan = plannedFields(settings);
  const evidence = [
    ...conventionalEvidence(settings, known),
    ...Object.entries(namedEvidence(settings.evidence)).map(([name, setting]) => {
      const { native, yes } = evidenceSource(setting);
      return { name, native, type: asText(known.get(native)?.['type']), yes };
    }),
  ];
  if (isZone(zone)) client.knowZone(zone);
  return {
    crm: 'hubspot',
    accountId: asText(details['portalId']) ?? '',
    timeZone: isZone(zone) ? zone : 'UTC',
    currency: own,
    currencies,
    stages,
    ...pipelineRules,
    fields: plan.map((each) => fieldFact(each, known.get(each.native))),
    owners: [...owners, ...formerOwners],
    clockOffsetMs: clockOffset(account),
    problems: [
      ...ruleProblems,
      ...(isZone(zone) ? [] : [zoneProblem(zone)]),
      ...plan.flatMap((each) => fieldProblem(each, known.get(each.native), currencies !== null)),
      ...evidence.flatMap((each) => (isListed(each.native, known) ? [] : [evidenceProblem(each)])),
    ],
    activities: settings.evidence.activities,
    uiDomain: asText(details['uiDomain']) ?? 'app.hubspot.com',
    evidence,
  };
}

/** Why a deal was won or lost, in HubSpot's own properties. */
const REASONS = { wonReason: 'closed_won_reason', lostReason: 'closed_lost_reason' } as const;

/** Evidence the configuration does not name, where a property is named like it: a checkbox or a date means only that. */
function conventionalEvidence(
  settings: HubspotSettings,
  known: ReadonlyMap<string | null, Json>,
): HubspotFacts['evidence'] {
  const named = namedEvidence(settings.evidence);
  const reasons = Object.entries(REASONS).flatMap(([name, native]) => {
    const type = asText(known.get(native)?.['type']);
    return Object.hasOwn(named, name) || type === null ? [] : [{ name, native, type, yes: null }];
  });
  const proofs = Object.keys(STANDARD_EVIDENCE).flatMap((name) => {
    const native = conventionalProperty(name);
    const type = asText(known.get(native)?.['type']);
    if (Object.hasOwn(named, name) || type === null) return [];
    return ['bool', 'date', 'datetime'].includes(type) ? [{ name, native, type, yes: null }] : [];
  });
  return [...proofs, ...reasons];
}

/** Every stage of every pipeline, in the order people see. Metadata values are texts. */
export function stagesOf(body: unknown): readonly StageInfo[] {
  return stagesOfPipelines(asList(asObject(body)['results']));
}

/** Every stage of these pipelines. */
export function stagesOfPipelines(list: readonly unknown[]): readonly StageInfo[] {
  const pipelines = list.map(asObject).toSorted(byDisplayOrder);
  return pipelines.flatMap((pipeline) => {
    const id = asText(pipeline['id']) ?? '';
    const stages = asList(pipeline['stages']).map(asObject).toSorted(byDisplayOrder);
    return stages.map((stage, order) => {
      const metadata = asObject(stage['metadata']);
      const closed = truth(metadata['isClosed']);
      const probability = numberOf(metadata['probability']);
      return {
        key: `${id}/${asText(stage['id']) ?? ''}`,
        label: asText(stage['label']) ?? '',
        pipeline: id,
        pipelineLabel: asText(pipeline['label']),
        order,
        closed,
        won: wonOf(closed, probability),
        probability,
        active: stage['archived'] !== true && pipeline['archived'] !== true,
      };
    });
  });
}

/** HubSpot has no flag for a won stage: it is a closed one with probability 1; anything between says nothing. */
function wonOf(closed: boolean | null, probability: number | null): boolean | null {
  if (closed !== true) return closed;
  if (probability === 1) return true;
  return probability === 0 ? false : null;
}

async function readOwners(
  client: HubspotClient,
  path: string,
  archived: boolean,
  signal: AbortSignal,
): Promise<OwnerInfo[]> {
  const owners: OwnerInfo[] = [];
  let after: string | null = null;
  do {
    const query: Record<string, string> = { limit: String(OWNERS_PER_PAGE), archived: String(archived) };
    if (after !== null) query['after'] = after;
    const answer: HubspotAnswer = await client.call({ method: 'GET', path, query }, signal);
    for (const each of asList(asObject(answer.body)['results']).map(asObject)) {
      const owner = ownerOf(each, !archived);
      if (owner !== null) owners.push(owner);
    }
    after = nextAfter(answer.body);
  } while (after !== null);
  return owners;
}

/** Null without an id or an e-mail address: such an owner cannot be named in the other CRM. */
export function ownerOf(owner: Json, active: boolean): OwnerInfo | null {
  const id = asText(owner['id']);
  const email = asText(owner['email']);
  if (id === null || email === null || email === '') return null;
  const name = [asText(owner['firstName']), asText(owner['lastName'])].filter(Boolean).join(' ');
  const userId = asText(owner['userId']) ?? asText(owner['userIdIncludingInactive']);
  return { id, email: email.toLowerCase(), name, active, ...(userId === null ? {} : { userId }) };
}

function fieldFact(plan: FieldPlan, property: Json | undefined): HubspotFieldFact {
  const type = asText(property?.['type']) ?? 'string';
  return {
    field: plan.field,
    native: plan.native,
    kind: plan.kind,
    readable: property !== undefined,
    writable: property !== undefined && !isReadOnly(property),
    choices: property === undefined || plan.kind === 'boolean' ? null : choicesOf(property),
    maxLength: type === 'string' ? MAX_TEXT : null,
    nativeType: type,
    ...(property?.['hasUniqueValue'] === true ? { unique: true } : {}),
  };
}

/** Options kept elsewhere (stages, owners) come as an empty list, which restricts nothing here. */
function choicesOf(property: Json): readonly string[] | null {
  if (property['type'] !== 'enumeration' || property['externalOptions'] === true) return null;
  const values = asList(property['options'])
    .map((option) => asText(asObject(option)['value']))
    .filter((value) => value !== null);
  return values.length === 0 ? null : values;
}

function isReadOnly(property: Json): boolean {
  return (
    asObject(property['modificationMetadata'])['readOnlyValue'] === true || property['calculated'] === true
  );
}

function fieldProblem(
  plan: FieldPlan,
  property: Json | undefined,
  severalCurrencies: boolean,
): ErrorDetails[] {
  if (plan.field === 'currency' && !severalCurrencies) return [];
  if (property !== undefined && !isReadOnly(property)) return [];
  const missing = property === undefined;
  return [
    {
      recovery: 'fix',
      code: missing ? 'hubspot.property-missing' : 'hubspot.property-read-only',
      crm: 'hubspot',
      field: plan.field,
      ...told(
        missing
          ? (`missing_${plan.origin}` as const)
          : plan.origin === 'owned'
            ? 'unwritable_owned'
            : 'unwritable',
        {
          native: plan.native,
          field: plan.field,
        },
      ),
    },
  ];
}

function evidenceProblem(evidence: { name: string; native: string }): ErrorDetails {
  return {
    recovery: 'fix',
    code: 'hubspot.property-missing',
    crm: 'hubspot',
    field: evidence.native,
    ...told('missing_evidence', { native: evidence.native, evidence: evidence.name }),
  };
}

/** Per-stage dates exist although the property list does not name them. */
function isListed(native: string, known: ReadonlyMap<string | null, Json>): boolean {
  return known.has(native) || native.startsWith('hs_v2_');
}

function zoneProblem(zone: string): ErrorDetails {
  return {
    recovery: 'fix',
    code: 'hubspot.time-zone',
    crm: 'hubspot',
    ...told('time_zone', { zone }),
  };
}

/** Server clock minus ours, ms, taken from one answer. */
function clockOffset(answer: HubspotAnswer): number {
  const server = Date.parse(answer.headers['date'] ?? '');
  if (!Number.isFinite(server)) return 0;
  return Math.round(server + HALF_SECOND_MS - (answer.sentAt + answer.receivedAt) / 2);
}

type Settled<T> = { -readonly [K in keyof T]: Awaited<T[K]> };

/** Waits for all, so that one error can name every missing scope; else throws the first error. */
async function allOrMissing<const T extends readonly Promise<unknown>[]>(calls: T): Promise<Settled<T>> {
  const settled = await Promise.allSettled(calls);
  const faults = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (faults.length === 0) return (await Promise.all(calls)) as Settled<T>;
  const lacking = faults.filter(
    (fault) => fault instanceof OppsyncError && fault.details.code === 'MISSING_SCOPES',
  );
  if (lacking.length < 2) throw faults[0];
  const scopes = lacking.map((fault) => (fault as OppsyncError).details.params?.['scopes']);
  throw new OppsyncError({
    recovery: 'stop',
    code: 'MISSING_SCOPES',
    crm: 'hubspot',
    ...told('scopes', { scopes: [...new Set(scopes)].filter((each) => each !== undefined).join(', ') }),
  });
}

function byDisplayOrder(a: Json, b: Json): number {
  return (numberOf(a['displayOrder']) ?? 0) - (numberOf(b['displayOrder']) ?? 0);
}

function truth(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

function numberOf(value: unknown): number | null {
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
