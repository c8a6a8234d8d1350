import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { RunId } from '../core/ids.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { NewTask, RunRow } from '../core/store-rows.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { advance } from './handle-task.ts';
import { started } from './run-started.ts';

const GROUPS_PER_UNDO = 500;

/** A run that plans to take back what another one wrote. */
export async function beginUndo(deps: EngineDeps, runtime: SyncRuntime, run: RunRow): Promise<void> {
  const undoes = run.undoes ?? '';
  await deps.store.tx(async (tx) => {
    const before = await tx.loadRun(undoes);
    const groups = before?.sync === run.sync ? await tx.writtenBy(run.sync, undoes) : [];
    if (groups.length === 0 && !(await wroteRollups(tx, runtime, run)))
      throw nothingToUndo(run.sync, undoes, before?.sync === run.sync);
    await tx.insertRun(run);
    await tx.dropUnwritten(run.sync, run.run);
    const tasks: NewTask[] = [];
    for (let start = 0; start < groups.length; start += GROUPS_PER_UNDO) {
      const slice = groups.slice(start, start + GROUPS_PER_UNDO);
      tasks.push({ queue: 'reconcile', payload: { kind: 'undo', groups: slice }, size: slice.length });
    }
    await tx.addTasks(run.run, tasks);
    if (tasks.length === 0) await advance(tx, runtime, run);
    await tx.audit(started(run));
  });
}

async function wroteRollups(
  tx: StoreTx,
  { settings, connectors }: SyncRuntime,
  run: RunRow,
): Promise<boolean> {
  for (const crm of settings.sides) {
    if (connectors[crm]?.rollups === undefined) continue;
    if ((await tx.rollupsWrittenBy(run.sync, run.undoes ?? '', crm, '', 1)).length > 0) return true;
  }
  return false;
}

function nothingToUndo(sync: string, run: RunId, known: boolean): OppsyncError {
  return new OppsyncError({
    recovery: 'refuse',
    ...faultOf(known ? 'undo.nothing' : 'undo.unknown_run', { sync, run }),
  });
}
