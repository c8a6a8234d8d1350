import type { Kysely } from 'kysely';
import { type NotedFault, noted } from '../core/errors.ts';
import type { EpochMs, SyncName } from '../core/ids.ts';
import { AHEAD_MS, type NightlyRun, type ScheduleState, type ScheduleTrouble } from '../core/schedule.ts';
import { type Executor, json, row, rows, sql } from './sql.ts';

interface ScheduleRecord {
  sync: SyncName;
  first_seen: EpochMs;
  fired_for: EpochMs;
  paused_by: string | null;
  paused_at: EpochMs | null;
  asked_by: string | null;
  asked_at: EpochMs | null;
  watched_at: EpochMs | null;
  trouble: ScheduleTrouble | null;
}

/** Where the nightly runs stand. */
export interface Schedules {
  /**
   * The states of these, in one question however many they are. One that was not known begins with `now` answered, so that
   * nothing is started for a night before the sync existed.
   */
  load(syncs: readonly SyncName[], now: EpochMs): Promise<ReadonlyMap<SyncName, ScheduleState>>;
  /** The due moment is answered, and so is the wish that stood at `asked`. */
  fired(sync: SyncName, due: EpochMs, asked: EpochMs | null): Promise<void>;
  /** Does the work while no other process does any for this sync; answers null, without doing it, when one does. */
  alone<T>(sync: SyncName, work: (own: Schedules) => Promise<T>): Promise<T | null>;
  watched(syncs: readonly SyncName[], now: EpochMs): Promise<void>;
  /** Why a run could not be started; null when one could. */
  troubled(sync: SyncName, trouble: Omit<ScheduleTrouble, 'since'> | null, now: EpochMs): Promise<void>;
  /** Answers false when it was paused already. */
  pause(sync: SyncName, by: string, now: EpochMs): Promise<boolean>;
  /** Answers false when it was not paused. What fell due meanwhile is not caught up. */
  resume(sync: SyncName, now: EpochMs): Promise<boolean>;
  ask(sync: SyncName, by: string, now: EpochMs): Promise<void>;
  /**
   * End of the last complete run that wrote or had nothing to write, or of the approval that carried out the plan of one; a
   * sync without any is left out.
   */
  lastGood(syncs: readonly SyncName[]): Promise<ReadonlyMap<SyncName, EpochMs>>;
  /** The last complete run, however it ended; null = none yet. */
  lastRun(sync: SyncName): Promise<NightlyRun | null>;
}

/** Keeps our advisory locks apart from others of the database. */
const LOCK_FAMILY = 0x6f707073;

export function schedules(db: Kysely<unknown>): Schedules {
  return {
    ...table(db),
    // The lock goes with the transaction, and so with the process.
    alone: (sync, work) =>
      db.transaction().execute(async (tx) => {
        const lock = sql<{
          held: boolean;
        }>`select pg_try_advisory_xact_lock(${LOCK_FAMILY}, hashtext(${sync})) as held`;
        if ((await row(tx, lock))?.held !== true) return null;
        const own: Schedules = { ...table(tx), alone: (_sync, inner) => inner(own) };
        return work(own);
      }),
  };
}

