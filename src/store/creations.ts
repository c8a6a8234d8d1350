import type { Hurdle, PlannedCreation } from '../core/creation.ts';
import type { CreatedRecord, CreationRow, CreationState, CreationTx } from '../core/creation-port.ts';
import type { Crm, RecordId } from '../core/ids.ts';
import { refKey } from '../core/ids.ts';
import type { ReconciledBatch } from '../core/store-rows.ts';
import { saveCreated } from './created.ts';
import { type Executor, json, rows, sql } from './sql.ts';
import { type TaskRecord, toTask } from './tasks.ts';

interface CreationRecord {
  id: number | string;
  run: string;
  crm: Crm;
  pair: string;
  source_crm: Crm;
  source_id: RecordId;
  name: string;
  fields: PlannedCreation['fields'];
  owned: PlannedCreation['owned'];
  agreed: PlannedCreation['agreed'];
  state: CreationState;
  sent_at: number | null;
}

const ROW = sql`select id, run, crm, pair, source_crm, source_id, name, fields, owned, agreed, state, sent_at
  from creations`;

/** Counterparts that are made: intents, and what became of them. */
export function creations(db: Executor): CreationTx {
  return {
    async creationHurdles(sync, refs) {
      if (refs.length === 0) return new Map();
      const found = await rows<{ crm: Crm; id: RecordId; kind: Hurdle['is']; other: RecordId }>(
        db,
        sql`with asked as materialized (select * from json_to_recordset(${json(refs)}) as r (crm text, id text)),
              hurdles as (
                select r.crm, r.id, 1 as rank, 'proposed' as kind, c.second_id as other from asked r
                  join candidates c on c.sync = ${sync} and c.first_crm = r.crm and c.first_id = r.id
                union all
                select r.crm, r.id, 1, 'proposed', c.first_id from asked r
                  join candidates c on c.sync = ${sync} and c.second_crm = r.crm and c.second_id = r.id
                union all
                select r.crm, r.id, 2, 'ambiguous', '' from asked r
                  join snapshots s on s.sync = ${sync} and s.crm = r.crm and s.id = r.id
                  where s.notes #>> '{0,cause}' = 'ambiguous_link'
                union all
                select r.crm, r.id, 3, 'apart', d.second_id from asked r
                  join pair_decisions d on d.sync = ${sync} and d.first_crm = r.crm and d.first_id = r.id
                  where d.ended_at is null and d.decision in ('apart', 'uncoupled')
                union all
                select r.crm, r.id, 3, 'apart', d.first_id from asked r
                  join pair_decisions d on d.sync = ${sync} and d.second_crm = r.crm and d.second_id = r.id
                  where d.ended_at is null and d.decision in ('apart', 'uncoupled')
                union all
                select r.crm, r.id, 4, 'linked', s.id from asked r
                  join snapshots s on s.sync = ${sync} and s.linked_id = r.id and s.crm <> r.crm
                  where s.crm = any(array(select crm from cursors where sync = ${sync}))
                union all
                select r.crm, r.id, 5, 'duplicate', o.id from asked r
                  join duplicates d on d.sync = ${sync} and d.crm = r.crm and d.id = r.id
                  join duplicates o on o.sync = d.sync and o.crm = d.crm and o.leader = d.leader and o.id <> d.id)
            select distinct on (crm, id) crm, id, kind, other from hurdles order by crm, id, rank, other`,
      );
      return new Map(found.map(({ crm, id, kind, other }) => [refKey({ crm, id }), { is: kind, other }]));
    },

    async creationsOf(run, after, limit) {
      const found = await rows<CreationRecord>(
        db,
        sql`${ROW} where run = ${run} and (crm, pair) > (${after?.crm ?? ''}, ${after?.key ?? ''}) order by crm, pair limit ${limit}`,
      );
      return found.map(toRow);
    },

    async creationCounts(run) {
      const found = await rows<{ crm: Crm; n: number }>(
        db,
        sql`select crm, count(*)::int as n from creations where run = ${run} group by crm`,
      );
      return Object.fromEntries(found.map(({ crm, n }) => [crm, n]));
    },

    async addCreateTasks(run, plannedBy, crm, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with sliced as (
              select id, (row_number() over (order by id) - 1) / ${size} as slice
              from creations where run = ${plannedBy} and crm = ${crm} and state = 'planned')
            insert into tasks (run, queue, kind, payload, size)
            select ${run}, 'push', 'create',
              json_build_object('kind', 'create', 'crm', ${crm}::text, 'creations', json_agg(id)), count(*)::int
            from sliced group by slice order by slice
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },

    async creationRows(ids) {
      const found = await rows<CreationRecord>(db, sql`${ROW} where id = any(${[...ids]}) order by id`);
      return found.map(toRow);
    },

    async sentCreations(sync, keys) {
      const found = await rows<CreationRecord>(
        db,
        sql`${ROW} where sync = ${sync} and pair = any(${[...keys]}) and sent_at is not null order by id`,
      );
      return found.map(toRow);
    },

    async openCreations(sync) {
      const found = await rows<CreationRecord>(
        db,
        sql`${ROW} where sync = ${sync} and sent_at is not null and state = 'sending' order by id`,
      );
      return found.map(toRow);
    },

    async markCreating(run, ids, now) {
      await rows(
        db,
        sql`update creations set state = 'sending', sent_at = coalesce(sent_at, ${now}),
              done_run = coalesce(done_run, ${run})
            where id = any(${[...ids]}) and state in ('planned', 'sending')`,
      );
    },

    saveCreated: (sync, run, results, by, now) => saveCreated(db, sync, run, results, by, now),

    async createdBy(sync, run) {
      const found = await rows<{
        crm: Crm;
        id: RecordId;
        name: string;
        source_crm: Crm;
        source_id: RecordId;
        deleted: boolean;
      }>(
        db,
        sql`select c.crm, c.record as id, c.name, c.source_crm, c.source_id, coalesce(s.deleted, false) as deleted
            from creations c left join snapshots s on s.sync = c.sync and s.crm = c.crm and s.id = c.record
            where c.sync = ${sync} and c.state = 'created' and c.sent_at is not null
              and (c.done_run = ${run} or (c.run = ${run}
                and not exists (select 1 from creations d where d.done_run = ${run})))
            order by c.crm, c.record`,
      );
      return found.map(
        ({ crm, id, name, source_crm, source_id, deleted }): CreatedRecord => ({
          ref: { crm, id },
          name,
          source: { crm: source_crm, id: source_id },
          deleted,
        }),
      );
    },
  };
}

