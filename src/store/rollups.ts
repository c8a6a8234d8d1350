/** Roll-ups in accounts: what they are made of, what is planned, and what became of it. */
import type { RecordId, RunId } from '../core/ids.ts';
import type { FieldChange } from '../core/plan.ts';
import type { PlanView } from '../core/report.ts';
import type { RollupAccount, RollupFindings, RollupRow, RollupState, RollupTx } from '../core/rollup-port.ts';
import { rollupJournal } from './rollup-journal.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';
import { type TaskRecord, toTask } from './tasks.ts';

interface ChangeRecord {
  id: number | string;
  run: RunId;
  crm: string;
  account: RecordId;
  name: string;
  fields: FieldChange[];
  state: RollupState;
}

const CHANGE = sql`select id, run, crm, account, name, fields, state from rollup_changes`;

/** Records of the account `r`, with what the run has planned for them. */
const recordsOf = (planned: RunId) => sql`
  (select json_agg(json_build_object('status', v.status, 'outcome', v.outcome,
      'amount', case when p.after::jsonb ? 'amount' then p.after ->> 'amount' else f.amount end,
      'currency', case when p.after::jsonb ? 'currency' then p.after ->> 'currency' else f.currency end,
      'closeDate', case when p.after::jsonb ? 'closeDate' then p.after ->> 'closeDate' else f."closeDate" end,
      'createdAt', e."createdAt", 'closedAt', e."closedAt") order by s.id)
    from json_array_elements_text(r.members) m
    join snapshots s on s.sync = r.sync and s.crm = r.crm and s.id = m.value and not s.deleted
      and s.verdict is not null
    cross join lateral json_to_record(s.verdict) as v (status text, outcome text)
    cross join lateral json_to_record(s.fields) as f (amount text, currency text, "closeDate" text)
    cross join lateral json_to_record(s.evidence) as e ("createdAt" json, "closedAt" json)
    cross join lateral (select json_object_agg(x.field, x.after) as after
      from changes c, json_to_recordset(c.fields) as x (field text, owned boolean, after text)
      where c.sync = s.sync and c.run = ${planned} and c.crm = s.crm and c.record = s.id and c.state = 'planned'
        and not x.owned and x.field in ('amount', 'currency', 'closeDate')) p)`;

