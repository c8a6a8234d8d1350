import { sameValue } from '../core/compare.ts';
import type { CreateResult } from '../core/connector-port.ts';
import { creationIntent } from '../core/creation.ts';
import { fateUnknown, goneSincePlan, movedSincePlan, pairedSincePlan } from '../core/creation-notes.ts';
import type { CreationResult, CreationRow } from '../core/creation-port.ts';
import type { ErrorDetails } from '../core/errors.ts';
import { type Crm, refKey } from '../core/ids.ts';
import type { Snapshot } from '../core/opportunity.ts';
import type { PlannedWrite } from '../core/plan.ts';
import { type Note, noteOfError } from '../core/reconcile-notes.ts';
import type { TaskPayload } from '../core/store-rows.ts';
import { findMade, madeOf, readSnapshots } from './find-made.ts';
import { holdingAccounts } from './hold-accounts.ts';
import { pushTasks } from './push-tasks.ts';
import { withWriteSlot } from './slots.ts';
import type { Save, TaskContext } from './task.ts';

type Create = Extract<TaskPayload, { kind: 'create' }>;
type Step = { readonly row: CreationRow } & (
  | { readonly source: Snapshot }
  | { readonly result: CreationResult }
);

/**
 * Makes counterparts. Each is looked for by its key before anything is sent, and the intent is stored before that; then it
 * is made by upsert on the key, so that whatever is lost, repeated, or done by two at once, there is one record. A row whose
 * fate is unknown is looked for again, and stays open until it is found or cannot come any more.
 */
export function create(context: TaskContext, { crm, creations }: Create): Promise<Save> {
  const connector = context.connector(crm);
  return withWriteSlot(connector, async () => {
    const rows = (await context.deps.store.creationRows(creations)).filter(
      (row) => row.state === 'planned' || row.state === 'sending',
    );
    const named = rows.flatMap(({ fields }) => connector.namedAccounts?.(fields, context.facts(crm)) ?? []);
    return holdingAccounts(context, crm, { accounts: named }, () => createNow(context, crm, rows));
  });
}

async function createNow(context: TaskContext, crm: Crm, rows: readonly CreationRow[]): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const found = await findMade(context, crm, rows);
  const absent = rows.filter((row) => !found.has(row.key));
  const sources = await readSources(context, absent);
  const steps = await compare(context, absent, sources);
  const sending = steps.flatMap((step) => ('source' in step ? [step.row] : []));
  await deps.store.tx((tx) =>
    tx.markCreating(
      run.run,
      sending.map((row) => row.creation),
      deps.clock.now(),
    ),
  );
  const sent = await send(context, crm, sending);
  const results = [
    ...(await madeOf(context, rows, found)),
    ...(await madeOf(context, sending, sent.made)),
    ...steps.flatMap((step) => ('result' in step ? [step.result] : [])),
    ...sent.others,
  ];
  const keys = keyWrites(rows, results, sources);
  return async (tx) => {
    await tx.saveCreated(sync, run.run, results, run.by, deps.clock.now());
    const made = await tx.saveReconciled({
      ...{ sync, run: run.run, round: 0, at: deps.clock.now(), records: [], writes: keys },
      ...{ agreed: {}, conflicts: {}, quarantined: [] },
    });
    await tx.addTasks(run.run, pushTasks(runtime, made));
  };
}

async function readSources(
  context: TaskContext,
  rows: readonly CreationRow[],
): Promise<ReadonlyMap<string, Snapshot>> {
  const found = new Map<string, Snapshot>();
  for (const [crm, list] of Map.groupBy(rows, ({ source }): Crm => source.crm)) {
    const ids = list.map(({ source }) => source.id);
    for (const snapshot of await readSnapshots(context, crm, ids))
      if (!snapshot.deleted) found.set(refKey(snapshot), snapshot);
  }
  return found;
}

