/** The door to a CRM: what a connector can be asked for. Types only; the adapters are in src/connectors. */

import type { AccountFacts } from './account-facts.ts';
import type { ErrorDetails } from './errors.ts';
import type { Histories } from './field-history.ts';
import type { FoundItem } from './findings.ts';
import type { Crm, EpochMs, PairKey, RecordId } from './ids.ts';
import type { Fields, Snapshot } from './opportunity.ts';
import type { Provisioner } from './provision-port.ts';
import type { DayRoom } from './quota-day.ts';
import type { Priority } from './quota-window.ts';
import type { RollupField } from './rollup.ts';

/** A place to continue reading from: plain JSON of the connector's own making, stored with the rows it covers. */
export type ReadPosition = Readonly<Record<string, unknown>>;

/** Up to which moment a CRM is known to be read completely: plain JSON of the connector's own making. */
export type SafeMark = Readonly<Record<string, unknown>>;

export interface ReadPage {
  readonly snapshots: readonly Snapshot[];
  /** Where the next page starts; null when this was the last one. */
  readonly next: ReadPosition | null;
  /** With the last page: the mark an incremental read may start from next time. */
  readonly mark: SafeMark | null;
  /** The CRM's own count of all rows this reading will yield, when it says; for progress only. */
  readonly expected: number | null;
}

export interface RecordWrite {
  readonly id: RecordId;
  /** Canonical synced fields to set; only what differs. `null` clears. */
  readonly fields: Fields;
  /** Owned fields to set, by {@link ./opportunity.ts OWNED_FIELDS} names. */
  readonly owned: Fields;
  /** Unique within the batch; sent as objectWriteTraceId where the CRM has such a thing. */
  readonly trace: string;
}

export type WriteResult =
  | { readonly trace: string; readonly id: RecordId; readonly ok: true; readonly version: string | null }
  | { readonly trace: string; readonly id: RecordId; readonly ok: false; readonly error: ErrorDetails };

/** A record that is to be there under its key: made when it is not, never a second one beside it. */
export interface NewRecord {
  /** Its unique external id; sent as objectWriteTraceId as well where the CRM has such a thing. */
  readonly key: PairKey;
  /** Canonical synced fields; no blanks. */
  readonly fields: Fields;
  /** Owned fields; no blanks. The pair key is sent whether it is named here or not. */
  readonly owned: Fields;
}

export type CreateResult =
  /** `created` false: a record with this key was there, and holds these values now. */
  | { readonly key: PairKey; readonly ok: true; readonly id: RecordId; readonly created: boolean }
  | { readonly key: PairKey; readonly ok: false; readonly error: ErrorDetails };

export interface ReadByIds {
  readonly snapshots: readonly Snapshot[];
  /** Ids that do not exist (any more). */
  readonly missing: readonly RecordId[];
}

/** What a CRM can and cannot do, as data. */
export interface Capabilities {
  /** Records per readByIds call. */
  readonly readBatch: number;
  /** Records per write call. */
  readonly writeBatch: number;
  /** Write calls that may be in flight at once. */
  readonly writeConcurrency: number;
  /** A write locks the accounts of its records: two at once, from any process, would wait for each other or fail. */
  readonly locksAccounts?: boolean;
  /** Rows per page of a full scan, to estimate its cost in calls. */
  readonly fullPage: number;
  /**
   * The CRM sets the close date itself unless it is sent along: `ahead_when_won` moves one that lies ahead to today when a
   * deal is won, `on_closing` sets today whenever a deal is closed, reopened, or goes from won to lost.
   */
  readonly rewritesCloseDate: false | 'ahead_when_won' | 'on_closing';
}

