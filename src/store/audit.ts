import { hash } from 'node:crypto';
import {
  type AuditFault,
  type AuditHead,
  type AuditRow,
  auditText,
  checkAuditEnd,
  checkAuditRow,
  EMPTY_AUDIT,
} from '../core/audit.ts';
import type { TrustTx } from '../core/trust-port.ts';
import { type Executor, row, rows, sql } from './sql.ts';

type Audit = Pick<TrustTx, 'audit' | 'auditRows' | 'auditHead'>;

interface AuditRecord extends Omit<AuditRow, 'by'> {
  by_whom: string;
}

/** The hash of the chain: SHA-256, hexadecimal. */
export function auditHash(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The audit: rows are added and read, and the database refuses everything else. */
export function audit(db: Executor): Audit {
  return {
    async audit({ at, sync, by, action, details }) {
      // Holding the head's row keeps the order of the chain that of the commits.
      const head = await row<AuditHead>(db, sql`select n, hash from audit_head for update`);
      const before = head ?? EMPTY_AUDIT;
      const text = JSON.stringify(details);
      const next = { n: before.n + 1, at, sync, by, action, details: text };
      const chained = auditHash(auditText(before.hash, next));
      await rows(
        db,
        sql`with added as (
              insert into audit (n, at, sync, by_whom, action, details, hash)
              values (${next.n}, ${at}, ${sync}, ${by}, ${action}, ${text}, ${chained}))
            update audit_head set n = ${next.n}, hash = ${chained}`,
      );
    },

    async auditRows(after, limit) {
      const found = await rows<AuditRecord>(
        db,
        sql`select n, at, sync, by_whom, action, details, hash from audit where n > ${after} order by n limit ${limit}`,
      );
      return found.map(({ by_whom, ...entry }) => ({
        ...entry,
        n: Number(entry.n),
        at: Number(entry.at),
        by: by_whom,
      }));
    },

    async auditHead() {
      const head = await row<AuditHead>(db, sql`select n, hash from audit_head`);
      return head === null ? EMPTY_AUDIT : { n: Number(head.n), hash: head.hash };
    },
  };
}

const PAGE = 2_000;

/** What verifying the whole chain came to: `fault` names the first row that is not as it was written. */
export interface AuditVerdict {
  readonly rows: number;
  /** Number and hash of the last row: to be kept elsewhere, so that a chain made anew is noticed as well. */
  readonly head: AuditHead;
  readonly fault: AuditFault | null;
}

/** Walks the whole chain. Within one snapshot of the database when given a transaction that has one. */
export async function verifyAudit(db: Executor): Promise<AuditVerdict> {
  const { auditRows, auditHead } = audit(db);
  const head = await auditHead();
  let last = EMPTY_AUDIT;
  let count = 0;
  // From below the first number, so that a row put before it is seen.
  for (let after = Number.MIN_SAFE_INTEGER; ; after = last.n) {
    const page = await auditRows(after, PAGE);
    for (const entry of page) {
      const fault = checkAuditRow(last, entry, auditHash);
      if (fault !== null) return { rows: count, head, fault };
      last = { n: entry.n, hash: entry.hash };
      count++;
    }
    if (page.length < PAGE) break;
  }
  return { rows: count, head, fault: checkAuditEnd(last, head) };
}
