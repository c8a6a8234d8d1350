/** Runs of the records that events name: how one begins, and how it reads them. Everything after is as in any run. */

import type { AccountFacts } from '../core/account-facts.ts';
import type { ReadByIds } from '../core/connector-port.ts';
import type { RecordId } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { NewTask, RunRow, TaskPayload } from '../core/store-rows.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { readFacts } from './facts.ts';
import { evidenceMark, evidenceOfNamed } from './named-evidence.ts';
import type { Save, TaskContext } from './task.ts';

/** Events one run takes; the rest is for the next. */
const MOST_EVENTS = 50_000;
/** Facts younger than this are not asked for again when a record stands in a stage they do not know. */
const FRESH_MS = 60_000;

type Named = Extract<TaskPayload, { kind: 'events' }>;

/** Takes what waits. Events that come from now on are for the next run: what they announce may be read too early here. */
export async function beginEvents(deps: EngineDeps, runtime: SyncRuntime, run: RunRow): Promise<void> {
  const tasks = runtime.settings.sides.map(
    (crm): NewTask => ({ queue: 'pull', payload: { kind: 'events', crm, after: '' }, size: 1 }),
  );
  await deps.store.tx(async (tx) => {
    await tx.insertRun(run);
    await tx.takeEvents(run.sync, run.run, MOST_EVENTS);
    await tx.addTasks(run.run, tasks);
  });
}

/** Reads the named records of one CRM in batches, each once, whatever number of events named it. */
export async function readNamed(context: TaskContext, payload: Named): Promise<Save> {
  const { deps, run, runtime, task, signal } = context;
  const { crm } = payload;
  const { store, clock } = deps;
  const sync = runtime.settings.name;
  const connector = context.connector(crm);
  const size = connector.capabilities.readBatch;
  let facts = context.facts(crm);
  let factsAt = run.factsAt ?? run.startedAt;
  const batchAfter = async (after: string): Promise<Batch> => {
    const ids = await store.eventRecords(run.run, crm, facts.accountId, after, size);
    return { ids, found: ids.length === 0 ? NOTHING : await connector.readByIds(ids, facts, signal) };
  };
  for (let batch = await batchAfter(payload.after); ; ) {
    const { ids } = batch;
    let { found } = batch;
    if (found.snapshots.some((one) => isInUnknownStage(one, facts)) && clock.now() - factsAt >= FRESH_MS) {
      const fresh = await readFacts(runtime, signal);
      factsAt = clock.now();
      await store.updateRun(run.run, { facts: fresh, factsAt });
      facts = fresh[crm] ?? facts;
      found = await connector.readByIds(ids, facts, signal);
    }
    const save = (tx: StoreTx): Promise<void> =>
      saveRead(tx, { sync, run: run.run, crm, now: clock.now() }, found);
    const last = ids[ids.length - 1];
    const isLast = last === undefined || ids.length < size;
    const mark = isLast ? await evidenceMark(context, crm) : null;
    if (isLast && mark === null) return save;
    // While one batch is stored the next is fetched.
    const following = isLast ? null : batchAfter(last);
    following?.catch(() => undefined);
    if (last !== undefined)
      await store.tx(async (tx) => {
        await save(tx);
        const reached = { ...payload, after: last };
        if (!(await tx.checkpointTask(task.id, task.epoch, reached))) throw context.stale();
      });
    if (following === null) return evidenceOfNamed(context, crm, mark ?? {});
    batch = await following;
  }
}

interface Batch {
  readonly ids: readonly RecordId[];
  readonly found: ReadByIds;
}

const NOTHING: ReadByIds = { snapshots: [], missing: [] };

async function saveRead(
  tx: StoreTx,
  { sync, run, crm, now }: { sync: string; run: string; crm: string; now: number },
  { snapshots, missing }: ReadByIds,
): Promise<void> {
  await tx.savePage(sync, run, snapshots, now);
  if (missing.length > 0) await tx.markDeleted(sync, run, crm, missing, now);
}

function isInUnknownStage({ fields }: Snapshot, { stages }: AccountFacts): boolean {
  const stage = fields['stage'];
  return typeof stage === 'string' && !stages.some(({ key }) => key === stage);
}
