/** What the engine asks of the store. Types only; the SQL lives in src/store, one file per family of tables. */

import type { AccountLockTx } from './account-lock-port.ts';
import type { WatchedRecord } from './backfill.ts';
import type { PlanProblem } from './brakes.ts';
import type { CheckTx } from './check-port.ts';
import type { PlannedCreation } from './creation.ts';
import type { CreationTx } from './creation-port.ts';
import type { ErrorDetails } from './errors.ts';
import type { FoundItem } from './findings.ts';
import type { FieldConflict, Group, GroupMember, LeftField, RecordResult } from './group.ts';
import type { Crm, EpochMs, PairKey, PlainDate, RecordId, RecordRef, RunId, SyncName } from './ids.ts';
import type { InboxTx } from './inbox-port.ts';
import type { Match } from './match.ts';
import type { MatchRecord } from './match-corpus.ts';
import type { HistoryEntry } from './measure-record.ts';
import type { AgreedValues } from './merge.ts';
import type { Snapshot } from './opportunity.ts';
import type { LinkRow, NewPair } from './pairing.ts';
import type { DissolvedPair, PairDecision, StandingDecision } from './pairing-decisions.ts';
import type { Absorbing } from './pairing-redirects.ts';
import type { PlannedWrite } from './plan.ts';
import type { AccountFacts, Job, ReadPosition, SafeMark } from './ports.ts';
import type { Note } from './reconcile-notes.ts';
import type { Attention, PlanView, RecordOutcome, RunMode, RunReport } from './report.ts';
import type { RollupTx } from './rollup-port.ts';
import type { TrustTx } from './trust-port.ts';

export type RunState = 'running' | 'done' | 'parked' | 'failed' | 'interrupted';
export type RunPhase = 'pull' | 'pair' | 'reconcile' | 'rollup' | 'seal' | 'push' | 'check' | 'finish';

export interface RunRow {
  readonly run: RunId;
  readonly sync: SyncName;
  readonly mode: RunMode;
  readonly phase: RunPhase;
  readonly state: RunState;
  readonly by: string;
  /** Key of the process that started it; see {@link StoreTx.isWorkerAlive}. */
  readonly owner: number;
  readonly full: boolean;
  readonly settingsDigest: string;
  readonly facts: Readonly<Record<Crm, AccountFacts>>;
  /** The run that read the facts, when it was not this one. */
  readonly factsOf?: RunId | null;
  /** When the facts were read; as `startedAt` when absent. */
  readonly factsAt?: EpochMs | null;
  readonly planDigest: string | null;
  /** With mode `undo`: the run whose changes are taken back. */
  readonly undoes?: RunId | null;
  readonly problems: readonly PlanProblem[];
  readonly calls: Readonly<Record<Crm, number>>;
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs | null;
  readonly report: RunReport | null;
  readonly error: string | null;
}

/** A unit of work. The payload names identities and positions, never facts about records. */
export type TaskPayload =
  | {
      readonly kind: 'pull';
      readonly crm: Crm;
      readonly position: ReadPosition | null;
      readonly since: SafeMark | null;
      readonly seen: number;
      readonly expected: number | null;
    }
  | { readonly kind: 'sweep'; readonly crm: Crm }
  /** Records of a CRM that the events of the run name, from `after` on. */
  | { readonly kind: 'events'; readonly crm: Crm; readonly after: RecordId }
  | {
      readonly kind: 'evidence';
      readonly crm: Crm;
      readonly position: ReadPosition | null;
      readonly since: SafeMark | null;
      readonly calls: number;
      readonly refused: readonly ErrorDetails[];
    }
  /** The past of records, in the order of their ids, from `after` on; with what was found so far. */
  | {
      readonly kind: 'backfill';
      readonly crm: Crm;
      readonly after: RecordId;
      readonly records: number;
      readonly moves: number;
    }
  | { readonly kind: 'pair' }
  | { readonly kind: 'reconcile'; readonly groups: readonly string[]; readonly round: number }
  | { readonly kind: 'undo'; readonly groups: readonly string[] }
  /** Roll-ups of the accounts of a CRM are planned, from `after` on; null = from the beginning. */
  | {
      readonly kind: 'rollup';
      readonly crm: Crm;
      readonly after: RecordId | null;
      readonly accounts: number;
      /** Accounts whose amounts are left blank, with one of them. */
      readonly withheld: number;
      readonly mixed: RecordId | null;
      /** Accounts that were not found, with one of them. */
      readonly missing: number;
      readonly example: RecordId | null;
    }
  | { readonly kind: 'seal' }
  | { readonly kind: 'push'; readonly crm: Crm; readonly changes: readonly number[] }
  | { readonly kind: 'create'; readonly crm: Crm; readonly creations: readonly number[] }
  | { readonly kind: 'push_rollups'; readonly crm: Crm; readonly changes: readonly number[] }
  | { readonly kind: 'check'; readonly crm: Crm; readonly changes: readonly number[] }
  | { readonly kind: 'finish' };

