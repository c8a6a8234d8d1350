/**
 * A sliding window of requests that several processes share. A permit is the moment at which one request may be sent:
 * moments are booked ahead, so that one visit to the shared state serves many requests and nobody has to ask again for
 * each. Pure: the moments passed in are those of one clock, the shared store's.
 */
import type { EpochMs } from './ids.ts';
import { areThereOthers, isTaken, othersUse, remembered, shareBeside } from './quota-others.ts';
import type { Booking, Priority, RateRule, RateState } from './quota-window.ts';

export interface Wish {
  readonly by: string;
  readonly priority: Priority;
  /** Requests that wait to be sent. */
  readonly want: number;
  /** More that would be used soon; given only while there is plenty. */
  readonly spare: number;
}

export interface Booked {
  readonly moments: readonly EpochMs[];
  /** When to ask for the rest; null when all was given. */
  readonly askAgainAt: EpochMs | null;
}

/** How far ahead moments may be booked: what is left beyond that can only be taken by whoever matters more. */
const AHEAD_MS: Readonly<Record<Priority, number>> = { webhook: 1000, nightly: 600, backfill: 300 };
const RANK: Readonly<Record<Priority, number>> = { webhook: 0, nightly: 1, backfill: 2 };
/** Older news of a window is no news. */
const NEWS_MS = 3000;
/** Requests sent to find out how full a window is; one where others were last seen to take all of it. */
const PROBES = 5;
const WAITING_MS = 2000;
/** What left the window lately is remembered: news of another process may be a little older. */
const TAIL_MS = 3000;
/** Part of the limit only events may use. */
const FOR_EVENTS = 0.02;
/** No more than this part of our share goes out within a tenth of the window, beside others and when there is much to do. */
const GENTLE_BESIDE_OTHERS = 0.2;
const GENTLE = 0.13;

/** Books moments for as many of the wished requests as may be sent soon. */
export function book(
  rate: RateState,
  rule: RateRule,
  wish: Wish,
  now: EpochMs,
): { rate: RateState; got: Booked } {
  const kept = prune(rate, rule, now);
  const booked = [...kept.booked];
  const others = othersUse(kept, rule, now);
  const besideOthers = areThereOthers(others, kept, rule);
  // Room for an event that comes while everything else is busy; beside others the room left to them has to do.
  const forEvents = wish.priority === 'webhook' || besideOthers ? 0 : Math.floor(kept.limit * FOR_EVENTS);
  const share = shareBeside(others, kept, rule) - forEvents;
  const rank = RANK[wish.priority];
  const rivals = Object.entries(kept.waiting).filter(([by, [, theirs]]) => by !== wish.by && theirs <= rank);
  const fair = rivals.length === 0 ? Number.POSITIVE_INFINITY : Math.ceil(share / (rivals.length + 1));
  const inside = booked.filter(([at]) => at > now - kept.perMs);
  const mine = inside.filter(([, by]) => by === wish.by).length;
  const news = !rule.told || now - kept.toldAt <= NEWS_MS;
  const probes = isTaken(kept, now) ? 1 : PROBES;
  const moments: EpochMs[] = [];
  let askAgainAt: EpochMs | null = null;
  const plenty = rivals.length === 0 && news && inside.length + wish.want <= share / 2;
  const most = wish.want + (plenty ? wish.spare : 0);
  while (moments.length < most) {
    if (mine + moments.length >= fair) {
      askAgainAt = now + 100;
      break;
    }
    // What has had its time was counted, or was never sent: its process may have nothing more to do, and never tell.
    if (!news && booked.filter(([at, , way]) => way > 0 && at > now).length >= probes) {
      askAgainAt = now + 100;
      break;
    }
    // A window filled in one go opens in one go: whoever comes between would have to wait for that.
    const busy = wish.priority !== 'webhook' && inside.length + moments.length >= share / 2;
    const pace = besideOthers ? GENTLE_BESIDE_OTHERS : busy && share >= 20 ? GENTLE : 1;
    const at = nextMoment(booked, share, kept, pace, now);
    const ahead = AHEAD_MS[wish.priority];
    if (at > now + ahead) {
      // Rivals take the first ones: coming back a little later brings more at once.
      const later = booked[booked.length - share + Math.floor(rivals.length / 2)];
      const then = Math.max(at, (later?.[0] ?? 0) + kept.perMs) - ahead;
      askAgainAt = Math.min(then, at - 50, now + WAITING_MS);
      break;
    }
    moments.push(at);
    insert(booked, [at + rule.wayMs, wish.by, rule.wayMs]);
  }
  const { [wish.by]: _mine, ...rest } = kept.waiting;
  const waiting = askAgainAt === null ? rest : { ...rest, [wish.by]: [now, rank] as const };
  return { rate: { ...kept, booked, waiting }, got: { moments, askAgainAt } };
}

/** The first moment at which one more request keeps every window within `share`. */
function nextMoment(
  booked: readonly Booking[],
  share: number,
  rate: RateState,
  pace: number,
  now: EpochMs,
): EpochMs {
  const first = Math.max(now, rate.blockedUntil);
  if (share <= 0) return Math.max(first, now + NEWS_MS);
  const leaving = booked[booked.length - share];
  const room = leaving === undefined ? first : Math.max(first, leaving[0] + rate.perMs);
  if (pace === 1) return room;
  const lately = booked[booked.length - Math.ceil(share * pace)];
  return lately === undefined ? room : Math.max(room, lately[0] - lately[2] + rate.perMs / 10);
}

/** A booked request was answered: it was counted no later than that. */
export function settle(rate: RateState, by: string, bookedAt: EpochMs, way: number, at: EpochMs): RateState {
  const booked = without(rate.booked, by, bookedAt + way, way);
  if (booked === null) return rate;
  insert(booked, [at, by, 0]);
  return { ...rate, booked };
}

/** A booked request is not going to be sent. */
export function giveBack(rate: RateState, by: string, bookedAt: EpochMs, way: number): RateState {
  const booked = without(rate.booked, by, bookedAt + way, way);
  return booked === null ? rate : { ...rate, booked };
}

function prune(rate: RateState, rule: RateRule, now: EpochMs): RateState {
  const fresh = Object.entries(rate.waiting).filter(([, [at]]) => at > now - WAITING_MS);
  return {
    ...rate,
    booked: rate.booked.filter(([at]) => at > now - rate.perMs - TAIL_MS),
    foreign: remembered(rate, rule, now),
    waiting: Object.fromEntries(fresh),
  };
}

function insert(booked: Booking[], booking: Booking): void {
  let place = booked.length;
  while (place > 0 && (booked[place - 1]?.[0] ?? 0) > booking[0]) place--;
  booked.splice(place, 0, booking);
}

function without(list: readonly Booking[], by: string, at: EpochMs, way: number): Booking[] | null {
  const index = list.findIndex(
    ([when, whose, ahead]) => when === at && whose === by && ahead === way && way > 0,
  );
  return index < 0 ? null : list.toSpliced(index, 1);
}
