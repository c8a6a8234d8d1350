import { sameValue } from '../core/compare.ts';
import type { Group } from '../core/group.ts';
import { type Crm, type RecordRef, refKey } from '../core/ids.ts';
import type { Snapshot, Value } from '../core/opportunity.ts';
import type { TaskPayload } from '../core/store-rows.ts';
import { undoGroup } from '../core/undo.ts';
import type { Save, TaskContext } from './task.ts';

type Undo = Extract<TaskPayload, { kind: 'undo' }>;

/**
 * Plans to take back what a run wrote in a batch of groups: the records are read again, so that what somebody edited since
 * is known and left alone. Nothing is written before the plan is applied, which re-reads once more.
 */
export async function undo(context: TaskContext, payload: Undo): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const { store, clock } = deps;
  const refs = (await store.loadGroups(sync, payload.groups)).flatMap(({ members }) =>
    members.map(({ crm, id }) => ({ crm, id })),
  );
  const sent = await store.sentBy(sync, run.undoes ?? '', refs);
  const written = new Set(sent.map(({ ref }) => refKey(ref)));
  const found = await reread(
    context,
    refs.filter((ref) => written.has(refKey(ref))),
  );
  await store.tx((tx) => tx.savePage(sync, run.run, [...found.values()], clock.now()));
  const groups = await store.loadGroups(sync, payload.groups);
  const undone = groups.flatMap((group) =>
    undoGroup(withoutGone(group, written, found), sent, run.by, sameField(context)),
  );
  return async (tx) => {
    await tx.saveReconciled({
      sync,
      run: run.run,
      round: 0,
      at: clock.now(),
      records: [],
      writes: undone.flatMap(({ write }) => write ?? []),
      agreed: {},
      conflicts: {},
      quarantined: [],
    });
    await tx.settleUndo(
      run.run,
      sync,
      undone.map(({ ref, write, kept }) => ({ ref, kept, restored: write?.changes.length ?? 0 })),
    );
  };
}

async function reread(
  context: TaskContext,
  refs: readonly RecordRef[],
): Promise<ReadonlyMap<string, Snapshot>> {
  const found = new Map<string, Snapshot>();
  for (const [crm, list] of Map.groupBy(refs, ({ crm }): Crm => crm)) {
    const connector = context.connector(crm);
    for (let start = 0; start < list.length; start += connector.capabilities.readBatch) {
      const ids = list.slice(start, start + connector.capabilities.readBatch).map(({ id }) => id);
      const read = await connector.readByIds(ids, context.facts(crm), context.signal);
      for (const snapshot of read.snapshots) if (!snapshot.deleted) found.set(refKey(snapshot), snapshot);
    }
  }
  return found;
}

/** A record the run wrote that is no longer in its CRM: there is nothing to take back in it. */
function withoutGone(
  group: Group,
  written: ReadonlySet<string>,
  found: ReadonlyMap<string, Snapshot>,
): Group {
  const members = group.members.map((member) => ({
    ...member,
    deleted: member.deleted || (written.has(refKey(member)) && !found.has(refKey(member))),
  }));
  return { ...group, members };
}

function sameField(context: TaskContext) {
  const { fields } = context.runtime.settings;
  return (field: string, owned: boolean, a: Value, b: Value): boolean =>
    sameValue(owned ? 'text' : (fields[field]?.kind ?? 'text'), a, b);
}
