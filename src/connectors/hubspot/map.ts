/** HubSpot deals and canonical snapshots. Pure. */
import type { EpochMs } from '../../core/ids.ts';
import type { Evidence, Fields, Said, Snapshot, Value } from '../../core/opportunity.ts';
import { type EvidenceValue, evidenceValue } from '../evidence-source.ts';
import type { NativeDeal } from './answer.ts';
import { dateOfInstant, isPlainDate } from './calendar.ts';
import { type HubspotFieldFact, isOwned } from './fields.ts';
import { salesforceId } from './salesforce-id.ts';
import type { Shape } from './shape.ts';

type Properties = NativeDeal['properties'];

/** What HubSpot said of a deal, in canonical form. Properties that were not returned have no key. */
export function toSnapshot(deal: NativeDeal, shape: Shape): Snapshot {
  const raw = deal.properties;
  const fields: Record<string, Value> = {};
  const owned: Record<string, Value> = {};
  for (const fact of shape.readable) {
    const value = canonicalValue(fact, raw, shape);
    if (value === undefined) continue;
    (isOwned(fact.field) ? owned : fields)[fact.field] = value;
  }
  const currency = currencyOf(raw, shape);
  if (currency !== undefined) fields['currency'] = currency;
  const version = raw['hs_lastmodifieddate'] ?? deal.updatedAt ?? '';
  return {
    crm: 'hubspot',
    id: deal.id,
    version,
    changedAt: instantOf(version) ?? 0,
    deleted: deal.archived,
    fields,
    owned,
    evidence: evidenceOf(raw, fields, shape),
    pairKey: owned['pairKey'] ?? null,
    linkedId: salesforceId(raw['hs_salesforceopportunityid']),
    absorbedIds: (raw['hs_merged_object_ids'] ?? '').split(';').filter((id) => id !== ''),
    raw,
  };
}

/** The moment of a datetime property: ISO text, or epoch ms in some calculated ones. Null for a blank or anything else. */
export function instantOf(text: string | null | undefined): EpochMs | null {
  if (text === null || text === undefined || text === '') return null;
  const at = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}

/** The key of a deal's stage; undefined when it was not read, null when the deal has none. */
export function stageKeyOf(raw: Properties, shape: Shape): string | null | undefined {
  const stage = raw['dealstage'];
  if (stage === undefined) return undefined;
  if (stage === null || stage === '') return null;
  const pipeline = raw['pipeline'];
  if (pipeline !== undefined && pipeline !== null && pipeline !== '') return `${pipeline}/${stage}`;
  const homes = shape.facts.stages.filter((each) => each.key === `${each.pipeline ?? ''}/${stage}`);
  return homes.length === 1 && homes[0] !== undefined ? homes[0].key : `/${stage}`;
}

/** The canonical value of one field; undefined when it was not returned or cannot be told. */
export function canonicalValue(fact: HubspotFieldFact, raw: Properties, shape: Shape): Value | undefined {
  if (fact.kind === 'stage') return stageKeyOf(raw, shape);
  const held = raw[fact.native];
  if (held === undefined) return undefined;
  if (held === null || held === '') return null;
  switch (fact.kind) {
    case 'date':
      return dateValue(held, shape.facts.timeZone);
    case 'instant': {
      const at = instantOf(held);
      return at === null ? undefined : new Date(at).toISOString();
    }
    case 'person':
      return shape.ownerById.get(held)?.email ?? undefined;
    case 'boolean':
      return held.toLowerCase();
    case 'currency':
      return held.toUpperCase();
    default:
      return held;
  }
}

function dateValue(held: string, zone: string): Value | undefined {
  if (isPlainDate(held)) return held;
  const at = instantOf(held);
  return at === null ? undefined : dateOfInstant(at, zone);
}

/** A deal without a currency is in the account's own. */
function currencyOf(raw: Properties, shape: Shape): Value | undefined {
  const native = shape.fieldByName.get('currency')?.native ?? 'deal_currency_code';
  const held = raw[native];
  if (held !== undefined && held !== null && held !== '') return held.toUpperCase();
  if (shape.facts.currency !== null) return shape.facts.currency;
  return held === undefined ? undefined : null;
}

