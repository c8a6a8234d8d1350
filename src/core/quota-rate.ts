/**
 * A sliding window of requests that several processes share. A permit is the moment at which one request may be sent:
 * moments are booked ahead, so that one visit to the shared state serves many requests and nobody has to ask again for
 * each. Pure: the moments passed in are those of one clock, the shared store's.
 */
import type { EpochMs } from './ids.ts';

/** Who goes first when not all may: an event somebody waits for, the nightly run, the first reading of everything. */
export type Priority = 'webhook' | 'nightly' | 'backfill';

/** How one limit of a CRM works. */
export interface RateRule {
  readonly window: string;
  /** Requests per window we may make, until the CRM's answers tell another number. */
  readonly limit: number;
  readonly perMs: number;
  /** A request is counted by the CRM at most this long after it was sent, unless its answer came earlier. */
  readonly wayMs: number;
  /** Answers tell how much of the window is used; without that, only refusals show what others use. */
  readonly told: boolean;
  /** For how long what others used is expected to be used again. */
  readonly memoryMs: number;
}

/** When the request counts at the latest, whose it is, and how long before that it was to be sent (0 = it was answered). */
export type Booking = readonly [at: EpochMs, by: string, way: number];

export interface RateState {
  readonly limit: number;
  readonly perMs: number;
  /** Ascending. */
  readonly booked: readonly Booking[];
  /** What others were seen to use, per half second, as each answer told it. */
  readonly foreign: readonly (readonly [at: EpochMs, ...used: number[]])[];
  readonly toldAt: EpochMs;
  readonly blockedUntil: EpochMs;
  /** Processes that could not get all they wanted: since when, and their rank. */
  readonly waiting: Readonly<Record<string, readonly [at: EpochMs, rank: number]>>;
}

/** What an answer told of its window. */
export interface Told {
  readonly window: string;
  readonly at: EpochMs;
  /** null: the answer named no limit. */
  readonly limit: number | null;
  readonly perMs: number | null;
  /** Requests of everybody counted in the window. */
  readonly used: number;
}

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
const SAMPLE_MS = 500;
/** Answers of half a second that are remembered. */
const MOST_TOLD = 9;
const WAITING_MS = 2000;
/** What left the window lately is remembered: news of another process may be a little older. */
const TAIL_MS = 3000;
/** Part of the limit kept free: others' use goes up and down a little. Of little that they leave, no more than that part. */
const MARGIN = 0.01;
const MARGIN_OF_REST = 0.04;
/** Up to this part of the limit what seems to be others' use may be requests of ours still under way. */
const NOISE = 0.02;
/** Part of the limit only events may use. */
const FOR_EVENTS = 0.02;
const TREND_MS = 3000;
/** How long it takes until what others begin to use is known and makes us send less. */
const REACTION_MS = 1500;
/** Jumps of others within that time are remembered for so long: who jumped once will jump again. */
const JUMPS_MS = 30_000;
/** What is kept free for a jump as high as the highest, and half as high again; jumps up to `JITTER` are none. */
const JITTER = 0.025;
const FOR_JUMPS = 1.5;
const MOST_FOR_JUMPS = 0.06;
/** Part of our share given up for a while at each refusal. */
const YIELD = 0.2;
/** Refusals within that time show that others take everything; each doubles the wait, up to so many times as long. */
const IN_VAIN_MS = 60_000;
const MOST_PATIENCE = 16;
/** No more than this part of our share goes out within a tenth of the window, beside others and when there is much to do. */
const GENTLE_BESIDE_OTHERS = 0.2;
const GENTLE = 0.13;

export function openRate(rule: RateRule): RateState {
  const { limit, perMs } = rule;
  return { limit, perMs, booked: [], foreign: [], toldAt: 0, blockedUntil: 0, waiting: {} };
}

/** How many requests within one window are ours, given what others use. */
export function ownShare(rate: RateState, rule: RateRule, now: EpochMs): number {
  return shareBeside(othersUse(rate, rule, now), rate, rule);
}

function shareBeside(others: number, rate: RateState, rule: RateRule): number {
  const rest = rate.limit - others;
  const free = rest - Math.floor(Math.min(rate.limit * MARGIN, rest * MARGIN_OF_REST));
  // Where answers tell nothing, a share of none could never be seen to have become too small.
  return Math.max(rule.told ? 0 : 1, Math.floor(free));
}

/** What others use, and as much more as they are about to: if they go on as they do, or jump as they did. */
function othersUse(rate: RateState, rule: RateRule, now: EpochMs): number {
  const seen = recent(rate, rule.memoryMs, now);
  const most = Math.max(0, ...seen.map(([, used]) => used));
  const last = Math.max(0, ...seen.filter(([at]) => at > now - TREND_MS).map(([, used]) => used));
  const before = Math.max(0, ...seen.filter(([at]) => at <= now - TREND_MS).map(([, used]) => used));
  const trend = Math.max(0, Math.min(last - before, rate.limit / 4) - rate.limit * NOISE) * 2;
  return most + Math.max(trend, rule.told ? roomForJumps(rate, now) : 0);
}