export interface NewTask {
  readonly queue: Job['queue'];
  readonly payload: TaskPayload;
  /** Records it covers, for progress. */
  readonly size: number;
}

export interface TaskRow {
  readonly id: string;
  readonly run: RunId;
  readonly queue: Job['queue'];
  readonly payload: TaskPayload;
  readonly epoch: number;
}

export interface Cursor {
  readonly mark: SafeMark;
  readonly fullAt: EpochMs | null;
  readonly fullRows: number | null;
}

export interface EvidenceState {
  /** Null: nothing is read. */
  readonly mark: SafeMark | null;
  readonly fullAt: EpochMs | null;
  /** The run of the last reading. */
  readonly run: RunId;
  /** Calls the last reading took. */
  readonly calls: number;
  /** What may not be read. */
  readonly refused: readonly ErrorDetails[];
}

/** How the past of a CRM's records was read. */
export interface BackfillState {
  readonly run: RunId;
  readonly at: EpochMs;
  /** Records it was asked for, and moves of stage, close date and amount that were told. */
  readonly records: number;
  readonly moves: number;
  /** This user may not see it. */
  readonly refused: boolean;
}

/** `moved`: the record was found changed since the plan; `replanned`: and its group was given to be decided again. */
export type ChangeState = 'planned' | 'sending' | 'applied' | 'failed' | 'moved' | 'replanned' | 'dropped';

/** A planned write with its place in the journal. */
export interface ChangeRow extends PlannedWrite {
  readonly change: number;
  readonly run: RunId;
  readonly state: ChangeState;
  readonly round: number;
}

export interface QuarantineRow {
  readonly ref: RecordRef;
  readonly note: Note;
  /** The refused values ({@link ./plan.ts intentOf}). */
  readonly intent: string;
}

export interface MatchRow extends MatchRecord {
  /** The record's stage, to leave out excluded pipelines. */
  readonly stage: string | null;
  /** Its links contradict each other: it is never paired without a person. */
  readonly contested: boolean;
}

/** Where a record stands with regard to pairing. */
export interface PairingState extends RecordRef {
  /** What was asked for. */
  readonly asked: string;
  readonly deleted: boolean;
  readonly pair: PairKey | null;
  /** The other record of its pair, unless that one was deleted. */
  readonly counterpart: RecordRef | null;
}

export interface NewDecision {
  readonly refs: readonly [RecordRef, RecordRef];
  readonly decision: PairDecision;
  readonly dissolved: DissolvedPair | null;
}

export interface ReconciledBatch {
  readonly sync: SyncName;
  readonly run: RunId;
  readonly round: number;
  readonly at: EpochMs;
  readonly records: readonly RecordResult[];
  readonly writes: readonly PlannedWrite[];
  readonly creations?: readonly PlannedCreation[];
  /** Per pair the fields whose base is now this. */
  readonly agreed: Readonly<Record<PairKey, Readonly<Record<string, AgreedValues>>>>;
  /** Per pair looked at, the conflicts found (an empty list closes old ones). */
  readonly conflicts: Readonly<Record<PairKey, readonly FieldConflict[]>>;
  readonly quarantined: readonly QuarantineRow[];
  /** Per pair the fields left as they are because a CRM set one side itself. */
  readonly left?: readonly (LeftField & { readonly pair: PairKey })[];
  /** Decisions of people that no longer apply. */
  readonly outdated?: readonly { readonly subject: string; readonly field: string }[];
}

