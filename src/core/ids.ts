/** Name of a CRM as registered in src/connectors/index.ts. An open set: a third CRM changes nothing here. */
export type Crm = string;

/** A record's id inside its CRM. Salesforce ids are always the 18-character form. */
export type RecordId = string;

/** Name of a sync as written in the configuration. Every row of state carries it. */
export type SyncName = string;

/** Key of a pair, written as `pairKey` into both CRMs. Made by {@link ./pairing.ts}. */
export type PairKey = string;

/** Id of one run, sortable by time (`r_` + 13 digits of epoch ms + `_` + random). */
export type RunId = string;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** A calendar date without time or zone: `YYYY-MM-DD`. Never shifted through a time zone. */
export type PlainDate = string;

/** An exact decimal number as text, for example `1234.50`. Amounts are never floats. */
export type DecimalText = string;

/** Identity of a record across CRMs. */
export interface RecordRef {
  readonly crm: Crm;
  readonly id: RecordId;
}

/** One string for a record reference, usable as a map key. */
export function refKey(ref: RecordRef): string {
  return `${ref.crm}:${ref.id}`;
}
