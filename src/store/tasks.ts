import type { RunId } from '../core/ids.ts';
import type { Job } from '../core/queue-port.ts';
import type { StoreTx } from '../core/store-port.ts';
import type { RunPhase, TaskPayload, TaskRow } from '../core/store-rows.ts';
import { named } from './inbox.ts';
import { SILENT_MS, shutOutSilent } from './silent-workers.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';
import { WORKER_LOCK_CLASS } from './worker-lock.ts';

type Tasks = Pick<
  StoreTx,
  | 'addTasks'
  | 'claimTask'
  | 'finishTask'
  | 'checkpointTask'
  | 'unqueuedTasks'
  | 'markQueued'
  | 'openTasks'
  | 'reviveTasks'
  | 'releaseTask'
  | 'holdsTask'
  | 'reclaimTasks'
  | 'waitingTasks'
  | 'progress'
  | 'isWorkerAlive'
  | 'addReconcileTasks'
  | 'addNamedTasks'
  | 'addMovedTasks'
  | 'addPushTasks'
>;

export interface TaskRecord {
  id: string | number;
  run: RunId;
  queue: Job['queue'];
  payload: TaskPayload;
  epoch: number;
}

/** Is the process of that worker key alive? It holds a session lock for as long as it lives. */
export const alive = (worker: unknown) =>
  sql`exists (select 1 from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = ${WORKER_LOCK_CLASS} and objid = ${worker})`;

/** Keys of `dirty` groups as tasks of a run. */
const reconcileSlices = (run: RunId, size: number) => sql`
  sliced as (select key, (row_number() over (order by key) - 1) / ${size} as slice from dirty)
  insert into tasks (run, queue, kind, payload, size)
  select ${run}, 'reconcile', 'reconcile',
    json_build_object('kind', 'reconcile', 'round', 0, 'groups', json_agg(key)), count(*)::int
  from sliced group by slice order by slice
  returning id, run, queue, payload, epoch`;

/** When the server has just been started, nobody has had the time to take its lock again. */
const settled = sql`pg_postmaster_start_time() < clock_timestamp() - interval '10 seconds'`;

