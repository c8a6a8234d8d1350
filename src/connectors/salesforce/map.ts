import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { EpochMs } from '../../core/ids.ts';
import {
  type Evidence,
  type FieldKind,
  type Fields,
  OWNED_FIELDS,
  type Said,
  type Snapshot,
  type Value,
} from '../../core/opportunity.ts';
import { RECORD_TYPE } from '../../core/record-types.ts';
import { evidenceValue } from '../evidence-source.ts';
import { decimalParts, decimalText } from './decimal-text.ts';
import { standardEvidence } from './evidence.ts';
import {
  EVIDENCE_PREFIX,
  type EvidenceFact,
  RAW_PREFIX,
  RECORD_TYPE_FIELD,
  salesforceFacts,
} from './fields.ts';
import type { Row } from './query.ts';
import { to18 } from './record-id.ts';

/** A date is a day somewhere on Earth: its UTC midnight may lie this far ahead of a moment that is already within the day. */
const EASTMOST_MS = 14 * 3_600_000;

/** Epoch ms of a Salesforce date-time (`2026-11-01T10:00:00.000+0000`) or date; null for null and nonsense. */
export function momentOf(value: unknown): EpochMs | null {
  if (typeof value !== 'string') return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

/** A native value as canonical text. `undefined` in, `undefined` out: not read is not blank. */
export function canonicalValue(value: unknown, kind: FieldKind): Value | undefined {
  if (value === undefined) return undefined;
  if (value === null || value === '') return null;
  if (kind === 'decimal') {
    if (typeof value === 'number') return decimalText(value);
    return typeof value === 'string' && decimalParts(value) !== null ? value : undefined;
  }
  if (kind === 'instant') {
    const at = momentOf(value);
    return at === null ? undefined : new Date(at).toISOString();
  }
  if (kind === 'person') return typeof value === 'string' ? value.toLowerCase() : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return decimalText(value);
  return typeof value === 'boolean' ? String(value) : undefined;
}

function stripped(row: Row): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const key of Object.keys(row)) {
    if (key === 'attributes') continue;
    const value = row[key];
    raw[key] =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? stripped(value as Row) : value;
  }
  return raw;
}

function at(row: Row, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return value === null ? null : undefined;
    value = (value as Row)[step];
  }
  return value;
}

function share(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= 100 ? value / 100 : null;
}

