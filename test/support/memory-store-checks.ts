/** Checking what was written, and naming conflicts: the meaning of src/store/checks.ts, and of its part in conflicts.ts. */
import type { PastWrite } from '../../src/core/automation-loop.ts';
import type { CheckTx } from '../../src/core/check-port.ts';
import { refKey } from '../../src/core/ids.ts';
import type { StoreTx } from '../../src/core/store-port.ts';
import type { ConflictActors, TrustTx } from '../../src/core/trust-port.ts';
import { ascending, recordKey, type Tables } from './memory-store-tables.ts';

type Checks = CheckTx & Pick<TrustTx, 'noteSent' | 'unnamedConflicts' | 'noteActors'>;

export function checksInMemory(tables: Tables, addTasks: StoreTx['addTasks']): Checks {
  const { changes, conflicts, snapshots } = tables;
  return {
    async noteSent(list) {
      for (const { change, sent } of list)
        if (changes.get(String(change))?.sent === undefined) changes.patch(String(change), { sent });
    },

    async settleUnmoved(sync, until) {
      const waits = ['quarantined', 'conflict', 'held'];
      const own = snapshots.where((row) => row.sync === sync && row.pair !== null);
      const moving = new Set(own.filter(({ dirty }) => dirty).map(({ pair }) => pair));
      for (const { crm, id, pair, seenAt, settledAt, outcome } of own) {
        if (seenAt === null || settledAt === null || seenAt <= settledAt || moving.has(pair)) continue;
        if (seenAt > (until[crm] ?? 0) || outcome === null || waits.includes(outcome)) continue;
        snapshots.patch(recordKey(sync, crm, id), { settledAt: seenAt });
      }
    },

    async addCheckTasks(run, crm, size) {
      const written = changes.where(
        (row) =>
          row.doneRun === run &&
          row.crm === crm &&
          row.state === 'applied' &&
          row.sentAt !== null &&
          row.sent?.some(({ owned }) => !owned) === true,
      );
      const records = [...new Set(written.map((row) => row.id))].sort(ascending);
      const tasks = [];
      for (let start = 0; start < records.length; start += size) {
        const slice = new Set(records.slice(start, start + size));
        const ids = written.filter((row) => slice.has(row.id)).map((row) => row.change);
        const payload = { kind: 'check' as const, crm, changes: ids.sort((x, y) => x - y) };
        tasks.push({ queue: 'push' as const, payload, size: ids.length });
      }
      return addTasks(run, tasks);
    },

    async sentValues(ids) {
      return changes
        .where((row) => ids.includes(row.change))
        .sort((x, y) => x.change - y.change)
        .flatMap((row) =>
          (row.sent ?? [])
            .filter(({ owned }) => !owned)
            .toSorted((x, y) => ascending(x.field, y.field))
            .map(({ field, before, after }) => ({
              ...{ change: row.change, ref: { crm: row.crm, id: row.id }, sentAt: row.sentAt ?? 0 },
              ...{ field, found: before, written: after },
            })),
        );
    },

    async noteLost(list) {
      for (const { change, lost } of list) {
        const values = new Map(lost.map(({ field, value }) => [field, value]));
        const sent = changes.get(String(change))?.sent?.map((entry) => {
          const value = entry.owned ? undefined : values.get(entry.field);
          return value === undefined ? entry : { ...entry, before: value };
        });
        changes.patch(String(change), { lost, ...(sent === undefined ? {} : { sent }) });
      }
    },

    async pastWrites(sync, refs, whose = 'teams') {
      const wanted = new Set(refs.map(refKey));
      const found = new Map<string, Record<string, PastWrite[]>>();
      const applied = changes.where(
        (row) => row.sync === sync && row.state === 'applied' && wanted.has(refKey(row)),
      );
      for (const row of applied.sort((x, y) => x.change - y.change))
        for (const { field, owned, before, after } of row.sent ?? []) {
          if (owned !== (whose === 'own')) continue;
          const fields = found.get(refKey(row)) ?? {};
          found.set(refKey(row), { ...fields, [field]: [...(fields[field] ?? []), { before, after }] });
        }
      return found;
    },

    async lostEdits(sync, run, limit) {
      const edits = changes
        .where((row) => row.sync === sync && row.doneRun === run)
        .flatMap(({ crm, id, name, lost, sent }) =>
          (lost ?? []).map((edit) => {
            const written = sent?.find((entry) => !entry.owned && entry.field === edit.field)?.after ?? null;
            return { crm, id, name, ...edit, written };
          }),
        )
        .sort((x, y) => ascending(x.crm, y.crm) || ascending(x.id, y.id) || ascending(x.field, y.field));
      return { count: edits.length, edits: edits.slice(0, limit) };
    },

    async unnamedConflicts(sync, limit, run) {
      const events = tables.inbox.where((event) => run !== undefined && event.run === run);
      const named = new Set(events.map(({ crm, id }) => snapshots.get(recordKey(sync, crm, id))?.pair));
      return conflicts
        .where((row) => row.sync === sync && (run === undefined || named.has(row.pair)))
        .sort((x, y) => ascending(x.pair, y.pair) || ascending(x.field, y.field))
        .map(({ pair, field, details, who = {} }) => {
          const open = Object.entries(details.sides).filter(
            ([crm, side]) => side.deleted !== true && who[crm]?.value !== side.value,
          );
          return {
            ...{ pair, field },
            sides: Object.fromEntries(open.map(([crm, { id, value }]) => [crm, { id, value }])),
          };
        })
        .filter(({ sides }) => Object.keys(sides).length > 0)
        .slice(0, limit);
    },

    async noteActors(sync, list) {
      for (const { pair, field, who } of list) {
        const key = `${sync}/${pair}/${field}`;
        const before: ConflictActors['who'] = conflicts.get(key)?.who ?? {};
        conflicts.patch(key, { who: { ...before, ...who } });
      }
    },
  };
}
