/** What the engine asks of the store. Types only; the SQL lives in src/store, one file per family of tables. */
import type { AccountLockTx } from './account-lock-port.ts';
import type { WatchedRecord } from './backfill.ts';
import type { CheckTx } from './check-port.ts';
import type { SafeMark } from './connector-port.ts';
import type { CreationTx } from './creation-port.ts';
import type { FoundItem } from './findings.ts';
import type { Group } from './group.ts';
import type { Crm, EpochMs, PairKey, PlainDate, RecordId, RecordRef, RunId, SyncName } from './ids.ts';
import type { InboxTx } from './inbox-port.ts';
import type { Match } from './match.ts';
import type { HistoryEntry } from './measure-record.ts';
import type { Snapshot } from './opportunity.ts';
import type { LinkRow, NewPair } from './pairing.ts';
import type { DissolvedPair, PairDecision, StandingDecision } from './pairing-decisions.ts';
import type { Absorbing } from './pairing-redirects.ts';
import type { PlanView } from './report.ts';
import type { RollupTx } from './rollup-port.ts';
import type {
  BackfillState,
  ChangeRow,
  Cursor,
  EvidenceState,
  MatchRow,
  NewDecision,
  NewTask,
  PairingState,
  PushResult,
  ReconciledBatch,
  RunPhase,
  RunRow,
  RunTally,
  TaskPayload,
  TaskRow,
} from './store-rows.ts';
import type { TrustTx } from './trust-port.ts';

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
