import type { Kysely } from 'kysely';
import type { EpochMs, SyncName } from '../core/ids.ts';
import type { ScheduleState } from '../core/schedule.ts';
import { type Executor, row, rows, sql } from './sql.ts';

interface ScheduleRecord {
  first_seen: EpochMs;
  fired_for: EpochMs;
  paused_by: string | null;
  paused_at: EpochMs | null;
  asked_by: string | null;
  asked_at: EpochMs | null;
  watched_at: EpochMs | null;
}

/** Where the nightly runs stand. */
export interface Schedules {
  /** The state of one; it begins with `now` answered, so that nothing is started for a night before the sync existed. */
  load(sync: SyncName, now: EpochMs): Promise<ScheduleState>;
  /** The due moment is answered, and so is the wish that stood at `asked`. */
  fired(sync: SyncName, due: EpochMs, asked: EpochMs | null): Promise<void>;
  /** Does the work while no other process does any for this sync; answers null, without doing it, when one does. */
  alone<T>(sync: SyncName, work: (own: Schedules) => Promise<T>): Promise<T | null>;
  watched(sync: SyncName, now: EpochMs): Promise<void>;
  /** Answers false when it was paused already. */
  pause(sync: SyncName, by: string, now: EpochMs): Promise<boolean>;
  /** Answers false when it was not paused. What fell due meanwhile is not caught up. */
  resume(sync: SyncName, now: EpochMs): Promise<boolean>;
  ask(sync: SyncName, by: string, now: EpochMs): Promise<void>;
  /** End of the last complete run that wrote or had nothing to write; null = none yet. */
  lastGood(sync: SyncName): Promise<EpochMs | null>;
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
    async load(sync, now) {
      await rows(
        db,
        sql`insert into schedules (sync, first_seen, fired_for) values (${sync}, ${now}, ${now}) on conflict do nothing`,
      );
      const found = await row<ScheduleRecord>(db, sql`select * from schedules where sync = ${sync}`);
      if (found === null) throw new Error(`the schedule of ${sync} is gone`);
      return {
        firedFor: Number(found.fired_for),
        firstSeen: Number(found.first_seen),
        paused: mark(found.paused_by, found.paused_at),
        asked: mark(found.asked_by, found.asked_at),
        watchedAt: found.watched_at === null ? null : Number(found.watched_at),
      };
    },

    async fired(sync, due, asked) {
      await rows(
        db,
        sql`update schedules set fired_for = greatest(fired_for, ${due}),
              asked_by = case when asked_at <= ${asked} then null else asked_by end,
              asked_at = case when asked_at <= ${asked} then null else asked_at end
            where sync = ${sync}`,
      );
    },

    async watched(sync, now) {
      await rows(db, sql`update schedules set watched_at = ${now} where sync = ${sync}`);
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

    async lastGood(sync) {
      const found = await row<{ at: EpochMs | null }>(
        db,
        sql`select finished_at as at from runs
            where sync = ${sync} and mode = 'sync' and state = 'done' and full_read order by started_at desc limit 1`,
      );
      return found?.at == null ? null : Number(found.at);
    },
  };
}

function mark(by: string | null, at: EpochMs | null): { by: string; at: EpochMs } | null {
  return by === null || at === null ? null : { by, at: Number(at) };
}
