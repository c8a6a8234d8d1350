import type { Finding } from '../core/findings.ts';
import type { Crm, RecordRef, SyncName } from '../core/ids.ts';
import type { Evidence, Fields } from '../core/opportunity.ts';
import { FINDINGS_OF } from './findings.ts';
import { type Executor, rows, sql } from './sql.ts';

const PAGE = 2_000;

/** What a record is judged by, and what it is called. */
export interface EvidenceRow extends RecordRef {
  readonly fields: Fields;
  readonly evidence: Evidence;
  /** The other record of its pair, unless that one was deleted. */
  readonly counterpart: {
    readonly crm: Crm;
    readonly evidence: Evidence;
    readonly findings: readonly Finding[] | null;
  } | null;
  readonly findings: readonly Finding[] | null;
}

/** Every record of a sync that is not deleted, in pages, by CRM and id. */
export async function* evidencePages(db: Executor, sync: SyncName): AsyncGenerator<readonly EvidenceRow[]> {
  let after: RecordRef = { crm: '', id: '' };
  for (;;) {
    const page = await rows<EvidenceRow>(
      db,
      sql`select s.crm, s.id, s.fields, s.evidence,
            ${FINDINGS_OF} as findings,
            case when o.crm is not null then json_build_object('crm', o.crm, 'evidence', o.evidence,
              'findings', (select json_agg(json_build_object('source', f.source, 'item', f.item, 'what', f.what,
                'at', f.at, 'says', f.says)) from findings f
                where f.sync = o.sync and f.crm = o.crm and f.record = o.id)) end as counterpart
          from snapshots s
          left join snapshots o on o.sync = s.sync and o.pair = s.pair and o.crm <> s.crm and not o.deleted
          where s.sync = ${sync} and not s.deleted and (s.crm, s.id) > (${after.crm}, ${after.id})
          order by s.crm, s.id limit ${PAGE}`,
    );
    if (page.length > 0) yield page;
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return;
    after = { crm: last.crm, id: last.id };
  }
}
