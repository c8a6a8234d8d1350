/** When a nightly run is due: the pattern in its time zone, put off by the sync's own jitter. */
import { CronExpressionParser } from 'cron-parser';
import type { EpochMs, SyncName } from './core/ids.ts';
import { jitterMs } from './core/schedule.ts';

export interface Cadence {
  readonly cron: string;
  readonly timeZone: string;
  readonly jitterMinutes: number;
}

/** The latest due moment up to `now`; null when the pattern has none in the past. */
export function lastDue(sync: SyncName, cadence: Cadence, now: EpochMs): EpochMs | null {
  const back = parse(cadence, now);
  // Going back the parser leaves out days whose hour the clocks skip; going forward it does not. So: back, well behind the
  // jitter, then forward.
  let from: EpochMs;
  do {
    if (!back.hasPrev()) return null;
    from = back.prev().getTime();
  } while (from > now - cadence.jitterMinutes * 60_000);
  if (back.hasPrev()) from = back.prev().getTime();
  let last: EpochMs | null = null;
  for (const forward = parse(cadence, from - 1); ; ) {
    const due = forward.next().getTime();
    if (due > now) return last;
    const at = withJitter(sync, cadence, due);
    if (at <= now) last = Math.max(last ?? at, at);
  }
}

/** The next due moment after `now`. */
export function nextDue(sync: SyncName, cadence: Cadence, now: EpochMs): EpochMs {
  // One that is due already may have been put off beyond now.
  const times = parse(cadence, now - cadence.jitterMinutes * 60_000);
  for (;;) {
    const at = withJitter(sync, cadence, times.next().getTime());
    if (at > now) return at;
  }
}

function withJitter(sync: SyncName, { jitterMinutes }: Cadence, due: EpochMs): EpochMs {
  return due + jitterMs(sync, due, jitterMinutes * 60_000);
}

function parse({ cron, timeZone }: Cadence, at: EpochMs) {
  return CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(at) });
}
