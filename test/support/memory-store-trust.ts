/** Brakes, decisions and journal of the store in memory: the meaning of src/store/brake-facts.ts, conflicts.ts and journal.ts. */
import { isBlank } from '../../src/core/compare.ts';
import { type Crm, refKey } from '../../src/core/ids.ts';
import type { TrustTx } from '../../src/core/trust-port.ts';
import { Table, type Tables } from './memory-store-tables.ts';

type Trust = Pick<TrustTx, 'brakeFacts' | 'acceptedLoss' | 'acceptLoss' | 'forgetLoss' | 'audit'>;

/** Amounts are not added up: no brake on them is tried in memory. */
export function trustInMemory(tables: Tables): Trust {
  const { changes, runs, snapshots, inbox, pairs, cursors } = tables;
  const losses = new Table<{ readonly missing: number; readonly at: number }>(tables.undo);

  const eventRuns = (sync: string, run: string, since: number): Set<string> => {
    const own = runs.where((row) => row.sync === sync && row.startedAt >= since);
    const last = Math.max(since, ...own.filter((row) => row.mode === 'apply').map((row) => row.startedAt));
    const others = own.filter((row) => row.mode === 'events' && row.run !== run && row.startedAt >= last);
    return new Set(others.map((row) => row.run));
  };

  return {
    async brakeFacts(sync, run, rules) {
      const own = snapshots.where((row) => row.sync === sync);
      const startedAt = runs.get(run)?.startedAt ?? 0;
      const changed = new Set<string>();
      const flips = new Set<string>();
      let blanks = 0;
      const earlier = rules.eventsSince === undefined ? null : eventRuns(sync, run, rules.eventsSince);
      const counted = changes.where(
        (one) =>
          (one.run === run && one.state === 'planned') ||
          (one.state === 'applied' && earlier?.has(one.doneRun ?? '') === true),
      );
      for (const row of counted) {
        const isClosed = (key: string | null): boolean =>
          rules.closedStages[row.crm]?.includes(key ?? '') === true;
        for (const { field, owned, before, after, reason } of row.changes) {
          if (owned) continue;
          const ref = `${row.crm}:${row.id}`;
          if (row.pair !== null) changed.add(ref);
          if (rules.stageFields.includes(field) && isClosed(before) !== isClosed(after)) flips.add(ref);
          const decided = reason === 'resolved' || reason === 'undo';
          if (row.run === run && isBlank(after) && rules.guarded.includes(field) && !decided) blanks += 1;
        }
      }
      const vanished: Record<Crm, { gone: number; left: number }> = {};
      const named = new Set(inbox.where((event) => event.run === run).map(refKey));
      if (earlier !== null)
        for (const crm of new Set(own.map((row) => row.crm))) {
          const cursor = cursors.get(`${sync}/${crm}`);
          const gone = own.filter(
            (row) => row.crm === crm && named.has(refKey(row)) && row.deleted && row.outcomeRun === run,
          );
          if (cursor !== undefined) vanished[crm] = { left: cursor.fullRows ?? 0, gone: gone.length };
        }
      for (const { crm, deleted, outcomeRun, readAt } of earlier === null ? own : []) {
        const count = vanished[crm] ?? { gone: 0, left: 0 };
        vanished[crm] = count;
        if (!deleted) count.left += 1;
        else if (outcomeRun === run && readAt >= startedAt) count.gone += 1;
      }
      const { creations } = tables;
      const planned = creations.where((row) => row.run === run && row.state === 'planned');
      const firstCreates: Record<Crm, number> = {};
      for (const { crm } of planned)
        if (
          creations.where((row) => row.sync === sync && row.crm === crm && row.state === 'created').length ===
          0
        )
          firstCreates[crm] = (firstCreates[crm] ?? 0) + 1;
      return {
        linked:
          earlier === null
            ? own.filter((row) => row.pair !== null && !row.deleted).length
            : 2 * pairs.where((pair) => pair.sync === sync).length,
        changed: changed.size,
        flips: flips.size,
        amounts: [],
        creates: planned.length,
        firstCreates,
        deletes: 0,
        blanks,
        vanished,
      };
    },

    async acceptedLoss(sync, crm, since) {
      const found = losses.get(`${sync}/${crm}`);
      return found !== undefined && found.at >= since ? found.missing : 0;
    },

    async acceptLoss(sync, crm, missing, _by, at) {
      losses.put(`${sync}/${crm}`, { missing, at });
    },

    async forgetLoss(sync, crm) {
      losses.remove(`${sync}/${crm}`);
    },

    /** It is only ever added to. */
    async audit() {},
  };
}
