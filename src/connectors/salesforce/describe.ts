import type { AccountFacts, OwnerInfo, StageInfo } from '../../core/account-facts.ts';
import { type ErrorDetails, OppsyncError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Client } from './client.ts';
import {
  activeValues,
  fieldFacts,
  type NativeFields,
  nativeFields,
  type SeenParent,
} from './describe-fields.ts';
import { EVIDENCE_PARENTS } from './evidence.ts';
import { EVIDENCE_OBJECTS } from './evidence-objects.ts';
import type { SalesforceFacts } from './fields.ts';
import { isRow, queryPath, type Row, readAllRows, toResultPage } from './query.ts';
import { to18 } from './record-id.ts';
import { describedTypes, readRecordTypes } from './record-types.ts';
import { told } from './sentences.ts';
import type { SalesforceSettings } from './settings.ts';

const STAGES =
  'SELECT ApiName, MasterLabel, IsActive, IsClosed, IsWon, DefaultProbability, SortOrder FROM OpportunityStage ORDER BY SortOrder';
const USERS = 'SELECT Id, Email, Name, IsActive FROM User';
const ORGANIZATION = 'SELECT Id, TimeZoneSidKey FROM Organization';

function words(row: Row, field: string): string {
  const value = row[field];
  return typeof value === 'string' ? value : '';
}

function flag(row: Row, field: string): boolean | null {
  const value = row[field];
  return typeof value === 'boolean' ? value : null;
}

/** PURE. Joined to opportunities by `ApiName`: labels may be renamed or translated. Inactive stages stay on old records. */
export function toStage(row: Row): StageInfo {
  const probability = row['DefaultProbability'];
  const order = row['SortOrder'];
  return {
    key: words(row, 'ApiName'),
    label: words(row, 'MasterLabel'),
    pipeline: null,
    pipelineLabel: null,
    order: typeof order === 'number' ? order : 0,
    closed: flag(row, 'IsClosed'),
    won: flag(row, 'IsWon'),
    probability: typeof probability === 'number' ? probability / 100 : null,
    active: flag(row, 'IsActive') !== false,
  };
}

/** PURE. */
export function toOwner(row: Row): OwnerInfo {
  return {
    id: to18(words(row, 'Id')),
    email: words(row, 'Email').toLowerCase(),
    name: words(row, 'Name'),
    active: row['IsActive'] === true,
  };
}

/** PURE. With several currencies the org's own is the default of the list; without, only the configuration knows it. */
export function currencyFacts(
  found: NativeFields,
  configured: string | undefined,
): Pick<AccountFacts, 'currency' | 'currencies'> {
  const field = found.get('CurrencyIsoCode');
  if (field === undefined) return { currency: configured ?? null, currencies: null };
  const values = Array.isArray(field['picklistValues']) ? field['picklistValues'].filter(isRow) : [];
  const own = values.find((value) => value['defaultValue'] === true)?.['value'];
  const active = activeValues(field);
  return {
    currency: typeof own === 'string' ? own : (configured ?? null),
    // An org with the field has currencies: an empty list only means that they are not told.
    currencies: active.length === 0 ? null : active,
  };
}

/** Reads rows that are good to have: without them the account still works, and the reason is a problem to report. */
async function readOrReport(
  client: Client,
  soql: string,
  lost: 'stages_unread' | 'users_unread',
  problems: ErrorDetails[],
  signal: AbortSignal,
): Promise<Row[]> {
  try {
    return await readAllRows(client, soql, signal);
  } catch (error) {
    const code = error instanceof OppsyncError ? error.details.code : '';
    if (!(error instanceof OppsyncError) || (code !== 'INVALID_TYPE' && code !== 'INVALID_FIELD'))
      throw error;
    problems.push({
      ...error.details,
      recovery: 'fix',
      ...told(lost, { code }),
    });
    return [];
  }
}

async function describeOpportunity(client: Client, clock: Clock, signal: AbortSignal) {
  const before = clock.now();
  try {
    const answer = await client.call(
      { method: 'GET', path: '/sobjects/Opportunity/describe', repeatable: true },
      signal,
    );
    const found = nativeFields(answer.body);
    // The Date header names a second that has begun: half a second later is the best guess.
    const offset = answer.serverTime === null ? 0 : answer.serverTime + 500 - (before + clock.now()) / 2;
    const mayCreate = !isRow(answer.body) || answer.body['createable'] !== false;
    const types = describedTypes(answer.body);
    if (found !== null) return { found, types, mayCreate, clockOffsetMs: Math.round(offset) };
  } catch (error) {
    if (!(error instanceof OppsyncError) || !['NOT_FOUND', 'INVALID_TYPE'].includes(error.details.code))
      throw error;
  }
  throw new OppsyncError({
    recovery: 'stop',
    code: 'salesforce.no_opportunity',
    ...told('no_opportunity'),
    crm: 'salesforce',
  });
}

