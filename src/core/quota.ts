/** The allowances of one CRM account as all processes share them, and the decision on who may call when. Pure. */
import type { EpochMs } from './ids.ts';
import { byThisClock, inThePast } from './quota-clock.ts';
import {
  type DayRoom,
  type DayRule,
  type DayState,
  type DayTold,
  giveBackDay,
  learnDay,
  NEW_DAY,
  roomOf,
  takeDay,
} from './quota-day.ts';
import { learn, refused } from './quota-others.ts';
import { book, giveBack, settle } from './quota-rate.ts';
import { openRate, type Priority, type RateRule, type RateState, type Told } from './quota-window.ts';

/** How the allowances of a kind of account work. */
export interface QuotaRules {
  readonly rates: readonly RateRule[];
  readonly day: DayRule;
  /** Calls in flight at once, of all processes; null = as many as you like. */
  readonly inFlight: number | null;
}

export interface QuotaState {
  readonly rates: Readonly<Record<string, RateState>>;
  readonly day: DayState;
  readonly pool: PoolState;
}

/** Calls in flight at once: each process holds a part of them for a while. */
export interface PoolState {
  /** Lower than the rule's after the CRM complained, until then. */
  readonly lowered: readonly [most: number, until: EpochMs] | null;
  readonly held: Readonly<Record<string, readonly [calls: number, until: EpochMs]>>;
}

/** One visit of a process: what became of the permits it had, what it learned, and what it wants. */
export interface Visit {
  readonly by: string;
  readonly priority: Priority;
  /** null: the request is under no window, only under the day. */
  readonly window: string | null;
  readonly want: number;
  readonly spare: number;
  /** Calls it would like to have in flight at once. */
  readonly inFlight: number;
  readonly settled: readonly { readonly window: string; readonly bookedAt: EpochMs; readonly at: EpochMs }[];
  /** `window` null: permits of the day only. */
  readonly unused: readonly { readonly window: string | null; readonly bookedAt: EpochMs }[];
  readonly told: readonly Told[];
  readonly toldDay: DayTold | null;
  readonly refused: readonly { readonly window: string; readonly at: EpochMs; readonly waitMs: number }[];
  /** The CRM found too many calls in flight. */
  readonly crowdedAt: EpochMs | null;
}

export interface Permits {
  /** When each request may be sent. */
  readonly moments: readonly EpochMs[];
  readonly askAgainAt: EpochMs | null;
  /** Set when the day is used up. */
  readonly exhausted: DayRoom | null;
  readonly inFlight: number;
}

/** A process that is not heard of loses its part of the calls in flight after this long: longer than a call may take. */
const POOL_MS = 120_000;
const CROWDED_MS = 600_000;
/** Part of the calls in flight that several processes leave free, so that another one can begin when it comes. */
const FOR_NEWCOMERS = 0.2;

export const NEW_QUOTA: QuotaState = { rates: {}, day: NEW_DAY, pool: { lowered: null, held: {} } };

/** Takes in what a process tells and gives it permits. */
export function visitQuota(
  found: QuotaState,
  rules: QuotaRules,
  news: Visit,
  now: EpochMs,
): { state: QuotaState; permits: Permits } {
  const before = byThisClock(found, now);
  const visit = inThePast(news, now);
  const rates: Record<string, RateState> = { ...before.rates };
  for (const rule of rules.rates) {
    let rate = rates[rule.window] ?? openRate(rule);
    for (const one of visit.settled)
      if (one.window === rule.window) rate = settle(rate, visit.by, one.bookedAt, rule.wayMs, one.at);
    for (const one of visit.unused)
      if (one.window === rule.window) rate = giveBack(rate, visit.by, one.bookedAt, rule.wayMs);
    for (const told of visit.told) if (told.window === rule.window) rate = learn(rate, rule, told);
    for (const one of visit.refused)
      if (one.window === rule.window) rate = refused(rate, rule, one.at, one.waitMs);
    rates[rule.window] = rate;
  }
  let day = giveBackDay(before.day, visit.unused.length);
  if (visit.toldDay !== null) day = learnDay(day, visit.toldDay, underWay(rates));
  const { pool, inFlight } = hold(before.pool, rules, visit, now);

  const scarce = (roomOf(day, rules.day, now)?.left ?? Number.POSITIVE_INFINITY) < 20 * visit.spare;
  const spare = scarce ? 0 : visit.spare;
  const taken = takeDay(day, rules.day, visit.want + spare, visit.priority, now);
  const rule = rules.rates.find(({ window }) => window === visit.window);
  const rate = rule === undefined ? undefined : rates[rule.window];
  if (rule === undefined || rate === undefined || taken.exhausted !== null) {
    const moments = Array<EpochMs>(taken.got).fill(now);
    return {
      state: { rates, day: taken.day, pool },
      permits: { moments, askAgainAt: null, exhausted: taken.exhausted, inFlight },
    };
  }
  const want = Math.min(visit.want, taken.got);
  const wish = {
    by: visit.by,
    priority: visit.priority,
    want,
    spare: Math.min(spare, taken.got - want),
  };
  const { rate: next, got } = book(rate, rule, wish, now);
  rates[rule.window] = next;
  return {
    state: { rates, day: giveBackDay(taken.day, taken.got - got.moments.length), pool },
    permits: {
      moments: got.moments,
      askAgainAt: got.askAgainAt ?? (want < visit.want ? now + 100 : null),
      exhausted: null,
      inFlight,
    },
  };
}

/** Requests booked and not known to be answered. */
function underWay(rates: QuotaState['rates']): number {
  return Object.values(rates).reduce(
    (sum, { booked }) => sum + booked.filter(([, , way]) => way > 0).length,
    0,
  );
}

function hold(
  before: PoolState,
  rules: QuotaRules,
  visit: Visit,
  now: EpochMs,
): { pool: PoolState; inFlight: number } {
  if (rules.inFlight === null) return { pool: before, inFlight: Number.MAX_SAFE_INTEGER };
  let lowered = before.lowered !== null && before.lowered[1] > now ? before.lowered : null;
  const others = Object.entries(before.held).filter(([by, [, until]]) => by !== visit.by && until > now);
  const theirs = others.reduce((sum, [, [calls]]) => sum + calls, 0);
  if (visit.crowdedAt !== null) {
    const most = Math.max(1, Math.floor((lowered?.[0] ?? rules.inFlight) / 2));
    lowered = [most, visit.crowdedAt + CROWDED_MS];
  }
  const most = lowered?.[0] ?? rules.inFlight;
  const fair = Math.floor(most / (others.length + 1));
  const kept = others.length === 0 ? 0 : Math.floor(most * FOR_NEWCOMERS);
  const room = most - kept - theirs;
  // One is everybody's: others may hold what they do not need any more, or be dead.
  const calls = Math.min(visit.inFlight, Math.max(1, Math.min(fair, room)));
  const held = Object.fromEntries(others);
  if (calls > 0) held[visit.by] = [calls, now + POOL_MS];
  return { pool: { lowered, held }, inFlight: calls };
}
