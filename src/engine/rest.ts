/** What becomes of a run whose CRM allows no more calls today: it rests, and goes on where it stopped. */
import type { OppsyncError } from '../core/errors.ts';
import type { JobOutcome } from '../core/queue-port.ts';
import type { Priority } from '../core/quota-window.ts';
import type { RunRow, TaskRow } from '../core/store-rows.ts';
import type { EngineDeps } from './deps.ts';

/**
 * Gives the task back and writes down why the run rests. Its job comes back when there is more; whoever starts the same
 * run earlier goes on with it ({@link ./runs.ts}).
 */
export async function rest(
  deps: EngineDeps,
  run: RunRow,
  task: TaskRow,
  error: OppsyncError,
  resumesAt: number,
): Promise<JobOutcome> {
  await deps.store.tx(async (tx) => {
    const current = await tx.loadRun(run.run, true);
    await tx.releaseTask(task.id, task.epoch);
    if (current?.state === 'running')
      await tx.updateRun(run.run, { error: JSON.stringify({ ...error.details, cause: undefined }) });
  });
  deps.log.info('run rests: the allowance of the day is used up', {
    ...{ run: run.run, sync: run.sync, crm: error.details.crm },
    resumesAt: new Date(resumesAt).toISOString(),
  });
  return { is: 'later', afterMs: Math.max(1000, resumesAt - deps.clock.now()) };
}

/** Somebody waits for an event; a first complete reading can wait for everything else. */
export async function priorityOf(deps: EngineDeps, run: RunRow, task: TaskRow): Promise<Priority> {
  if (run.mode === 'events') return 'webhook';
  if (task.payload.kind !== 'pull' || task.payload.since !== null) return 'nightly';
  return (await deps.store.cursor(run.sync, task.payload.crm)) === null ? 'backfill' : 'nightly';
}
