import type { Capabilities, Creator } from './connector-port.ts';
import type { PlannedCreation } from './creation.ts';
import type { Crm, PairKey, RecordId } from './ids.ts';
import type { AgreedValues, MergeReason } from './merge.ts';
import type { Value } from './opportunity.ts';
import type { RunMode } from './report.ts';

/** `resolved`: a person decided; `undo`: an earlier change is taken back; `observed`: counted from what was seen to happen; `rolled_up`: what the opportunities of an account amount to. */
export type ChangeReason =
  | MergeReason
  | 'resolved'
  | 'undo'
  | 'classified'
  | 'observed'
  | 'pair_key'
  | 'rolled_up';

/** One field of one record. */
export interface FieldChange {
  readonly field: string;
  /** A field oppsync owns. */
  readonly owned: boolean;
  readonly before: Value;
  readonly after: Value;
  readonly reason: ChangeReason;
  /** The CRM the value comes from; null for owned fields. */
  readonly from: Crm | null;
  /** What the source held when both last agreed; for the sentence. */
  readonly was: Value;
  /** The person who decided, with reasons `resolved` and `undo`. */
  readonly by?: string;
}

/** All changes of one record: written together, or not at all. */
export interface PlannedWrite {
  readonly crm: Crm;
  readonly id: RecordId;
  readonly pair: PairKey | null;
  readonly name: string;
  readonly changes: readonly FieldChange[];
  /** Per synced field, what both sides hold once this write is acknowledged: the new base. */
  readonly agreed: Readonly<Record<string, AgreedValues>>;
}

/**
 * One line of text per change, the same for equal plans: what the digest is made of. Lines are sorted by CRM and record
 * by the caller, who streams them; within a record they are sorted here.
 */
export function digestLines(write: PlannedWrite): string {
  return write.changes
    .map((change) => JSON.stringify([write.crm, write.id, change.field, change.before, change.after]))
    .sort()
    .join('\n');
}

/** One line of text per field of a record to be made, sorted. */
export function digestOfCreation({ crm, key, fields, owned }: PlannedCreation): string {
  return [
    ...Object.entries(fields),
    ...Object.entries(owned).map(([field, value]) => [`owned:${field}`, value]),
  ]
    .map(([field, value]) => JSON.stringify(['create', crm, key, field, value]))
    .sort()
    .join('\n');
}

/** What makes two intended writes the same: used to leave a refused write alone until something changes. */
export function intentOf(write: Pick<PlannedWrite, 'changes'>): string {
  const lines = write.changes.map((change) => JSON.stringify([change.field, change.after]));
  return `[${lines.sort().join()}]`;
}

/** Does a run of this mode end with its plan? */
export function writesNothing(mode: RunMode): boolean {
  return mode === 'plan' || mode === 'undo';
}

/** Write calls with teams' values that may follow one re-read: few, because what was read grows old while they are sent. */
const WRITES_PER_REREAD = 5;

type Batches = Pick<Capabilities, 'readBatch' | 'writeBatch'>;

/** Records that one re-read covers, in whole write calls. */
function rereadBatch({ readBatch, writeBatch }: Batches): number {
  return writeBatch * Math.max(1, Math.floor(readBatch / writeBatch));
}

/** Records with teams' values that are re-read and then written in one go. */
function teamsBatch(batches: Batches): number {
  return Math.min(rereadBatch(batches), batches.writeBatch * WRITES_PER_REREAD);
}

/** Does it write into a field that people edit? */
export function isOfTeams({ changes }: Pick<PlannedWrite, 'changes'>): boolean {
  return changes.some(({ owned }) => !owned);
}

/**
 * Writes in the portions that are re-read together. In each, those with teams' values come first and are few, so that they
 * are sent while what was read is fresh; those with nothing but our own values, which nobody else writes, may wait.
 */
export function portionsOf<Write extends Pick<PlannedWrite, 'changes'>>(
  writes: readonly Write[],
  batches: Batches,
): Write[][] {
  const portions: Write[][] = [];
  let ofTeams: Write[] = [];
  let others: Write[] = [];
  for (const write of writes) {
    (isOfTeams(write) ? ofTeams : others).push(write);
    if (ofTeams.length < teamsBatch(batches) && ofTeams.length + others.length < rereadBatch(batches))
      continue;
    portions.push([...ofTeams, ...others]);
    ofTeams = [];
    others = [];
  }
  if (ofTeams.length + others.length > 0) portions.push([...ofTeams, ...others]);
  return portions;
}

/** A task is never smaller than this: each one costs the same, whatever its size. */
const SMALLEST_PUSH = 500;

/** Records of one push task: as many re-reads as make it worth its cost. */
export function pushTask(batches: Batches): number {
  const covered = rereadBatch(batches);
  return covered * Math.max(1, Math.floor(SMALLEST_PUSH / covered));
}

/** Calls a plan will cost: a re-read per portion and a write per batch (design section 8); `ofTeams` of the records have teams' values. */
export function predictCalls(records: number, ofTeams: number, batches: Batches): number {
  const rereads = Math.ceil(rereadBatch(batches) / batches.readBatch);
  const portions = Math.max(
    Math.ceil(records / rereadBatch(batches)),
    Math.ceil(ofTeams / teamsBatch(batches)),
  );
  return Math.ceil(records / batches.writeBatch) + rereads * portions;
}

/** Records of one task that makes counterparts. */
export function creationBatch(
  creator: Pick<Creator, 'keyBatch'>,
  capabilities: Pick<Capabilities, 'writeBatch'>,
): number {
  return Math.min(creator.keyBatch, capabilities.writeBatch);
}

/**
 * Calls that making records will cost in their CRM: a look by key (for living and for deleted ones), the upsert, and a look
 * at what was made, per batch.
 */
export function predictCreating(
  records: number,
  creator: Pick<Creator, 'keyBatch' | 'callsPerLook'>,
  capabilities: Pick<Capabilities, 'readBatch' | 'writeBatch'>,
): number {
  const size = creationBatch(creator, capabilities);
  const perBatch = creator.callsPerLook + 1 + Math.ceil(size / capabilities.readBatch);
  return Math.ceil(records / size) * perBatch;
}

/** Where a record's value of a field came to differ from the plan: it moved, so the plan no longer holds for it. */
export function movedFields(
  write: PlannedWrite,
  current: { readonly fields: Readonly<Record<string, Value>> },
  same: (field: string, a: Value, b: Value) => boolean,
): string[] {
  return write.changes
    .filter((change) => !change.owned)
    .filter((change) => {
      const now = current.fields[change.field];
      return (
        now !== undefined && !same(change.field, now, change.before) && !same(change.field, now, change.after)
      );
    })
    .map((change) => change.field);
}

/** The changes of a write that are still to be made, given what the record holds now. */
export function remainingChanges(
  write: PlannedWrite,
  current: {
    readonly fields: Readonly<Record<string, Value>>;
    readonly owned: Readonly<Record<string, Value>>;
  },
  same: (field: string, a: Value, b: Value) => boolean,
): FieldChange[] {
  return write.changes.filter((change) => {
    const now = (change.owned ? current.owned : current.fields)[change.field];
    return now === undefined || !same(change.field, now, change.after);
  });
}
