import type { AccountFacts, FieldFact } from '../../core/account-facts.ts';
import type { FieldKind, OwnedField } from '../../core/opportunity.ts';
import { wordsOf } from '../evidence-source.ts';

/** Where the canonical fields live on the Opportunity. `currency` exists only in orgs with several currencies. */
export const NATIVE_FIELDS: Readonly<Record<string, { readonly native: string; readonly kind: FieldKind }>> =
  {
    name: { native: 'Name', kind: 'text' },
    stage: { native: 'StageName', kind: 'stage' },
    amount: { native: 'Amount', kind: 'decimal' },
    currency: { native: 'CurrencyIsoCode', kind: 'currency' },
    closeDate: { native: 'CloseDate', kind: 'date' },
    owner: { native: 'OwnerId', kind: 'person' },
    nextStep: { native: 'NextStep', kind: 'text' },
  };

/** The custom fields we own; texts long enough for their values, `Oppsync_Pair_Key__c` a unique external id. */
export const OWNED_NATIVE_FIELDS: Readonly<
  Record<OwnedField, { readonly native: string; readonly kind: FieldKind }>
> = {
  status: { native: 'Oppsync_Status__c', kind: 'choice' },
  outcome: { native: 'Oppsync_Outcome__c', kind: 'choice' },
  phase: { native: 'Oppsync_Phase__c', kind: 'choice' },
  engagement: { native: 'Oppsync_Engagement__c', kind: 'choice' },
  reason: { native: 'Oppsync_Reason__c', kind: 'text' },
  completeness: { native: 'Oppsync_Completeness__c', kind: 'text' },
  cycleDays: { native: 'Oppsync_Cycle_Days__c', kind: 'decimal' },
  regressions: { native: 'Oppsync_Regressions__c', kind: 'decimal' },
  pushes: { native: 'Oppsync_Pushes__c', kind: 'decimal' },
  reopened: { native: 'Oppsync_Reopened__c', kind: 'decimal' },
  lastContact: { native: 'Oppsync_Last_Contact__c', kind: 'date' },
  pairKey: { native: 'Oppsync_Pair_Key__c', kind: 'text' },
};

/** On every Opportunity of every org, whatever the permissions. */
export const SYSTEM_FIELDS = [
  'Id',
  'IsDeleted',
  'SystemModstamp',
  'LastModifiedDate',
  'CreatedDate',
] as const;

/** Tells which values a record may hold; read only where an org has record types. */
export const RECORD_TYPE_FIELD = 'RecordTypeId';

/** Read for evidence and pairing when the org has them and lets us see them. */
export const EVIDENCE_FIELDS: Readonly<Record<string, FieldKind>> = {
  AccountId: 'text',
  IsClosed: 'boolean',
  IsWon: 'boolean',
  Probability: 'decimal',
  ForecastCategoryName: 'choice',
  LastStageChangeDate: 'instant',
  LastActivityDate: 'date',
  HasOpportunityLineItem: 'boolean',
  [RECORD_TYPE_FIELD]: 'text',
};

/** Facts with this prefix are read but never synced: `raw.LastStageChangeDate`. */
export const RAW_PREFIX = 'raw.';
/** Account facts with what only Salesforce has. Plain JSON like the rest. */
export interface SalesforceFacts extends AccountFacts {
  /** Objects beside the opportunity this user may see, each with the fields of it that are read. */
  readonly evidenceObjects: Readonly<Record<string, readonly string[]>>;
  /** Whether contact is read from activities; `off`: the opportunity's own last activity stands in for it. */
  readonly activities: 'auto' | 'off';
}

/** Facts as this connector made them, also after a round trip through JSON, or those of a file. */
export function salesforceFacts(facts: AccountFacts): SalesforceFacts {
  const extra = facts as Partial<SalesforceFacts>;
  return {
    ...facts,
    evidenceObjects: extra.evidenceObjects ?? {},
    activities: extra.activities ?? 'off',
  };
}

/** An evidence field, with the values that mean yes (lower case); null or absent: the value itself is the evidence. */
export interface EvidenceFact extends FieldFact {
  readonly yes?: readonly string[] | null;
}

/** Where evidence is looked for that the configuration does not name: `contractSigned` in `Contract_Signed__c`. */
export function conventionalField(name: string): string {
  const words = wordsOf(name).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('_')}__c`;
}

/** Facts with this prefix are evidence fields the configuration names: `evidence.contractSigned`. */
export const EVIDENCE_PREFIX = 'evidence.';

/** Every native field or path a read asks for, each once. Built from the facts: one hidden field would fail the whole query. */
export function selectList(facts: { readonly fields: readonly FieldFact[] }): string[] {
  const natives = facts.fields.filter((fact) => fact.readable).map((fact) => fact.native);
  return [...new Set<string>([...SYSTEM_FIELDS, ...natives])];
}
