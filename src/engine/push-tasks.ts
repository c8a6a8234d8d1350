import type { Crm } from '../core/ids.ts';
import { pushTask } from '../core/plan.ts';
import type { NewTask } from '../core/store-rows.ts';
import type { SyncRuntime } from './deps.ts';

/** Push tasks for writes that were planned while a push was already going on. */
export function pushTasks(
  runtime: SyncRuntime,
  made: readonly { readonly change: number; readonly crm: Crm }[],
): NewTask[] {
  const tasks: NewTask[] = [];
  for (const crm of runtime.settings.sides) {
    const changes = made.filter((entry) => entry.crm === crm).map((entry) => entry.change);
    const connector = runtime.connectors[crm];
    if (connector === undefined) continue;
    const size = pushTask(connector.capabilities);
    for (let start = 0; start < changes.length; start += size) {
      const slice = changes.slice(start, start + size);
      tasks.push({ queue: 'push', payload: { kind: 'push', crm, changes: slice }, size: slice.length });
    }
  }
  return tasks;
}