/** What became of one sent change row. */
export type PushResult =
  | {
      readonly change: number;
      readonly is: 'applied';
      readonly version: string | null;
      readonly changedAt: EpochMs | null;
      /** The record as it is now: as it was found right before, with what was written. */
      readonly after: GroupMember;
    }
  /** The record already held every value. */
  | { readonly change: number; readonly is: 'already'; readonly snapshot: Snapshot }
  | {
      readonly change: number;
      readonly is: 'failed';
      readonly error: ErrorDetails;
      readonly quarantine: QuarantineRow | null;
    }
  /** The record moved since the plan; its group is to be reconciled again. */
  | { readonly change: number; readonly is: 'moved'; readonly fields: readonly string[] }
  /** Left as it is, to be looked at by the next run. */
  | { readonly change: number; readonly is: 'dropped'; readonly note: Note };

export interface RunTally {
  readonly read: Readonly<Record<Crm, number>>;
  readonly outcomes: Readonly<Record<RecordOutcome, number>>;
  /** Records read that ended without an outcome: always 0, or the run has failed. */
  readonly unaccounted: number;
  readonly verdicts: RunReport['verdicts'];
  readonly pairs: { readonly linked: number; readonly adopted: number };
  readonly orphans: Readonly<Record<Crm, number>>;
  readonly ambiguous: number;
  /** Pairs proposed by score, by band. */
  readonly proposed: { readonly certain: number; readonly ask: number; readonly ambiguous: number };
  readonly attention: readonly Attention[];
}

/** The same operations inside and outside a transaction. All are keyed by sync or by run. */
export interface StoreTx extends TrustTx, CreationTx, RollupTx, CheckTx, InboxTx, AccountLockTx {
  /** Remembers a sync; when its settings changed, every record is looked at again. */
  registerSync(sync: SyncName, settingsDigest: string, now: EpochMs): Promise<{ settingsChanged: boolean }>;
  /** Runs of this sync whose plan was finished before. */
  plansBefore(sync: SyncName): Promise<number>;

  insertRun(run: RunRow): Promise<void>;
  runningRun(sync: SyncName): Promise<RunRow | null>;
  /** Runs of any sync that go on or rest. */
  openRuns(): Promise<readonly RunId[]>;
  /** @param lock holds the run's row until the transaction ends, so that phases advance once */
  loadRun(run: RunId, lock?: boolean): Promise<RunRow | null>;
  updateRun(
    run: RunId,
    patch: Partial<
      Pick<
        RunRow,
        | 'phase'
        | 'state'
        | 'planDigest'
        | 'problems'
        | 'finishedAt'
        | 'report'
        | 'error'
        | 'owner'
        | 'facts'
        | 'factsAt'
      >
    >,
  ): Promise<void>;
  addCalls(run: RunId, crm: Crm, calls: number): Promise<void>;
  listRuns(sync: SyncName, limit: number): Promise<readonly RunRow[]>;
  /** What was found out about the accounts under these settings, not before `since`; null when nothing was. */
  recentFacts(
    sync: SyncName,
    settingsDigest: string,
    since: EpochMs,
  ): Promise<{ run: RunId; facts: RunRow['facts']; at: EpochMs } | null>;
  /** Takes a run that changed nothing out of the list, unless others rely on what it found out. */
  forgetRun(run: RunId): Promise<void>;

