/** What keeping roll-ups in accounts asks of the store. Types only. */
import type { ErrorDetails } from './errors.ts';
import type { Crm, EpochMs, RecordId, RunId, SyncName } from './ids.ts';
import type { Fields } from './opportunity.ts';
import type { PlanView, RollupRemark } from './report.ts';
import type { RolledRecord } from './rollup.ts';
import type { PlannedRollup, SentRollup, UndoneRollup } from './rollup-plan.ts';
import type { TaskRow } from './store-rows.ts';

/** An account with all that its roll-up is made of. */
export interface RollupAccount {
  readonly account: RecordId;
  readonly name: string | null;
  /** Our fields in it as last read or written; a field that never was is an absent key. */
  readonly held: Fields;
  readonly undone: Readonly<Record<string, UndoneRollup>>;
  /** Its opportunities, with what a run has planned to write into them. */
  readonly records: readonly RolledRecord[];
}

export type RollupState = 'planned' | 'sending' | 'applied' | 'failed' | 'dropped';

/** A planned write into an account with its place in the journal. */
export interface RollupRow extends PlannedRollup {
  readonly change: number;
  readonly run: RunId;
  readonly state: RollupState;
}

/** What became of one of them. `held` is what the account was seen to hold after it. */
export type RollupResult =
  | { readonly change: number; readonly is: 'applied'; readonly held: Fields; readonly undone: UndoneFields }
  | { readonly change: number; readonly is: 'failed'; readonly error: ErrorDetails }
  /** Left as it is, for the next run. */
  | { readonly change: number; readonly is: 'dropped'; readonly note: RollupNote };

/** Per field what was taken back, when it was. */
export type UndoneFields = Readonly<Record<string, UndoneRollup>>;

export interface RollupNote {
  /** Stable name of the cause. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a run found when it planned the roll-ups of a CRM. */
export interface RollupFindings {
  readonly run: RunId;
  /** Accounts looked at. */
  readonly accounts: number;
  /** Of these, those whose amounts are left blank. */
  readonly withheld: number;
  readonly problems: readonly RollupRemark[];
}

export interface RollupTx {
  /**
   * Finds anew which records belong to which account, when that is known of all of them. Answers how many accounts have any,
   * and of how many records it was not seen whose they are: then nothing is changed.
   */
  gatherAccounts(sync: SyncName, crm: Crm): Promise<{ readonly accounts: number; readonly unseen: number }>;
  /**
   * Accounts in order of their id from `after` on: those with records, and those that still hold a roll-up. Amounts and
   * dates are as they will be once what run `planned` still plans is written.
   */
  rollupAccounts(
    sync: SyncName,
    planned: RunId,
    crm: Crm,
    which: { readonly after: RecordId; readonly limit: number } | { readonly ids: readonly RecordId[] },
  ): Promise<readonly RollupAccount[]>;
  /** Remembers accounts as they were read. */
  noteAccounts(
    sync: SyncName,
    crm: Crm,
    read: readonly { readonly account: RecordId; readonly name: string | null; readonly held: Fields }[],
  ): Promise<void>;
  /** Stores what a run plans to write; repeating it for the same accounts changes nothing. */
  planRollups(sync: SyncName, run: RunId, planned: readonly PlannedRollup[]): Promise<void>;
  rollupFindings(sync: SyncName, crm: Crm): Promise<RollupFindings | null>;
  saveRollupFindings(sync: SyncName, crm: Crm, found: RollupFindings): Promise<void>;

  /** What a run has planned by CRM and account, from `after` on; carried out since or not. */
  plannedRollups(
    run: RunId,
    after: { readonly crm: Crm; readonly account: RecordId } | null,
    limit: number,
  ): Promise<readonly RollupRow[]>;
  /** How many accounts a run has planned to write, per CRM; carried out since or not. */
  rollupCounts(run: RunId): Promise<Readonly<Record<Crm, number>>>;
  rollupReasons(run: RunId): Promise<PlanView['byReason']>;
  /** One task per `size` planned accounts of a CRM. `plannedBy` is the run whose plan is carried out. */
  addRollupTasks(run: RunId, plannedBy: RunId, crm: Crm, size: number): Promise<readonly TaskRow[]>;
  rollupRows(ids: readonly number[]): Promise<readonly RollupRow[]>;
  /** Before anything is sent: what goes out, and what was found in its place. */
  markRollups(
    list: readonly { readonly change: number; readonly sent: readonly SentRollup[] }[],
    now: EpochMs,
  ): Promise<void>;
  /** Records results row by row: journal, and what the accounts hold. */
  saveRollups(sync: SyncName, run: RunId, results: readonly RollupResult[], now: EpochMs): Promise<void>;
  /** What became of the accounts a run had planned to write, per CRM. */
  rollupTally(plannedBy: RunId): Promise<
    Readonly<
      Record<
        Crm,
        {
          readonly written: number;
          /** Held it already when they were about to be written. */
          readonly already: number;
          readonly failed: number;
          readonly waiting: number;
          readonly remarks: readonly RollupRemark[];
        }
      >
    >
  >;

  /** Accounts of a CRM that a run wrote, by id, with each field's value before its first write and after its last. */
  rollupsWrittenBy(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    after: RecordId,
    limit: number,
  ): Promise<readonly (Omit<PlannedRollup, 'changes' | 'crm'> & { readonly sent: readonly SentRollup[] })[]>;
}
