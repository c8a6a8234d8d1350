import type { Job } from '../core/queue-port.ts';
import type { TaskRow } from '../core/store-rows.ts';

/** The reminder of a task: its identity and nothing else. */
export function jobOf(task: TaskRow): Job {
  return {
    queue: task.queue,
    id: `${task.id}-${task.epoch}`,
    run: task.run,
    task: task.id,
    epoch: task.epoch,
  };
}
