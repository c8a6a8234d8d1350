/** Keeps two writers away from the records of one account, in whichever process and sync they are. Types only. */
import type { Crm, RecordId, SyncName } from './ids.ts';

export interface RecordsOfCrm {
  /** The CRM account they are in, as `AccountFacts.accountId`: several syncs may write to it. */
  readonly org: string;
  readonly sync: SyncName;
  readonly crm: Crm;
  readonly ids: readonly RecordId[];
}

export interface AccountLockTx {
  /**
   * Takes the accounts that these records name for a task of this worker: all of them, or none (false) while another open
   * task of a living worker has one. Records that name no account need none.
   */
  lockAccounts(task: string, worker: number, records: RecordsOfCrm): Promise<boolean>;
  /** Gives back what a task has taken. */
  unlockAccounts(task: string): Promise<void>;
}