  addTasks(run: RunId, tasks: readonly NewTask[]): Promise<readonly TaskRow[]>;
  /** Takes a task for this worker; null when it is done, taken by a live worker, or of another epoch. */
  claimTask(id: string, epoch: number, worker: number): Promise<TaskRow | null>;
  /** Marks a claimed task done. False when a later epoch has taken over: the caller must then roll back. */
  finishTask(id: string, epoch: number): Promise<boolean>;
  /** Stores how far a claimed task has come, without giving it back. False when a later epoch has taken over, or the run has ended. */
  checkpointTask(id: string, epoch: number, payload: TaskPayload): Promise<boolean>;
  /** Open tasks the queue has not been told of. */
  unqueuedTasks(run: RunId): Promise<readonly TaskRow[]>;
  markQueued(tasks: readonly TaskRow[]): Promise<void>;
  openTasks(run: RunId): Promise<number>;
  /** Tasks nobody alive works on, with a new epoch each, to be put on the queue again. */
  reviveTasks(run: RunId): Promise<readonly TaskRow[]>;
  /** Gives a claimed task back, so that any process may take it later. */
  releaseTask(id: string, epoch: number): Promise<void>;
  /** Is this task still this worker's, in a run that goes on? Asked right before each write to a CRM. */
  holdsTask(id: string, epoch: number, worker: number): Promise<boolean>;
  /** Tasks of any open run whose worker has died, with a new epoch each, to be put on the queue again. */
  reclaimTasks(): Promise<readonly TaskRow[]>;
  /** Tasks of any open run that are on the queue and wait for a worker: how many, and the `limit` oldest. */
  waitingTasks(limit: number): Promise<{ count: number; oldest: readonly TaskRow[] }>;
  progress(run: RunId): Promise<{ phase: RunPhase; done: number; total: number | null }>;
  isWorkerAlive(worker: number): Promise<boolean>;

  cursor(sync: SyncName, crm: Crm): Promise<Cursor | null>;
  saveCursor(sync: SyncName, crm: Crm, mark: SafeMark, now: EpochMs, full: boolean): Promise<void>;
  /**
   * Stores a page. Records whose content changed become dirty; an older version never replaces a newer one; what says
   * nothing new is not written again. `why`: a `reading` counts its records as met by the run, a `look` before a write
   * leaves that to what becomes of the write.
   */
  savePage(
    sync: SyncName,
    run: RunId,
    snapshots: readonly Snapshot[],
    now: EpochMs,
    why?: 'reading' | 'look',
  ): Promise<void>;
  /** How far a CRM's evidence was read, and when all of it was; null before the first time. */
  evidenceState(sync: SyncName, crm: Crm): Promise<EvidenceState | null>;
  saveEvidenceState(sync: SyncName, crm: Crm, state: EvidenceState): Promise<void>;
  /** Stores what was found beside records. Records of which something new is known become dirty. */
  saveFindings(sync: SyncName, run: RunId, crm: Crm, items: readonly FoundItem[]): Promise<void>;
  /** What these kinds of objects prove about these records is now this, and nothing else. Other records are left as they are. */
  replaceFindings(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    records: readonly RecordId[],
    sources: readonly string[],
    items: readonly FoundItem[],
  ): Promise<void>;
  /** Forgets findings a complete reading did not meet; their records become dirty. */
  forgetFindings(sync: SyncName, run: RunId, crm: Crm): Promise<void>;
  /** Accounts that records of this run name by id and whose name is not known, or was not read by it (`all`). */
  accountsToName(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    all: boolean,
    limit: number,
  ): Promise<readonly string[]>;
  /** Null: the account has no name, or is not there. */
  nameAccounts(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    names: ReadonlyMap<string, string | null>,
  ): Promise<void>;
  /** Records in the order of their ids, each with where watching it began. */
  watchedRecords(sync: SyncName, crm: Crm, after: RecordId, limit: number): Promise<readonly WatchedRecord[]>;
  /** Stores the past of these records in the place of what was told of it before. Those with moves become dirty. */
  saveTold(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    records: readonly { readonly id: RecordId; readonly moves: readonly HistoryEntry[] }[],
  ): Promise<void>;
  /** Null: the past was never asked for. */
  backfillState(sync: SyncName, crm: Crm): Promise<BackfillState | null>;
  saveBackfill(sync: SyncName, crm: Crm, state: BackfillState): Promise<void>;
  /** Records of a CRM that a full reading did not meet. */
  notMet(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    limit: number,
  ): Promise<{ ids: readonly RecordId[]; known: number }>;
  /** Marks records as deleted in their CRM. */
  markDeleted(sync: SyncName, run: RunId, crm: Crm, ids: readonly RecordId[], now: EpochMs): Promise<void>;
  /** Plan rows of earlier runs that were never written: their records are looked at again. */
  dropUnwritten(sync: SyncName, run: RunId): Promise<void>;
  /** Tells the database how its tables have grown: until then it plans for empty ones, which is slow by orders. */
  refreshStatistics(): Promise<void>;
  countRecords(sync: SyncName): Promise<Readonly<Record<Crm, number>>>;

