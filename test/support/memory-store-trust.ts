/** Brakes, decisions and journal of the store in memory: the meaning of src/store/brake-facts.ts, conflicts.ts and journal.ts. */
import { isBlank } from '../../src/core/compare.ts';
import type { Crm } from '../../src/core/ids.ts';
import type { TrustTx } from '../../src/core/trust-port.ts';
import { Table, type Tables } from './memory-store-tables.ts';

type Trust = Pick<
  TrustTx,
  'brakeFacts' | 'acceptedLoss' | 'acceptLoss' | 'forgetLoss' | 'audit' | 'dropResolutions'
>;

/** Amounts are not added up: no brake on them is tried in memory. */
export function trustInMemory(tables: Tables): Trust {
  const { changes, runs, snapshots } = tables;
  const losses = new Table<{ readonly missing: number; readonly at: number }>(tables.undo);

  return {
    async brakeFacts(sync, run, rules) {
      const own = snapshots.where((row) => row.sync === sync);
      const startedAt = runs.get(run)?.startedAt ?? 0;
      const changed = new Set<string>();
      const flips = new Set<string>();
      let blanks = 0;
      for (const row of changes.where((one) => one.run === run && one.state === 'planned')) {
        const isClosed = (key: string | null): boolean =>
          rules.closedStages[row.crm]?.includes(key ?? '') === true;
        for (const { field, owned, before, after, reason } of row.changes) {
          if (owned) continue;
          const ref = `${row.crm}:${row.id}`;
          if (row.pair !== null) changed.add(ref);
          if (rules.stageFields.includes(field) && isClosed(before) !== isClosed(after)) flips.add(ref);
          const decided = reason === 'resolved' || reason === 'undo';
          if (isBlank(after) && rules.guarded.includes(field) && !decided) blanks += 1;
        }
      }
      const vanished: Record<Crm, { gone: number; left: number }> = {};
      for (const { crm, deleted, outcomeRun, readAt } of own) {
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
        linked: own.filter((row) => row.pair !== null && !row.deleted).length,
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

    /** Nobody decides anything in a simulation, and the audit is only ever added to. */
    async audit() {},
    async dropResolutions() {},
  };
}
