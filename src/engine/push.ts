import { afterStage } from '../core/agree.ts';
import { sameValue } from '../core/compare.ts';
import type { RecordWrite, WriteResult } from '../core/connector-port.ts';
import type { ErrorDetails } from '../core/errors.ts';
import type { GroupMember } from '../core/group.ts';
import type { Crm } from '../core/ids.ts';
import { noteOf } from '../core/note-sentences.ts';
import type { Snapshot, Value } from '../core/opportunity.ts';
import { type FieldChange, intentOf, movedFields, portionsOf, remainingChanges } from '../core/plan.ts';
import { type Note, noteOfError } from '../core/reconcile-notes.ts';
import type { ChangeRow, PushResult, TaskPayload } from '../core/store-rows.ts';
import { holdingAccounts } from './hold-accounts.ts';
import { withWriteSlot } from './slots.ts';
import type { Save, TaskContext } from './task.ts';

/** A record that keeps moving while we try to write it is left for the next run after this many rounds. */
const MAX_ROUNDS = 5;

type Push = Extract<TaskPayload, { kind: 'push' }>;

interface Pending {
  readonly row: ChangeRow;
  readonly current: Snapshot;
  readonly changes: readonly FieldChange[];
}

/**
 * Applies a batch: re-reads the records, leaves alone what already holds, sets aside what moved since the plan, writes only
 * what differs, and lets each row's own result speak. A row whose fate is unknown is read back before anything else.
 * Running it again after a crash finds the values written and settles them.
 */
export function push(context: TaskContext, payload: Push): Promise<Save> {
  // The slot covers the re-read too: what was read must not grow old while others write.
  return withWriteSlot(context.connector(payload.crm), () => pushNow(context, payload));
}

/** Portion by portion, each as large as one re-read covers; what became of all of them is stored together. */
async function pushNow(context: TaskContext, payload: Push): Promise<Save> {
  const { deps, run, runtime } = context;
  const { crm } = payload;
  const rows = (await deps.store.changeRows(payload.changes)).filter(
    (row) => row.state === 'planned' || row.state === 'sending',
  );
  const results: PushResult[] = [];
  const goneIds: string[] = [];
  for (const covered of portionsOf(rows, context.connector(crm).capabilities)) {
    const portion = await holdingAccounts(context, crm, accountsOf(context, crm, covered), () =>
      pushPortion(context, crm, covered),
    );
    results.push(...portion.results);
    goneIds.push(...portion.goneIds);
  }
  const sync = runtime.settings.name;
  return async (tx) => {
    await tx.savePushed(sync, run.run, results, deps.clock.now());
    if (goneIds.length > 0) await tx.markDeleted(sync, run.run, crm, goneIds, deps.clock.now());
  };
}

/** Those the records are in, and those they are put into. */
function accountsOf(context: TaskContext, crm: Crm, rows: readonly ChangeRow[]) {
  const connector = context.connector(crm);
  const accounts = rows.flatMap(({ changes }) => {
    const own = changes.filter(({ owned }) => !owned);
    const values = Object.fromEntries(own.map(({ field, after }) => [field, after]));
    return connector.namedAccounts?.(values, context.facts(crm)) ?? [];
  });
  return { ids: rows.map(({ id }) => id), accounts };
}

async function pushPortion(
  context: TaskContext,
  crm: Crm,
  rows: readonly ChangeRow[],
): Promise<{ readonly results: readonly PushResult[]; readonly goneIds: readonly string[] }> {
  const { deps, run, runtime } = context;
  const found = await reread(context, crm, rows);
  const results: PushResult[] = [];
  const pending: Pending[] = [];
  for (const row of rows) {
    const current = found.get(row.id);
    const step = current === undefined ? gone(row) : compare(context, row, current);
    if ('is' in step) results.push(step);
    else pending.push(step);
  }
  await deps.store.tx(async (tx) => {
    await tx.savePage(runtime.settings.name, run.run, [...found.values()], deps.clock.now(), 'look');
    await tx.noteSent(pending.filter((entry) => !isAsPlanned(entry)).map(toSent));
    await tx.markSending(
      pending.map(({ row }) => row.change),
      deps.clock.now(),
    );
  });
  const { writeBatch } = context.connector(crm).capabilities;
  for (let start = 0; start < pending.length; start += writeBatch)
    results.push(...(await send(context, crm, pending.slice(start, start + writeBatch))));
  return { results, goneIds: rows.filter((row) => !found.has(row.id)).map((row) => row.id) };
}

/** What undo will need: the changes as they go out, with what was found in their place. */
function toSent({ row, current, changes }: Pending) {
  const held = (owned: boolean): Snapshot['fields'] => (owned ? current.owned : current.fields);
  const sent = changes.map(({ field, owned, after }) => ({
    ...{ field, owned, after },
    before: held(owned)[field] ?? null,
  }));
  return { change: row.change, sent };
}

/** All of it goes out, and in each place is what the plan had seen there: the plan itself says what was sent. */
function isAsPlanned({ row, current, changes }: Pending): boolean {
  return (
    changes.length === row.changes.length &&
    changes.every(
      ({ field, owned, before }) => ((owned ? current.owned : current.fields)[field] ?? null) === before,
    )
  );
}

async function reread(
  context: TaskContext,
  crm: Crm,
  rows: readonly ChangeRow[],
): Promise<Map<string, Snapshot>> {
  const connector = context.connector(crm);
  const ids = [...new Set(rows.map((row) => row.id))];
  const found = new Map<string, Snapshot>();
  for (let start = 0; start < ids.length; start += connector.capabilities.readBatch) {
    const batch = ids.slice(start, start + connector.capabilities.readBatch);
    const read = await connector.readByIds(batch, context.facts(crm), context.signal);
    for (const snapshot of read.snapshots) if (!snapshot.deleted) found.set(snapshot.id, snapshot);
  }
  return found;
}

