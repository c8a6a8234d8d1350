/** Reading exported records without the CRM: what each connector offers for it, and which connectors do. */

import type { AccountFacts, OwnerInfo, StageInfo } from '../core/account-facts.ts';
import type { Crm, EpochMs } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { EvidenceSetting } from './evidence-source.ts';
import { hubspotOffline } from './hubspot/offline.ts';
import { salesforceOffline } from './salesforce/offline.ts';

/** Native fields of one exported record, by native name. */
export type NativeFields = Readonly<Record<string, unknown>>;

/** What lines that are not records say about the account they come from. */
export interface DescribedAccount {
  /** Empty: no line listed any, and the CRM's standard ones are assumed. */
  readonly stages: readonly StageInfo[];
  readonly owners: readonly OwnerInfo[];
  /** Latest two-way contact by record; absent when no line is an activity. */
  readonly contacts?: ReadonlyMap<string, Contact>;
}

/** A two-way contact somebody had about a record. */
export interface Contact {
  readonly at: EpochMs;
  /** What it was, for example `call 00T…`. */
  readonly from: string;
}

/** What one line says of the account, or of a record it is about. */
export interface DescribedLine {
  readonly stages: readonly StageInfo[];
  readonly owners: readonly OwnerInfo[];
  /** The line is an activity, and what contact it was; null: none. */
  readonly activity?: { readonly record: string; readonly contact: Contact } | null;
}

export interface OfflineRules {
  /** Evidence fields the configuration names, by evidence name. */
  readonly evidence: Readonly<Record<string, EvidenceSetting>>;
  /** Evidence the profile knows: read from the field named like it, unless the configuration names another. */
  readonly evidenceNames: readonly string[];
}

/** One CRM's way of reading its own records from a file. Pure. */
export interface OfflineReader {
  readonly crm: Crm;
  /** The type of a line that holds a record. */
  readonly recordType: string;
  /** Types of lines that describe the account. */
  readonly describingTypes: readonly string[];
  /** What one such line says. */
  describe(type: string, fields: NativeFields): DescribedLine;
  /** Facts for an account that cannot be asked: what was described, standard stages otherwise. */
  facts(account: DescribedAccount, rules: OfflineRules): AccountFacts;
  /** The record's id; null when it has none. */
  idOf(fields: NativeFields): string | null;
  /** `readAt` is the moment the records are judged at. */
  createMapper(facts: AccountFacts, account: DescribedAccount, readAt: EpochMs): OfflineMapper;
}

export type OfflineMapper = (fields: NativeFields, deleted: boolean) => Snapshot;

/** One line per CRM, as in the registry of connectors. */
export const OFFLINE_READERS: readonly OfflineReader[] = [salesforceOffline, hubspotOffline];
