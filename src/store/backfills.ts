/** The past of records from before they were watched, and how far it was asked for. */
import type { WatchStart } from '../core/backfill.ts';
import type { RecordId } from '../core/ids.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { BackfillState } from '../core/store-rows.ts';
import type { Executor } from './sql.ts';
import { json, row, rows, sql } from './sql.ts';

type Backfills = Pick<StoreTx, 'watchedRecords' | 'saveTold' | 'backfillState' | 'saveBackfill'>;

interface Watched {
  readonly id: RecordId;
  readonly changed_at: number;
  readonly fields: Readonly<Record<string, string | null>>;
  readonly first: Readonly<Record<string, WatchStart>> | null;
}

export function backfills(db: Executor): Backfills {
  return {
    async watchedRecords(sync, crm, after, limit) {
      const found = await rows<Watched>(
        db,
        sql`select s.id, s.changed_at, json_strip_nulls(json_build_object('stage', s.fields -> 'stage',
              'closeDate', s.fields -> 'closeDate', 'amount', s.fields -> 'amount')) as fields,
              (select json_object_agg(f.field, json_build_object('value', f.before, 'until', f.at)) from (
                select distinct on (h.field) h.field, h.before, h.at from record_history h
                where h.sync = s.sync and h.crm = s.crm and h.record = s.id and not h.told
                  and h.field in ('stage', 'closeDate', 'amount')
                order by h.field, h.at, h.id) f) as first
            from snapshots s
            where s.sync = ${sync} and s.crm = ${crm} and not s.deleted and s.id > ${after}
            order by s.id limit ${limit}`,
      );
      return found.map(({ id, changed_at, fields, first }) => {
        const present = Object.entries(fields).map(([field, value]) => [
          field,
          { value, until: Number(changed_at) },
        ]);
        return { id, begins: { ...Object.fromEntries(present), ...first } };
      });
    },

    async saveTold(sync, run, crm, records) {
      if (records.length === 0) return;
      const ids = records.map(({ id }) => id);
      await rows(
        db,
        sql`delete from record_history where sync = ${sync} and crm = ${crm} and record = any(${ids}) and told`,
      );
      const moved = records.filter(({ moves }) => moves.length > 0);
      if (moved.length === 0) return;
      const given = json(moved.flatMap(({ id, moves }) => moves.map((move) => ({ ...move, id }))));
      await rows(
        db,
        sql`insert into record_history (sync, crm, record, at, field, before, after, run, told, own)
            select ${sync}, ${crm}, g.id, g.at, g.field, g."from", g."to", ${run}, true, coalesce(g.own, false)
            from json_to_recordset(${given})
              as g (id text, at bigint, field text, "from" text, "to" text, own boolean)`,
      );
      await rows(
        db,
        sql`update snapshots set dirty = true
            where sync = ${sync} and crm = ${crm} and id = any(${moved.map(({ id }) => id)})`,
      );
    },

    async backfillState(sync, crm) {
      const found = await row<{ state: BackfillState }>(
        db,
        sql`select state from backfills where sync = ${sync} and crm = ${crm}`,
      );
      return found?.state ?? null;
    },

    async saveBackfill(sync, crm, state) {
      await rows(
        db,
        sql`insert into backfills (sync, crm, state) values (${sync}, ${crm}, ${json(state)})
            on conflict (sync, crm) do update set state = excluded.state`,
      );
    },
  };
}
