import { ASKED_FIELDS, toldMoves } from '../core/backfill.ts';
import type { HistoryReader } from '../core/connector-port.ts';
import { OppsyncError } from '../core/errors.ts';
import type { Histories } from '../core/field-history.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { BackfillState, NewTask, TaskPayload } from '../core/store-rows.ts';
import type { Save, TaskContext } from './task.ts';

type Backfill = Extract<TaskPayload, { kind: 'backfill' }>;

/** Reads, once, what a CRM remembers of the time before its records were watched: full batches, in the order of ids. */
export async function backfill(context: TaskContext, payload: Backfill): Promise<Save> {
  const { run, runtime, deps, task, signal } = context;
  const { crm } = payload;
  const sync = runtime.settings.name;
  const { history } = context.connector(crm);
  if (history === undefined) return async () => {};
  const { stages } = context.facts(crm);
  let { after, records, moves } = payload;
  for (;;) {
    const known = await deps.store.watchedRecords(sync, crm, after, history.batch);
    const told = await readOrRefused(
      context,
      history,
      crm,
      known.map(({ id }) => id),
    );
    const found = known.map((record) => ({
      id: record.id,
      moves: toldMoves(record, told?.get(record.id) ?? {}, stages),
    }));
    signal.throwIfAborted();
    records += known.length;
    moves += found.reduce((sum, one) => sum + one.moves.filter(({ field }) => field !== 'status').length, 0);
    const last = known[known.length - 1];
    if (told === null || last === undefined || known.length < history.batch) {
      const state: BackfillState = {
        run: run.run,
        at: deps.clock.now(),
        records,
        moves,
        refused: told === null,
      };
      return async (tx) => {
        await tx.saveTold(sync, run.run, crm, found);
        await tx.saveBackfill(sync, crm, state);
      };
    }
    const reached: Backfill = { ...payload, after: last.id, records, moves };
    await deps.store.tx(async (tx) => {
      await tx.saveTold(sync, run.run, crm, found);
      if (!(await tx.checkpointTask(task.id, task.epoch, reached))) throw context.stale();
    });
    after = last.id;
  }
}

/** Null where this user may not see the history: counts then begin with the first run. */
async function readOrRefused(
  context: TaskContext,
  history: HistoryReader,
  crm: string,
  ids: readonly string[],
): Promise<Histories | null> {
  if (ids.length === 0) return new Map();
  try {
    const told = await history.read(ids, ASKED_FIELDS, null, context.facts(crm), context.signal);
    const nothing = told.size > 0 && [...told.values()].every((record) => record['stage'] === undefined);
    return nothing ? null : told;
  } catch (error) {
    if (!(error instanceof OppsyncError) || !REFUSED.has(error.details.recovery)) throw error;
    context.deps.log.warn('the history of fields may not be read', { crm, code: error.details.code });
    return null;
  }
}

const REFUSED: ReadonlySet<string> = new Set(['fix', 'refuse', 'skip']);

/** The task that reads the past of a CRM, where the configuration wants it and it was not read yet. */
export async function backfillTask(
  tx: StoreTx,
  context: TaskContext,
  crm: string,
): Promise<readonly NewTask[]> {
  const { settings } = context.runtime;
  if (settings.history !== 'backfill' || context.connector(crm).history === undefined) return [];
  const before = await tx.backfillState(settings.name, crm);
  if (before !== null && !before.refused) return [];
  const payload = { kind: 'backfill', crm, after: '', records: 0, moves: 0 } as const;
  return [{ queue: 'pull', payload, size: 0 }];
}
