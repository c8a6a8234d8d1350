/** Of the accounts whose records are written, each is written by one task at a time, in however many processes. */
import type { Crm, RecordId } from '../core/ids.ts';
import type { TaskContext } from './task.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Does `work` while nobody else writes records of the accounts that these records name, where the CRM locks them for each
 * write. Nothing is held while waiting, so that two who want each other's accounts both come to their turn.
 */
export async function holdingAccounts<T>(
  context: TaskContext,
  crm: Crm,
  ids: readonly RecordId[],
  work: () => Promise<T>,
): Promise<T> {
  if (context.connector(crm).capabilities.locksAccounts !== true) return work();
  const { deps, run, task, signal } = context;
  const records = { org: context.facts(crm).accountId, sync: run.sync, crm, ids };
  for (let pause = FIRST_PAUSE_MS; !(await deps.store.lockAccounts(task.id, deps.store.worker, records)); ) {
    await deps.sleep(pause * (0.5 + deps.random.next()), signal);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    await context.requireHold();
  }
  try {
    return await work();
  } finally {
    await deps.store.unlockAccounts(task.id);
  }
}
