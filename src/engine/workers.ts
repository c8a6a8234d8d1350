import type { Job } from '../core/queue-port.ts';
import type { EngineDeps } from './deps.ts';
import { handleTask } from './handle-task.ts';

/** Jobs of each queue this process works on at once. Push is mostly waiting for the CRMs. */
const CONCURRENCY: Readonly<Record<Job['queue'], number>> = { pull: 4, reconcile: 2, push: 6, measure: 1 };

/** Makes this process take part in the work of every sync, until the queue is closed or the signal aborts. */
export async function startWorkers(
  deps: EngineDeps,
  signal: AbortSignal,
  queues: readonly Job['queue'][] = ['pull', 'reconcile', 'push', 'measure'],
): Promise<void> {
  for (const queue of queues) {
    await deps.queue.work(queue, (job, stop) => handleTask(deps, job, AbortSignal.any([signal, stop])), {
      concurrency: CONCURRENCY[queue],
    });
  }
}
