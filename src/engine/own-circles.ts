import type { Group, GroupResult } from '../core/group.ts';
import { refKey } from '../core/ids.ts';
import { circlesOf } from '../core/owned-circles.ts';
import type { TaskContext } from './task.ts';

/**
 * Groups of a run of events in which fields of ours would be written that somebody else sets as well, with what is known of
 * that: each write is an event that starts the next run, so that two who do not agree would write for ever. A complete run
 * sets them right once.
 */
export async function circlingGroups(
  { deps, run, runtime }: TaskContext,
  decided: readonly { readonly group: Group; readonly result: GroupResult }[],
): Promise<ReadonlyMap<Group, Group>> {
  const found = new Map<Group, Group>();
  if (run.mode !== 'events') return found;
  const writing = decided.filter(({ result }) =>
    result.writes.some(({ changes }) => changes.some(({ owned }) => owned)),
  );
  const members = writing.flatMap(({ group }) => group.members);
  if (members.length === 0) return found;
  const refs = members.map(({ crm, id }) => ({ crm, id }));
  const past = await deps.store.pastWrites(runtime.settings.name, refs, 'own');
  for (const { group } of writing) {
    const circles = new Map(
      group.members.flatMap((member) => circlesOf(member, member.owned, past.get(refKey(member)) ?? {})),
    );
    if (circles.size > 0) found.set(group, { ...group, circles });
  }
  if (found.size > 0)
    deps.log.warn(
      'fields of ours are set by somebody else again and again, the next complete run is left to write them',
      {
        ...{ run: run.run, sync: run.sync, groups: found.size },
        remedy: 'see which automation, or which other sync of the same records, writes the fields of oppsync',
      },
    );
  return found;
}
