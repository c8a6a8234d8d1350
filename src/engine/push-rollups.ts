import type { AccountRollups, AccountValues, WriteResult } from '../core/connector-port.ts';
import type { Crm, RecordId } from '../core/ids.ts';
import type { Fields, Value } from '../core/opportunity.ts';
import type { FieldChange } from '../core/plan.ts';
import { ROLLUP_FIELDS, type RollupField, rollUp } from '../core/rollup.ts';
import { holds, rollupTask, type SentRollup } from '../core/rollup-plan.ts';
import type { RollupNote, RollupResult, RollupRow, UndoneFields } from '../core/rollup-port.ts';
import { toldOfRollups } from '../core/rollup-remarks.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunRow, TaskPayload } from '../core/store-rows.ts';
import type { SyncRuntime } from './deps.ts';
import { planRun } from './finish.ts';
import { holdingAccounts } from './hold-accounts.ts';
import { moneyOf } from './plan-rollups.ts';
import { readAccounts, refusalOf } from './read-accounts.ts';
import { withWriteSlot } from './slots.ts';
import type { Save, TaskContext } from './task.ts';

type Push = Extract<TaskPayload, { kind: 'push_rollups' }>;

/** Tasks that write roll-ups; made when every record is written, so that what they are made of holds. */
export async function addRollups(tx: StoreTx, runtime: SyncRuntime, run: RunRow): Promise<boolean> {
  // Where none are kept there is only a plan to be carried out that takes some back.
  if (run.mode === 'events' || (run.mode !== 'apply' && runtime.settings.rollups === undefined)) return false;
  const planned = await planRun(tx, run);
  let added = 0;
  for (const crm of runtime.settings.sides) {
    const { rollups } = runtime.connectors[crm] ?? {};
    if (rollups === undefined) continue;
    added += (await tx.addRollupTasks(run.run, planned, crm, rollupTask(rollups))).length;
  }
  return added > 0;
}

type Wanted = Readonly<Record<RollupField, Value>>;

interface Pending {
  readonly row: RollupRow;
  readonly current: AccountValues;
  /** What is sent, with what was found in its place. */
  readonly sent: readonly SentRollup[];
}

/**
 * Writes a batch of roll-ups: they are made anew from the records as they are now, the accounts are read again, and only what
 * differs is sent. An approved plan is carried out as it was approved: where the records have come out otherwise, its account
 * is left to the next run. Running it again after a crash finds the values written and settles them.
 */
export function pushRollups(context: TaskContext, { crm, changes }: Push): Promise<Save> {
  return withWriteSlot(context.connector(crm), async () => {
    const rows = (await context.deps.store.rollupRows(changes)).filter(
      (row) => row.state === 'planned' || row.state === 'sending',
    );
    const accounts = rows.map(({ account }) => account);
    return holdingAccounts(context, crm, { accounts }, () => pushNow(context, crm, rows));
  });
}

async function pushNow(context: TaskContext, crm: Crm, rows: readonly RollupRow[]): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const { rollups } = context.connector(crm);
  if (rollups === undefined) throw new Error(`${crm} cannot hold roll-ups`);
  const ids = rows.map(({ account }) => account);
  const money = moneyOf(context, crm);
  const accounts = await deps.store.rollupAccounts(sync, await planRun(deps.store, run), crm, { ids });
  const wanted = new Map(accounts.map(({ account, records }) => [account, rollUp(records, money).values]));
  const fields = ROLLUP_FIELDS.filter((name) =>
    rows.some(({ changes: c }) => c.some((f) => f.field === name)),
  );
  const results: RollupResult[] = [];
  const found = await readAccounts(context, rollups, ids, fields).catch((error: unknown) => {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    results.push(...rows.map(({ change }) => ({ change, is: 'failed', error: refusal }) as const));
    return new Map<RecordId, AccountValues>();
  });
  if (results.length > 0) return (tx) => tx.saveRollups(sync, run.run, results, deps.clock.now());
  const pending: Pending[] = [];
  for (const row of rows) {
    const current = found.get(row.account);
    const step = compare(run, row, current, wanted.get(row.account));
    if ('is' in step) results.push(step);
    else pending.push({ row, ...step });
  }
  await deps.store.tx((tx) =>
    tx.markRollups(
      pending.map(({ row, sent }) => ({ change: row.change, sent })),
      deps.clock.now(),
    ),
  );
  for (let start = 0; start < pending.length; start += rollups.writeBatch) {
    const batch = pending.slice(start, start + rollups.writeBatch);
    results.push(...(await send(context, rollups, batch, fields, wanted)));
  }
  return (tx) => tx.saveRollups(sync, run.run, results, deps.clock.now());
}

