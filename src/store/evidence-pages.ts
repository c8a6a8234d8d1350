import type { RecordRef, SyncName } from '../core/ids.ts';
import type { Evidence, Fields } from '../core/opportunity.ts';
import { type Executor, rows, sql } from './sql.ts';

const PAGE = 2_000;

/** What a record is judged by, and what it is called. */
export interface EvidenceRow extends RecordRef {
  readonly fields: Fields;
  readonly evidence: Evidence;
}

/** Every record of a sync that is not deleted, in pages, by CRM and id. */
export async function* evidencePages(db: Executor, sync: SyncName): AsyncGenerator<readonly EvidenceRow[]> {
  let after: RecordRef = { crm: '', id: '' };
  for (;;) {
    const page = await rows<EvidenceRow>(
      db,
      sql`select crm, id, fields, evidence from snapshots
          where sync = ${sync} and not deleted and (crm, id) > (${after.crm}, ${after.id})
          order by crm, id limit ${PAGE}`,
    );
    if (page.length > 0) yield page;
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return;
    after = { crm: last.crm, id: last.id };
  }
}