/** Units of work of a run. */
export function tasks(db: Executor): Tasks {
  return {
    async addTasks(run, list) {
      if (list.length === 0) return [];
      const found = await rows<TaskRecord>(
        db,
        sql`insert into tasks (run, queue, kind, payload, size)
            select ${run}, t.queue, t.payload ->> 'kind', t.payload, t.size
            from json_to_recordset(${json(list)}) as t (queue text, payload json, size int)
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },

    async claimTask(id, epoch, worker) {
      const found = await row<TaskRecord>(
        db,
        sql`update tasks set worker = ${worker}
            where id = ${id} and epoch = ${epoch} and not done
              and (worker is null or worker = ${worker} or not ${alive(sql`tasks.worker`)})
            returning id, run, queue, payload, epoch`,
      );
      return found === null ? null : toTask(found);
    },

    async finishTask(id, epoch) {
      const found = await row(
        db,
        sql`update tasks set done = true where id = ${id} and epoch = ${epoch} and not done returning 1`,
      );
      return found !== null;
    },

    async checkpointTask(id, epoch, payload) {
      const found = await row(
        db,
        sql`update tasks t set payload = ${json(payload)} from runs r
            where t.id = ${id} and t.epoch = ${epoch} and not t.done and r.run = t.run and r.state = 'running'
            returning 1`,
      );
      return found !== null;
    },

    async unqueuedTasks(run) {
      const found = await rows<TaskRecord>(
        db,
        sql`select id, run, queue, payload, epoch from tasks where run = ${run} and not done and not queued
            order by id`,
      );
      return found.map(toTask);
    },

    async markQueued(list) {
      const marks = list.map(({ id, epoch }) => ({ id, epoch }));
      await rows(
        db,
        sql`update tasks t set queued = true
            from json_to_recordset(${json(marks)}) as m (id bigint, epoch int)
            where t.id = m.id and t.epoch = m.epoch`,
      );
    },

    async openTasks(run) {
      const found = await row<{ n: number }>(
        db,
        sql`select count(*)::int as n from tasks where run = ${run} and not done`,
      );
      return found?.n ?? 0;
    },

    async reviveTasks(run) {
      const found = await rows<TaskRecord>(
        db,
        sql`update tasks set worker = null, epoch = epoch + 1, queued = false
            where run = ${run} and not done and (worker is null or not ${alive(sql`tasks.worker`)})
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },

    async releaseTask(id, epoch) {
      await rows(db, sql`update tasks set worker = null where id = ${id} and epoch = ${epoch} and not done`);
    },

    async holdsTask(id, epoch, worker) {
      const found = await row(
        db,
        sql`select 1 from tasks t join runs r on r.run = t.run
            where t.id = ${id} and t.epoch = ${epoch} and t.worker = ${worker} and not t.done
              and r.state = 'running'`,
      );
      return found !== null;
    },

    async reclaimTasks() {
      await shutOutSilent(db, SILENT_MS);
      const found = await rows<TaskRecord>(
        db,
        sql`update tasks t set worker = null, epoch = t.epoch + 1, queued = false from runs r
            where r.run = t.run and r.state = 'running' and not t.done and t.worker is not null
              and ${settled} and not ${alive(sql`t.worker`)}
            returning t.id, t.run, t.queue, t.payload, t.epoch`,
      );
      return found.map(toTask).sort((a, b) => Number(a.id) - Number(b.id));
    },

    async waitingTasks(limit) {
      const found = await rows<TaskRecord & { total: number }>(
        db,
        sql`select t.id, t.run, t.queue, t.payload, t.epoch, count(*) over ()::int as total
            from tasks t join runs r on r.run = t.run
            where r.state = 'running' and not t.done and t.queued and t.worker is null
            order by t.id limit ${limit}`,
      );
      return { count: found[0]?.total ?? 0, oldest: found.map(toTask) };
    },

    async progress(run) {
      const found = await row<{ phase: RunPhase; done: number; total: number | null }>(
        db,
        // Of a reading that has ended it is known how much there was, also where its pages did not tell.
        sql`select r.phase,
              coalesce(sum(case when t.kind <> 'pull' then case when t.done then t.size else 0 end
                when t.done then coalesce(s.expected, s.seen) else s.seen end), 0)::int as done,
              case when bool_or(t.kind = 'pull' and s.expected is null and not t.done) then null
                else coalesce(sum(case when t.kind = 'pull' then coalesce(s.expected, s.seen) else t.size end), 0)::int
                end as total
            from runs r left join tasks t on t.run = r.run and t.kind = r.phase
            left join lateral (select (t.payload ->> 'seen')::int as seen, (t.payload ->> 'expected')::int as expected) s on true
            where r.run = ${run} group by r.phase`,
      );
      return found ?? { phase: 'finish', done: 0, total: null };
    },

    async isWorkerAlive(worker) {
      const found = await row<{ alive: boolean }>(db, sql`select ${alive(worker)} as alive`);
      return found?.alive ?? false;
    },

    async addReconcileTasks(sync, run, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with dirty as (
              select distinct case when pair is null then crm || ':' || id else 'pair:' || pair end as key
              from snapshots where sync = ${sync} and dirty),
            ${reconcileSlices(run, size)}`,
      );
      return found.map(toTask);
    },

    async addNamedTasks(sync, run, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with dirty as (
              select distinct case when s.pair is null then s.crm || ':' || s.id else 'pair:' || s.pair end as key
              from ${named(run)} n join snapshots s on s.sync = ${sync} and s.crm = n.crm and s.id = n.record
              where s.dirty),
            ${reconcileSlices(run, size)}`,
      );
      return found.map(toTask);
    },

    async addMovedTasks(run, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with moved as (
              update changes set state = 'replanned' where run = ${run} and state = 'moved' returning pair, round),
            again as (select 'pair:' || pair as key, max(round) + 1 as round from moved group by pair),
            sliced as (select key, round, (row_number() over (order by key) - 1) / ${size} as slice from again)
            insert into tasks (run, queue, kind, payload, size)
            select ${run}, 'reconcile', 'reconcile',
              json_build_object('kind', 'reconcile', 'round', max(round), 'groups', json_agg(key)), count(*)::int
            from sliced group by slice order by slice
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },

    async addPushTasks(run, changesOf, crm, size) {
      const found = await rows<TaskRecord>(
        db,
        sql`with sliced as (
              select id, (row_number() over (order by id) - 1) / ${size} as slice
              from changes where run = ${changesOf} and crm = ${crm} and state = 'planned')
            insert into tasks (run, queue, kind, payload, size)
            select ${run}, 'push', 'push',
              json_build_object('kind', 'push', 'crm', ${crm}::text, 'changes', json_agg(id)), count(*)::int
            from sliced group by slice order by slice
            returning id, run, queue, payload, epoch`,
      );
      return found.map(toTask);
    },
  };
}

export function toTask(record: TaskRecord): TaskRow {
  return {
    id: String(record.id),
    run: record.run,
    queue: record.queue,
    payload: record.payload,
    epoch: record.epoch,
  };
}
