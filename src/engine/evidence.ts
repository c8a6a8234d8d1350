import type { ErrorDetails } from '../core/errors.ts';
import type { Crm, RecordId } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { TaskPayload } from '../core/store-rows.ts';
import type { Save, TaskContext } from './task.ts';

type Evidence = Extract<TaskPayload, { kind: 'evidence' }>;

/**
 * Reads what lies beside the records of one CRM (activities, contracts, quotes, payments), page by page like the records
 * themselves, after them: so that it always finds the records it is about. A complete reading forgets what it did not meet.
 * What this user may not read is noted and proves nothing either way.
 */
export async function readEvidence(context: TaskContext, payload: Evidence): Promise<Save> {
  const { run, runtime, deps, task, signal } = context;
  const { crm, since } = payload;
  const sync = runtime.settings.name;
  const reader = context.connector(crm).evidence;
  const facts = context.facts(crm);
  const names = await accountNames(context, crm, since === null);
  let at = reader === undefined ? null : (payload.position ?? reader.start(since, facts));
  if (reader === undefined || at === null)
    return async (tx) => {
      for (const known of names) await tx.nameAccounts(sync, run.run, crm, known);
      await tx.forgetFindings(sync, run.run, crm);
      await tx.saveEvidenceState(sync, crm, {
        ...{ mark: null, fullAt: null, run: run.run, calls: 0, refused: [] },
      });
    };
  let { calls, refused } = payload;
  for (;;) {
    const page = await reader.page(at, facts, signal);
    calls += page.calls.made;
    refused = [...refused, ...page.refused];
    if (page.calls.left > 0)
      deps.log.info('evidence is being read', { crm, calls, callsExpected: calls + page.calls.left });
    const { items, next, mark } = page;
    const read = await rereadAll(context, crm, page.reread ?? []);
    if (next === null)
      return async (tx) => {
        await tx.savePage(sync, run.run, read, deps.clock.now());
        for (const known of names) await tx.nameAccounts(sync, run.run, crm, known);
        await tx.saveFindings(sync, run.run, crm, items);
        if (since === null) await tx.forgetFindings(sync, run.run, crm);
        const before = await tx.evidenceState(sync, crm);
        const fullAt = since === null ? deps.clock.now() : (before?.fullAt ?? null);
        // Kinds refused before were not asked for again.
        const still = since === null ? refused : [...(before?.refused ?? []), ...refused];
        await tx.saveEvidenceState(sync, crm, {
          ...{ mark, fullAt, run: run.run, calls },
          refused: distinct(still),
        });
      };
    const reached: Evidence = { ...payload, position: next, calls, refused };
    await deps.store.tx(async (tx) => {
      await tx.savePage(sync, run.run, read, deps.clock.now());
      await tx.saveFindings(sync, run.run, crm, items);
      if (!(await tx.checkpointTask(task.id, task.epoch, reached))) throw context.stale();
    });
    at = next;
  }
}

function distinct(list: readonly ErrorDetails[]): readonly ErrorDetails[] {
  return [...new Map(list.map((one) => [one.message, one])).values()];
}

/** Records of which something they name has changed, as they are now. */
async function rereadAll(context: TaskContext, crm: Crm, ids: readonly RecordId[]): Promise<Snapshot[]> {
  const { capabilities, readByIds } = context.connector(crm);
  const wanted = [...new Set(ids)];
  const found: Snapshot[] = [];
  for (let start = 0; start < wanted.length; start += capabilities.readBatch) {
    const batch = wanted.slice(start, start + capabilities.readBatch);
    found.push(...(await readByIds(batch, context.facts(crm), context.signal)).snapshots);
  }
  return found;
}

/** Names of accounts not known yet, batch by batch; of all accounts with a complete reading, since they may be renamed. */
async function accountNames(
  context: TaskContext,
  crm: Crm,
  all: boolean,
): Promise<readonly ReadonlyMap<string, string | null>[]> {
  const { run, runtime, deps, signal } = context;
  const reader = context.connector(crm).accountNames;
  if (reader === undefined) return [];
  const ids = await deps.store.accountsToName(runtime.settings.name, run.run, crm, all, MOST_ACCOUNTS);
  const found: ReadonlyMap<string, string | null>[] = [];
  for (let start = 0; start < ids.length; start += reader.batch) {
    const batch = ids.slice(start, start + reader.batch);
    const names = await reader.read(batch, signal);
    if (names === null) return found;
    found.push(new Map(batch.map((id) => [id, names.get(id) ?? null])));
  }
  return found;
}

const MOST_ACCOUNTS = 1_000_000;
