import { DEFAULT_BRAKES, exceeds, shrunk } from '../core/brakes.ts';
import type { Connector, ReadPage } from '../core/connector-port.ts';
import { OppsyncError } from '../core/errors.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { NewTask, TaskPayload, TaskRow } from '../core/store-rows.ts';
import { backfillTask } from './backfill.ts';
import { FULL_EVERY_MS } from './complete-reading.ts';
import type { Save, TaskContext } from './task.ts';

/** A CRM that held more than this and now shows nothing looks like a broken source, however small it is. */
const EMPTY_ABOVE = 5;
const SWEEP_LIMIT = 1_000_000;
/** For this long a person's word that the missing records are really gone holds. */
export const LOSS_ACCEPTED_MS = 48 * 3_600_000;

type Pull = Extract<TaskPayload, { kind: 'pull' }>;

/** How far this process has stored a task: when a passing fault ends an attempt, the next goes on from there. */
const checkpoints = new WeakMap<TaskRow, Pull>();
/** Records that are stored together: many CRMs hand out small pages, and every storing costs the same. */
const STORED_TOGETHER = 1_000;

/**
 * Reads one CRM page by page. What was read is stored together with the place to continue from, so that a killed reading
 * goes on where it stopped; the safe mark is stored with the last page only. While pages are being stored the next is fetched.
 */
export async function pull(context: TaskContext, begun: Pull): Promise<Save> {
  const { run, runtime, deps, task, signal } = context;
  const payload = checkpoints.get(task) ?? begun;
  const { crm, since } = payload;
  const connector = context.connector(crm);
  const facts = context.facts(crm);
  const { store, clock } = deps;
  const sync = runtime.settings.name;

  const position = payload.position ?? (await connector.startRead(since, facts, signal));
  let page: ReadPage = await connector.readPage(position, facts, signal);
  let seen = payload.seen;
  let total = payload.expected;
  let asked = false;
  let waiting: Snapshot[] = [];
  /** Stores what was read with the place to continue from. */
  const keep = async (next: Pull['position'], expected: Pull['expected']): Promise<void> => {
    total ??= expected;
    if (total === null && since === null && !asked) total = await expectedOf(context, connector);
    asked = true;
    const reached: Pull = { ...payload, position: next, seen, expected: total };
    const stored = waiting;
    waiting = [];
    await store.tx(async (tx) => {
      await tx.savePage(sync, run.run, stored, clock.now());
      if (!(await tx.checkpointTask(task.id, task.epoch, reached))) throw context.stale();
    });
    checkpoints.set(task, reached);
  };
  while (page.next !== null) {
    const { snapshots, next, expected } = page;
    seen += snapshots.length;
    waiting.push(...snapshots);
    const following = connector.readPage(next, facts, signal);
    following.catch(() => undefined);
    // A page without records has moved all the same: it began something that must be found again.
    if (waiting.length >= STORED_TOGETHER || snapshots.length === 0) await keep(next, expected);
    try {
      page = await following;
    } catch (error) {
      // Whether it is tried again in a moment or tomorrow, nothing is read twice.
      if (error instanceof OppsyncError && waiting.length > 0 && !signal.aborted) await keep(next, expected);
      throw error;
    }
  }
  const { snapshots, mark } = page;
  const full = since === null;
  return async (tx) => {
    await tx.savePage(sync, run.run, [...waiting, ...snapshots], clock.now());
    if (mark !== null) await tx.saveCursor(sync, crm, mark, clock.now(), full);
    if (full) {
      const sweeping: NewTask = { queue: 'pull', payload: { kind: 'sweep', crm }, size: 0 };
      await tx.addTasks(run.run, [sweeping, ...(await backfillTask(tx, context, crm))]);
    }
    if (connector.evidence !== undefined || connector.accountNames !== undefined)
      await tx.addTasks(run.run, [await evidenceTask(tx, context, crm)]);
  };
}

/** What the time left is told by where pages do not say how many there are. Asked only when there are more than a few. */
async function expectedOf(context: TaskContext, connector: Connector): Promise<number | null> {
  const { run, deps, signal } = context;
  const before = (await deps.store.cursor(run.sync, connector.crm))?.fullRows ?? null;
  if (before !== null || connector.countRecords === undefined) return before;
  try {
    return await connector.countRecords(signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof OppsyncError)) throw error;
    // Nobody needs it but those who watch.
    return null;
  }
}

/** What lies beside the records is read as far back as need be: all of it once a day, else what changed since the last time. */
async function evidenceTask(tx: StoreTx, { run, deps }: TaskContext, crm: string): Promise<NewTask> {
  const state = await tx.evidenceState(run.sync, crm);
  const old = deps.clock.now() - (state?.fullAt ?? Number.NEGATIVE_INFINITY) >= FULL_EVERY_MS;
  const since = run.full || old ? null : (state?.mark ?? null);
  const payload = { kind: 'evidence', crm, position: null, since, calls: 0, refused: [] } as const;
  return { queue: 'pull', payload, size: 0 };
}

/**
 * After a full reading: records it did not meet are asked for by id, and only those that are really gone are marked as
 * deleted. When too many are missing at once the source is not believed and the plan is parked.
 */
export async function sweep(context: TaskContext, payload: { readonly crm: string }): Promise<Save> {
  const { run, runtime, deps, signal } = context;
  const { crm } = payload;
  const sync = runtime.settings.name;
  const connector = context.connector(crm);
  const { ids, known } = await deps.store.notMet(sync, run.run, crm, SWEEP_LIMIT);
  if (ids.length === 0) return async () => {};
  const { vanished } = runtime.settings.brakes ?? DEFAULT_BRAKES;
  const empty = vanished !== false && ids.length === known && known > EMPTY_ABOVE;
  if (empty || exceeds(vanished, ids.length, known)) {
    const accepted = await deps.store.acceptedLoss(sync, crm, deps.clock.now() - LOSS_ACCEPTED_MS);
    if (ids.length > accepted) {
      const problem = shrunk(crm, known - ids.length, known);
      return async (tx) => {
        // Both CRMs may come back too small at once.
        const others = (await tx.loadRun(run.run, true))?.problems ?? [];
        await tx.updateRun(run.run, { problems: [...others, problem] });
      };
    }
  }
  const found: Snapshot[] = [];
  const gone: string[] = [];
  for (let start = 0; start < ids.length; start += connector.capabilities.readBatch) {
    const batch = ids.slice(start, start + connector.capabilities.readBatch);
    const read = await connector.readByIds(batch, context.facts(crm), signal);
    found.push(...read.snapshots);
    gone.push(...read.missing);
  }
  return async (tx) => {
    await tx.savePage(sync, run.run, found, deps.clock.now());
    await tx.markDeleted(sync, run.run, crm, gone, deps.clock.now());
  };
}
