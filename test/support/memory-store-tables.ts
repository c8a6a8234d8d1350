/** The rows of the store in memory. Rows are never changed in place, so that a transaction is undone by putting old ones back. */

import type { CreationRow } from '../../src/core/creation-port.ts';
import type { NotedFault } from '../../src/core/errors.ts';
import type { Finding } from '../../src/core/findings.ts';
import type { FieldConflict } from '../../src/core/group.ts';
import type { Crm, EpochMs, PairKey, RecordId, RecordRef, RunId, SyncName } from '../../src/core/ids.ts';
import type { NewEvent } from '../../src/core/inbox-port.ts';
import type { LostEdit } from '../../src/core/lost-race.ts';
import type { HistoryEntry } from '../../src/core/measure-record.ts';
import type { AgreedValues } from '../../src/core/merge.ts';
import type { Snapshot } from '../../src/core/opportunity.ts';
import type { StandingDecision } from '../../src/core/pairing-decisions.ts';
import type { Job } from '../../src/core/queue-port.ts';
import type { Note } from '../../src/core/reconcile-notes.ts';
import type { PlanView, RecordOutcome } from '../../src/core/report.ts';
import type { NewResolution } from '../../src/core/resolve.ts';
import type { SentRollup } from '../../src/core/rollup-plan.ts';
import type { RollupAccount, RollupFindings, RollupRow } from '../../src/core/rollup-port.ts';
import type {
  BackfillState,
  ChangeRow,
  ChangeState,
  Cursor,
  EvidenceState,
  RunRow,
  TaskPayload,
} from '../../src/core/store-rows.ts';
import type { ConflictActors } from '../../src/core/trust-port.ts';
import type { SentChange } from '../../src/core/undo.ts';
import type { Verdict } from '../../src/core/verdict.ts';

export interface SnapshotRow extends Omit<Snapshot, 'raw'> {
  readonly sync: SyncName;
  /** Stamp of the newest version seen; null = as `changedAt`. */
  readonly seenAt: EpochMs | null;
  readonly settledAt: EpochMs | null;
  readonly hash: string;
  readonly pair: PairKey | null;
  readonly dirty: boolean;
  readonly readRun: RunId;
  readonly readAt: EpochMs;
  readonly outcome: RecordOutcome | null;
  readonly outcomeRun: RunId | null;
  readonly notes: readonly Note[] | null;
  readonly verdict: Verdict | null;
}

/** What was seen to change on a record, in the order it was noted. */
export interface HistoryRow extends HistoryEntry {
  readonly run: RunId;
}

export interface PairRow {
  readonly sync: SyncName;
  readonly pair: PairKey;
  readonly how: string;
  readonly base: Readonly<Record<string, AgreedValues>>;
}

export interface TaskRecord {
  readonly id: number;
  readonly run: RunId;
  readonly queue: Job['queue'];
  readonly payload: TaskPayload;
  readonly size: number;
  readonly done: boolean;
  readonly epoch: number;
  readonly worker: number | null;
  readonly queued: boolean;
}

export interface ChangeRecord extends Omit<ChangeRow, 'state'> {
  readonly sync: SyncName;
  readonly state: ChangeState;
  readonly sentAt: EpochMs | null;
  readonly doneRun: RunId | null;
  /** As it went out, and what it was found to have replaced. */
  readonly sent?: readonly Omit<SentChange, 'ref'>[];
  readonly lost?: readonly LostEdit[];
}

export interface CreationRecord extends CreationRow {
  readonly sync: SyncName;
  readonly record: RecordId | null;
  readonly doneRun: RunId | null;
}

export interface DuplicateRow extends RecordRef {
  readonly sync: SyncName;
  /** The first id of its group. */
  readonly leader: RecordId;
}

export interface ConflictRow {
  readonly sync: SyncName;
  readonly pair: PairKey;
  readonly field: string;
  readonly details: FieldConflict;
  readonly who?: ConflictActors['who'];
}

export interface ResolutionRow extends NewResolution {
  readonly sync: SyncName;
}

export interface RefusalRow {
  readonly sync: SyncName;
  readonly ref: RecordRef;
  readonly note: Note;
  readonly intent: string;
  readonly hash: string;
}

export interface DecisionRow extends StandingDecision {
  readonly sync: SyncName;
  readonly ended: boolean;
}

export interface FindingRow extends Finding {
  readonly sync: SyncName;
  readonly crm: Crm;
  readonly record: RecordId;
  readonly readRun: RunId;
}

export interface AccountRow {
  readonly name: string | null;
  readonly readRun: RunId;
}

export interface RollupAccountRow extends Omit<RollupAccount, 'records'> {
  readonly sync: SyncName;
  readonly crm: Crm;
  readonly members: readonly RecordId[];
}

export interface RollupRecord extends RollupRow {
  readonly sync: SyncName;
  readonly sentAt: EpochMs | null;
  readonly sent: readonly SentRollup[] | null;
  readonly doneRun: RunId | null;
  readonly error: NotedFault | null;
}