function scalar(value: unknown): string | number | boolean | null | undefined {
  if (value === null) return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

/**
 * The last activity is a due date and may lie ahead: then it says when the next contact is, not when the last one was. It
 * counts calls nobody answered and mails one has sent, so that it is only an attempt where activities themselves are read;
 * where they are not wanted it is all there is.
 */
function contact(
  value: unknown,
  readAt: EpochMs,
  activities: 'auto' | 'off',
): Pick<Evidence, 'lastContactAt' | 'nextActivityAt' | 'said'> {
  if (value === undefined) return {};
  const day = momentOf(value);
  if (day === null) return { lastContactAt: null };
  if (day > readAt + EASTMOST_MS) return { lastContactAt: null, nextActivityAt: day };
  if (activities === 'off') return { lastContactAt: Math.min(day, readAt) };
  return { said: [{ crm: 'salesforce', about: 'attempt', says: day, from: 'LastActivityDate' }] };
}

/** PURE. Turns rows of one account into snapshots; the account's stages, owners and fields are looked up once. */
export function createMapper(given: AccountFacts): (row: Row, readAt: EpochMs) => Snapshot {
  const facts = salesforceFacts(given);
  const stages = new Map(facts.stages.map((stage) => [stage.key, stage]));
  const emails = new Map(facts.owners.map((owner) => [owner.id, owner.email]));
  const ownedNames = new Set<string>(OWNED_FIELDS);
  const usable = facts.fields.filter((fact) => fact.readable);
  const owned = usable.filter((fact) => ownedNames.has(fact.field));
  const evidenceFields = usable
    .filter((fact) => fact.field.startsWith(EVIDENCE_PREFIX))
    .map((fact: EvidenceFact) => ({
      name: fact.field.slice(EVIDENCE_PREFIX.length),
      native: fact.native,
      yes: fact.yes ?? null,
    }));
  const synced = usable.filter(
    (fact) =>
      !ownedNames.has(fact.field) &&
      !fact.field.startsWith(RAW_PREFIX) &&
      !fact.field.startsWith(EVIDENCE_PREFIX),
  );

  function person(row: Row, fact: FieldFact): Value | undefined {
    const id = row[fact.native];
    if (id === null) return null;
    if (typeof id !== 'string') return undefined;
    const own = fact.native === 'OwnerId' ? at(row, ['Owner', 'Email']) : undefined;
    if (typeof own === 'string' && own !== '') return own.toLowerCase();
    return id.includes('@') ? id.toLowerCase() : emails.get(to18(id));
  }

  function values(row: Row, from: readonly FieldFact[]): Record<string, Value> {
    const found: Record<string, Value> = {};
    for (const fact of from) {
      const value = fact.kind === 'person' ? person(row, fact) : canonicalValue(row[fact.native], fact.kind);
      if (value !== undefined) found[fact.field] = value;
    }
    return found;
  }

  function stageEvidence(stage: unknown): Evidence {
    if (typeof stage !== 'string') return {};
    if (facts.stages.length === 0) return { stageKey: stage };
    const known = stages.get(stage);
    if (known === undefined) return { stageKey: stage, stageLabel: null, stageExists: false };
    return {
      stageKey: stage,
      stageLabel: known.label,
      stageExists: true,
      stageIsClosed: known.closed,
      stageIsWon: known.won,
      stageProbability: known.probability,
    };
  }

  /** `said` is given what each source says. */
  function custom(row: Row, said: Said[]): Record<string, string | number | boolean | null> {
    const found: Record<string, string | number | boolean | null> = standardEvidence(row);
    for (const about of ['contractSigned', 'accepted']) {
      const says = found[about];
      if (typeof says === 'boolean')
        said.push({ crm: 'salesforce', about, says, from: about === 'accepted' ? 'quote' : 'contract' });
    }
    for (const { name, native, yes } of evidenceFields) {
      const value = scalar(row[native]);
      if (value === undefined) continue;
      const says = evidenceValue(name, value, yes);
      if (says !== null) said.push({ crm: 'salesforce', about: name, says, from: native });
      // A blank takes nothing away from what the contract itself says, and one signature is a signature.
      if (found[name] === undefined || (says !== null && found[name] !== true)) found[name] = says;
    }
    const lineItems = row['HasOpportunityLineItem'];
    if (typeof lineItems === 'boolean') found['hasLineItems'] = lineItems;
    const type = row[RECORD_TYPE_FIELD];
    if (typeof type === 'string') found[RECORD_TYPE] = to18(type);
    const account = at(row, ['Account', 'Name']);
    if (typeof account === 'string') found['accountName'] = account;
    const accountId = row['AccountId'];
    // Belonging to nobody is not the same as not being seen to whom it belongs.
    if (typeof accountId === 'string' && accountId !== '') found['accountId'] = to18(accountId);
    else if (accountId === null || accountId === '') found['accountId'] = null;
    return found;
  }

  function evidence(row: Row, fields: Fields, readAt: EpochMs): Evidence {
    const closed = row['IsClosed'];
    const won = row['IsWon'];
    const stageChangedAt = row['LastStageChangeDate'];
    const createdAt = momentOf(row['CreatedDate']);
    const { said: attempts, ...contacts } = contact(row['LastActivityDate'], readAt, facts.activities);
    const said: Said[] = [...(attempts ?? [])];
    return {
      ...(typeof closed === 'boolean' ? { isClosed: closed } : {}),
      ...(typeof won === 'boolean' ? { isWon: won } : {}),
      ...(typeof closed === 'boolean' && typeof won === 'boolean' ? { isLost: closed && !won } : {}),
      ...stageEvidence(row['StageName']),
      ...(row['Probability'] === undefined ? {} : { probability: share(row['Probability']) }),
      ...(createdAt === null ? {} : { createdAt }),
      ...(stageChangedAt === undefined ? {} : { stageChangedAt: momentOf(stageChangedAt) }),
      // Salesforce keeps no moment of closing; for a closed record the last stage change is it, or a later one among closed stages.
      ...(stageChangedAt !== undefined && closed === true ? { closedAt: momentOf(stageChangedAt) } : {}),
      ...contacts,
      ...(fields['closeDate'] === undefined ? {} : { closeDate: fields['closeDate'] }),
      custom: custom(row, said),
      ...(said.length === 0 ? {} : { said }),
    };
  }

  return (row, readAt) => {
    const ownedValues = values(row, owned);
    const fields = values(row, synced);
    const version = String(row['SystemModstamp'] ?? '');
    return {
      crm: 'salesforce',
      id: to18(String(row['Id'])),
      version,
      changedAt: momentOf(version) ?? 0,
      deleted: row['IsDeleted'] === true,
      fields,
      owned: ownedValues,
      evidence: evidence(row, fields, readAt),
      pairKey: ownedValues['pairKey'] ?? null,
      linkedId: null,
      absorbedIds: [],
      raw: stripped(row),
    };
  };
}
