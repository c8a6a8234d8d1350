import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { dayText } from '../stamps.ts';
import { Draft } from './draft.ts';
import type { Transaction } from './transaction.ts';

/**
 * Recomputes the activity fields of the Opportunity an activity belongs to: the latest due date of closed tasks and
 * date of events, which may lie in the future (salesforce.md §2.6). The Opportunity's own stamps do not move (§2.2).
 */
export function refreshActivity(tx: Transaction, opportunityId: Value): void {
  const { org } = tx;
  const opportunities = org.table('Opportunity');
  const row = typeof opportunityId === 'string' ? opportunities.rows.get(opportunityId) : undefined;
  if (row === undefined) return;
  const draft = new Draft(opportunities, row.id, row);
  computeActivity(org, draft);
  const fields = draft.difference();
  if (Object.keys(fields).length === 0) return;
  tx.replace(row, draft.values);
  tx.record({ type: 'Opportunity', id: row.id, action: 'update', actor: tx.author.actor, fields });
}

/** Sets LastActivityDate, HasOpenActivity and HasOverdueTask from the activities present. */
export function computeActivity(org: Org, draft: Draft): void {
  let last = org.importedActivity.get(draft.id) ?? null;
  let open = false;
  let overdue = false;
  const today = dayText(org.now());
  for (const name of ['Task', 'Event']) {
    const table = org.table(name);
    const whatId = table.column('WhatId');
    if (whatId === undefined) continue;
    for (const activity of table.byKey(whatId, draft.id)) {
      if (table.isDeleted(activity.values)) continue;
      const day = table.read(activity, 'ActivityDate');
      const counts = name === 'Event' || table.read(activity, 'IsClosed') === true;
      if (counts && typeof day === 'string' && (last === null || day > last)) last = day;
      if (name === 'Task' && !counts) {
        open = true;
        if (typeof day === 'string' && day < today) overdue = true;
      } else if (name === 'Event' && typeof day === 'string' && day >= today) open = true;
    }
  }
  draft.set('LastActivityDate', last);
  draft.set('HasOpenActivity', open);
  draft.set('HasOverdueTask', overdue);
}