function table(db: Executor): Omit<Schedules, 'alone'> {
  return {
    async load(syncs, now) {
      const read = () =>
        rows<ScheduleRecord>(db, sql`select * from schedules where sync = any(${[...syncs]}::text[])`);
      let found = await read();
      if (found.length < syncs.length) {
        await rows(
          db,
          sql`insert into schedules (sync, first_seen, fired_for)
              select sync, ${now}, ${now} from unnest(${[...syncs]}::text[]) as s (sync) on conflict do nothing`,
        );
        found = await read();
      }
      return new Map(found.map((record) => [record.sync, stateOf(record)]));
    },

    async fired(sync, due, asked) {
      await rows(
        db,
        sql`update schedules set
              fired_for = case when fired_for - ${due} > ${AHEAD_MS} then ${due} else greatest(fired_for, ${due}) end,
              asked_by = case when asked_at <= ${asked} then null else asked_by end,
              asked_at = case when asked_at <= ${asked} then null else asked_at end
            where sync = ${sync}`,
      );
    },

    async watched(syncs, now) {
      await rows(
        db,
        sql`update schedules set watched_at = ${now}
            where sync in (select sync from schedules where sync = any(${[...syncs]}::text[]) order by sync for update)`,
      );
    },

    async troubled(sync, trouble, now) {
      await rows(
        db,
        trouble === null
          ? sql`update schedules set trouble = null where sync = ${sync} and trouble is not null`
          : sql`update schedules set trouble = ${json(trouble)}::jsonb
                  || jsonb_build_object('since', coalesce((trouble ->> 'since')::bigint, ${now}::bigint))
                where sync = ${sync}`,
      );
    },

    async pause(sync, by, now) {
      const found = await row(
        db,
        sql`update schedules set paused_by = ${by}, paused_at = ${now}
            where sync = ${sync} and paused_at is null returning sync`,
      );
      return found !== null;
    },

    async resume(sync, now) {
      const found = await row(
        db,
        sql`update schedules set paused_by = null, paused_at = null, fired_for = greatest(fired_for, ${now})
            where sync = ${sync} and paused_at is not null returning sync`,
      );
      return found !== null;
    },

    async ask(sync, by, now) {
      await rows(db, sql`update schedules set asked_by = ${by}, asked_at = ${now} where sync = ${sync}`);
    },

    async lastGood(syncs) {
      const found = await rows<{ sync: SyncName; at: EpochMs | null }>(
        db,
        sql`select s.sync, greatest(
              (select finished_at from runs where sync = s.sync and mode = 'sync' and mode <> 'events' and full_read and state = 'done'
               order by started_at desc limit 1),
              (select a.finished_at from runs n join plans p on p.sync = n.sync and p.run = n.run
               join runs a on a.sync = n.sync and a.mode = 'apply' and a.plan_digest = p.digest and a.state = 'done'
                 and a.started_at >= n.started_at
               where n.run = (select run from runs where sync = s.sync and mode = 'sync' and mode <> 'events' and full_read
                              order by started_at desc limit 1)
               order by a.started_at desc limit 1)) as at
            from unnest(${[...syncs]}::text[]) as s (sync)`,
      );
      return new Map(found.flatMap(({ sync, at }) => (at === null ? [] : [[sync, Number(at)] as const])));
    },

    async lastRun(sync) {
      const found = await row<{ run: string; state: string; by: string; at: EpochMs; error: string | null }>(
        db,
        sql`select run, by_whom as by, started_at as at, error,
              case when state = 'parked' and not exists (
                  select 1 from plans p where p.sync = r.sync and p.run = r.run and p.state = 'open')
                then 'answered' else state end as state
            from runs r where sync = ${sync} and mode = 'sync' and mode <> 'events' and full_read
            order by started_at desc limit 1`,
      );
      if (found === null) return null;
      const { run, state, by, at, error } = found;
      return { run, state, by, startedAt: Number(at), error: error === null ? null : explained(error) };
    },
  };
}

function stateOf(found: ScheduleRecord): ScheduleState {
  return {
    firedFor: Number(found.fired_for),
    firstSeen: Number(found.first_seen),
    paused: mark(found.paused_by, found.paused_at),
    asked: mark(found.asked_by, found.asked_at),
    watchedAt: found.watched_at === null ? null : Number(found.watched_at),
    trouble: found.trouble,
  };
}

function mark(by: string | null, at: EpochMs | null): { by: string; at: EpochMs } | null {
  return by === null || at === null ? null : { by, at: Number(at) };
}

/** The error of a run is stored as JSON details, or as a plain sentence. */
function explained(text: string): NonNullable<NightlyRun['error']> {
  try {
    const kept = JSON.parse(text) as NotedFault | null;
    if (typeof kept?.message === 'string') {
      const { code: _code, ...told } = noted(kept);
      return { ...told, remedy: told.remedy ?? '' };
    }
  } catch {
    // A plain sentence.
  }
  return { message: text, remedy: '' };
}