export interface CandidateRow {
  readonly sync: SyncName;
  readonly refs: readonly [RecordRef, RecordRef];
  readonly band: string;
}

export interface InboxRow extends NewEvent {
  readonly n: number;
  readonly receivedAt: EpochMs;
  readonly run: RunId | null;
  readonly doneAt: EpochMs | null;
}

/** One table: rows by key, each change noted for as long as a transaction may be undone. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #undo: UndoLog;

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  put(key: string, row: Row): void {
    this.#note(key);
    this.#rows.set(key, row);
  }

  patch(key: string, patch: Partial<Row>): void {
    const row = this.#rows.get(key);
    if (row !== undefined) this.put(key, { ...row, ...patch });
  }

  remove(key: string): void {
    this.#note(key);
    this.#rows.delete(key);
  }

  /** Rows in no order that may be relied on. */
  all(): Row[] {
    return [...this.#rows.values()];
  }

  where(test: (row: Row) => boolean): Row[] {
    return this.all().filter(test);
  }

  #note(key: string): void {
    const before = this.#rows.get(key);
    this.#undo.note(() => {
      if (before === undefined) this.#rows.delete(key);
      else this.#rows.set(key, before);
    });
  }
}

/** What has to be done to take a transaction back. */
export class UndoLog {
  #steps: (() => void)[] | null = null;

  begin(): void {
    this.#steps = [];
  }

  note(step: () => void): void {
    this.#steps?.push(step);
  }

  commit(): void {
    this.#steps = null;
  }

  rollback(): void {
    for (const step of this.#steps?.toReversed() ?? []) step();
    this.#steps = null;
  }
}

export interface Tables {
  readonly undo: UndoLog;
  readonly syncs: Table<string>;
  readonly runs: Table<RunRow>;
  readonly tasks: Table<TaskRecord>;
  readonly snapshots: Table<SnapshotRow>;
  readonly pairs: Table<PairRow>;
  /** By {@link recordKey}. */
  readonly history: Table<readonly HistoryRow[]>;
  readonly plans: Table<PlanView>;
  readonly changes: Table<ChangeRecord>;
  readonly creations: Table<CreationRecord>;
  readonly conflicts: Table<ConflictRow>;
  /** What people decided about fields. */
  readonly resolutions: Table<ResolutionRow>;
  readonly quarantine: Table<RefusalRow>;
  readonly cursors: Table<Cursor>;
  readonly findings: Table<FindingRow>;
  readonly evidenceStates: Table<EvidenceState>;
  readonly accounts: Table<AccountRow>;
  readonly backfills: Table<BackfillState>;
  readonly rollupAccounts: Table<RollupAccountRow>;
  readonly rollupChanges: Table<RollupRecord>;
  readonly rollupFindings: Table<RollupFindings>;
  /** Pairs proposed by score. */
  readonly candidates: Table<CandidateRow>;
  /** What people decided about pairs. */
  readonly decisions: Table<DecisionRow>;
  /** Records that seem to be one deal entered several times in one CRM. */
  readonly duplicates: Table<DuplicateRow>;
  readonly inbox: Table<InboxRow>;
  /** Keys of living processes: no table, because a process dies whatever becomes of a transaction. */
  readonly alive: Set<number>;
  /** Numbers handed out for a kind of row are never handed out again, not even when the transaction is undone. */
  nextId(kind: 'task' | 'change' | 'creation' | 'decision' | 'event' | 'rollup'): number;
}

export function createTables(): Tables {
  const undo = new UndoLog();
  const last = { task: 0, change: 0, creation: 0, decision: 0, event: 0, rollup: 0 };
  return {
    undo,
    syncs: new Table(undo),
    runs: new Table(undo),
    tasks: new Table(undo),
    snapshots: new Table(undo),
    pairs: new Table(undo),
    history: new Table(undo),
    plans: new Table(undo),
    changes: new Table(undo),
    creations: new Table(undo),
    conflicts: new Table(undo),
    resolutions: new Table(undo),
    quarantine: new Table(undo),
    cursors: new Table(undo),
    findings: new Table(undo),
    evidenceStates: new Table(undo),
    accounts: new Table(undo),
    backfills: new Table(undo),
    rollupAccounts: new Table(undo),
    rollupChanges: new Table(undo),
    rollupFindings: new Table(undo),
    candidates: new Table(undo),
    decisions: new Table(undo),
    duplicates: new Table(undo),
    inbox: new Table(undo),
    alive: new Set(),
    nextId: (kind) => ++last[kind],
  };
}

/** Keys of rows. */
export const recordKey = (sync: SyncName, crm: Crm, id: RecordId): string => `${sync}/${crm}/${id}`;
export const pairRowKey = (sync: SyncName, pair: PairKey): string => `${sync}/${pair}`;

/** As PostgreSQL orders text under the C collation for the ids in use here. */
export function ascending(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Records by CRM and id. */
export function byRef(x: RecordRef, y: RecordRef): number {
  return ascending(x.crm, y.crm) || ascending(x.id, y.id);
}
