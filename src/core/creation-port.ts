/** What making counterparts asks of the store. Types only. */
import type { Hurdle, PlannedCreation } from './creation.ts';
import type { ErrorDetails } from './errors.ts';
import type { Crm, EpochMs, PairKey, RecordRef, RunId, SyncName } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import type { Snapshot } from './opportunity.ts';
import type { Note } from './reconcile-notes.ts';
import type { QuarantineRow, TaskRow } from './store-rows.ts';

/** `sending`: written down as about to be sent; what became of it is only known once it is read back. */
export type CreationState = 'planned' | 'sending' | 'created' | 'failed' | 'dropped';

/** A planned creation with its place in the journal: the intent, written down before anything is sent. */
export interface CreationRow extends PlannedCreation {
  readonly creation: number;
  readonly run: RunId;
  readonly state: CreationState;
  /** When it was first sent; null when it never was. */
  readonly sentAt: EpochMs | null;
}

/** What became of one creation. */
export type CreationResult =
  /** The record is there; `base` is what both sides agree on. */
  | {
      readonly creation: number;
      readonly is: 'created';
      readonly snapshot: Snapshot;
      readonly base: Readonly<Record<string, AgreedValues>>;
    }
  | {
      readonly creation: number;
      readonly is: 'failed';
      readonly error: ErrorDetails;
      readonly quarantine: QuarantineRow | null;
    }
  /** Not made, and left to the next run. */
  | { readonly creation: number; readonly is: 'dropped'; readonly note: Note }
  /** Sent, and it may still come into being: it stays `sending`. */
  | { readonly creation: number; readonly is: 'unknown'; readonly note: Note };

/** A record that a run made. */
export interface CreatedRecord {
  readonly ref: RecordRef;
  readonly name: string;
  readonly source: RecordRef;
  /** It was deleted in its CRM since. */
  readonly deleted: boolean;
}

export interface CreationTx {
  /** Of these unpaired records, those that may have a counterpart after all; by `CRM:ID`. */
  creationHurdles(sync: SyncName, refs: readonly RecordRef[]): Promise<ReadonlyMap<string, Hurdle>>;
  /** Creations a run has planned by CRM and key, from `after` on; carried out since or not. */
  creationsOf(
    run: RunId,
    after: { readonly crm: Crm; readonly key: PairKey } | null,
    limit: number,
  ): Promise<readonly CreationRow[]>;
  /** How many creations a run has planned, per CRM; carried out since or not. */
  creationCounts(run: RunId): Promise<Readonly<Record<Crm, number>>>;
  /** One task per `size` planned creations in a CRM. `plannedBy` is the run whose plan is carried out. */
  addCreateTasks(run: RunId, plannedBy: RunId, crm: Crm, size: number): Promise<readonly TaskRow[]>;
  creationRows(ids: readonly number[]): Promise<readonly CreationRow[]>;
  /** Every creation under these keys that was ever sent, earliest first. */
  sentCreations(sync: SyncName, keys: readonly PairKey[]): Promise<readonly CreationRow[]>;
  /** Creations whose fate is not known, earliest first. */
  openCreations(sync: SyncName): Promise<readonly CreationRow[]>;
  /** Before anything is sent. */
  markCreating(run: RunId, ids: readonly number[], now: EpochMs): Promise<void>;
  /** Records what became of creations: journal, pair, base, outcomes, quarantine. Repeating it changes nothing. */
  saveCreated(
    sync: SyncName,
    run: RunId,
    results: readonly CreationResult[],
    by: string,
    now: EpochMs,
  ): Promise<void>;
  /** Records this run made, by CRM and id. */
  createdBy(sync: SyncName, run: RunId): Promise<readonly CreatedRecord[]>;
}
