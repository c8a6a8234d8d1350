import type { Crm, RunId } from '../core/ids.ts';
import type { RollupReport } from '../core/report.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { SyncRuntime } from './deps.ts';

/**
 * What became of the roll-ups that a run has planned, per CRM; empty where none are kept. Every account looked at is in
 * exactly one of `in_sync`, `written`, `failed` and `waiting`.
 */
export async function rollupReport(
  tx: StoreTx,
  runtime: SyncRuntime,
  run: RunRow,
  planned: RunId,
): Promise<Readonly<Record<Crm, RollupReport>>> {
  const { name, sides, rollups = [] } = runtime.settings;
  // A plan to take back is carried out wherever it was written, whatever is configured now.
  if (run.mode === 'events' || (rollups.length === 0 && !(await isUndo(tx, run, planned)))) return {};
  const tally = await tx.rollupTally(planned);
  const found: Record<Crm, RollupReport> = {};
  for (const crm of sides) {
    const seen = await tx.rollupFindings(name, crm);
    const counts = tally[crm];
    if (seen?.run !== planned || (counts === undefined && !rollups.includes(crm))) continue;
    const { written = 0, failed = 0, waiting = 0, remarks = [] } = counts ?? {};
    found[crm] = {
      accounts: seen.accounts,
      in_sync: seen.accounts - written - failed - waiting,
      ...{ written, failed, waiting, withheld: seen.withheld },
      problems: [...seen.problems, ...remarks],
    };
  }
  return found;
}

async function isUndo(tx: StoreTx, run: RunRow, planned: RunId): Promise<boolean> {
  return (run.run === planned ? run : await tx.loadRun(planned))?.mode === 'undo';
}
