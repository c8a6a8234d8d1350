/** When a nightly run is due: the pattern in its time zone, put off by the sync's own jitter. */
import { type CronExpression, CronExpressionParser } from 'cron-parser';
import type { EpochMs, SyncName } from './core/ids.ts';
import { jitterMs } from './core/schedule.ts';
import { instantsOf, offsetAt, type WallMs } from './core/wall-time.ts';

export interface Cadence {
  readonly cron: string;
  readonly timeZone: string;
  readonly jitterMinutes: number;
}

/** A change of the clocks moves a time on the wall by no more than this. */
const CHANGE_MS = 3 * 3_600_000;

/** The latest due moment up to `now`; null when the pattern has none in the past. */
export function lastDue(sync: SyncName, cadence: Cadence, now: EpochMs): EpochMs | null {
  const wall = now + offsetAt(cadence.timeZone, now);
  const back = times(cadence, wall + CHANGE_MS);
  const enough = wall - CHANGE_MS - cadence.jitterMinutes * 60_000;
  let last: EpochMs | null = null;
  while (back.hasPrev()) {
    const time = back.prev().getTime();
    for (const at of momentsOf(sync, cadence, back, time))
      if (at <= now && (last === null || at > last)) last = at;
    // The order of moments is not that of the times on the wall, but nearly.
    if (last !== null && time < enough) break;
  }
  return last;
}

/** {@link lastDue} for whoever asks every few seconds: reckoned anew only when the next moment has come, or the clock was put back. */
export function dueMoments(sync: SyncName, cadence: Cadence): (now: EpochMs) => EpochMs | null {
  let askedAt = Number.NEGATIVE_INFINITY;
  let last: EpochMs | null = null;
  let next = Number.NEGATIVE_INFINITY;
  return (now) => {
    if (now >= next || now < askedAt) {
      last = lastDue(sync, cadence, now);
      next = nextDue(sync, cadence, now);
      askedAt = now;
    }
    return last;
  };
}

/** The next due moment after `now`. */
export function nextDue(sync: SyncName, cadence: Cadence, now: EpochMs): EpochMs {
  const wall = now + offsetAt(cadence.timeZone, now);
  // One that is due already may have been put off beyond now.
  const forward = times(cadence, wall - CHANGE_MS - cadence.jitterMinutes * 60_000);
  let next = Number.POSITIVE_INFINITY;
  for (;;) {
    const time = forward.next().getTime();
    for (const at of momentsOf(sync, cadence, forward, time)) if (at > now && at < next) next = at;
    if (time - wall > CHANGE_MS && next <= now + (time - wall) - CHANGE_MS) return next;
  }
}

/**
 * What the pattern names, as times on a wall whose clock is never changed: the days the library finds are right there, while
 * around changes of a zone's clock it loses some.
 */
function times({ cron }: Cadence, wall: WallMs): CronExpression {
  return CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(wall) });
}

/** A run of two o'clock does not come twice when two o'clock does; one of every hour does. */
function momentsOf(
  sync: SyncName,
  { timeZone, jitterMinutes }: Cadence,
  pattern: CronExpression,
  wall: WallMs,
): readonly EpochMs[] {
  const instants = instantsOf(timeZone, wall);
  const due = pattern.fields.hour.values.length === 24 ? instants : instants.slice(0, 1);
  return due.map((at) => at + jitterMs(sync, at, jitterMinutes * 60_000));
}