  /** Unpaired records with a key or a link, from `after` on, with every record that takes part in their claims. */
  linkBatch(
    sync: SyncName,
    after: string,
    limit: number,
    /** Only claims in which a record named by the events of this run takes part. */
    named?: RunId,
  ): Promise<{ rows: readonly LinkRow[]; next: string | null }>;
  savePairs(sync: SyncName, run: RunId, pairs: readonly NewPair[], by: string, now: EpochMs): Promise<void>;
  /** Records found to be claimed by several: noted on them until they are paired. */
  noteAmbiguous(sync: SyncName, run: RunId, refs: readonly RecordRef[]): Promise<void>;

  /**
   * Names everything a matching depends on: the unpaired records, people's decisions, and `settings`. `stands`: the stored
   * proposals were made from just that.
   */
  matchingBasis(sync: SyncName, settings: string): Promise<{ basis: string; stands: boolean }>;
  /** Unpaired records as scoring sees them, by id from `after` on. */
  matchRows(sync: SyncName, crm: Crm, after: RecordId, limit: number): Promise<readonly MatchRow[]>;
  /** Replaces what the last run proposed. `crms` are those of the ids of each match and of the duplicates. */
  saveMatching(
    sync: SyncName,
    run: RunId,
    crms: readonly [Crm, Crm],
    matches: readonly Match[],
    duplicates: readonly [readonly (readonly RecordId[])[], readonly (readonly RecordId[])[]],
    basis: string,
  ): Promise<void>;
  /** Proposals of a band whose records are both still free. */
  candidatesOf(sync: SyncName, band: string): Promise<readonly (readonly [RecordRef, RecordRef])[]>;
  /** Takes proposals about these records away. */
  dropCandidates(sync: SyncName, refs: readonly RecordRef[]): Promise<void>;

  /** Decisions of these kinds that stand. */
  standingDecisions(sync: SyncName, kinds: readonly PairDecision[]): Promise<readonly StandingDecision[]>;
  addDecisions(
    sync: SyncName,
    batch: string,
    by: string,
    now: EpochMs,
    decisions: readonly NewDecision[],
  ): Promise<void>;
  endDecisions(ids: readonly string[], by: string, now: EpochMs): Promise<void>;
  /** Records by the ids people give (15 or 18 characters for Salesforce). */
  resolveRecords(sync: SyncName, ids: readonly string[]): Promise<readonly PairingState[]>;
  /** Ends pairs; their records are looked at again. Answers what is needed to bring them back. */
  dissolvePairs(sync: SyncName, keys: readonly PairKey[]): Promise<ReadonlyMap<PairKey, DissolvedPair>>;
  /** Makes a dissolved pair again, with everything agreed on. */
  restorePair(
    sync: SyncName,
    run: RunId,
    pair: DissolvedPair,
    refs: readonly [RecordRef, RecordRef],
    by: string,
    now: EpochMs,
  ): Promise<void>;
  /** Records of a CRM that absorbed others, with the absorbed ones that are themselves known to have absorbed. */
  absorbing(sync: SyncName, crm: Crm): Promise<readonly Absorbing[]>;
  /** Whether a record named by the events of this run absorbed others. */
  namedAbsorbs(sync: SyncName, run: RunId, crm: Crm): Promise<boolean>;
  /** Gives the pairs and decisions of merged records to their survivors. Answers how many pairs moved. */
  redirectRecords(
    sync: SyncName,
    run: RunId,
    crm: Crm,
    ends: ReadonlyMap<RecordId, RecordId>,
    now: EpochMs,
  ): Promise<number>;

