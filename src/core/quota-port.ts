/** What the governor of quotas asks of whatever all processes share: a place for one small document per account. */
import type { EpochMs } from './ids.ts';
import type { QuotaState } from './quota.ts';

export interface QuotaStore {
  /** The document of an account, its version (0 = there is none), and the store's own clock: the one all go by. */
  read(account: string): Promise<{ state: QuotaState | null; version: number; now: EpochMs }>;
  /** Replaces the document if it still has that version; false when another process was faster. */
  write(account: string, version: number, state: QuotaState): Promise<boolean>;
}

/** For whoever only looks. */
export interface QuotaReader {
  /** The documents of these accounts, however many they are; one without any is left out. */
  readAll(accounts: readonly string[]): Promise<{ states: ReadonlyMap<string, QuotaState>; now: EpochMs }>;
}
