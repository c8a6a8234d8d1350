/** What is shared of the quotas outlives changes of the clock: of the store's, and of that of a process. Pure. */
import type { EpochMs } from './ids.ts';
import type { QuotaState, Visit } from './quota.ts';
import type { RateState } from './quota-window.ts';

/** Nothing but the end of a wait and of a day lies further ahead than this. */
const AHEAD_MS = 5_000;
const LONGEST_WAIT_MS = 20_000;
/** Calls in flight are lent for two minutes; the CRM may find them too many for ten. */
const LONGEST_POOL_MS = 600_000;
const HOUR_MS = 3_600_000;
const LONGEST_DAY_MS = 26 * HOUR_MS;

/** The state as it is by a clock that has been put back: it says what was last, and not what will be in an hour. */
export function byThisClock(state: QuotaState, now: EpochMs): QuotaState {
  const rates = Object.entries(state.rates).map(([window, rate]) => [window, rateByThisClock(rate, now)]);
  const { day, pool } = state;
  return {
    rates: Object.fromEntries(rates),
    day: {
      ...day,
      toldAt: day.toldAt > now + AHEAD_MS ? now : day.toldAt,
      resetsAt: day.resetsAt !== null && day.resetsAt > now + LONGEST_DAY_MS ? null : day.resetsAt,
      probeAt: Math.min(day.probeAt, now + LONGEST_DAY_MS),
      hours: day.hours.filter(([hour]) => hour * HOUR_MS <= now + AHEAD_MS),
    },
    pool: {
      lowered:
        pool.lowered === null ? null : [pool.lowered[0], Math.min(pool.lowered[1], now + LONGEST_POOL_MS)],
      held: Object.fromEntries(
        Object.entries(pool.held).filter(([, [, until]]) => until <= now + LONGEST_POOL_MS),
      ),
    },
  };
}

function rateByThisClock(rate: RateState, now: EpochMs): RateState {
  const newest = rate.booked.at(-1)?.[0] ?? rate.toldAt;
  const blockedUntil = Math.min(rate.blockedUntil, now + LONGEST_WAIT_MS);
  if (newest <= now + AHEAD_MS) return { ...rate, blockedUntil };
  // How long ago that was nobody knows: a moment, at worst.
  const back = newest - now;
  return {
    ...rate,
    blockedUntil,
    booked: rate.booked.map(([at, by, way]) => [at - back, by, way]),
    foreign: rate.foreign.map(([at, ...used]) => [at - back, ...used]),
    toldAt: rate.toldAt - back,
    waiting: {},
  };
}

/** What a process tells happened before it told: its own clock may have been put forward since it last saw the store's. */
export function inThePast(visit: Visit, now: EpochMs): Visit {
  const limit = now + AHEAD_MS;
  const past = <T extends { readonly at: EpochMs }>(one: T): T =>
    one.at > limit ? { ...one, at: now } : one;
  return {
    ...visit,
    settled: visit.settled.map(past),
    told: visit.told.map(past),
    toldDay: visit.toldDay === null ? null : past(visit.toldDay),
    refused: visit.refused.map(past),
    crowdedAt: visit.crowdedAt !== null && visit.crowdedAt > limit ? now : visit.crowdedAt,
  };
}
