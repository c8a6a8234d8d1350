import type { PlanView } from '../../src/core/report.ts';
import { ascending } from './memory-store-tables.ts';

type Reason = PlanView['byReason'][number];

/** How many fields change for which reason, the most frequent first; equal ones in the order of their names. */
export function reasonsOf(
  rows: readonly {
    readonly crm: Reason['crm'];
    readonly changes: readonly Pick<Reason, 'reason' | 'field'>[];
  }[],
): Reason[] {
  const counts = new Map<string, Reason>();
  for (const { crm, changes } of rows)
    for (const { reason, field } of changes) {
      const key = `${reason}/${field}/${crm}`;
      counts.set(key, { reason, field, crm, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  return [...counts.values()].sort(
    (x, y) =>
      y.count - x.count ||
      ascending(x.reason, y.reason) ||
      ascending(x.field, y.field) ||
      ascending(x.crm, y.crm),
  );
}
