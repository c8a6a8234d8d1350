/** Puts back on the queue what it should hold and does not: the store is the truth, the queue only a reminder. */
import type { RunId } from '../core/ids.ts';
import type { EngineDeps } from './deps.ts';
import { enqueue } from './handle-task.ts';
import { jobOf } from './job-of.ts';

const EVERY_MS = 5_000;
/** Put back at once; the rest follows when these are done. */
const AT_ONCE = 500;

/** Looks once. Any number of processes may do it at the same time. Answers how many tasks were put back. */
export async function sweepQueue(deps: EngineDeps): Promise<number> {
  const { store, queue } = deps;
  // Their workers have died: they are given to others under a new epoch, which shuts the old ones out.
  const reclaimed = await store.reclaimTasks();
  const runs = new Set<RunId>([...reclaimed.map(({ run }) => run), ...(await store.openRuns())]);
  for (const run of runs) await enqueue(deps, run);
  const { count, oldest } = await store.waitingTasks(AT_ONCE);
  if (count === 0) return reclaimed.length;
  const depths = Object.values(await queue.depth());
  const held = depths.reduce((sum, { waiting, delayed }) => sum + waiting + delayed, 0);
  if (held >= count) return reclaimed.length;
  // Some are lost. Adding one that is there changes nothing.
  await queue.add(oldest.map(jobOf));
  return reclaimed.length + oldest.length;
}

/** Looks every few seconds until the signal aborts. A look that fails is repeated at the next turn. */
export async function sweepForever(deps: EngineDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const back = await sweepQueue(deps);
      if (back > 0) deps.log.info('work put back on the queue', { tasks: back });
    } catch (error) {
      if (signal.aborted) return;
      deps.log.warn('looking for lost work failed, trying again', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    await deps.sleep(EVERY_MS * (0.75 + deps.random.next() / 2), signal).catch(() => undefined);
  }
}
