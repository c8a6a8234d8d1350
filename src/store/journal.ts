import type { Crm } from '../core/ids.ts';
import { noteOf } from '../core/note-sentences.ts';
import type { TrustTx } from '../core/trust-port.ts';
import type { SentChange } from '../core/undo.ts';
import { type Executor, json, rows, sql } from './sql.ts';

type Journal = Pick<TrustTx, 'noteSent' | 'writtenBy' | 'sentBy' | 'settleUndo' | 'keptBy'>;

/** Changes a run carried out; a plan's own run stands for the run that applied it. */
const carriedOut = (sync: string, run: string) => sql`
  c.sync = ${sync} and c.state = 'applied' and c.sent is not null
  and (c.done_run = ${run} or (c.run = ${run} and not exists (select 1 from changes d where d.done_run = ${run})))`;

/** What runs really wrote, and taking it back. */
export function journal(db: Executor): Journal {
  return {
    async noteSent(list) {
      if (list.length === 0) return;
      await rows(
        db,
        sql`update changes c set sent = l.sent
            from json_to_recordset(${json(list)}) as l (change bigint, sent json)
            where c.id = l.change and c.sent is null`,
      );
    },

    async writtenBy(sync, run) {
      const found = await rows<{ key: string }>(
        db,
        sql`select distinct case when s.pair is null then s.crm || ':' || s.id else 'pair:' || s.pair end as key
            from changes c join snapshots s on s.sync = c.sync and s.crm = c.crm and s.id = c.record
            where ${carriedOut(sync, run)} order by 1`,
      );
      return found.map(({ key }) => key);
    },

    async sentBy(sync, run, refs) {
      const found = await rows<Omit<SentChange, 'ref'> & { crm: Crm; id: string }>(
        db,
        sql`select c.crm, c.record as id, f.field, f.owned, f.before, f.after
            from json_to_recordset(${json(refs)}) as r (crm text, id text)
            cross join lateral (select * from changes c where c.crm = r.crm and c.record = r.id
              and ${carriedOut(sync, run)} offset 0) c,
              json_to_recordset(c.sent) as f (field text, owned boolean, before text, after text)
            order by c.id`,
      );
      return found.map(({ crm, id, ...change }) => ({ ref: { crm, id }, ...change }));
    },

    async settleUndo(run, sync, records) {
      const list = records.map(({ ref, restored, kept }) => ({
        ...ref,
        outcome: kept.length > 0 ? 'held' : restored > 0 ? 'changed' : 'in_sync',
        notes: kept.length === 0 ? null : [editedSince(kept)],
      }));
      await rows(
        db,
        sql`update snapshots s set outcome_run = ${run}, read_run = ${run},
              outcome = case when s.outcome in ('quarantined', 'conflict') then s.outcome else r.outcome end,
              notes = coalesce(r.notes, s.notes), dirty = s.dirty or r.outcome = 'held'
            from json_to_recordset(${json(list)}) as r (crm text, id text, outcome text, notes json)
            where s.sync = ${sync} and s.crm = r.crm and s.id = r.id`,
      );
    },

    async keptBy(undo, sync, limit) {
      const found = await rows<{
        crm: Crm;
        id: string;
        name: string | null;
        field: string;
        owned: boolean;
        before: string | null;
        after: string | null;
        now: string | null;
        read: boolean;
      }>(
        db,
        sql`with wrote as (
              select c.crm, c.record, f.field, f.owned, (array_agg(f.before order by c.id))[1] as before,
                (array_agg(f.after order by c.id desc))[1] as after
              from runs u join changes c on c.sync = u.sync,
                json_to_recordset(c.sent) as f (field text, owned boolean, before text, after text)
              where u.run = ${undo} and c.sync = ${sync} and c.state = 'applied' and c.sent is not null
                and (c.done_run = u.undoes or (c.run = u.undoes
                  and not exists (select 1 from changes d where d.done_run = u.undoes)))
              group by 1, 2, 3, 4)
            select w.crm, w.record as id, coalesce(s.fields ->> 'name', w.record) as name, w.field, w.owned, w.before,
              w.after, v.held ->> w.field as now,
              coalesce(not s.deleted and v.held::jsonb ? w.field, false) as read
            from wrote w left join snapshots s on s.sync = ${sync} and s.crm = w.crm and s.id = w.record,
              lateral (select case when w.owned then s.owned else s.fields end as held) v
            where not exists (select 1 from changes p, json_array_elements(p.fields) f
              where p.run = ${undo} and p.crm = w.crm and p.record = w.record and f ->> 'field' = w.field
                and (f ->> 'owned')::boolean = w.owned)
              and coalesce(v.held ->> w.field, '') <> coalesce(w.before, '')
            order by 1, 2, 4 limit ${limit}`,
      );
      return found.map(({ crm, id, name, now, read, ...change }) => ({
        ref: { crm, id },
        name: name ?? id,
        ...change,
        now: read ? now : undefined,
      }));
    },
  };
}

/** Undone changes that were acknowledged: the two sides differ on purpose now, until one of them moves. */
export async function rememberUndone(
  db: Executor,
  run: string,
  changes: readonly number[],
  at: number,
): Promise<void> {
  await rows(
    db,
    sql`insert into resolutions (sync, subject, field, decided, seen, by_whom, at, run)
        select c.sync, case when f.owned then c.crm || ':' || c.record else 'pair:' || c.pair end,
          case when f.owned then 'owned:' || f.field else f.field end, 'leave',
          case when f.owned then jsonb_build_object('held', f.after, 'wanted', f.before)
            else c.agreed::jsonb -> f.field end, f.by, ${at}, ${run}
        from changes c, json_to_recordset(c.fields) as f (field text, owned boolean, before text, after text,
          reason text, by text)
        where c.id = any(${[...changes]}) and f.reason = 'undo' and (f.owned or c.agreed::jsonb ? f.field)
        on conflict (sync, subject, field) do update set decided = excluded.decided, choice = null,
          seen = excluded.seen, by_whom = excluded.by_whom, at = excluded.at, run = excluded.run`,
  );
}

function editedSince(fields: readonly string[]) {
  return noteOf('edited_since', { fields: fields.join(', ') });
}
