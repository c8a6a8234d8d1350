/** Conflicts, quarantine, undo, audit and agreement, as commands and the console may ask for them. Types only. */
import type { AgreementReport } from './agreement-report.ts';
import type { AuditRow } from './audit.ts';
import type { CreatedRecord } from './creation-port.ts';
import type { Crm, RecordRef, RunId, SyncName } from './ids.ts';
import type { Value } from './opportunity.ts';
import type { ConflictRow, KeptChange, QuarantineEntry } from './trust-port.ts';

/** Which conflicts, and what is right: the CRM in `use`, or `value` for both sides. */
export interface Resolving {
  readonly ids: readonly string[] | 'all';
  readonly field?: string;
  readonly use?: Crm;
  readonly value?: Value;
}

export interface AuditVerdict {
  readonly rows: number;
  readonly head: { readonly n: number; readonly hash: string };
  readonly fault: { readonly n: number; readonly fault: 'missing' | 'altered' | 'inserted' } | null;
}

export interface TrustApp {
  conflicts(sync: SyncName, field?: string): Promise<readonly ConflictRow[]>;
  /** Remembers a decision; the next run carries it out. Answers the conflicts it is about. */
  resolveConflicts(sync: SyncName, request: Resolving, by: string): Promise<readonly ConflictRow[]>;
  quarantine(sync: SyncName): Promise<readonly QuarantineEntry[]>;
  /** Lets the next run try these records again. Throws OppsyncError `refuse` for one that is not in quarantine. */
  replayQuarantine(sync: SyncName, ids: readonly string[] | 'all', by: string): Promise<readonly RecordRef[]>;
  /** What an undo leaves as it is, because somebody edited it since. */
  keptByUndo(sync: SyncName, undo: RunId, limit: number): Promise<readonly KeptChange[]>;
  /** Records a run made: an undo leaves them, because oppsync deletes nothing. */
  createdBy(sync: SyncName, run: RunId): Promise<readonly CreatedRecord[]>;
  /** The last rows of the audit, oldest first. */
  audit(limit: number): Promise<readonly AuditRow[]>;
  verifyAudit(): Promise<AuditVerdict>;
  /** Reads both CRMs and compares them, without writing anything anywhere. */
  verify(sync: SyncName, signal?: AbortSignal): Promise<AgreementReport>;
}
