import type { Crm, EpochMs, PlainDate, RecordId } from './ids.ts';

/**
 * How two values of a field are compared and written.
 * - `text`: compared after trimming and Unicode NFC; written exactly as given.
 * - `decimal`: compared as numbers of any precision (`10` equals `10.00`).
 * - `date`: calendar date `YYYY-MM-DD`. - `instant`: ISO 8601 UTC, compared as a moment.
 * - `choice`: exact text. - `choices`: `;`-joined set, order-free. - `boolean`: `true` | `false`.
 * - `stage`: the CRM's own stage key, compared through the stage map. - `person`: lower-case e-mail address.
 * - `currency`: ISO 4217 code.
 */
export type FieldKind =
  | 'text'
  | 'decimal'
  | 'date'
  | 'instant'
  | 'choice'
  | 'choices'
  | 'boolean'
  | 'stage'
  | 'person'
  | 'currency';

/** A canonical value. `null` means the CRM was seen to hold a blank; *not read* is an absent key, never null. */
export type Value = string | null;

/** Canonical values by field name. A missing key means the value was not read (permission, unknown property). */
export type Fields = Readonly<Record<string, Value>>;

/** The fields both CRMs have from the start; custom fields add to these by configuration. */
export const STANDARD_FIELDS: Readonly<Record<string, FieldKind>> = Object.freeze({
  name: 'text',
  stage: 'stage',
  amount: 'decimal',
  currency: 'currency',
  closeDate: 'date',
  owner: 'person',
  nextStep: 'text',
});

/** The fields oppsync owns in both CRMs (design section 10). `pairKey` is unique in both. */
export const OWNED_FIELDS = [
  'status',
  'outcome',
  'phase',
  'engagement',
  'reason',
  'completeness',
  'cycleDays',
  'regressions',
  'pushes',
  'reopened',
  'lastContact',
  'pairKey',
] as const;
export type OwnedField = (typeof OWNED_FIELDS)[number];

/**
 * What a CRM says that bears on the question "active or closed?". Flat, so that rules can name each one.
 * `null` or absent = the CRM did not say. Probabilities are 0..1. Times are epoch ms.
 */
export interface Evidence {
  readonly isClosed?: boolean | null;
  readonly isWon?: boolean | null;
  readonly isLost?: boolean | null;
  readonly stageKey?: string | null;
  readonly stageLabel?: string | null;
  readonly pipelineLabel?: string | null;
  /** false: the record names a stage that the CRM no longer lists. */
  readonly stageExists?: boolean | null;
  readonly stageIsClosed?: boolean | null;
  readonly stageIsWon?: boolean | null;
  readonly stageProbability?: number | null;
  readonly probability?: number | null;
  readonly createdAt?: EpochMs | null;
  readonly closedAt?: EpochMs | null;
  readonly stageChangedAt?: EpochMs | null;
  readonly lastContactAt?: EpochMs | null;
  readonly nextActivityAt?: EpochMs | null;
  /** The close date the team expects; an open opportunity whose day has passed is overdue. */
  readonly closeDate?: PlainDate | null;
  /** Evidence fields the configuration names (contract signed, paid, delivery begun…). */
  readonly custom?: Readonly<Record<string, string | number | boolean | null>>;
  /** Who says what about proofs and contact: for the trace and for contradictions; values are taken from the fields above. */
  readonly said?: readonly Said[];
}

/** One thing somebody says about a proof or a contact. */
export interface Said {
  readonly crm: Crm;
  /** Name of the evidence; `contact` for a two-way contact, `attempt` for one nobody is known to have answered. */
  readonly about: string;
  /** Of a contact or attempt: its moment, epoch ms. */
  readonly says: string | number | boolean;
  /** What says it, for example `Contract 800…`; empty = a field of the record itself. */
  readonly from: string;
}

/** What one CRM said about one record at one reading. */
export interface Snapshot {
  readonly crm: Crm;
  readonly id: RecordId;
  /** The CRM's own change stamp (SystemModstamp, hs_lastmodifieddate) as it was given. */
  readonly version: string;
  /** The change stamp as a moment. */
  readonly changedAt: EpochMs;
  readonly deleted: boolean;
  readonly fields: Fields;
  /** Present values of the fields oppsync owns; empty when they are not provisioned. */
  readonly owned: Fields;
  readonly evidence: Evidence;
  /** The pair key found in the record, or null. */
  readonly pairKey: string | null;
  /** Id of the counterpart that another connector has written into the record, or null. */
  readonly linkedId: RecordId | null;
  /** Ids this record absorbed in merges. */
  readonly absorbedIds: readonly RecordId[];
  /** Native fields exactly as the CRM said them. */
  readonly raw: Readonly<Record<string, unknown>>;
}
