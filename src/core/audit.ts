import type { EpochMs, SyncName } from './ids.ts';

/** What is written down: who did what, when, to which sync. */
export interface NewAudit {
  readonly at: EpochMs;
  readonly sync: SyncName;
  /** The person or process that asked. */
  readonly by: string;
  /** Stable name, for example `plan.released`. */
  readonly action: AuditAction;
  readonly details: Readonly<Record<string, unknown>>;
}

export type AuditAction =
  | 'run.started'
  | 'run.ended'
  | 'plan.sealed'
  | 'plan.released'
  | 'plan.applied'
  | 'write.replaced_edit'
  | 'conflict.resolved'
  | 'quarantine.replayed'
  | 'pair.decided'
  | 'undo.planned'
  | 'schedule.paused'
  | 'schedule.resumed'
  | 'schedule.asked';

/** A row as stored: `details` is the JSON text that was hashed. */
export interface AuditRow {
  /** 1, 2, 3… without gaps. */
  readonly n: number;
  readonly at: EpochMs;
  readonly sync: SyncName;
  readonly by: string;
  readonly action: string;
  readonly details: string;
  readonly hash: string;
}

export interface AuditHead {
  readonly n: number;
  readonly hash: string;
}

export const EMPTY_AUDIT: AuditHead = { n: 0, hash: '' };

export interface AuditFault {
  /** The first row that is not as it was written. */
  readonly n: number;
  readonly fault: 'missing' | 'altered' | 'inserted';
}

/** What a row's hash is made of: the hash before it and everything in the row. Pure; the caller hashes it. */
export function auditText(before: string, row: Omit<AuditRow, 'hash'>): string {
  return JSON.stringify([before, row.n, row.at, row.sync, row.by, row.action, row.details]);
}

/**
 * Compares a row with what must follow on `before`; null when it does. `hash` is the function rows were hashed with.
 * A row with a later number than expected means that the expected one is missing.
 */
export function checkAuditRow(
  before: AuditHead,
  row: AuditRow,
  hash: (text: string) => string,
): AuditFault | null {
  const expected = before.n + 1;
  if (row.n > expected) return { n: expected, fault: 'missing' };
  if (row.n < expected) return { n: row.n, fault: 'inserted' };
  return row.hash === hash(auditText(before.hash, row)) ? null : { n: row.n, fault: 'altered' };
}

/** After the last row: is it the one the head remembers? */
export function checkAuditEnd(last: AuditHead, head: AuditHead): AuditFault | null {
  if (last.n < head.n) return { n: last.n + 1, fault: 'missing' };
  if (last.n > head.n) return { n: head.n + 1, fault: 'inserted' };
  return last.hash === head.hash ? null : { n: last.n, fault: 'altered' };
}
