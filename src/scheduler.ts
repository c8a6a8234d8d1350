/** The scheduler role: starts nightly runs when they are due, in however many processes it runs. */

import { type NotedFault, noted, OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import type { EpochMs, RunId, SyncName } from './core/ids.ts';
import type { Clock, Log, Sleep } from './core/ports.ts';
import { isOverdue, type ScheduleState, START_BACK_OFF, wasMade, whatIsDue } from './core/schedule.ts';
import { growingBackOff } from './core/timing.ts';
import { type Cadence, dueMoments } from './cron.ts';
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
/** Signs of life are written, and overdue nights looked for, this often. */
const WATCH_EVERY_MS = 30_000;
/** Runs that are being started at once: each holds a connection to the database until its CRMs have answered. */
const MOST_STARTING = 4;

/** A sync whose run could not be started. */
interface Patience {
  readonly failures: number;
  readonly failedAt: EpochMs;
  readonly notBefore: EpochMs;
}

/**
 * Looks after every sync until the signal aborts. The moment a run is due for is marked as answered once the run has been
 * started: a process that dies before leaves it to the next look, one that dies after leaves a run that is resumed. A CRM
 * that takes its time keeps no other sync waiting.
 */
export async function runScheduler(deps: SchedulerDeps, signal: AbortSignal): Promise<void> {
  const { clock, schedules, log } = deps;
  const names = [...deps.syncs.keys()];
  const nights = new Nights(deps, signal);
  const told = new Set<SyncName>();
  let watched = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now = clock.now();
    try {
      const states = await schedules.load(names, now);
      if (Math.abs(now - watched) >= WATCH_EVERY_MS) {
        watched = now;
        await schedules.watched(names, now);
        await alert(deps, states, now, told);
      }
      for (const [sync, state] of states) nights.look(sync, state, now);
    } catch (error) {
      // The database is away: what is due stays due.
      if (!signal.aborted) log.warn('schedules could not be looked after', { error: messageOf(error) });
    }
    await deps.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await nights.settled();
}

/** The nights this process is at. */
class Nights {
  readonly #deps: SchedulerDeps;
  readonly #signal: AbortSignal;
  readonly #under = new Map<SyncName, Promise<void>>();
  /** Due, and waiting for another to be started. */
  readonly #waiting = new Set<SyncName>();
  readonly #patience = new Map<SyncName, Patience>();
  readonly #lastDue: ReadonlyMap<SyncName, ((now: EpochMs) => EpochMs | null) | null>;
  #starting = 0;

  constructor(deps: SchedulerDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#lastDue = new Map(
      [...deps.syncs].map(([sync, cadence]) => [sync, cadence === null ? null : dueMoments(sync, cadence)]),
    );
  }

  /** Attends to the sync when something is due and this process is not at it already. Does not wait. */
  look(sync: SyncName, state: ScheduleState, now: EpochMs): void {
    if (this.#under.has(sync)) return;
    const failed = this.#patience.get(sync);
    // After the clock was put back nobody knows how long ago that was.
    const patience = failed !== undefined && failed.failedAt <= now ? failed : undefined;
    // Who asks anew has perhaps changed something; a wish that was tried waits as a night does.
    const isNewWish = state.asked !== null && state.asked.at > (patience?.failedAt ?? 0);
    if (patience !== undefined && now < patience.notBefore && !isNewWish) return;
    if (this.#due(sync, state, now).is === 'nothing') return;
    this.#waiting.add(sync);
    this.#goOn();
  }

  #goOn(): void {
    for (const sync of this.#waiting) {
      if (this.#starting >= MOST_STARTING || this.#signal.aborted) return;
      this.#waiting.delete(sync);
      this.#under.set(
        sync,
        this.#attend(sync).finally(() => this.#under.delete(sync)),
      );
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#under.values());
  }

  #due(sync: SyncName, state: ScheduleState, now: EpochMs) {
    return whatIsDue(state, this.#lastDue.get(sync)?.(now) ?? null, now);
  }

  async #attend(sync: SyncName): Promise<void> {
    const { schedules, log, clock } = this.#deps;
    this.#starting += 1;
    let run: RunId | null = null;
    try {
      run = await schedules.alone(sync, (own) => this.#answer(own, sync, clock.now()));
    } catch (error) {
      if (!this.#signal.aborted)
        log.warn('schedule could not be looked after', { sync, error: messageOf(error) });
    } finally {
      this.#starting -= 1;
      this.#goOn();
    }
    if (run !== null) await this.#follow(sync, run);
  }

  /** Answers the run that was started, or null. */
  async #answer(schedules: Schedules, sync: SyncName, now: EpochMs): Promise<RunId | null> {
    // Another process may have been quicker.
    const state = (await schedules.load([sync], now)).get(sync);
    const due = state === undefined ? null : this.#due(sync, state, now);
    if (state === undefined || due === null || due.is === 'nothing') return null;
    let run: RunId | null = null;
    if (due.is === 'run' && !wasMade(due, await schedules.lastRun(sync))) {
      const { log } = this.#deps;
      try {
        run = await this.#deps.start(sync, due.by);
      } catch (error) {
        // Another one is going on, perhaps a short one: looked at again in a moment.
        if (error instanceof OppsyncError && error.details.code === 'run.going_on') return null;
        if (this.#signal.aborted) return null;
        await this.#bear(schedules, sync, error);
        // Waiting helps where a CRM is away; where the configuration is wrong, the next night will say so again.
        if (mayPass(error)) return null;
      }
      if (run !== null) {
        this.#patience.delete(sync);
        if (state.trouble !== null) await schedules.troubled(sync, null, now);
        if (due.late)
          log.info('missed scheduled run is caught up', {
            sync,
            run,
            dueAt: new Date(due.due).toISOString(),
          });
      }
    }
    await schedules.fired(sync, due.due, state.asked?.at ?? null);
    return run;
  }

  /** Notes why there is no run, for whoever looks, and waits longer each time. */
  async #bear(schedules: Schedules, sync: SyncName, error: unknown): Promise<void> {
    // Finding out may have taken a while.
    const now = this.#deps.clock.now();
    const failures = (this.#patience.get(sync)?.failures ?? 0) + 1;
    const { resumesAt, ...details } = detailsOf(error);
    const notBefore = mayPass(error) ? (resumesAt ?? now + growingBackOff(START_BACK_OFF, failures, 0)) : now;
    this.#patience.set(sync, { failures, failedAt: now, notBefore });
    this.#deps.log.error('scheduled run could not start', {
      sync,
      code: details.code,
      error: details.message,
      failures,
    });
    await schedules.troubled(sync, details, now);
  }

  async #follow(sync: SyncName, run: RunId): Promise<void> {
    const { log } = this.#deps;
    try {
      const state = await this.#deps.ended(run);
      if (state === 'parked') log.warn('scheduled run waits for approval of its plan', { sync, run });
      else log.info('scheduled run ended', { sync, run, state });
    } catch (error) {
      if (this.#signal.aborted) return;
      const { code, message, resumesAt } = detailsOf(error);
      if (resumesAt === undefined) log.error('scheduled run failed', { sync, run, code, error: message });
      else log.warn('scheduled run rests', { sync, run, code, resumesAt: new Date(resumesAt).toISOString() });
    }
  }
}

/** Once per process, until it is good again. */
async function alert(
  { schedules, log, syncs }: SchedulerDeps,
  states: ReadonlyMap<SyncName, ScheduleState>,
  now: EpochMs,
  told: Set<SyncName>,
): Promise<void> {
  const lastGood = await schedules.lastGood([...states.keys()]);
  for (const [sync, state] of states) {
    const hours = syncs.get(sync)?.alertAfterHours;
    const good = lastGood.get(sync) ?? null;
    if (hours === undefined || !isOverdue(state, good, now, hours * 3_600_000)) told.delete(sync);
    else if (!told.has(sync)) {
      told.add(sync);
      log.error('nightly run is overdue', {
        sync,
        lastGood: good === null ? null : new Date(good).toISOString(),
        limitHours: hours,
      });
    }
  }
}

/** A CRM that is away comes back, and a day's allowance is new the next day. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof OppsyncError)) return false;
  const { recovery, resumesAt } = error.details;
  return recovery === 'retry' || recovery === 'wait' || resumesAt !== undefined;
}

function detailsOf(error: unknown): NotedFault & { readonly resumesAt?: number } {
  if (!(error instanceof OppsyncError))
    return { ...faultOf('run.internal', { words: messageOf(error) }), code: 'internal' };
  const { resumesAt } = error.details;
  return { ...noted(error.details), ...(resumesAt === undefined ? {} : { resumesAt }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
