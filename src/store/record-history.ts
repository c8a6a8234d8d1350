/** What was seen to change on records: the observed history behind time in stage, pushes and waterfalls. */
import type { Crm, EpochMs, RecordId, RunId, SyncName } from '../core/ids.ts';
import type { HistoryEntry } from '../core/measure-record.ts';
import { type Executor, json, rows, sql } from './sql.ts';

/** Fields whose changes are kept. */
const FIELDS = ['stage', 'amount', 'closeDate'];

/**
 * Notes what new snapshots of known records change, before they are stored. `at` is the CRM's own change stamp. A field that
 * was not read, now or before, has not changed. The caller leaves out snapshots older than the stored ones.
 */
export async function noteSeen(
  db: Executor,
  sync: SyncName,
  run: RunId,
  crm: Crm,
  records: readonly { readonly id: RecordId; readonly changed_at: EpochMs; readonly fields: unknown }[],
): Promise<void> {
  if (records.length === 0) return;
  const slim = records.map(({ id, changed_at, fields }) => ({ id, changed_at, fields }));
  await rows(
    db,
    sql`insert into record_history (sync, crm, record, at, field, before, after, run)
        select ${sync}, ${crm}, s.id, r.changed_at, f.name, s.fields ->> f.name, r.fields ->> f.name, ${run}
        from json_to_recordset(${json(slim)}) as r (id text, changed_at bigint, fields json)
        join snapshots s on s.sync = ${sync} and s.crm = ${crm} and s.id = r.id
        cross join unnest(${FIELDS}::text[]) as f (name)
        where s.fields -> f.name is not null and r.fields -> f.name is not null
          and case when f.name = 'amount' then amount_of(s.fields) is distinct from amount_of(r.fields)
            else s.fields ->> f.name is distinct from r.fields ->> f.name end
        order by r.changed_at, s.id`,
  );
}

/** Notes what our own writes changed, once they are known to have been applied. */
export async function noteWritten(
  db: Executor,
  sync: SyncName,
  run: RunId,
  written: readonly { readonly change: number; readonly changedAt: EpochMs | null }[],
  now: EpochMs,
): Promise<void> {
  if (written.length === 0) return;
  const slim = written.map(({ change, changedAt }) => ({ change, at: changedAt ?? now }));
  await rows(
    db,
    sql`insert into record_history (sync, crm, record, at, field, before, after, run)
        select ${sync}, c.crm, c.record, r.at, f ->> 'field', f ->> 'before', f ->> 'after', ${run}
        from json_to_recordset(${json(slim)}) as r (change bigint, at bigint)
        join changes c on c.id = r.change
        cross join json_array_elements(c.fields) f
        where not (f ->> 'owned')::boolean and f ->> 'field' = any(${FIELDS})
        order by r.at, c.id`,
  );
}

export interface RecordHistory extends HistoryEntry {
  readonly crm: Crm;
  readonly record: RecordId;
}

/** Observed changes of fields and verdicts of the given records, earliest first. */
export async function historyOf(
  db: Executor,
  sync: SyncName,
  crm: Crm,
  ids: readonly RecordId[],
): Promise<readonly RecordHistory[]> {
  return rows<RecordHistory>(
    db,
    sql`select crm, record, at, field, before as "from", after as "to" from record_history
        where sync = ${sync} and crm = ${crm} and record = any(${[...ids]})
        union all
        select crm, record, at, 'status', ${standing('before')}, ${standing('after')} from verdict_history
        where sync = ${sync} and crm = ${crm} and record = any(${[...ids]})
          and ${standing('before')} <> ${standing('after')}
        order by at`,
  );
}

/**
 * What pushed counts are made of: changes of stage, close date and standing by record. Our own writes are marked, also where
 * one was found to be there already.
 */
export async function movesOf(
  db: Executor,
  sync: SyncName,
  records: readonly { readonly crm: Crm; readonly id: RecordId }[],
): Promise<ReadonlyMap<string, readonly HistoryEntry[]>> {
  const refs = json(records.map(({ crm, id }) => ({ crm, id })));
  const found = await rows<HistoryEntry & { readonly crm: Crm; readonly id: RecordId }>(
    db,
    sql`with wanted as materialized (select crm, id from json_to_recordset(${refs}) as r (crm text, id text))
        select w.crm, w.id, h.at, h.field, h.before as "from", h.after as "to", h.id as turn, h.told, h.own or not h.told and exists (
          select from changes c where c.sync = h.sync and c.crm = h.crm and c.record = h.record and c.done_run = h.run
            and c.fields::jsonb @> jsonb_build_array(
              jsonb_build_object('field', h.field, 'after', h.after, 'owned', false))) as own
        from wanted w join record_history h on h.sync = ${sync} and h.crm = w.crm and h.record = w.id
        where h.field <> 'amount'
        union all
        select w.crm, w.id, v.at, 'status', ${standing('before')}, ${standing('after')}, v.id, false, false
        from wanted w join verdict_history v on v.sync = ${sync} and v.crm = w.crm and v.record = w.id
        where ${standing('before')} <> ${standing('after')}
        order by at, field, turn`,
  );
  const byRecord = new Map<string, HistoryEntry[]>();
  for (const { crm, id, at, field, from, to, own, told } of found) {
    const list = byRecord.get(`${crm}:${id}`) ?? [];
    list.push({ at, field, from, to, ...(own === true ? { own } : {}), ...(told === true ? { told } : {}) });
    byRecord.set(`${crm}:${id}`, list);
  }
  return byRecord;
}

/** Status and outcome of a stored verdict as one word, as {@link ../core/measure-record.ts standingOf} writes it. */
function standing(column: 'before' | 'after') {
  const verdict = sql.ref(column);
  return sql`concat_ws('/', ${verdict} ->> 'status', ${verdict} ->> 'outcome')`;
}
