/** What is true of an account in a CRM, as a connector tells it. Types only. */
import type { ErrorDetails } from './errors.ts';
import type { Crm } from './ids.ts';
import type { FieldKind } from './opportunity.ts';

/** One stage of one pipeline as the CRM describes it. */
export interface StageInfo {
  /** The value canonical field `stage` holds: Salesforce `ApiName`; HubSpot `<pipeline id>/<stage id>`. */
  readonly key: string;
  readonly label: string;
  readonly pipeline: string | null;
  readonly pipelineLabel: string | null;
  readonly order: number;
  /** null = the CRM does not say. */
  readonly closed: boolean | null;
  readonly won: boolean | null;
  /** 0..1 */
  readonly probability: number | null;
  /** false: kept on old records only, not offered for new values. */
  readonly active: boolean;
}

export interface FieldFact {
  /** Canonical name (a standard, owned or configured custom field). */
  readonly field: string;
  readonly native: string;
  readonly kind: FieldKind;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Allowed values of a restricted choice; null when open. */
  readonly choices: readonly string[] | null;
  readonly maxLength: number | null;
  /** true: no two records may hold the same value, and records can be written by it. Absent = not known to be so. */
  readonly unique?: boolean;
}

/** A kind of record within a CRM, whose records may be given some values only. */
export interface RecordType {
  readonly id: string;
  readonly label: string;
  /** The values offered, per canonical field; a field that is not here may hold whatever its choices allow. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** What a team lets happen to the stage of records within one pipeline. Stage keys; `all` = every stage of it. */
export interface PipelineRules {
  /** Stages a record is not moved back from, nor back to. */
  readonly noReturn: 'all' | readonly string[];
  /** Stages that are not passed over on the way forward. */
  readonly noSkip: 'all' | readonly string[];
  /** Stages in which a record may be made; null = in any. */
  readonly createIn: readonly string[] | null;
  /** The stage a record leaves forward only when somebody has approved it; null = there is none. */
  readonly approval: string | null;
}

export interface OwnerInfo {
  readonly id: string;
  /** The person's number in the history of fields, where owners are numbered apart from people. */
  readonly userId?: string;
  /** Lower case. */
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
}

/** What is true of a CRM account during a run: read once at its start, plain JSON (stored with the run). */
export interface AccountFacts {
  readonly crm: Crm;
  readonly accountId: string;
  /** IANA zone in which the CRM shows date-times. */
  readonly timeZone: string;
  /** The account's own currency; null when unknown. */
  readonly currency: string | null;
  /** Allowed currencies when several are in use, else null. */
  readonly currencies: readonly string[] | null;
  readonly stages: readonly StageInfo[];
  readonly fields: readonly FieldFact[];
  readonly owners: readonly OwnerInfo[];
  /** Server clock minus our clock, ms. */
  readonly clockOffsetMs: number;
  /** Permissions or fields that are missing, each with its remedy. Empty when all is well. */
  readonly problems: readonly ErrorDetails[];
  /** Record types that offer some values only; absent = there are none, or they are not to be respected. */
  readonly recordTypes?: readonly RecordType[];
  /** The record type of a record that is made without naming one. */
  readonly newRecordType?: string;
  /** Rules by pipeline; absent = there are none, or they are not to be respected. */
  readonly pipelineRules?: Readonly<Record<string, PipelineRules>>;
  /** false: these credentials may not make records. Absent = the CRM does not say. */
  readonly mayCreate?: boolean;
}