function evidenceOf(raw: Properties, fields: Fields, shape: Shape): Evidence {
  const stageKey = fields['stage'] ?? null;
  const stage = stageKey === null ? undefined : shape.stageByKey.get(stageKey);
  const isClosed = flag(raw['hs_is_closed']);
  const { said: replies, ...contacts } = contactOf(raw, shape.facts.activities);
  const said: Said[] = [...(replies ?? [])];
  return {
    isClosed,
    isWon: flag(raw['hs_is_closed_won']),
    isLost: flag(raw['hs_is_closed_lost']),
    stageKey,
    stageLabel: stage?.label ?? null,
    pipelineLabel: stage?.pipelineLabel ?? null,
    stageExists: stageKey === null ? null : stage !== undefined,
    stageIsClosed: stage?.closed ?? null,
    stageIsWon: stage?.won ?? null,
    stageProbability: stage?.probability ?? null,
    probability: fraction(raw['hs_deal_stage_probability']),
    createdAt: instantOf(raw['createdate']),
    closedAt: (isClosed ?? stage?.closed) === true ? instantOf(raw['closedate']) : null,
    stageChangedAt: instantOf(raw['hs_v2_date_entered_current_stage']),
    ...contacts,
    nextActivityAt: instantOf(raw['notes_next_activity_date']),
    closeDate: fields['closeDate'] ?? null,
    custom: customEvidence(raw, shape, said),
    ...(said.length === 0 ? {} : { said }),
  };
}

/**
 * A reply to a sales email is a contact. The last time anybody was contacted is only an attempt: calls nobody answered and
 * mails one has sent move it too (hubspot.md 5.2). It counts only where nothing better can be had: activities are not read,
 * as of an export, and no reply is known.
 */
function contactOf(raw: Properties, activities: 'auto' | 'off'): Pick<Evidence, 'lastContactAt' | 'said'> {
  const replies = ['hs_sales_email_last_replied', 'hs_latest_sales_email_reply_date'].flatMap((from) => {
    const at = instantOf(raw[from]);
    return at === null ? [] : [{ crm: 'hubspot', about: 'contact', says: at, from }];
  });
  const attempt = instantOf(raw['notes_last_contacted']);
  if (replies.length === 0 && activities === 'off') return { lastContactAt: attempt };
  const said = [
    ...replies,
    ...(attempt === null
      ? []
      : [{ crm: 'hubspot', about: 'attempt', says: attempt, from: 'notes_last_contacted' }]),
  ];
  return {
    lastContactAt: replies.length === 0 ? null : Math.max(...replies.map(({ says }) => says)),
    ...(said.length === 0 ? {} : { said }),
  };
}

/** `said` is given what each property says. */
function customEvidence(raw: Properties, shape: Shape, said: Said[]): NonNullable<Evidence['custom']> {
  const custom: Record<string, string | number | boolean | null> = {};
  for (const { name, native, type, yes } of shape.facts.evidence) {
    const held = raw[native];
    if (held === undefined) continue;
    const value = held === null || held === '' ? null : typedValue(held, type, yes ?? null);
    const says = evidenceValue(name, value, yes ?? null);
    custom[name] = says;
    if (says !== null) said.push({ crm: 'hubspot', about: name, says, from: native });
  }
  const company = raw['hs_primary_associated_company'];
  // Belonging to nobody is not the same as not being seen to whom it belongs.
  if (company !== undefined) custom['accountId'] = company === '' ? null : company;
  return custom;
}

function typedValue(held: string, type: string | null, yes: readonly string[] | null): EvidenceValue {
  // A list of values that mean yes is compared with what HubSpot holds, as it is written.
  if (yes !== null) return held;
  // A moment given as epoch ms is a moment all the same.
  if (type === 'date' || type === 'datetime') {
    const at = instantOf(held);
    return at === null ? held : new Date(at).toISOString();
  }
  if (type === 'number' && Number.isFinite(Number(held))) return Number(held);
  if (type === 'bool' || held === 'true' || held === 'false') return held.toLowerCase() === 'true';
  return held;
}

/** HubSpot writes flags as text; the text "false" must not count as true. */
function flag(held: string | null | undefined): boolean | null {
  if (held === 'true') return true;
  return held === 'false' ? false : null;
}

function fraction(held: string | null | undefined): number | null {
  if (held === null || held === undefined || held === '') return null;
  const value = Number(held);
  return Number.isFinite(value) ? value : null;
}