  /** One reconcile task per `size` dirty groups (a group is `pair:KEY` or `CRM:ID`). Answers the tasks. */
  addReconcileTasks(sync: SyncName, run: RunId, size: number): Promise<readonly TaskRow[]>;
  /** The same for the dirty groups of the records that the events of this run name. */
  addNamedTasks(sync: SyncName, run: RunId, size: number): Promise<readonly TaskRow[]>;
  /** One reconcile task, of the next round, per `size` groups of which a write found its record moved. Answers the tasks. */
  addMovedTasks(run: RunId, size: number): Promise<readonly TaskRow[]>;
  loadGroups(sync: SyncName, groups: readonly string[]): Promise<readonly Group[]>;
  /** Stores what was decided for a batch of groups; repeating it with the same groups changes nothing. */
  saveReconciled(batch: ReconciledBatch): Promise<readonly { readonly change: number; readonly crm: Crm }[]>;

  /** Planned writes of a run in order of CRM and record, `limit` at a time. */
  plannedWrites(run: RunId, after: RecordRef | null, limit: number): Promise<readonly ChangeRow[]>;
  /** `ofTeams`: records of which fields of the teams are written, not only our own. */
  plannedCounts(run: RunId): Promise<{
    readonly records: Readonly<Record<Crm, number>>;
    readonly ofTeams: Readonly<Record<Crm, number>>;
    readonly changes: number;
  }>;
  insertPlan(plan: PlanView): Promise<void>;
  findPlan(sync: SyncName, digest: string | null): Promise<PlanView | null>;
  setPlanState(sync: SyncName, run: RunId, state: PlanView['state']): Promise<void>;
  supersedePlans(sync: SyncName, exceptRun: RunId): Promise<void>;
  planReasons(run: RunId): Promise<PlanView['byReason']>;
  /** One push task per `size` planned writes of a CRM. `changesOf` is the run whose plan is applied. */
  addPushTasks(run: RunId, changesOf: RunId, crm: Crm, size: number): Promise<readonly TaskRow[]>;
  changeRows(ids: readonly number[]): Promise<readonly ChangeRow[]>;
  /** Their changes count as sent as they were planned, unless {@link TrustTx.noteSent} said otherwise before. */
  markSending(ids: readonly number[], now: EpochMs): Promise<void>;
  /** Records results row by row: journal, base, snapshot, outcome, quarantine. */
  savePushed(sync: SyncName, run: RunId, results: readonly PushResult[], now: EpochMs): Promise<void>;
  pushTally(run: RunId): Promise<Readonly<Record<Crm, { update: number; create: number; failed: number }>>>;

  tally(sync: SyncName, run: RunId): Promise<RunTally>;
  /** The same over the records that the events of this run name and their counterparts; pairs and orphans among them. */
  tallyNamed(sync: SyncName, run: RunId): Promise<RunTally>;
  /** Planned writes of this run that were not carried out and do not wait for a person. */
  unsettled(run: RunId): Promise<number>;
  /**
   * Stores the figures of a day for the series; each pair counted once, as `first` has it. Not again within the hour, unless
   * `always`.
   */
  saveMeasures(
    sync: SyncName,
    run: RunId,
    first: Crm,
    day: PlainDate,
    now: EpochMs,
    always: boolean,
  ): Promise<void>;
  /** Forgets refusals, so that refused writes are tried again. */
  clearQuarantine(sync: SyncName): Promise<number>;
}

export interface Store extends StoreTx {
  /** All or nothing. */
  tx<T>(work: (store: StoreTx) => Promise<T>): Promise<T>;
  /** Key of this process; other processes can see that it lives. */
  readonly worker: number;
}