/** What is not as it was planned any more is left alone. */
async function compare(
  context: TaskContext,
  rows: readonly CreationRow[],
  sources: ReadonlyMap<string, Snapshot>,
): Promise<readonly Step[]> {
  const { settings } = context.runtime;
  const states = await context.deps.store.resolveRecords(
    settings.name,
    rows.map(({ source }) => source.id),
  );
  const paired = new Set(states.filter(({ pair }) => pair !== null).map(refKey));
  return rows.map((row): Step => {
    const { creation, agreed } = row;
    const source = sources.get(refKey(row.source));
    // What was sent before may still come into being.
    const is = row.sentAt === null ? 'dropped' : 'unknown';
    const dropped = (note: Note): Step => ({ row, result: { creation, is, note } });
    if (source === undefined) return dropped(goneSincePlan(row.source.crm));
    if (paired.has(refKey(row.source)) || source.pairKey !== null) return dropped(pairedSincePlan());
    const moved = Object.entries(agreed).filter(([field, values]) => {
      const kind = settings.fields[field]?.kind ?? 'text';
      const now = source.fields[field];
      return now === undefined || !sameValue(kind, now, values[source.crm] ?? null);
    });
    if (moved.length === 0) return { row, source };
    return dropped(
      movedSincePlan(
        moved.map(([field]) => field),
        source.crm,
      ),
    );
  });
}

interface Sent {
  readonly made: ReadonlyMap<string, Snapshot>;
  readonly others: readonly CreationResult[];
}

async function send(context: TaskContext, crm: Crm, rows: readonly CreationRow[]): Promise<Sent> {
  const connector = context.connector(crm);
  const { creator } = connector;
  if (creator === undefined) throw new Error(`${crm} cannot create records`);
  const answers = new Map<string, CreateResult>();
  for (let start = 0; start < rows.length; start += connector.capabilities.writeBatch) {
    const batch = rows.slice(start, start + connector.capabilities.writeBatch);
    const given = batch.map(({ key, fields, owned }) => ({ key, fields, owned }));
    await context.requireHold();
    for (const answer of await creator.create(given, context.facts(crm), context.signal))
      answers.set(answer.key, answer);
  }
  const made = new Map<string, Snapshot>();
  const ids = [...answers.values()].flatMap((answer) => (answer.ok ? [answer.id] : []));
  const byId = new Map((await readSnapshots(context, crm, ids)).map((snapshot) => [snapshot.id, snapshot]));
  const doubtful: CreationRow[] = [];
  const others: CreationResult[] = [];
  for (const row of rows) {
    const answer = answers.get(row.key);
    const snapshot = answer?.ok === true ? byId.get(answer.id) : undefined;
    if (snapshot !== undefined) made.set(row.key, snapshot);
    else if (answer === undefined || answer.ok || answer.error.recovery === 'unknown') doubtful.push(row);
    else others.push(refused(row, answer.error));
  }
  // No answer, or one whose record nobody can see: looked for by its key before anything else.
  const later = doubtful.length === 0 ? new Map<string, Snapshot>() : await findMade(context, crm, doubtful);
  for (const row of doubtful) {
    const snapshot = later.get(row.key);
    if (snapshot !== undefined) made.set(row.key, snapshot);
    else others.push({ creation: row.creation, is: 'unknown', note: fateUnknown(crm) });
  }
  return { made, others };
}

function refused(row: CreationRow, error: ErrorDetails): CreationResult {
  const { creation } = row;
  if (error.recovery !== 'skip')
    return { creation, is: 'dropped', note: noteOfError(`not_created_${error.code}`, error) };
  const note = {
    ...noteOfError(`refused_${error.code}`, error),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
  const quarantine = { ref: row.source, note, intent: creationIntent(row) };
  return { creation, is: 'failed', error, quarantine };
}

/** The key goes into the original as well, once the counterpart bears it. */
function keyWrites(
  rows: readonly CreationRow[],
  results: readonly CreationResult[],
  sources: ReadonlyMap<string, Snapshot>,
): PlannedWrite[] {
  const made = new Set(
    results.flatMap((result) =>
      result.is === 'created' && !result.snapshot.deleted ? [result.creation] : [],
    ),
  );
  return rows.flatMap((row): PlannedWrite[] => {
    const source = sources.get(refKey(row.source));
    if (!made.has(row.creation) || source === undefined || source.owned['pairKey'] === undefined) return [];
    const change = {
      ...{ field: 'pairKey', owned: true, before: source.owned['pairKey'], after: row.key },
      ...({ reason: 'pair_key', from: null, was: null } as const),
    };
    return [{ ...row.source, pair: row.key, name: row.name, changes: [change], agreed: {} }];
  });
}
