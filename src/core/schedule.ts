import type { NotedFault } from './errors.ts';
import type { EpochMs, RunId, SyncName } from './ids.ts';

/** Why the run of a due moment could not be started. */
export interface ScheduleTrouble extends NotedFault {
  /** The first time; it is tried again, or waits for the next night, as the error says. */
  readonly since: EpochMs;
}

/** Who a run is started by when nobody asked. */
export const BY_SCHEDULE = 'schedule';

/** The last run of a night, however it ended. */
export interface NightlyRun {
  readonly run: RunId;
  /** As that of any run; `answered`: a brake had stopped it, and its plan does not wait any more. */
  readonly state: string;
  readonly by: string;
  readonly startedAt: EpochMs;
  /** Why it failed, or rests. */
  readonly error: Omit<NotedFault, 'code'> | null;
}

/** Where the nightly run of a sync stands. */
export interface ScheduleState {
  /** The due moment that was last answered. */
  readonly firedFor: EpochMs;
  readonly firstSeen: EpochMs;
  readonly paused: { readonly by: string; readonly at: EpochMs } | null;
  /** Somebody wants the run now. */
  readonly asked: { readonly by: string; readonly at: EpochMs } | null;
  /** When a scheduler last looked; null = never. */
  readonly watchedAt: EpochMs | null;
  readonly trouble: ScheduleTrouble | null;
}

export type Due =
  | { readonly is: 'nothing' }
  /** A due moment passed while the schedule was paused: it is answered by doing nothing. */
  | { readonly is: 'skip'; readonly due: EpochMs }
  | { readonly is: 'run'; readonly due: EpochMs; readonly by: string; readonly late: boolean };

/** Pauses after starts that failed in a row because a CRM, or the database, was away. */
export const START_BACK_OFF = { baseMs: 5_000, capMs: 5 * 60_000 };

/** A moment further ahead than this was written by a machine whose clock was wrong: it must not keep all nights until then away. */
export const AHEAD_MS = 48 * 3_600_000;

/** A start this much after its due moment was missed (machine asleep, nothing running) and is caught up. */
const LATE_MS = 120_000;

/**
 * What a scheduler has to do about one sync now. However many due moments passed while nothing ran, the last of them is
 * answered, once.
 *
 * @param lastDue the latest due moment up to `now`, jitter included; null when there is none
 */
export function whatIsDue(state: ScheduleState, lastDue: EpochMs | null, now: EpochMs): Due {
  // A person who asks knows of the pause.
  if (state.asked !== null)
    return { is: 'run', due: lastDue ?? state.firedFor, by: state.asked.by, late: false };
  const answered = lastDue !== null && lastDue <= state.firedFor && state.firedFor - now <= AHEAD_MS;
  if (lastDue === null || answered) return { is: 'nothing' };
  if (state.paused !== null) return { is: 'skip', due: lastDue };
  return { is: 'run', due: lastDue, by: BY_SCHEDULE, late: now - lastDue > LATE_MS };
}

/**
 * How long a start is put off, in [0, mostMs): the same for the same sync and due moment in every process, different between
 * syncs and from night to night. FNV-1a, 32 bits, with a final mix.
 */
export function jitterMs(sync: SyncName, due: EpochMs, mostMs: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${sync}@${due}`) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return Math.floor(((hash >>> 0) / 2 ** 32) * mostMs);
}

/**
 * Whether the run of a due moment has been made although nothing says so: its scheduler died right after having started it.
 * One that is still open is for the next start to go on with.
 */
export function wasMade(due: Due, last: NightlyRun | null): boolean {
  if (due.is !== 'run' || due.by !== BY_SCHEDULE || last?.by !== BY_SCHEDULE) return false;
  return last.startedAt >= due.due && last.state !== 'running';
}

/** Whether the last good nightly run is older than it may be. A sync that never had one is given the same time. */
export function isOverdue(
  state: Pick<ScheduleState, 'firstSeen'>,
  lastGoodAt: EpochMs | null,
  now: EpochMs,
  limitMs: number,
): boolean {
  const age = now - (lastGoodAt ?? state.firstSeen);
  return age > limitMs || -age > AHEAD_MS;
}