export function rollups(db: Executor): RollupTx {
  return {
    ...rollupJournal(db),

    async gatherAccounts(sync, crm) {
      const found = await row<{ accounts: number; unseen: number }>(
        db,
        // A path that is not there is null, one that leads to a JSON null is not.
        sql`with named as materialized (
              select evidence #> '{custom,accountId}' is null as unseen, evidence #>> '{custom,accountId}' as account, id
              from snapshots where sync = ${sync} and crm = ${crm} and not deleted and verdict is not null),
            unknown as materialized (select count(*) filter (where unseen) as n from named),
            found as materialized (
              select account, json_agg(id order by id) as members from named where account is not null group by account),
            put as (
              insert into rollups as r (sync, crm, account, members)
              select ${sync}, ${crm}, account, members from found where (select n from unknown) = 0
              on conflict (sync, crm, account) do update set members = excluded.members
                where r.members::text <> excluded.members::text),
            emptied as (
              update rollups r set members = '[]' where r.sync = ${sync} and r.crm = ${crm} and r.members::text <> '[]'
                and (select n from unknown) = 0 and not exists (select from found f where f.account = r.account))
            select (select count(*) from found)::int as accounts, (select n from unknown)::int as unseen`,
      );
      return found ?? { accounts: 0, unseen: 0 };
    },

    async rollupAccounts(sync, planned, crm, which) {
      const asked =
        'ids' in which
          ? sql`and r.account = any(${[...which.ids]}) order by r.account`
          : sql`and r.account > ${which.after} and (r.members::text <> '[]' or exists (
                  select from json_each_text(r.held) h where coalesce(h.value, '') <> ''))
                order by r.account limit ${which.limit}`;
      const found = await rows<Omit<RollupAccount, 'records'> & { records: RollupAccount['records'] | null }>(
        db,
        sql`select r.account, r.name, r.held, r.undone, ${recordsOf(planned)} as records
            from rollups r where r.sync = ${sync} and r.crm = ${crm} ${asked}`,
      );
      return found.map((account) => ({ ...account, records: account.records ?? [] }));
    },

    async noteAccounts(sync, crm, read) {
      if (read.length === 0) return;
      await rows(
        db,
        sql`update rollups r set name = n.name, held = (r.held::jsonb || n.held::jsonb)::json
            from json_to_recordset(${json(read)}) as n (account text, name text, held json)
            where r.sync = ${sync} and r.crm = ${crm} and r.account = n.account`,
      );
    },

    async planRollups(sync, run, planned) {
      if (planned.length === 0) return;
      const list = planned.map(({ changes, ...about }) => ({ ...about, fields: changes }));
      await rows(
        db,
        sql`delete from rollup_changes c
            using json_to_recordset(${json(list)}) as p (crm text, account text)
            where c.run = ${run} and c.sync = ${sync} and c.crm = p.crm and c.account = p.account
              and c.state = 'planned'`,
      );
      await rows(
        db,
        sql`insert into rollup_changes (sync, run, crm, account, name, fields, state)
            select ${sync}, ${run}, p.crm, p.account, p.name, p.fields, 'planned'
            from json_to_recordset(${json(list)}) as p (crm text, account text, name text, fields json)`,
      );
    },

    async rollupFindings(sync, crm) {
      const found = await row<{ state: RollupFindings }>(
        db,
        sql`select state from rollup_findings where sync = ${sync} and crm = ${crm}`,
      );
      return found?.state ?? null;
    },

    async saveRollupFindings(sync, crm, found) {
      await rows(
        db,
        sql`insert into rollup_findings (sync, crm, state) values (${sync}, ${crm}, ${json(found)})
            on conflict (sync, crm) do update set state = excluded.state`,
      );
    },

    async plannedRollups(run, after, limit) {
      const found = await rows<ChangeRecord>(
        db,
        sql`${CHANGE} where run = ${run} and (crm, account) > (${after?.crm ?? ''}, ${after?.account ?? ''})
            order by crm, account limit ${limit}`,
      );
      return found.map(toRow);
    },

    async rollupCounts(run) {
      const found = await rows<{ crm: string; n: number }>(
        db,
        sql`select crm, count(*)::int as n from rollup_changes where run = ${run} group by crm`,
      );
      return Object.fromEntries(found.map(({ crm, n }) => [crm, n]));
    },

    async rollupReasons(run) {
      return rows<PlanView['byReason'][number]>(
        db,
        sql`select f ->> 'reason' as reason, f ->> 'field' as field, crm, count(*)::int as count
            from rollup_changes, json_array_elements(fields) f where run = ${run}
            group by 1, 2, 3 order by 4 desc, 1, 2, 3`,
      );
    },

    async addRollupTasks(run, plannedBy, crm, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with sliced as (
              select id, (row_number() over (order by id) - 1) / ${size} as slice
              from rollup_changes where run = ${plannedBy} and crm = ${crm} and state = 'planned')
            insert into tasks (run, queue, kind, payload, size)
            select ${run}, 'push', 'push_rollups',
              json_build_object('kind', 'push_rollups', 'crm', ${crm}::text, 'changes', json_agg(id)), count(*)::int
            from sliced group by slice order by slice
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },

    async rollupRows(ids) {
      const found = await rows<ChangeRecord>(db, sql`${CHANGE} where id = any(${[...ids]}) order by id`);
      return found.map(toRow);
    },
  };
}

function toRow({ id, fields, ...record }: ChangeRecord): RollupRow {
  return { ...record, change: Number(id), changes: fields };
}
