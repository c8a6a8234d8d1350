/** An account, and the records in it, are written by one task at a time, in however many processes. */
import type { AccountsOfCrm } from '../core/account-lock-port.ts';
import type { Crm } from '../core/ids.ts';
import type { TaskContext } from './task.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Does `work` while nobody else writes these accounts, or records of the accounts that these records are in, where the CRM
 * locks them for each write. Nothing is held while waiting, so that two who want each other's accounts both come to their turn.
 */
export async function holdingAccounts<T>(
  context: TaskContext,
  crm: Crm,
  written: Partial<Pick<AccountsOfCrm, 'ids' | 'accounts'>>,
  work: () => Promise<T>,
): Promise<T> {
  if (context.connector(crm).capabilities.locksAccounts !== true) return work();
  const { ids = [], accounts = [] } = written;
  if (ids.length + accounts.length === 0) return work();
  const { deps, run, task, signal } = context;
  const { worker } = deps.store;
  const wanted = { org: context.facts(crm).accountId, sync: run.sync, crm, ids, accounts };
  for (let pause = FIRST_PAUSE_MS; !(await deps.store.lockAccounts(task.id, worker, wanted)); ) {
    await deps.sleep(pause * (0.5 + deps.random.next()), signal);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    await context.requireHold();
  }
  try {
    return await work();
  } finally {
    await deps.store.unlockAccounts(task.id, worker);
  }
}