/** Requests of others may bunch: by chance, or because they work in batches. */
function roomForJumps(rate: RateState, now: EpochMs): number {
  const seen = recent(rate, JUMPS_MS, now).toSorted(([one], [other]) => one - other);
  let highest = 0;
  for (const [index, [at, used]] of seen.entries())
    for (let back = index - 1; at - (seen[back]?.[0] ?? Number.NEGATIVE_INFINITY) <= REACTION_MS; back--)
      highest = Math.max(highest, used - (seen[back]?.[1] ?? used));
  const jump = highest - rate.limit * JITTER;
  return Math.min(Math.max(0, jump) * FOR_JUMPS, rate.limit * MOST_FOR_JUMPS);
}

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
  const besideOthers = rule.told && others > kept.limit * NOISE;
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

/** Whether others took the whole window when it was last told of. */
function isTaken(rate: RateState, now: EpochMs): boolean {
  const [, used = 0] =
    recent(rate, JUMPS_MS, now)
      .toSorted(([one], [other]) => one - other)
      .at(-1) ?? [];
  return used >= rate.limit;
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

/** Learns from an answer: the limit, and what others use of it. */
export function learn(rate: RateState, rule: RateRule, told: Told): RateState {
  const limit = told.limit ?? rate.limit;
  const perMs = told.perMs ?? rate.perMs;
  const known = { ...rate, limit, perMs, toldAt: Math.max(rate.toldAt, told.at) };
  if (told.limit === null) return known;
  const slot = Math.ceil(told.at / SAMPLE_MS) * SAMPLE_MS;
  return sample(known, rule, slot, told.at, told.used - countedAt(known, told.at));
}

/** A request was refused although we believed there was room: others use the rest, and nothing is sent for `waitMs`. */
export function refused(rate: RateState, rule: RateRule, at: EpochMs, waitMs: number): RateState {
  // One crowd is told of by several at once.
  if (at <= rate.blockedUntil) return rate;
  const before = Math.max(0, ...recent(rate, rule.memoryMs, at).map(([, used]) => used));
  const step = Math.max(1, Math.round((rate.limit - before) * YIELD));
  const others = Math.max(rate.limit - countedAt(rate, at), before + step);
  const blocked = {
    ...rate,
    blockedUntil: Math.max(rate.blockedUntil, at + waitMs * (rule.told ? 1 : patience(rate, at))),
    toldAt: Math.max(rate.toldAt, at),
  };
  // Beside what answers of that half second tell: they are under way in any number, and must not outvote it.
  return sample(blocked, rule, Math.ceil(at / SAMPLE_MS) * SAMPLE_MS - 1, at, Math.min(rate.limit, others));
}

/** Where answers tell nothing, a request is all there is to ask with: the longer others take everything, the more rarely. */
function patience(rate: RateState, now: EpochMs): number {
  const inVain = recent(rate, IN_VAIN_MS, now).filter(([, used]) => used >= rate.limit).length;
  return Math.min(2 ** inVain, MOST_PATIENCE);
}

function sample(rate: RateState, rule: RateRule, slot: EpochMs, at: EpochMs, used: number): RateState {
  const [, ...before] = rate.foreign.find(([when]) => when === slot) ?? [slot];
  const others = kept(rate, keptFor(rule), at).filter(([when]) => when !== slot);
  return { ...rate, foreign: [...others, [slot, ...[...before, Math.max(0, used)].slice(-MOST_TOLD)]] };
}

/**
 * What others used in each half second. One answer may be wrong by what of ours was under way when the CRM counted, to
 * either side; most are not. Of two the higher is believed.
 */
function recent(rate: RateState, forMs: number, now: EpochMs): readonly (readonly [EpochMs, number])[] {
  return kept(rate, forMs, now).map(([at, ...used]) => {
    const ascending = used.toSorted((a, b) => a - b);
    return [at, ascending[Math.floor(ascending.length / 2)] ?? 0];
  });
}

function kept(rate: RateState, forMs: number, now: EpochMs): RateState['foreign'] {
  return rate.foreign.filter(([at]) => at > now - forMs);
}

function keptFor(rule: RateRule): number {
  return Math.max(rule.memoryMs, JUMPS_MS);
}

/** Our own requests the CRM had in its window at `at`. One that is not answered counts from when it was to be sent. */
function countedAt(rate: RateState, at: EpochMs): number {
  return rate.booked.filter(([counted, , way]) => counted - way <= at && counted - way > at - rate.perMs)
    .length;
}

function prune(rate: RateState, rule: RateRule, now: EpochMs): RateState {
  const fresh = Object.entries(rate.waiting).filter(([, [at]]) => at > now - WAITING_MS);
  return {
    ...rate,
    booked: rate.booked.filter(([at]) => at > now - rate.perMs - TAIL_MS),
    foreign: kept(rate, keptFor(rule), now),
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
