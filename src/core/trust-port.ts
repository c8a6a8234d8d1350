/** What brakes, conflicts, quarantine, undo and the audit ask of the store. Types only. */
import type { AuditHead, AuditRow, NewAudit } from './audit.ts';
import type { PlanFacts } from './brakes.ts';
import type { FieldConflict } from './group.ts';
import type { Crm, EpochMs, PairKey, RecordId, RecordRef, RunId, SyncName } from './ids.ts';
import type { Value } from './opportunity.ts';
import type { NewResolution, Resolution } from './resolve.ts';
import type { SentChange } from './undo.ts';

/** What has to be known of a sync to count what its plan would do. */
export interface BrakeRules {
  /** Fields that hold stages, and which stages are closed, per CRM. */
  readonly stageFields: readonly string[];
  readonly closedStages: Readonly<Record<Crm, readonly string[]>>;
  /** Fields whose policy ignores blanks. */
  readonly guarded: readonly string[];
  /** Fewer changed amounts than this are not measured. */
  readonly amountsAbove: number;
  /** Changes that runs of events made from this moment on, and after the last plan of a person, count as well. */
  readonly eventsSince?: EpochMs;
}

export interface ConflictRow {
  readonly id: string;
  readonly pair: PairKey;
  readonly name: string;
  readonly conflict: FieldConflict;
  readonly since: EpochMs;
  /** What a person decided and the next run will carry out. */
  readonly resolution: (Resolution & { readonly at: EpochMs }) | null;
}

/** A conflict of which it was not asked yet who gave a side the value it holds; only those sides. */
export interface UnnamedConflict {
  readonly pair: PairKey;
  readonly field: string;
  readonly sides: Readonly<Record<Crm, { readonly id: RecordId; readonly value: Value }>>;
}

/** What the CRMs told about a conflict: per side for which value it holds, null for what they do not know. */
export interface ConflictActors {
  readonly pair: PairKey;
  readonly field: string;
  readonly who: Readonly<
    Record<Crm, { readonly value: Value; readonly actor: string | null; readonly at: EpochMs | null }>
  >;
}

export interface QuarantineEntry {
  readonly ref: RecordRef;
  readonly name: string;
  readonly cause: string;
  readonly message: string;
  readonly remedy: string;
  readonly field: string | null;
  /** Name of the sentence, with what fills it, where it has one. */
  readonly says?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly run: RunId;
  readonly since: EpochMs;
  readonly attempts: number;
  /** It was asked to be tried again, and the next run will. */
  readonly replayed: boolean;
}

/** Fields of a run that an undo leaves as they are. */
export interface KeptChange {
  readonly ref: RecordRef;
  readonly name: string;
  readonly field: string;
  readonly owned: boolean;
  /** Before the run, as the run wrote it, and as the CRM holds it now (undefined = not read or gone). */
  readonly before: string | null;
  readonly after: string | null;
  readonly now: string | null | undefined;
}

export interface TrustTx {
  /** Keys of pairs, in order, from `after` on. */
  pairKeys(sync: SyncName, after: PairKey, limit: number): Promise<readonly PairKey[]>;

  /** Counts what a plan would do, in the database. */
  brakeFacts(
    sync: SyncName,
    run: RunId,
    rules: BrakeRules,
  ): Promise<Omit<PlanFacts, 'plansBefore' | 'records'>>;
  /** How many missing records of a CRM somebody accepted by approving a plan; 0 when nobody did. */
  acceptedLoss(sync: SyncName, crm: Crm, since: EpochMs): Promise<number>;
  acceptLoss(sync: SyncName, crm: Crm, missing: number, by: string, at: EpochMs): Promise<void>;
  forgetLoss(sync: SyncName, crm: Crm): Promise<void>;

  /** Adds a row to the audit, in the order in which transactions commit. */
  audit(entry: NewAudit): Promise<void>;
  auditRows(after: number, limit: number): Promise<readonly AuditRow[]>;
  auditHead(): Promise<AuditHead>;

  listConflicts(sync: SyncName, after: string, limit: number): Promise<readonly ConflictRow[]>;
  /** Sides of open conflicts whose author was not asked for yet, oldest conflicts first. */
  unnamedConflicts(
    sync: SyncName,
    limit: number,
    /** Only those of pairs that the events of this run name. */
    named?: RunId,
  ): Promise<readonly UnnamedConflict[]>;
  noteActors(sync: SyncName, list: readonly ConflictActors[]): Promise<void>;
  /** Remembers decisions and wakes their pairs, so that the next run carries them out. */
  saveResolutions(sync: SyncName, list: readonly NewResolution[]): Promise<void>;
  /** Decisions that no longer apply, because the values moved or the sides agree. */
  dropResolutions(
    sync: SyncName,
    list: readonly { readonly subject: string; readonly field: string }[],
  ): Promise<void>;

  listQuarantine(sync: SyncName, after: RecordRef | null, limit: number): Promise<readonly QuarantineEntry[]>;
  /** Lets the next run try these again; an entry that was renewed since it was looked at is left alone. */
  replayQuarantine(
    sync: SyncName,
    entries: readonly Pick<QuarantineEntry, 'ref' | 'run' | 'attempts'>[],
  ): Promise<readonly RecordRef[]>;

  /** Writes down, before anything is sent, what is about to be sent and what was found in its place. */
  noteSent(
    list: readonly { readonly change: number; readonly sent: readonly Omit<SentChange, 'ref'>[] }[],
  ): Promise<void>;
  /** Groups of the records a run wrote; empty when it wrote nothing. */
  writtenBy(sync: SyncName, run: RunId): Promise<readonly string[]>;
  /** What was sent to these records by a run, oldest first. */
  sentBy(sync: SyncName, run: RunId, refs: readonly RecordRef[]): Promise<readonly SentChange[]>;
  /** Records re-read for an undo end in this outcome. */
  settleUndo(
    run: RunId,
    sync: SyncName,
    records: readonly {
      readonly ref: RecordRef;
      readonly restored: number;
      readonly kept: readonly string[];
    }[],
  ): Promise<void>;
  keptBy(undo: RunId, sync: SyncName, limit: number): Promise<readonly KeptChange[]>;
}
