import type { PipelineRules } from './account-facts.ts';
import type { Capabilities } from './connector-port.ts';
import type { CreationRules, Hurdle, PlannedCreation } from './creation.ts';
import type { ErrorDetails } from './errors.ts';
import type { Finding } from './findings.ts';
import type { Crm, EpochMs, PairKey, RecordRef } from './ids.ts';
import type { HistoryEntry } from './measure-record.ts';
import type { AgreedValues } from './merge.ts';
import type { Snapshot, Value } from './opportunity.ts';
import type { OwnedContext } from './owned.ts';
import type { Circles } from './owned-circles.ts';
import type { PlannedWrite } from './plan.ts';
import type { Note } from './reconcile-notes.ts';
import type { RecordTypeIndex } from './record-types.ts';
import type { RecordOutcome } from './report.ts';
import type { Resolutions } from './resolve.ts';
import type { StageRow, SyncSettings } from './settings.ts';
import type { StageIndex } from './stage-map.ts';
import type { ToldByHistory } from './told-by-history.ts';
import type { Verdict } from './verdict.ts';

/** What reconciling needs of a snapshot; `raw` stays in the store. */
export interface GroupMember extends Omit<Snapshot, 'raw'> {
  /** Newest change stamp seen of it; absent = `changedAt`. */
  readonly seenAt?: EpochMs | null;
  /** Change stamp up to which its edits are part of what both sides agreed on; absent = not known. */
  readonly settledAt?: EpochMs | null;
  /** What objects beside it prove. */
  readonly findings?: readonly Finding[];
}

/** A write of this record that the CRM refused, and whether anything about the record has changed since. */
export interface Refusal {
  readonly intent: string;
  readonly unchanged: boolean;
  readonly note: Note;
}

/** What was seen to happen to a record so far. */
export interface Seen {
  /** Its standing as last stored ({@link ./measure-record.ts standingOf}); null before its first verdict. */
  readonly standing: string | null;
  /** Changes of stage, close date and standing, earliest first. */
  readonly history: readonly HistoryEntry[];
}

/** A pair, or one unpaired record. */
export interface Group {
  readonly pair: { readonly key: PairKey; readonly base: Readonly<Record<string, AgreedValues>> } | null;
  readonly members: readonly GroupMember[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** What was seen to happen to its records, by {@link refKey}; a record not named has no history. */
  readonly seen?: ReadonlyMap<string, Seen>;
  /** What people decided about its fields. */
  readonly resolutions?: Resolutions;
  readonly told?: ToldByHistory;
  readonly circles?: Circles;
  /** Of an unpaired record: what speaks for a counterpart it may have already. */
  readonly hurdle?: Hurdle | null;
}

export interface ConflictSide {
  readonly id: string;
  readonly value: Value;
  /** When the value was set, where `actor` is known; otherwise when the record last changed. By the CRM's clock. */
  readonly at: EpochMs;
  /** Who set it, as the CRM's history tells ({@link ./field-history.ts FieldEntry}). */
  readonly actor?: string | null;
  /** The record was deleted. */
  readonly deleted?: boolean;
}

export interface FieldConflict {
  readonly field: string;
  readonly sides: Readonly<Record<Crm, ConflictSide>>;
  readonly base: AgreedValues | null;
  readonly policy: string;
  /** Why it waits for a person, when it is not that both sides changed the field. */
  readonly cause?: ConflictCause;
}

/** `deleted`: one side was edited, the other deleted. `loop`: a CRM keeps changing what we write. */
export type ConflictCause = 'deleted' | 'loop';

/** A field whose two values stay as they are, because a CRM set one of them itself. */
export interface LeftField {
  readonly field: string;
  readonly by: Crm;
  readonly seen: AgreedValues;
}

export interface RecordResult {
  readonly ref: RecordRef;
  readonly outcome: RecordOutcome;
  readonly notes: readonly Note[];
  /** The verdict as reconciled: the one that is pushed. */
  readonly verdict: Verdict;
  /** Something was left to the next complete run. */
  readonly again?: boolean;
}

export interface GroupResult {
  readonly records: readonly RecordResult[];
  readonly writes: readonly PlannedWrite[];
  /** Counterparts to be made. */
  readonly creations?: readonly PlannedCreation[];
  /** Fields on which both sides were found to agree: their base is now this. */
  readonly agreed: Readonly<Record<string, AgreedValues>>;
  readonly conflicts: readonly FieldConflict[];
  readonly left?: readonly LeftField[];
  /** Keys of the decisions of people that took effect; the others of this group no longer apply. */
  readonly used?: ReadonlySet<string>;
}

/** Everything a decision depends on besides the group itself. The same context and group give the same result. */
export interface ReconcileContext extends OwnedContext {
  /** The moment verdicts are made at. */
  readonly now: EpochMs;
  readonly settings: SyncSettings;
  readonly stageRows: readonly StageRow[];
  readonly stages: StageIndex;
  /** Server clock minus ours per CRM, ms. */
  readonly clockOffsets: Readonly<Record<Crm, number>>;
  /** What each CRM does to close dates, and in which zone it tells the day; absent = nothing. */
  readonly closeDates?: Readonly<
    Record<Crm, { readonly rewrites: Capabilities['rewritesCloseDate']; readonly timeZone: string }>
  >;
  /** Rules of pipelines, by CRM and pipeline; absent = there are none. */
  readonly pipelineRules?: ReadonlyMap<Crm, Readonly<Record<string, PipelineRules>>>;
  /** Absent = no record types restrict anything. */
  readonly recordTypes?: RecordTypeIndex;
  /** Per CRM the record type of a record that is made there. */
  readonly newRecordTypes?: Readonly<Record<Crm, string>>;
  readonly isReadable: (crm: Crm, field: string) => boolean;
  readonly isWritable: (crm: Crm, field: string) => boolean;
  readonly refusals: (crm: Crm, fields: Readonly<Record<string, Value>>) => readonly ErrorDetails[];
  /** Throws OppsyncError `skip` when a rule fails: the record is then quarantined. */
  readonly classify: (member: GroupMember) => Verdict;
  /** Absent where no counterparts are made. */
  readonly creation?: CreationRules;
}
