/** What the store keeps and hands over: rows of the tables as the engine sees them. Types only. */

import type { AccountFacts } from './account-facts.ts';
import type { PlanProblem } from './brakes.ts';
import type { ReadPosition, SafeMark } from './connector-port.ts';
import type { PlannedCreation } from './creation.ts';
import type { ErrorDetails } from './errors.ts';
import type { FieldConflict, GroupMember, LeftField, RecordResult } from './group.ts';
import type { Crm, EpochMs, PairKey, RecordId, RecordRef, RunId, SyncName } from './ids.ts';
import type { MatchRecord } from './match-corpus.ts';
import type { AgreedValues } from './merge.ts';
import type { Snapshot } from './opportunity.ts';
import type { DissolvedPair, PairDecision } from './pairing-decisions.ts';
import type { PlannedWrite } from './plan.ts';
import type { Job } from './queue-port.ts';
import type { Note } from './reconcile-notes.ts';
import type { Attention, RecordOutcome, RunMode, RunReport } from './report.ts';

export type RunState = 'running' | 'done' | 'parked' | 'failed' | 'interrupted';
export type RunPhase = 'pull' | 'pair' | 'reconcile' | 'rollup' | 'seal' | 'push' | 'check' | 'finish';

export interface RunRow {
  readonly run: RunId;
  readonly sync: SyncName;
  readonly mode: RunMode;
  readonly phase: RunPhase;
  readonly state: RunState;
  readonly by: string;
  /** Key of the process that started it; see {@link ./store-port.ts StoreTx.isWorkerAlive}. */
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