interface Setup {
  readonly organizations: readonly Row[];
  readonly parents: readonly SeenParent[];
  readonly evidenceObjects: SalesforceFacts['evidenceObjects'];
}

/**
 * The organization, and in the same call which fields of contracts, quotes and activities may be read: one hidden field would
 * fail every query.
 */
async function readSetup(
  client: Client,
  apiVersion: string,
  found: NativeFields,
  signal: AbortSignal,
): Promise<Setup> {
  const wanted = EVIDENCE_PARENTS.filter(
    ({ reference, relationship }) => found.get(reference)?.['relationshipName'] === relationship,
  );
  const root = `/services/data/v${apiVersion}`;
  const compositeRequest = [
    { method: 'GET', referenceId: 'organization', url: root + queryPath(ORGANIZATION) },
    ...[...new Set([...wanted, ...EVIDENCE_OBJECTS].map(({ object }) => object))].map((object) => ({
      method: 'GET',
      referenceId: object,
      url: `${root}/sobjects/${object}/describe`,
    })),
  ];
  const body = { allOrNone: false, compositeRequest };
  const answer = await client.call({ method: 'POST', path: '/composite', body, repeatable: true }, signal);
  const list = isRow(answer.body) ? answer.body['compositeResponse'] : undefined;
  const answers = new Map(
    (Array.isArray(list) ? list : []).filter(isRow).map((one) => [one['referenceId'], one]),
  );
  const organization = answers.get('organization');
  if (organization?.['httpStatusCode'] !== 200)
    return {
      organizations: await readAllRows(client, ORGANIZATION, signal),
      parents: [],
      evidenceObjects: {},
    };
  /** An object this user may not see is no evidence, and no problem. */
  const visibleOf = (object: string): NativeFields | null => {
    const described = answers.get(object);
    return described?.['httpStatusCode'] === 200 ? nativeFields(described['body']) : null;
  };
  return {
    evidenceObjects: Object.fromEntries(
      EVIDENCE_OBJECTS.flatMap(({ object, needs, helps }) => {
        const visible = visibleOf(object);
        if (visible === null || !needs.every((field) => visible.has(field))) return [];
        return [[object, [...needs, ...helps.filter((field) => visible.has(field))]]];
      }),
    ),
    organizations: toResultPage(organization['body'], null).rows,
    parents: wanted.flatMap(({ object, relationship, fields }) => {
      const visible = visibleOf(object);
      const seen = fields.filter((field) => visible?.has(field) === true);
      return seen.length === 0 ? [] : [{ relationship, seen }];
    }),
  };
}

/** Reads what is true of the org, one call per subject (users may take several pages). */
export async function describeAccount(
  client: Client,
  settings: SalesforceSettings,
  clock: Clock,
  signal: AbortSignal,
): Promise<SalesforceFacts> {
  const { found, types, mayCreate, clockOffsetMs } = await describeOpportunity(client, clock, signal);
  const problems: ErrorDetails[] = [];
  const [stages, users, { organizations, parents, evidenceObjects }] = await Promise.all([
    readOrReport(client, STAGES, 'stages_unread', problems, signal),
    readOrReport(client, USERS, 'users_unread', problems, signal),
    readSetup(client, settings.apiVersion, found, signal),
  ]);
  const respected = settings.recordTypes === 'ignore' ? [] : types;
  const known = fieldFacts(found, settings, parents, respected.length > 0);
  const recordTypes = await readRecordTypes(client, respected, known.fields, problems, signal);
  const organization = organizations[0] ?? {};
  return {
    crm: 'salesforce',
    accountId: to18(words(organization, 'Id')),
    timeZone: words(organization, 'TimeZoneSidKey') || 'UTC',
    ...currencyFacts(found, settings.currency),
    stages: stages.map(toStage).filter((stage) => stage.key !== ''),
    fields: known.fields,
    owners: users.map(toOwner).filter((owner) => owner.email !== ''),
    clockOffsetMs,
    problems: [...known.problems, ...problems],
    ...recordTypes,
    evidenceObjects,
    activities: settings.evidence.activities,
    ...(mayCreate ? {} : { mayCreate }),
  };
}
