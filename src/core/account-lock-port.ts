/** Keeps two writers away from one account, in whichever process and sync they are. Types only. */
import type { Crm, RecordId, SyncName } from './ids.ts';

export interface AccountsOfCrm {
  /** The CRM account they are in, as `AccountFacts.accountId`: several syncs may write to it. */
  readonly org: string;
  readonly sync: SyncName;
  readonly crm: Crm;
  /** Records that are written: what is meant are the accounts they were last seen in. */
  readonly ids: readonly RecordId[];
  /** Accounts themselves: those that are written, or into which a record is put. */
  readonly accounts: readonly RecordId[];
}

export interface AccountLockTx {
  /**
   * Takes these accounts, and those that the records are in, for a task of this worker: all of them, or none (false) while
   * another open task of a living worker has one. Records that name no account need none.
   */
  lockAccounts(task: string, worker: number, of: AccountsOfCrm): Promise<boolean>;
  /** Gives back what this worker has taken for a task; not what another has, that took the task over. */
  unlockAccounts(task: string, worker: number): Promise<void>;
}
