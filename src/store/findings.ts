/** What was found beside records, how far that was read, and the names of accounts. */
import type { FoundItem } from '../core/findings.ts';
import type { Crm, RunId, SyncName } from '../core/ids.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { EvidenceState } from '../core/store-rows.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

type Findings = Pick<
  StoreTx,
  | 'evidenceState'
  | 'saveEvidenceState'
  | 'saveFindings'
  | 'replaceFindings'
  | 'forgetFindings'
  | 'accountsToName'
  | 'nameAccounts'
>;

/** More than these of one record are never looked at: the latest contacts, and all there is of anything else. */
const MOST = 200;

/** Findings of the row `s` of snapshots as a JSON list, null when there are none. */
export const FINDINGS_OF = sql`(select json_agg(json_build_object('source', f.source, 'item', f.item, 'what', f.what,
      'at', f.at, 'says', f.says)) from (
    select * from findings where sync = s.sync and crm = s.crm and record = s.id
    order by at desc nulls first, source, item limit ${sql.lit(MOST)}) f)`;

/** Name of the account of the row `s` of snapshots: its own word, or that of the account it names. */
export const ACCOUNT_NAME_OF = sql`coalesce(s.evidence #>> '{custom,accountName}', (select a.name from accounts a
    where a.sync = s.sync and a.crm = s.crm and a.account = s.evidence #>> '{custom,accountId}'))`;

export function findings(db: Executor): Findings {
  return {
    async evidenceState(sync, crm) {
      const found = await row<{ state: EvidenceState }>(
        db,
        sql`select state from evidence_states where sync = ${sync} and crm = ${crm}`,
      );
      return found?.state ?? null;
    },

    async saveEvidenceState(sync, crm, state) {
      await rows(
        db,
        sql`insert into evidence_states (sync, crm, state) values (${sync}, ${crm}, ${json(state)})
            on conflict (sync, crm) do update set state = excluded.state`,
      );
    },

    async saveFindings(sync, run, crm, items) {
      if (items.length === 0) return;
      const newest = [...new Map(items.map((item) => [`${item.source} ${item.item}`, item])).values()];
      const listed = json(newest.map(({ source, item }) => ({ source, item })));
      const given = json(newest.flatMap(perRecord));
      const gone = await rows<{ record: string }>(
        db,
        sql`delete from findings f using json_to_recordset(${listed}) as i (source text, item text)
            where f.sync = ${sync} and f.crm = ${crm} and f.source = i.source and f.item = i.item
              and not exists (select from json_to_recordset(${given}) as g (source text, item text, record text)
                where g.source = f.source and g.item = f.item and g.record = f.record)
            returning f.record`,
      );
      const changed = await insertFindings(db, sync, run, crm, given);
      await rows(
        db,
        sql`update findings f set read_run = ${run} from json_to_recordset(${listed}) as i (source text, item text)
            where f.sync = ${sync} and f.crm = ${crm} and f.source = i.source and f.item = i.item
              and f.read_run <> ${run}`,
      );
      await lookAgain(db, sync, crm, [...gone, ...changed]);
    },

    async replaceFindings(sync, run, crm, records, sources, items) {
      const about = new Set(records);
      const newest = [...new Map(items.map((item) => [`${item.source} ${item.item}`, item])).values()];
      const given = json(newest.flatMap(perRecord).filter(({ record }) => about.has(record)));
      const gone = await rows<{ record: string }>(
        db,
        sql`delete from findings f where f.sync = ${sync} and f.crm = ${crm} and f.record = any(${[...about]})
              and f.source = any(${[...sources]})
              and not exists (select from json_to_recordset(${given}) as g (source text, item text, record text)
                where g.source = f.source and g.item = f.item and g.record = f.record)
            returning f.record`,
      );
      await lookAgain(db, sync, crm, [...gone, ...(await insertFindings(db, sync, run, crm, given))]);
    },

    async forgetFindings(sync, run, crm) {
      const gone = await rows<{ record: string }>(
        db,
        sql`delete from findings where sync = ${sync} and crm = ${crm} and read_run <> ${run} returning record`,
      );
      await lookAgain(db, sync, crm, gone);
    },

    async accountsToName(sync, run, crm, all, limit) {
      const found = await rows<{ account: string }>(
        db,
        sql`with named as (
              select distinct evidence #>> '{custom,accountId}' as account from snapshots
              where sync = ${sync} and crm = ${crm} and read_run = ${run} and not deleted)
            select n.account from named n
            left join accounts a on a.sync = ${sync} and a.crm = ${crm} and a.account = n.account
            where n.account is not null and (a.account is null or (${all} and a.read_run <> ${run}))
            order by 1 limit ${limit}`,
      );
      return found.map(({ account }) => account);
    },

    async nameAccounts(sync, run, crm, names) {
      const given = json([...names].map(([account, name]) => ({ account, name })));
      await rows(
        db,
        sql`insert into accounts (sync, crm, account, name, read_run)
            select ${sync}, ${crm}, g.account, g.name, ${run}
            from json_to_recordset(${given}) as g (account text, name text)
            on conflict (sync, crm, account) do update set name = excluded.name, read_run = excluded.read_run`,
      );
    },
  };
}

/** Answers the records of which something new is known. */
function insertFindings(
  db: Executor,
  sync: SyncName,
  run: RunId,
  crm: Crm,
  given: ReturnType<typeof json>,
): Promise<readonly { readonly record: string }[]> {
  return rows<{ record: string }>(
    db,
    sql`insert into findings as f (sync, crm, record, source, item, what, at, says, read_run)
        select ${sync}, ${crm}, g.record, g.source, g.item, g.what, g.at, g.says, ${run}
        from json_to_recordset(${given}) as g (record text, source text, item text, what text, at bigint, says json)
        on conflict (sync, crm, record, source, item) do update
          set what = excluded.what, at = excluded.at, says = excluded.says, read_run = excluded.read_run
          where f.at is distinct from excluded.at or f.says::text <> excluded.says::text
        returning f.record` as ReturnType<typeof sql<{ record: string }>>,
  );
}

function perRecord({ records, source, item, what, at, says }: FoundItem) {
  return [...new Set(records)].map((record) => ({ record, source, item, what, at, says }));
}

async function lookAgain(
  db: Executor,
  sync: SyncName,
  crm: Crm,
  found: readonly { readonly record: string }[],
): Promise<void> {
  const ids = [...new Set(found.map(({ record }) => record))];
  if (ids.length === 0) return;
  await rows(
    db,
    sql`update snapshots set dirty = true where sync = ${sync} and crm = ${crm} and id = any(${ids})`,
  );
}
