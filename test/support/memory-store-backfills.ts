/** The past of records from before they were watched, in memory: the meaning of src/store/backfills.ts. */
import type { WatchedRecord, WatchStart } from '../../src/core/backfill.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import { ascending, recordKey, type Tables } from './memory-store-tables.ts';

type Backfills = Pick<StoreTx, 'watchedRecords' | 'saveTold' | 'backfillState' | 'saveBackfill'>;

const FIELDS = ['stage', 'closeDate'] as const;

export function backfillsInMemory(tables: Tables): Backfills {
  const { snapshots, history, backfills } = tables;
  return {
    async watchedRecords(sync, crm, after, limit) {
      return snapshots
        .where((row) => row.sync === sync && row.crm === crm && !row.deleted && ascending(row.id, after) > 0)
        .sort((a, b) => ascending(a.id, b.id))
        .slice(0, limit)
        .map((row): WatchedRecord => {
          const seen = history.get(recordKey(sync, crm, row.id)) ?? [];
          const begins: Record<string, WatchStart> = {};
          for (const field of [...FIELDS, 'amount'] as const) {
            const value = row.fields[field];
            if (value !== undefined && value !== null) begins[field] = { value, until: row.changedAt };
          }
          for (const field of FIELDS) {
            const [first] = seen
              .filter((entry) => entry.field === field && entry.told !== true)
              .sort((a, b) => a.at - b.at);
            if (first !== undefined) begins[field] = { value: first.from, until: first.at };
          }
          return { id: row.id, begins };
        });
    },

    async saveTold(sync, run, crm, records) {
      for (const { id, moves } of records) {
        const key = recordKey(sync, crm, id);
        const observed = (history.get(key) ?? []).filter((entry) => entry.told !== true);
        // Amounts are no part of what is counted.
        const told = moves.filter(({ field }) => field !== 'amount').map((move) => ({ ...move, run }));
        history.put(key, [...told, ...observed]);
        if (moves.length > 0) snapshots.patch(key, { dirty: true });
      }
    },

    async backfillState(sync, crm) {
      return backfills.get(`${sync}/${crm}`) ?? null;
    },

    async saveBackfill(sync, crm, state) {
      backfills.put(`${sync}/${crm}`, state);
    },
  };
}