function compare(context: TaskContext, row: ChangeRow, current: Snapshot): PushResult | Pending {
  const same = sameField(context);
  const changes = remainingChanges(row, current, same);
  if (changes.length === 0) return { change: row.change, is: 'already', snapshot: current };
  const unseen = changes.filter((change) => !change.owned && current.fields[change.field] === undefined);
  // What cannot be looked at may have been changed by somebody: it is not written blindly.
  if (unseen.length > 0) return dropped(row, unreadable(row.crm, unseen));
  const moved = movedFields(row, current, same);
  if (moved.length === 0) return { row, current, changes };
  if (context.run.mode !== 'apply' && row.round < MAX_ROUNDS && row.pair !== null)
    return { change: row.change, is: 'moved', fields: moved };
  return dropped(row, noteOf('moved_since_plan', { crm: row.crm, fields: moved.join(', ') }));
}

function dropped(row: ChangeRow, note: Note): PushResult {
  return { change: row.change, is: 'dropped', note };
}

function unreadable(crm: Crm, changes: readonly FieldChange[]): Note {
  return noteOf('unreadable_since_plan', { crm, fields: changes.map(({ field }) => field).join(', ') });
}

function gone(row: ChangeRow): PushResult {
  return dropped(row, noteOf('gone_since_plan', { crm: row.crm }));
}

async function send(context: TaskContext, crm: Crm, pending: readonly Pending[]): Promise<PushResult[]> {
  if (pending.length === 0) return [];
  const connector = context.connector(crm);
  const writes = pending.map(({ row, current, changes }) =>
    toWrite(row, current, changes, connector.capabilities.rewritesCloseDate !== false),
  );
  await context.requireHold();
  const answers = await connector.write(writes, context.facts(crm), context.signal);
  const unknown = pending.filter((_, index) => isUnknown(answers[index]));
  const seen =
    unknown.length === 0
      ? new Map()
      : await reread(
          context,
          crm,
          unknown.map(({ row }) => row),
        );
  return pending.map((entry, index) => {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`no answer for write ${entry.row.change}`);
    return settle(context, entry, answer, seen.get(entry.row.id));
  });
}

function settle(
  context: TaskContext,
  entry: Pending,
  answer: WriteResult,
  seen: Snapshot | undefined,
): PushResult {
  const { row, changes } = entry;
  if (answer.ok) {
    const changedAt = answer.version === null ? Number.NaN : Date.parse(answer.version);
    return {
      change: row.change,
      is: 'applied',
      version: answer.version,
      changedAt: Number.isNaN(changedAt) ? null : changedAt,
      after: recordAfter(context, entry),
    };
  }
  if (isUnknown(answer) && seen !== undefined && remainingChanges(row, seen, sameField(context)).length === 0)
    return { change: row.change, is: 'already', snapshot: seen };
  if (answer.error.recovery === 'skip') return refused(row, changes, answer.error);
  return {
    change: row.change,
    is: 'dropped',
    note: noteOfError(`not_written_${answer.error.code}`, answer.error),
  };
}

/** The record with the written values in it, and with what the CRM says of it by their account. */
function recordAfter(context: TaskContext, { row, current, changes }: Pending): GroupMember {
  const { raw: _raw, ...found } = current;
  const fields: Record<string, Value> = { ...found.fields };
  const owned: Record<string, Value> = { ...found.owned };
  for (const change of changes) (change.owned ? owned : fields)[change.field] = change.after;
  const { fields: policies } = context.runtime.settings;
  const written = changes.find((change) => !change.owned && policies[change.field]?.kind === 'stage');
  const stage = context.facts(row.crm).stages.find((candidate) => candidate.key === written?.after);
  const evidence = stage === undefined ? found.evidence : afterStage(found.evidence, stage);
  const closeDate = fields['closeDate'];
  return {
    ...found,
    fields,
    owned,
    pairKey: owned['pairKey'] ?? found.pairKey,
    evidence:
      evidence.closeDate === undefined || closeDate === undefined ? evidence : { ...evidence, closeDate },
  };
}

function refused(row: ChangeRow, changes: readonly FieldChange[], error: ErrorDetails): PushResult {
  const note = {
    ...noteOfError(`refused_${error.code}`, error),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
  return {
    change: row.change,
    is: 'failed',
    error,
    quarantine: { ref: { crm: row.crm, id: row.id }, note, intent: intentOf({ changes }) },
  };
}

/**
 * What is sent: only what differs. With a stage goes the close date as it is to stay, because both CRMs rewrite it when a
 * deal is closed or reopened unless it is sent along.
 */
function toWrite(
  row: ChangeRow,
  current: Snapshot,
  changes: readonly FieldChange[],
  guardCloseDate: boolean,
): RecordWrite {
  const fields: Record<string, Value> = {};
  const owned: Record<string, Value> = {};
  for (const change of changes) (change.owned ? owned : fields)[change.field] = change.after;
  const closeDate = current.fields['closeDate'];
  if (guardCloseDate && 'stage' in fields && !('closeDate' in fields) && typeof closeDate === 'string')
    fields['closeDate'] = closeDate;
  return { id: row.id, fields, owned, trace: `change-${row.change}` };
}

function isUnknown(answer: WriteResult | undefined): boolean {
  return answer !== undefined && !answer.ok && answer.error.recovery === 'unknown';
}

function sameField(context: TaskContext): (field: string, a: Value, b: Value) => boolean {
  const { fields } = context.runtime.settings;
  return (field, a, b) => sameValue(fields[field]?.kind ?? 'text', a, b);
}