function compare(
  run: RunRow,
  row: RollupRow,
  current: AccountValues | undefined,
  wanted: Wanted | undefined,
): RollupResult | Pick<Pending, 'current' | 'sent'> {
  const dropped = (note: RollupNote): RollupResult => ({ change: row.change, is: 'dropped', note });
  if (current === undefined) return dropped(gone(row));
  const sent: SentRollup[] = [];
  for (const change of row.changes) {
    const after = targetOf(change, wanted);
    const held = current.values[change.field];
    if (held === undefined) return dropped(hidden(row, change.field));
    if (holds(current.values, change.field, after)) continue;
    if (change.reason === 'undo' && !holds(current.values, change.field, change.before))
      return dropped(moved(row));
    if (run.mode === 'apply' && !holds({ [change.field]: after }, change.field, change.after))
      return dropped(moved(row));
    sent.push({ field: change.field, before: held, after });
  }
  if (sent.length > 0) return { current, sent };
  const values = Object.fromEntries(row.changes.map((change) => [change.field, targetOf(change, wanted)]));
  return { change: row.change, is: 'applied', held: values, undone: undoneBy(row, wanted) };
}

/** What is taken back goes where it was; anything else is as the records are now. */
function targetOf({ field, reason, after }: FieldChange, wanted: Wanted | undefined): Value {
  const now = wanted?.[field as RollupField];
  return reason === 'undo' || now === undefined ? after : now;
}

/** What was taken back on purpose is left so until the roll-up would be another one. */
function undoneBy({ changes }: RollupRow, wanted: Wanted | undefined): UndoneFields {
  return Object.fromEntries(
    changes
      .filter(({ reason }) => reason === 'undo')
      .map(({ field, after }) => [field, { held: after, wanted: wanted?.[field as RollupField] ?? null }]),
  );
}

async function send(
  context: TaskContext,
  rollups: AccountRollups,
  pending: readonly Pending[],
  fields: readonly RollupField[],
  wanted: ReadonlyMap<RecordId, Wanted>,
): Promise<readonly RollupResult[]> {
  await context.requireHold();
  const writes = pending.map(({ row, sent }) => ({
    id: row.account,
    values: valuesOf(sent),
    trace: `rollup-${row.change}`,
  }));
  const answers = await rollups.write(writes, context.signal).catch((error: unknown) => {
    // What oppsync may not write in accounts must not stop a run whose records are written.
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return writes.map(({ id, trace }) => ({ trace, id, ok: false, error: refusal }) as const);
  });
  const doubtful = pending.filter((_, index) => isUnknown(answers[index])).map(({ row }) => row.account);
  const seen = await readAccounts(context, rollups, doubtful, fields);
  return pending.map(({ row, sent }, index): RollupResult => {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`no answer for roll-up ${row.change}`);
    const { change } = row;
    const applied = {
      change,
      is: 'applied',
      held: valuesOf(sent),
      undone: undoneBy(row, wanted.get(row.account)),
    } as const;
    if (answer.ok) return applied;
    const now = seen.get(row.account);
    if (now !== undefined && sent.every(({ field, after }) => holds(now.values, field, after)))
      return applied;
    const { code, message, remedy, recovery } = answer.error;
    if (recovery !== 'retry' && recovery !== 'wait' && recovery !== 'unknown' && recovery !== 'gone')
      return { change, is: 'failed', error: answer.error };
    return { change, is: 'dropped', note: { code: `not_written_${code}`, message, remedy } };
  });
}

function valuesOf(sent: readonly SentRollup[]): Fields {
  return Object.fromEntries(sent.map(({ field, after }) => [field, after]));
}

function isUnknown(answer: WriteResult | undefined): boolean {
  return answer !== undefined && !answer.ok && answer.error.recovery === 'unknown';
}

function gone({ crm, account }: RollupRow): RollupNote {
  return { code: 'gone_since_plan', ...toldOfRollups('gone', { account, crm }) };
}

function hidden({ crm, account }: RollupRow, field: string): RollupNote {
  return { code: 'unreadable_since_plan', ...toldOfRollups('unreadable', { field, account, crm }) };
}

function moved({ crm, account }: RollupRow): RollupNote {
  return { code: 'moved_since_plan', ...toldOfRollups('moved', { account, crm }) };
}