/** Replaces what this run had planned to make of these records, so that deciding twice plans once. */
export async function saveCreations(db: Executor, batch: ReconciledBatch): Promise<void> {
  await rows(
    db,
    sql`delete from creations where id = any(array(
          select c.id from json_to_recordset(${json(batch.records.map((record) => record.ref))}) as r (crm text, id text)
          cross join lateral (select id from creations where run = ${batch.run} and sync = ${batch.sync}
            and source_crm = r.crm and source_id = r.id and state = 'planned' offset 0) c))`,
  );
  const planned = batch.creations ?? [];
  if (planned.length === 0) return;
  const list = planned.map(({ source, key, ...rest }) => ({
    ...rest,
    pair: key,
    sc: source.crm,
    si: source.id,
  }));
  await rows(
    db,
    sql`insert into creations (sync, run, crm, pair, source_crm, source_id, name, fields, owned, agreed, state)
        select ${batch.sync}, ${batch.run}, c.crm, c.pair, c.sc, c.si, c.name, c.fields, c.owned, c.agreed, 'planned'
        from json_to_recordset(${json(list)}) as c (crm text, pair text, sc text, si text, name text, fields json,
          owned json, agreed json)`,
  );
}

function toRow(record: CreationRecord): CreationRow {
  return {
    creation: Number(record.id),
    run: record.run,
    crm: record.crm,
    key: record.pair,
    source: { crm: record.source_crm, id: record.source_id },
    name: record.name,
    fields: record.fields,
    owned: record.owned,
    agreed: record.agreed,
    state: record.state,
    sentAt: record.sent_at,
  };
}
