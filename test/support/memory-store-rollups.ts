/** Roll-ups in accounts, in memory: the meaning of src/store/rollups.ts and rollup-journal.ts. */
import type { Fields } from '../../src/core/opportunity.ts';
import type { RolledRecord } from '../../src/core/rollup.ts';
import type { RollupAccount, RollupResult, RollupRow, RollupTx } from '../../src/core/rollup-port.ts';
import { remark } from '../../src/core/rollup-remarks.ts';
import type { TaskRow } from '../../src/core/store-rows.ts';
import { reasonsOf } from './memory-store-reasons.ts';
import {
  ascending,
  type RollupRecord,
  recordKey,
  type SnapshotRow,
  type Tables,
} from './memory-store-tables.ts';

export function rollupsInMemory(
  tables: Tables,
  addTask: (run: string, crm: string, changes: readonly number[]) => TaskRow,
): RollupTx {
  const { snapshots, changes, rollupAccounts, rollupChanges, rollupFindings } = tables;
  const listed = (test: (row: RollupRecord) => boolean): RollupRecord[] =>
    rollupChanges.where(test).sort((x, y) => x.change - y.change);
  const byAccount = (x: RollupRow, y: RollupRow): number =>
    ascending(x.crm, y.crm) || ascending(x.account, y.account);

  function rolled(row: SnapshotRow, planned: string): RolledRecord {
    const written: Record<string, string | null> = {};
    for (const change of changes.where((one) => one.run === planned && one.state === 'planned'))
      if (change.crm === row.crm && change.id === row.id)
        for (const { field, owned, after } of change.changes) if (!owned) written[field] = after;
    const value = (field: string): string | null =>
      (field in written ? written[field] : row.fields[field]) ?? null;
    return {
      ...{ status: row.verdict?.status ?? 'unknown', outcome: row.verdict?.outcome ?? null },
      ...{ amount: value('amount'), currency: value('currency'), closeDate: value('closeDate') },
      ...{ createdAt: row.evidence.createdAt ?? null, closedAt: row.evidence.closedAt ?? null },
    };
  }

  function settle(sync: string, run: string, result: RollupResult): void {
    const row = rollupChanges.get(String(result.change));
    if (row === undefined || (row.state !== 'planned' && row.state !== 'sending')) return;
    const error = result.is === 'applied' ? null : result.is === 'failed' ? result.error : result.note;
    rollupChanges.put(String(row.change), { ...row, state: result.is, doneRun: run, error });
    const key = recordKey(sync, row.crm, row.account);
    const account = rollupAccounts.get(key);
    if (result.is !== 'applied' || account === undefined) return;
    const left = Object.entries(account.undone).filter(([field]) => !(field in result.held));
    rollupAccounts.put(key, {
      ...account,
      held: { ...account.held, ...result.held },
      undone: { ...Object.fromEntries(left), ...result.undone },
    });
  }

  return {
    async gatherAccounts(sync, crm) {
      const members = new Map<string, string[]>();
      let unseen = 0;
      for (const row of snapshots.where((one) => one.sync === sync && one.crm === crm)) {
        const account = row.evidence.custom?.['accountId'];
        if (row.deleted || row.verdict === null) continue;
        if (account === undefined) unseen += 1;
        if (typeof account !== 'string') continue;
        members.set(account, [...(members.get(account) ?? []), row.id].sort(ascending));
      }
      if (unseen > 0) return { accounts: members.size, unseen };
      for (const row of rollupAccounts.where((one) => one.sync === sync && one.crm === crm))
        if (!members.has(row.account))
          rollupAccounts.put(recordKey(sync, crm, row.account), { ...row, members: [] });
      for (const [account, ids] of members) {
        const key = recordKey(sync, crm, account);
        const before = rollupAccounts.get(key) ?? { sync, crm, account, name: null, held: {}, undone: {} };
        rollupAccounts.put(key, { ...before, members: ids });
      }
      return { accounts: members.size, unseen };
    },

    async rollupAccounts(sync, planned, crm, which) {
      const isFilled = (held: Fields): boolean => Object.values(held).some((value) => (value ?? '') !== '');
      const found = rollupAccounts
        .where((row) => row.sync === sync && row.crm === crm)
        .filter((row) =>
          'ids' in which
            ? which.ids.includes(row.account)
            : row.account > which.after && (row.members.length > 0 || isFilled(row.held)),
        )
        .sort((x, y) => ascending(x.account, y.account))
        .slice(0, 'ids' in which ? undefined : which.limit);
      return found.map(({ account, name, held, undone, members }): RollupAccount => {
        const rows = members.flatMap((id) => snapshots.get(recordKey(sync, crm, id)) ?? []);
        const live = rows.filter((row) => !row.deleted && row.verdict !== null);
        return { account, name, held, undone, records: live.map((row) => rolled(row, planned)) };
      });
    },

    async noteAccounts(sync, crm, read) {
      for (const { account, name, held } of read) {
        const row = rollupAccounts.get(recordKey(sync, crm, account));
        if (row !== undefined)
          rollupAccounts.put(recordKey(sync, crm, account), { ...row, name, held: { ...row.held, ...held } });
      }
    },

    async planRollups(sync, run, planned) {
      for (const { crm, account } of planned)
        for (const row of listed((one) => one.run === run && one.crm === crm && one.account === account))
          if (row.state === 'planned') rollupChanges.remove(String(row.change));
      for (const one of planned) {
        const change = tables.nextId('rollup');
        const journal = { sentAt: null, sent: null, doneRun: null, error: null };
        rollupChanges.put(String(change), { ...one, ...journal, change, sync, run, state: 'planned' });
      }
    },

    async rollupFindings(sync, crm) {
      return rollupFindings.get(`${sync}/${crm}`) ?? null;
    },

    async saveRollupFindings(sync, crm, found) {
      rollupFindings.put(`${sync}/${crm}`, found);
    },

    async plannedRollups(run, after, limit) {
      return listed((row) => row.run === run)
        .sort(byAccount)
        .filter((row) => after === null || byAccount(row, { ...row, ...after }) > 0)
        .slice(0, limit)
        .map(toRow);
    },

    async rollupCounts(run) {
      const counts: Record<string, number> = {};
      for (const { crm } of listed((row) => row.run === run)) counts[crm] = (counts[crm] ?? 0) + 1;
      return counts;
    },

    async rollupReasons(run) {
      return reasonsOf(listed((row) => row.run === run));
    },

    async addRollupTasks(run, plannedBy, crm, size) {
      const ids = listed((row) => row.run === plannedBy && row.crm === crm && row.state === 'planned').map(
        (row) => row.change,
      );
      const tasks: TaskRow[] = [];
      for (let start = 0; start < ids.length; start += size)
        tasks.push(addTask(run, crm, ids.slice(start, start + size)));
      return tasks;
    },

    async rollupRows(ids) {
      const wanted = new Set(ids);
      return listed((row) => wanted.has(row.change)).map(toRow);
    },

    async markRollups(list, now) {
      for (const { change, sent } of list) {
        const row = rollupChanges.get(String(change));
        if (row === undefined || (row.state !== 'planned' && row.state !== 'sending')) continue;
        const journal = { sentAt: row.sentAt ?? now, sent: row.sent ?? sent };
        rollupChanges.put(String(change), { ...row, ...journal, state: 'sending' });
      }
    },

    async saveRollups(sync, run, results) {
      for (const result of results) settle(sync, run, result);
    },

    async rollupTally(plannedBy) {
      const own = listed((row) => row.run === plannedBy);
      return Object.fromEntries(
        [...Map.groupBy(own, ({ crm }) => crm)].map(([crm, rows]) => {
          const count = (test: (row: RollupRecord) => boolean): number => rows.filter(test).length;
          const causes = Map.groupBy(
            rows.filter(({ error }) => error !== null).sort(byAccount),
            ({ error }) => error?.code ?? '',
          );
          const remarks = [...causes.values()].map((list) => ({
            ...remark(list[0]?.error ?? { message: '', remedy: '' }),
            ...{ count: list.length, example: list[0]?.account ?? null },
          }));
          return [
            crm,
            {
              written: count((row) => row.state === 'applied' && row.sentAt !== null),
              already: count((row) => row.state === 'applied' && row.sentAt === null),
              failed: count((row) => row.state === 'failed'),
              waiting: count(({ state }) => ['planned', 'sending', 'dropped'].includes(state)),
              remarks: remarks.sort((x, y) => y.count - x.count || ascending(x.message, y.message)),
            },
          ];
        }),
      );
    },

    async rollupsWrittenBy(sync, run, crm, after, limit) {
      const carriedOut = listed((row) => row.doneRun === run).length > 0;
      return listed((row) => row.sync === sync && row.crm === crm && row.account > after)
        .filter((row) => row.state === 'applied' && row.sentAt !== null)
        .filter((row) => (carriedOut ? row.doneRun === run : row.run === run))
        .sort(byAccount)
        .slice(0, limit)
        .map(({ account, name, sent }) => ({ account, name, sent: sent ?? [] }));
    },
  };
}

function toRow({ change, run, crm, account, name, changes, state }: RollupRecord): RollupRow {
  return { change, run, crm, account, name, changes, state };
}
