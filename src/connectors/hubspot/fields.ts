/** Which HubSpot property each canonical field is, and what is read of a deal. */

import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import { type FieldKind, OWNED_FIELDS, type OwnedField, STANDARD_FIELDS } from '../../core/opportunity.ts';
import { wordsOf } from '../evidence-source.ts';
import type { HubspotSettings } from './settings.ts';

/** A field fact, with the property's own type (`string`, `number`, `enumeration`, `date`, `datetime`, `bool`). */
export interface HubspotFieldFact extends FieldFact {
  readonly nativeType: string;
}

/** Account facts with what only HubSpot has. Plain JSON like the rest. */
export interface HubspotFacts extends AccountFacts {
  readonly fields: readonly HubspotFieldFact[];
  /** Whether contact is read from activities; `off`: the deal's own roll-ups stand in for them. */
  readonly activities: 'auto' | 'off';
  /** Host of the screens, for links. */
  readonly uiDomain: string;
  /** Evidence properties the configuration names, with their type; null when the portal does not list it. */
  readonly evidence: readonly {
    readonly name: string;
    readonly native: string;
    readonly type: string | null;
    /** Values that mean yes, lower case; null or absent: the value itself is the evidence. */
    readonly yes?: readonly string[] | null;
  }[];
}

export const STANDARD_NATIVE_FIELDS: Readonly<Record<string, string>> = {
  name: 'dealname',
  stage: 'dealstage',
  amount: 'amount',
  currency: 'deal_currency_code',
  closeDate: 'closedate',
  owner: 'hubspot_owner_id',
  nextStep: 'hs_next_step',
};

export const OWNED_NATIVE_FIELDS: Readonly<Record<OwnedField, string>> = {
  status: 'oppsync_status',
  outcome: 'oppsync_outcome',
  phase: 'oppsync_phase',
  engagement: 'oppsync_engagement',
  reason: 'oppsync_reason',
  completeness: 'oppsync_completeness',
  cycleDays: 'oppsync_cycle_days',
  regressions: 'oppsync_regressions',
  pushes: 'oppsync_pushes',
  reopened: 'oppsync_reopened',
  lastContact: 'oppsync_last_contact',
  pairKey: 'oppsync_pair_key',
};

/** The owned fields that are not text. */
const OWNED_KINDS: Readonly<Partial<Record<OwnedField, FieldKind>>> = {
  cycleDays: 'decimal',
  regressions: 'decimal',
  pushes: 'decimal',
  reopened: 'decimal',
  lastContact: 'date',
};

/** Where evidence is looked for that the configuration does not name: `contractSigned` in `contract_signed`. */
export function conventionalProperty(name: string): string {
  return wordsOf(name).join('_').toLowerCase();
}

/** Read of every deal whatever the configuration: change stamp, flags, roll-ups, links, merges. */
const EVIDENCE_PROPERTIES = [
  'pipeline',
  'createdate',
  'hs_lastmodifieddate',
  'hs_is_closed',
  'hs_is_closed_won',
  'hs_is_closed_lost',
  'hs_deal_stage_probability',
  'hs_v2_date_entered_current_stage',
  'notes_last_contacted',
  'hs_sales_email_last_replied',
  'hs_latest_sales_email_reply_date',
  'hs_primary_associated_company',
  'notes_next_activity_date',
  'hs_merged_object_ids',
  'hs_salesforceopportunityid',
] as const;

export interface FieldPlan {
  readonly field: string;
  readonly native: string;
  readonly kind: FieldKind;
  readonly origin: 'standard' | 'owned' | 'custom';
}

/** Every canonical field of a connection with its property. */
export function plannedFields(settings: Pick<HubspotSettings, 'customFields'>): readonly FieldPlan[] {
  return [
    ...Object.entries(STANDARD_NATIVE_FIELDS).map(([field, native]) => ({
      field,
      native,
      kind: STANDARD_FIELDS[field] ?? ('text' as const),
      origin: 'standard' as const,
    })),
    ...OWNED_FIELDS.map((field) => ({
      field,
      native: OWNED_NATIVE_FIELDS[field],
      kind: OWNED_KINDS[field] ?? ('text' as const),
      origin: 'owned' as const,
    })),
    ...Object.entries(settings.customFields).map(([field, { native, kind }]) => ({
      field,
      native,
      kind,
      origin: 'custom' as const,
    })),
  ];
}

export function isOwned(field: string): field is OwnedField {
  return (OWNED_FIELDS as readonly string[]).includes(field);
}

/** Properties to ask for, each once. HubSpot leaves out unknown ones without a word. */
export function requestedProperties(facts: Pick<HubspotFacts, 'fields' | 'evidence'>): readonly string[] {
  return [
    ...new Set([
      ...facts.fields.filter((fact) => fact.readable).map((fact) => fact.native),
      ...EVIDENCE_PROPERTIES,
      ...facts.evidence.map((each) => each.native),
    ]),
  ];
}

/** Facts as this connector made them, also after a round trip through JSON. */
export function hubspotFacts(facts: AccountFacts): HubspotFacts {
  const extra = facts as Partial<HubspotFacts>;
  return {
    ...facts,
    fields: facts.fields.map((fact) => ({ nativeType: 'string', ...fact })),
    activities: extra.activities ?? 'off',
    uiDomain: extra.uiDomain ?? 'app.hubspot.com',
    evidence: extra.evidence ?? [],
  };
}
