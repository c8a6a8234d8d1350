import type { CheckTx, SentValue } from '../core/check-port.ts';
import { sameValue } from '../core/compare.ts';
import { namedActor } from '../core/field-history.ts';
import type { Crm, RunId } from '../core/ids.ts';
import { type LostEdit, lostEdit } from '../core/lost-race.ts';
import type { TaskPayload } from '../core/store-rows.ts';
import type { SyncRuntime } from './deps.ts';
import { readHistories } from './read-histories.ts';
import type { Save, TaskContext } from './task.ts';

type Check = Extract<TaskPayload, { kind: 'check' }>;

/** How far back the history is asked for, before the first write of the batch: enough for clocks that do not agree. */
const MARGIN_MS = 5 * 60_000;

/**
 * Looks at the history of records a run has written, for edits that were made after our last look and replaced by the write
 * (I10: they cannot be excluded, but they are always found). Each is reported, and offered for undo: from now on an undo of the
 * run brings back what the person had entered.
 */
export async function checkWrites(context: TaskContext, { crm, changes }: Check): Promise<Save> {
  const { deps, run } = context;
  const sent = await deps.store.sentValues(changes);
  const lost = await lostIn(context, crm, sent);
  const total = [...lost.values()].reduce((sum, list) => sum + list.length, 0);
  if (total > 0)
    deps.log.warn('edits were replaced by writes made at the same moment', { crm, edits: total });
  const at = deps.clock.now();
  return async (tx) => {
    await tx.noteLost([...lost].map(([change, list]) => ({ change, lost: list })));
    for (const { change, ref } of new Map(sent.map((value) => [value.change, value])).values())
      for (const { field, actor, at: editedAt } of lost.get(change) ?? [])
        await tx.audit({
          ...{ at, sync: run.sync, by: run.by, action: 'write.replaced_edit' },
          details: { run: run.run, crm: ref.crm, id: ref.id, field, editedBy: actor, editedAt },
        });
  };
}

async function lostIn(
  context: TaskContext,
  crm: Crm,
  sent: readonly SentValue[],
): Promise<Map<number, LostEdit[]>> {
  const { owners, clockOffsetMs } = context.facts(crm);
  const lost = new Map<number, LostEdit[]>();
  const first = Math.min(...sent.map(({ sentAt }) => sentAt));
  if (!Number.isFinite(first)) return lost;
  const about = sent.map(({ ref, field }) => ({ id: ref.id, field }));
  const histories = await readHistories(context, crm, about, first + clockOffsetMs - MARGIN_MS);
  for (const { change, ref, field, found, written } of sent) {
    const kind = context.runtime.settings.fields[field]?.kind ?? 'text';
    const entries = histories.get(ref.id)?.[field];
    const edit = lostEdit(field, entries, found, written, (a, b) => sameValue(kind, a, b));
    if (edit === null || edit.actor === 'engine') continue;
    lost.set(change, [...(lost.get(change) ?? []), { ...edit, actor: namedActor(edit.actor, owners) }]);
  }
  return lost;
}

/** Tasks that look at what was written: none where the CRM keeps no history, or the configuration does without. */
export async function addChecks(tx: CheckTx, runtime: SyncRuntime, run: RunId): Promise<number> {
  let tasks = 0;
  for (const crm of runtime.settings.sides) {
    const history = runtime.connectors[crm]?.history;
    if (history === undefined || runtime.settings.checkWrites === false) continue;
    tasks += (await tx.addCheckTasks(run, crm, history.batch)).length;
  }
  return tasks;
}

/** Calls it will take to look at the history of this many records after they were written. */
export function predictChecks(context: TaskContext, crm: Crm, records: number): number {
  const { history } = context.connector(crm);
  if (history === undefined || context.runtime.settings.checkWrites === false) return 0;
  return Math.ceil(records / history.batch);
}