/** Makes records in a CRM, only ever by upsert on the unique pair key. */
export interface Creator {
  /** Canonical fields a new record cannot be without. */
  readonly required: readonly string[];
  /** Keys per `readByKeys` call. */
  readonly keyBatch: number;
  /** Calls one `readByKeys` costs that finds nothing. */
  readonly callsPerLook: number;
  /** PURE. Why no record can be made in this account (key field missing or not unique, no permission); empty = it can. */
  obstacles(facts: AccountFacts): readonly ErrorDetails[];
  /**
   * Consistent read of the records that bear these pair keys, deleted ones included where the CRM still shows them (never a
   * search index). At most `keyBatch` keys; duplicates are not allowed. A key nobody bears is simply not answered for.
   */
  readByKeys(
    keys: readonly PairKey[],
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<readonly Snapshot[]>;
  /**
   * Sees to it that there is one record per key, with these values: up to `capabilities.writeBatch` of them, one result per
   * record in the order given. A bad row never costs its batch. Throws only when nothing is known to have been written; a
   * row whose fate is unknown comes back `ok: false` with recovery `unknown`.
   */
  create(
    records: readonly NewRecord[],
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<readonly CreateResult[]>;
}

/** Reads what a CRM itself remembers of the changes of fields. */
export interface HistoryReader {
  /** Records per call. */
  readonly batch: number;
  /**
   * History of these canonical fields of at most `batch` records. Records that are gone have no entry, and fields of which
   * nothing can be known have no key. `since` (by the CRM's clock; null = everything): older entries may be left out.
   */
  read(
    ids: readonly RecordId[],
    fields: readonly string[],
    since: EpochMs | null,
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<Histories>;
}

export interface EvidencePage {
  readonly items: readonly FoundItem[];
  /** Records to read again: what they name has changed, which leaves no stamp on them. */
  readonly reread?: readonly RecordId[];
  /** Where the next page starts; null when this was the last one. */
  readonly next: ReadPosition | null;
  /** With the last page: the mark the next reading may start from. */
  readonly mark: SafeMark | null;
  /** Calls this page took, and what is left is expected to take. */
  readonly calls: { readonly made: number; readonly left: number };
  /** Kinds of objects this user may not read: not evidenced, which is never "no". Each once, when first met. */
  readonly refused: readonly ErrorDetails[];
}

/** What lies beside a few records, as far as it may be seen. */
export interface EvidenceAbout {
  /** Kinds of objects this is complete for. */
  readonly sources: readonly string[];
  readonly items: readonly FoundItem[];
}

/** Reads what lies beside the records: activities, contracts, quotes, orders, payments. */
export interface EvidenceReader {
  /** Begins a reading; `mark` null = everything that still matters. Null: there is nothing to read. Makes no call. */
  start(mark: SafeMark | null, facts: AccountFacts): ReadPosition | null;
  /**
   * All there is beside these records now, as a complete reading would find it. Items name none but these records.
   *
   * @param mark of the last reading: what it found not to be seen is not asked for again
   */
  about?(
    ids: readonly RecordId[],
    mark: SafeMark,
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<EvidenceAbout>;
  /** One page. Safe to repeat with the same position; the same object may come twice. */
  page(position: ReadPosition, facts: AccountFacts, signal: AbortSignal): Promise<EvidencePage>;
}

/** Names of the accounts that records only name by id. */
export interface AccountNames {
  /** Ids per call. */
  readonly batch: number;
  /** What is not found has no entry; null when they may not be read. */
  read(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string> | null>;
}

/** An account (company) as far as roll-ups need it. */
export interface AccountValues {
  readonly name: string | null;
  /** Decimal texts by {@link ./rollup.ts ROLLUP_FIELDS} names; `null` = blank. */
  readonly values: Fields;
}

export interface AccountWrite {
  readonly id: RecordId;
  /** Roll-ups to set, as decimal text; `null` clears. */
  readonly values: Fields;
  /** Unique within the batch. */
  readonly trace: string;
}

/** Keeps what the opportunities of an account amount to in fields of the account that oppsync owns. */
export interface AccountRollups {
  readonly provisioner: Provisioner;
  /** PURE. Why it cannot be told which records belong to which account; null = it can. */
  obstacle(facts: AccountFacts): ErrorDetails | null;
  /** Accounts per call. */
  readonly readBatch: number;
  readonly writeBatch: number;
  /** Consistent read of these fields. At most `readBatch` ids; an account that is not there has no entry. */
  read(
    ids: readonly RecordId[],
    fields: readonly RollupField[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<RecordId, AccountValues>>;
  /** Like {@link Connector.write}: one result per account in the order given, at most `writeBatch` of them. */
  write(writes: readonly AccountWrite[], signal: AbortSignal): Promise<readonly WriteResult[]>;
}

export interface Connector {
  readonly crm: Crm;
  /** Absent where accounts cannot hold roll-ups. */
  readonly rollups?: AccountRollups;
  /** Absent where records cannot be made. */
  readonly creator?: Creator;
  /** Absent where the CRM keeps no history of fields. */
  readonly history?: HistoryReader;
  /** Absent where nothing beside the records is read. */
  readonly evidence?: EvidenceReader;
  /** Absent where records carry the name of their account themselves. */
  readonly accountNames?: AccountNames;
  /** Absent where own fields cannot be made. */
  readonly provisioner?: Provisioner;
  readonly capabilities: Capabilities;
  /** Reads account facts. Throws OppsyncError `stop` for bad credentials; missing fields become `problems`. */
  describe(signal: AbortSignal): Promise<AccountFacts>;
  /** Begins a reading. `mark` null = everything; otherwise what changed since that mark. Makes at most one call. */
  startRead(mark: SafeMark | null, facts: AccountFacts, signal: AbortSignal): Promise<ReadPosition>;
  /** One page. Safe to repeat with the same position; the same record may come twice. */
  readPage(position: ReadPosition, facts: AccountFacts, signal: AbortSignal): Promise<ReadPage>;
  /** Consistent read (never a search index). At most `capabilities.readBatch` ids; duplicates are not allowed. */
  readByIds(ids: readonly RecordId[], facts: AccountFacts, signal: AbortSignal): Promise<ReadByIds>;
  /** PURE. Why these values cannot be written (restricted choice, unknown owner, too long…), per field; empty = they can. */
  refusals(write: { fields: Fields; owned: Fields }, facts: AccountFacts): readonly ErrorDetails[];
  /** PURE. The accounts that these values put a record into, as ids; absent where no value can. */
  namedAccounts?(fields: Fields, facts: AccountFacts): readonly RecordId[];
  /**
   * Writes up to `capabilities.writeBatch` records and answers one result per write, in the order given. A bad row never
   * costs its batch. Throws only when nothing is known to have been written (recovery `retry`, `wait`, `stop`);
   * a row whose fate is unknown comes back `ok: false` with recovery `unknown`.
   */
  write(
    writes: readonly RecordWrite[],
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<readonly WriteResult[]>;
  /** About how many records there are, in one call; absent where the pages of a reading tell. */
  countRecords?(signal: AbortSignal): Promise<number>;
  /** How much the calls made from now on matter, when not all can be made at once. */
  prioritise?(priority: Priority): void;
  /** What the account's daily allowance has left for oppsync; null while the CRM has not told, absent when it has none. */
  allowance?(): Promise<DayRoom | null>;
  /** Calls made since creation, for the call ledger. */
  calls(): number;
  /** A link a person can open to see the record. */
  recordUrl(id: RecordId, facts: AccountFacts): string;
  close(): Promise<void>;
}
