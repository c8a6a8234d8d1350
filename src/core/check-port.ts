/** What the check of written records asks of the store. Types only. */
import type { PastWrite } from './automation-loop.ts';
import type { Crm, EpochMs, RecordRef, RunId, SyncName } from './ids.ts';
import type { LostEdits } from './lost-edits.ts';
import type { LostEdit } from './lost-race.ts';
import type { Value } from './opportunity.ts';
import type { TaskRow } from './store-rows.ts';

/** One field of a team's as a run wrote it, with what was found right before. */
export interface SentValue {
  readonly change: number;
  readonly ref: RecordRef;
  readonly sentAt: EpochMs;
  readonly field: string;
  readonly found: Value;
  readonly written: Value;
}

export interface CheckTx {
  /**
   * Records that were touched and still hold what both sides agreed on, as the other side does: their edits so far are known.
   * Only versions up to `until` (by the CRM's clock): of later ones it is not certain that the other side was read after them.
   */
  settleUnmoved(sync: SyncName, until: Readonly<Record<Crm, EpochMs>>): Promise<void>;
  /** One task per `size` records of a CRM into which this run wrote fields of the teams. */
  addCheckTasks(run: RunId, crm: Crm, size: number): Promise<readonly TaskRow[]>;
  /** Fields of the teams among these changes, as they went out. */
  sentValues(changes: readonly number[]): Promise<readonly SentValue[]>;
  /** Remembers edits that were replaced; from now on an undo of the run brings them back instead of what was found. */
  noteLost(list: readonly { readonly change: number; readonly lost: readonly LostEdit[] }[]): Promise<void>;
  /**
   * What was written to fields of the teams, or to our own, of these records by any run, oldest first, by `CRM:ID` and field.
   */
  pastWrites(
    sync: SyncName,
    refs: readonly RecordRef[],
    whose?: 'teams' | 'own',
  ): Promise<ReadonlyMap<string, Readonly<Record<string, readonly PastWrite[]>>>>;
  lostEdits(sync: SyncName, run: RunId, limit: number): Promise<LostEdits>;
}
