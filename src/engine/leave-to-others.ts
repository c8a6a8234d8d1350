/** Work that this process cannot do, because it cannot reach something or does not know it, is left to those that can. */
import { OppsyncError } from '../core/errors.ts';
import type { Job, JobOutcome } from '../core/queue-port.ts';
import type { Store } from '../core/store-port.ts';
import type { RunRow, TaskRow } from '../core/store-rows.ts';
import type { EngineDeps } from './deps.ts';

/** A task that was left to others is looked at again after this. */
const LOOK_AGAIN_MS = 5_000;
const DATABASE_AWAY: readonly string[] = ['database.unreachable', 'database.full'];
const AWAY: readonly string[] = [...DATABASE_AWAY, 'queue.unreachable', 'quota.unreachable'];

export const LATER: JobOutcome = { is: 'later', afterMs: LOOK_AGAIN_MS };

/**
 * Takes the task of a job for this process; null when it is done or another has it. `away`: the database did not answer in
 * time, perhaps only from here, and the job is better with the others.
 */
export async function claim({ store, reach = (work) => work }: EngineDeps, job: Job) {
  const claiming = store.claimTask(job.task, job.epoch, store.worker);
  try {
    return await reach(claiming);
  } catch (error) {
    if (!isAway(error)) throw error;
    // Claimed after all, when nobody waits for it any more.
    claiming.then((late) => late && store.releaseTask(late.id, late.epoch)).catch(() => undefined);
    return 'away' as const;
  }
}

/** During an update others may know syncs, or kinds of tasks, that this process does not: it is for one of those. */
export async function handOn(deps: EngineDeps, run: RunRow, task: TaskRow): Promise<JobOutcome> {
  await deps.store.releaseTask(task.id, task.epoch);
  if (toldOf.get(deps.store) !== run.run)
    deps.log.warn('a run needs a process with a newer configuration or version', {
      ...{ run: run.run, sync: run.sync, task: task.payload.kind },
    });
  toldOf.set(deps.store, run.run);
  return LATER;
}

/** The run that was last handed on: it is told once. */
const toldOf = new WeakMap<Store, string>();

/** The database, the queue or the shared allowance cannot be reached: that is not the run's fault. */
export function isAway(error: unknown): error is OppsyncError {
  return error instanceof OppsyncError && AWAY.includes(error.details.code);
}

/** Gives back a task on which {@link isAway} was met, perhaps only from here: then another process goes on with it. */
export async function handBack(
  { store }: EngineDeps,
  task: TaskRow,
  error: OppsyncError,
): Promise<JobOutcome> {
  if (!DATABASE_AWAY.includes(error.details.code)) await store.releaseTask(task.id, task.epoch);
  return LATER;
}
