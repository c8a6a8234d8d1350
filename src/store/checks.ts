import type { PastWrite } from '../core/automation-loop.ts';
import type { CheckTx, SentValue } from '../core/check-port.ts';
import type { LostWrite } from '../core/lost-edits.ts';
import type { TaskRow } from '../core/store-rows.ts';
import { type Executor, json, rows, sql } from './sql.ts';

/** Checking what was written against the history of the CRMs. */
export function checks(db: Executor): CheckTx {
  return {
    async settleUnmoved(sync, until) {
      for (const [crm, limit] of Object.entries(until))
        await rows(
          db,
          sql`update snapshots s set settled_at = s.seen_at
              where s.sync = ${sync} and s.crm = ${crm} and s.seen_at > s.settled_at and not s.dirty
                and s.seen_at <= ${limit} and s.outcome not in ('quarantined', 'conflict', 'held') and s.pair is not null
                and not exists (select 1 from snapshots o
                  where o.sync = s.sync and o.pair = s.pair and o.crm <> s.crm and o.dirty)`,
        );
    },

    async addCheckTasks(run, crm, size) {
      const found = await rows<Omit<TaskRow, 'id'> & { id: number }>(
        db,
        sql`with written as (
              select id, dense_rank() over (order by record) as place from changes
              where done_run = ${run} and crm = ${crm} and state = 'applied' and sent_at is not null
                and exists (select 1 from json_array_elements(sent) f where not (f ->> 'owned')::boolean)),
            sliced as (select id, (place - 1) / ${size} as slice from written)
            insert into tasks (run, queue, kind, payload, size)
            select ${run}, 'push', 'check',
              json_build_object('kind', 'check', 'crm', ${crm}::text, 'changes', json_agg(id order by id)), count(*)::int
            from sliced group by slice order by slice
            returning id, run, queue, payload, epoch`,
      );
      return found.map((task) => ({ ...task, id: String(task.id) }));
    },

    async sentValues(changes) {
      const found = await rows<Omit<SentValue, 'ref'> & { crm: string; id: string }>(
        db,
        sql`select c.id::int as change, c.crm, c.record as id, c.sent_at as "sentAt", f.field, f.before as found,
              f.after as written
            from changes c, json_to_recordset(c.sent) as f (field text, owned boolean, before text, after text)
            where c.id = any(${[...changes]}) and not f.owned order by c.id, f.field`,
      );
      return found.map(({ crm, id, ...value }) => ({ ...value, ref: { crm, id } }));
    },

    async noteLost(list) {
      if (list.length === 0) return;
      await rows(
        db,
        sql`update changes c set lost = l.lost,
              sent = (select json_agg(case when e.value is null then f.value
                  else (f.value::jsonb || jsonb_build_object('before', e.value -> 'value'))::json end order by f.ordinality)
                from json_array_elements(c.sent) with ordinality f
                left join json_array_elements(l.lost) e
                  on e.value ->> 'field' = f.value ->> 'field' and not (f.value ->> 'owned')::boolean)
            from json_to_recordset(${json(list)}) as l (change bigint, lost json) where c.id = l.change`,
      );
    },

    async pastWrites(sync, refs, whose = 'teams') {
      const found = await rows<PastWrite & { crm: string; id: string; field: string }>(
        db,
        sql`select c.crm, c.record as id, f.field, f.before, f.after
            from json_to_recordset(${json(refs)}) as r (crm text, id text)
            join changes c on c.sync = ${sync} and c.crm = r.crm and c.record = r.id,
              json_to_recordset(c.sent) as f (field text, owned boolean, before text, after text)
            where c.state = 'applied' and c.sent is not null and f.owned = ${whose === 'own'} order by c.id`,
      );
      const byRecord = Map.groupBy(found, ({ crm, id }) => `${crm}:${id}`);
      return new Map([...byRecord].map(([key, writes]) => [key, byField(writes)]));
    },

    async lostEdits(sync, run, limit) {
      const found = await rows<LostWrite & { n: number }>(
        db,
        sql`select c.crm, c.record as id, c.name, e.field, e.value, e.actor, e.at,
              (select f ->> 'after' from json_array_elements(c.sent) f
                where f ->> 'field' = e.field and not (f ->> 'owned')::boolean limit 1) as written,
              (count(*) over ())::int as n
            from changes c, json_to_recordset(c.lost) as e (field text, value text, actor text, at bigint)
            where c.sync = ${sync} and c.done_run = ${run} and c.lost is not null
            order by c.crm, c.record, e.field limit ${limit}`,
      );
      return { count: found[0]?.n ?? 0, edits: found.map(({ n: _n, ...edit }) => edit) };
    },
  };
}

function byField(
  writes: readonly (PastWrite & { readonly field: string })[],
): Readonly<Record<string, readonly PastWrite[]>> {
  const fields: Record<string, PastWrite[]> = {};
  for (const { field, before, after } of writes) {
    fields[field] ??= [];
    fields[field].push({ before, after });
  }
  return fields;
}
