import { isBlank, sameValue } from './compare.ts';
import type { FieldConflict, Group, ReconcileContext } from './group.ts';

/**
 * What was edited on the one side of a pair whose other record was deleted: a conflict for each field, because neither the edit
 * nor the deletion may win by itself (a deleted record is never made again). Nothing edited means no conflict. Pure.
 */
export function editsOfWidowed(group: Group, context: ReconcileContext): FieldConflict[] {
  const live = group.members.find((member) => !member.deleted);
  const gone = group.members.find((member) => member.deleted);
  if (group.pair === null || live === undefined || gone === undefined) return [];
  const { base } = group.pair;
  return Object.entries(context.settings.fields).flatMap(([field, policy]): FieldConflict[] => {
    const before = base[field]?.[live.crm];
    const now = context.isReadable(live.crm, field) ? live.fields[field] : undefined;
    if (before === undefined || now === undefined || sameValue(policy.kind, before, now)) return [];
    if (isBlank(now) && policy.blank === 'ignore') return [];
    return [
      {
        field,
        policy: policy.policy,
        base: base[field] ?? null,
        cause: 'deleted',
        sides: {
          [live.crm]: { id: live.id, value: now, at: live.changedAt },
          [gone.crm]: { id: gone.id, value: null, at: gone.changedAt, deleted: true },
        },
      },
    ];
  });
}
