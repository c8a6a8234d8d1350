/** What was sent into accounts and what became of it. */
import { noted } from '../core/errors.ts';
import type { Crm } from '../core/ids.ts';
import type { RollupRemark } from '../core/report.ts';
import type { RollupTx } from '../core/rollup-port.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Journal = Pick<RollupTx, 'markRollups' | 'saveRollups' | 'rollupTally' | 'rollupsWrittenBy'>;

/** Different causes told per CRM. */
const MOST_REMARKS = 20;

export function rollupJournal(db: Executor): Journal {
  return {
    async markRollups(list, now) {
      if (list.length === 0) return;
      await rows(
        db,
        sql`update rollup_changes c set state = 'sending', sent_at = coalesce(c.sent_at, ${now}),
              sent = coalesce(c.sent, l.sent)
            from json_to_recordset(${json(list)}) as l (change bigint, sent json)
            where c.id = l.change and c.state in ('planned', 'sending')`,
      );
    },

    async saveRollups(sync, run, results, now) {
      const list = results.map((result) => ({
        change: result.change,
        state: result.is,
        error: result.is === 'applied' ? null : noted(result.is === 'failed' ? result.error : result.note),
        held: result.is === 'applied' ? result.held : {},
        undone: result.is === 'applied' ? result.undone : {},
      }));
      if (list.length === 0) return;
      await rows(
        db,
        sql`with given as materialized (
              select * from json_to_recordset(${json(list)}) as l (change bigint, state text, error json, held jsonb,
                undone jsonb)),
            done as (
              update rollup_changes c set state = g.state, done_at = ${now}, done_run = ${run}, error = g.error
              from given g where c.id = g.change and c.state in ('planned', 'sending')
              returning c.sync, c.crm, c.account, g.held, g.undone, g.state)
            update rollups r set held = (r.held::jsonb || d.held)::json,
              undone = (coalesce((select jsonb_object_agg(u.key, u.value) from jsonb_each(r.undone::jsonb) u
                where not d.held ? u.key), '{}') || d.undone)::json
            from done d where d.state = 'applied' and d.sync = ${sync} and r.sync = d.sync and r.crm = d.crm
              and r.account = d.account`,
      );
    },

    async rollupTally(plannedBy) {
      const counts = await rows<{
        crm: Crm;
        written: number;
        already: number;
        failed: number;
        waiting: number;
      }>(
        db,
        sql`select crm, (count(*) filter (where state = 'applied' and sent_at is not null))::int as written,
              (count(*) filter (where state = 'applied' and sent_at is null))::int as already,
              (count(*) filter (where state = 'failed'))::int as failed,
              (count(*) filter (where state in ('planned', 'sending', 'dropped')))::int as waiting
            from rollup_changes where run = ${plannedBy} group by crm`,
      );
      const remarks = await rows<RemarkRecord>(
        db,
        sql`select crm, (array_agg(error ->> 'message' order by account))[1] as message,
              (array_agg(error ->> 'remedy' order by account))[1] as remedy,
              (array_agg(error ->> 'says' order by account))[1] as says,
              (array_agg(error -> 'params' order by account))[1] as params, count(*)::int as count, min(account) as example
            from rollup_changes where run = ${plannedBy} and error is not null
            group by crm, error ->> 'code' order by 6 desc, 2`,
      );
      return Object.fromEntries(
        counts.map(({ crm, ...tally }) => {
          const own = remarks.filter((remark) => remark.crm === crm).slice(0, MOST_REMARKS);
          return [crm, { ...tally, remarks: own.map(toRemark) }];
        }),
      );
    },

    async rollupsWrittenBy(sync, run, crm, after, limit) {
      return rows(
        db,
        sql`select account, name, sent from rollup_changes c
            where c.sync = ${sync} and c.crm = ${crm} and c.account > ${after} and c.state = 'applied'
              and c.sent_at is not null
              and (c.done_run = ${run} or (c.run = ${run}
                and not exists (select from rollup_changes d where d.done_run = ${run})))
            order by c.account limit ${limit}`,
      );
    },
  };
}

interface RemarkRecord extends Omit<RollupRemark, 'says' | 'params'> {
  readonly crm: Crm;
  readonly says: string | null;
  readonly params: Readonly<Record<string, string>> | null;
}

function toRemark({ crm: _crm, says, params, ...remark }: RemarkRecord): RollupRemark {
  return { ...remark, ...(says === null ? {} : { says }), ...(params === null ? {} : { params }) };
}
