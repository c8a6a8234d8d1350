/** Exported records read without a CRM: the lines, and what reading them gives. Types only. */
import type { Crm, EpochMs } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { AccountFacts } from '../core/ports.ts';

/** One line of a dataset, in the CRM's own field names. */
export interface OfflineLine {
  readonly crm: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly associations?: { readonly companies?: readonly string[] };
  readonly deleted?: boolean;
}

export interface OfflineOptions {
  /** The moment the records are taken to be true of. */
  readonly readAt: EpochMs;
  /** IANA zone of the account. */
  readonly timeZone: string;
  /** Currency of amounts that name none; null = not known. */
  readonly currency: string | null;
  /** Evidence name → native field, per CRM. */
  readonly evidence?: Readonly<Record<Crm, Readonly<Record<string, string>>>>;
}

export interface OfflineRecord {
  readonly snapshot: Snapshot;
  /** Name of the account or company, when the lines tell it. */
  readonly account: string | null;
}

export interface OfflineCrm {
  readonly facts: AccountFacts;
  /** In the order of their lines; deleted ones included. */
  readonly records: readonly OfflineRecord[];
}

/** A reader of one CRM's lines, taken in any order; {@link OfflineReader.read} once all are in. */
export interface OfflineReader {
  take(line: OfflineLine): void;
  read(options: OfflineOptions): OfflineCrm;
}
