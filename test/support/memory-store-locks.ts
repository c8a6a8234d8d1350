/** Locks on accounts of the store in memory: the meaning of src/store/account-locks.ts. */
import type { AccountLockTx } from '../../src/core/account-lock-port.ts';
import { Table, type Tables } from './memory-store-tables.ts';

export function locksInMemory(tables: Tables): AccountLockTx {
  const { snapshots, tasks, alive } = tables;
  const locks = new Table<{ readonly task: string; readonly worker: number; readonly key: string }>(
    tables.undo,
  );

  const unlockAccounts = async (task: string, worker: number): Promise<void> => {
    for (const { key } of locks.where((lock) => lock.task === task && lock.worker === worker))
      locks.remove(key);
  };
  return {
    async lockAccounts(task, worker, { org, sync, crm, ids, accounts }) {
      const seen = snapshots
        .where((row) => row.sync === sync && row.crm === crm && ids.includes(row.id))
        .flatMap(({ evidence }) => evidence.custom?.['accountId'] ?? []);
      const wanted = new Set([...seen, ...accounts]);
      const keys = [...wanted].map((account) => `${org}/${crm}/${account}`);
      const isHeld = (key: string): boolean => {
        const lock = locks.get(key);
        if (lock === undefined || lock.task === task || !alive.has(lock.worker)) return false;
        const holder = tasks.get(lock.task);
        return holder !== undefined && !holder.done && holder.worker === lock.worker;
      };
      if (keys.some(isHeld)) {
        await unlockAccounts(task, worker);
        return false;
      }
      for (const key of keys) locks.put(key, { task, worker, key });
      return true;
    },

    unlockAccounts,
  };
}
