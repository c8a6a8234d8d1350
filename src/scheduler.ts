/** The scheduler role: starts nightly runs when they are due, in however many processes it runs. */

import { OppsyncError } from './core/errors.ts';
import type { EpochMs, RunId, SyncName } from './core/ids.ts';
import type { Clock, Log, Sleep } from './core/ports.ts';
import { isOverdue, whatIsDue } from './core/schedule.ts';
import { type Cadence, lastDue } from './cron.ts';
import type { Schedules } from './store/schedules.ts';

export interface SchedulerDeps {
  readonly syncs: ReadonlyMap<SyncName, (Cadence & { readonly alertAfterHours: number }) | null>;
  readonly schedules: Schedules;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  /** Starts (or goes on with) the complete run; throws `run.going_on` while another one is alive. */
  readonly start: (sync: SyncName, by: string) => Promise<RunId>;
  /** Resolves with its state when it has ended; throws what ended it. */
  readonly ended: (run: RunId) => Promise<string>;
}

const LOOK_EVERY_MS = 5_000;
/** Signs of life are written this often. */
const WATCH_EVERY_MS = 30_000;

/**
 * Looks after every sync until the signal aborts. The moment a run is due for is marked as answered once the run has been
 * started: a process that dies before leaves it to the next look, one that dies after leaves a run that is resumed.
 */
export async function runScheduler(deps: SchedulerDeps, signal: AbortSignal): Promise<void> {
  const under = new Map<SyncName, Promise<void>>();
  const told = new Set<SyncName>();
  let watched = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now = deps.clock.now();
    const sign = now - watched >= WATCH_EVERY_MS;
    if (sign) watched = now;
    for (const sync of deps.syncs.keys()) {
      if (under.has(sync)) continue;
      try {
        const run = await deps.schedules.alone(sync, (own) =>
          look({ ...deps, schedules: own }, sync, now, sign, told),
        );
        if (run !== null)
          under.set(
            sync,
            follow(deps, sync, run, signal).finally(() => under.delete(sync)),
          );
      } catch (error) {
        if (signal.aborted) break;
        // The database is away, or a CRM is: what is due stays due.
        deps.log.warn('schedule could not be looked after', { sync, error: messageOf(error) });
      }
    }
    await deps.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await Promise.allSettled(under.values());
}

/** Answers the run that was started, or null. */
async function look(
  deps: SchedulerDeps,
  sync: SyncName,
  now: EpochMs,
  sign: boolean,
  told: Set<SyncName>,
): Promise<RunId | null> {
  const { schedules, log } = deps;
  const cadence = deps.syncs.get(sync) ?? null;
  const state = await schedules.load(sync, now);
  if (sign) await schedules.watched(sync, now);
  if (cadence !== null) await alert(deps, sync, state, cadence.alertAfterHours, now, told);
  const due = whatIsDue(state, cadence === null ? null : lastDue(sync, cadence, now), now);
  if (due.is === 'nothing') return null;
  let run: RunId | null = null;
  if (due.is === 'run') {
    if (due.late)
      log.info('missed scheduled run is caught up', { sync, dueAt: new Date(due.due).toISOString() });
    try {
      run = await deps.start(sync, due.by);
    } catch (error) {
      // Another one is going on, perhaps a short one: looked at again in a moment.
      if (error instanceof OppsyncError && error.details.code === 'run.going_on') return null;
      log.error('scheduled run could not start', { sync, error: messageOf(error) });
      // Waiting helps where a CRM is away; where the configuration is wrong, the next night will say so again.
      if (error instanceof OppsyncError && ['retry', 'wait'].includes(error.details.recovery)) return null;
    }
  }
  await schedules.fired(sync, due.due, state.asked?.at ?? null);
  return run;
}

async function follow(deps: SchedulerDeps, sync: SyncName, run: RunId, signal: AbortSignal): Promise<void> {
  try {
    deps.log.info('scheduled run ended', { sync, run, state: await deps.ended(run) });
  } catch (error) {
    if (!signal.aborted) deps.log.error('scheduled run failed', { sync, run, error: messageOf(error) });
  }
}

/** Once per process, until it is good again. */
async function alert(
  { schedules, log }: SchedulerDeps,
  sync: SyncName,
  state: { readonly firstSeen: EpochMs },
  hours: number,
  now: EpochMs,
  told: Set<SyncName>,
): Promise<void> {
  const lastGood = await schedules.lastGood(sync);
  if (!isOverdue(state, lastGood, now, hours * 3_600_000)) told.delete(sync);
  else if (!told.has(sync)) {
    told.add(sync);
    log.error('nightly run is overdue', {
      sync,
      lastGood: lastGood === null ? null : new Date(lastGood).toISOString(),
      limitHours: hours,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
