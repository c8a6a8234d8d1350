import type { AccountLockTx } from '../core/account-lock-port.ts';
import { type Executor, row, rows, sql } from './sql.ts';
import { alive } from './tasks.ts';

/**
 * Locks on accounts: rows, because a lock of a session would keep a connection for as long as the CRM takes to answer.
 * Every statement touches them in the order of their key, so that none waits for another that waits for it.
 */
export function accountLocks(db: Executor): AccountLockTx {
  const unlockAccounts = async (task: string, worker: number): Promise<void> => {
    await rows(
      db,
      sql`with own as materialized (
            select org, crm, account from account_locks where task = ${task} and worker = ${worker} order by org, crm, account for update)
          delete from account_locks l using own
          where l.org = own.org and l.crm = own.crm and l.account = own.account and l.task = ${task}
            and l.worker = ${worker}`,
    );
  };
  return {
    async lockAccounts(task, worker, { org, sync, crm, ids, accounts }) {
      const found = await row<{ missing: number }>(
        db,
        sql`with wanted as materialized (
              select evidence #>> '{custom,accountId}' as account from snapshots
              where sync = ${sync} and crm = ${crm} and id = any(${[...ids]})
                and evidence #>> '{custom,accountId}' is not null
              union select unnest(${[...accounts]}::text[])),
            taken as (
              insert into account_locks as l (org, crm, account, task, worker)
              select ${org}, ${crm}, account, ${task}::bigint, ${worker} from wanted order by account
              on conflict (org, crm, account) do update set task = excluded.task, worker = excluded.worker
                where l.task = excluded.task
                  or not exists (select from tasks t where t.id = l.task and not t.done and t.worker = l.worker)
                  or not ${alive(sql`l.worker`)}
              returning 1)
            select (select count(*) from wanted)::int - (select count(*) from taken)::int as missing`,
      );
      if (found?.missing === 0) return true;
      await unlockAccounts(task, worker);
      return false;
    },

    unlockAccounts,
  };
}
