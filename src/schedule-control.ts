/** What people see of the nightly runs, and what they may order. */
import type { Kysely } from 'kysely';
import type { ScheduleOrder, ScheduleStatus } from './app.ts';
import type { AuditAction } from './core/audit.ts';
import type { SyncName } from './core/ids.ts';
import type { Clock } from './core/ports.ts';
import { isOverdue } from './core/schedule.ts';
import type { Store } from './core/store-port.ts';
import { type Cadence, nextDue } from './cron.ts';
import { schedules } from './store/schedules.ts';

export interface ScheduleControlParts {
  readonly db: Kysely<unknown>;
  readonly store: Store;
  readonly clock: Clock;
  readonly scheduleOf: (sync: SyncName) => (Cadence & { readonly alertAfterHours: number }) | null;
}

export interface ScheduleControl {
  /** null when the configuration has switched it off. */
  status(sync: SyncName): Promise<ScheduleStatus | null>;
  order(sync: SyncName, order: ScheduleOrder, by: string): Promise<ScheduleStatus | null>;
}

/** A scheduler that has not given a sign of life for this long is taken for gone. */
const SILENT_MS = 90_000;

const ACTION: Readonly<Record<ScheduleOrder, AuditAction>> = {
  pause: 'schedule.paused',
  resume: 'schedule.resumed',
  now: 'schedule.asked',
};

export function scheduleControl({ db, store, clock, scheduleOf }: ScheduleControlParts): ScheduleControl {
  const table = schedules(db);

  async function status(sync: SyncName): Promise<ScheduleStatus | null> {
    const cadence = scheduleOf(sync);
    if (cadence === null) return null;
    const now = clock.now();
    const [states, good, lastRun] = await Promise.all([
      table.load([sync], now),
      table.lastGood([sync]),
      table.lastRun(sync),
    ]);
    const state = states.get(sync);
    if (state === undefined) throw new Error(`the schedule of ${sync} is gone`);
    const lastGood = good.get(sync) ?? null;
    return {
      cron: cadence.cron,
      timeZone: cadence.timeZone,
      next: nextDue(sync, cadence, now),
      paused: state.paused,
      asked: state.asked,
      lastGood,
      lastRun,
      trouble: state.trouble,
      overdue: isOverdue(state, lastGood, now, cadence.alertAfterHours * 3_600_000),
      watched: state.watchedAt !== null && now - state.watchedAt < SILENT_MS,
    };
  }

  return {
    status,
    order: async (sync, order, by) => {
      if (scheduleOf(sync) === null) return null;
      const now = clock.now();
      await table.load([sync], now);
      const changed =
        order === 'pause'
          ? await table.pause(sync, by, now)
          : order === 'resume'
            ? await table.resume(sync, now)
            : await table.ask(sync, by, now).then(() => true);
      if (changed)
        await store.tx((tx) => tx.audit({ at: now, sync, by, action: ACTION[order], details: {} }));
      return status(sync);
    },
  };
}
