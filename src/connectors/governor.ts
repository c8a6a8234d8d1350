/** Lets calls to one CRM account through as all processes together may make them ({@link ../core/quota.ts}). */
import type { ErrorDetails } from '../core/errors.ts';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Crm, EpochMs } from '../core/ids.ts';
import type { Clock, Randomness, Sleep } from '../core/ports.ts';
import { NEW_QUOTA, type Permits, type QuotaRules, type Visit, visitQuota } from '../core/quota.ts';
import { type DayRoom, type DayTold, roomOf } from '../core/quota-day.ts';
import type { QuotaStore } from '../core/quota-port.ts';
import type { Priority, Told } from '../core/quota-window.ts';
import { localQuotas } from './local-quotas.ts';

export interface Governor {
  /** Waits for a permit, then runs the request. Rejects with the signal's reason, or `quota.daily` when the day is used up. */
  run<T>(window: string | null, request: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** An answer told of a window. `limit` null: it named none. */
  tell(told: Omit<Told, 'at'>): void;
  tellDay(told: Omit<DayTold, 'at'>): void;
  /** The CRM refused a call because the window is full. */
  refuse(window: string, waitMs: number): void;
  /** The CRM finds too many calls in flight. */
  crowd(): void;
  prioritise(priority: Priority): void;
  /** What the day has left; null while the CRM has not told. */
  room(): Promise<DayRoom | null>;
  /** Gives unused permits back. */
  close(): Promise<void>;
}

/** Where a connector shares its account's allowance with other processes. */
export interface SharedQuota {
  readonly account: string;
  /** This process, as others know it. */
  readonly by: string;
  readonly store: QuotaStore;
}

export interface GovernorDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
  /** Absent: the account is this connector's alone. */
  readonly quota?: SharedQuota;
}

interface GovernorOptions {
  readonly crm: Crm;
  readonly rules: QuotaRules;
}

/** A permit of a window is used within this time after its moment, one of the day alone within a minute. */
const GOOD_FOR_MS = 800;
const DAY_PERMIT_MS = 60_000;
/** How soon a busy process gives up calls in flight that another one has come to need. */
const POOL_RENEW_MS = 10_000;
/** Permits taken ahead while there is plenty. */
const SPARE = 8;
const DAY_SPARE = 20;
const STORE_PAUSE_MS = 500;
/** Then the work is left to processes that can reach it, which takes them up to another half minute. */
const STORE_PATIENCE_MS = 20_000;
const MOST_NEWS = 20;
const CROWD_PAUSE_MS = 250;
/** Moments are never booked, nor visits wanted, further ahead: a wait that is longer comes of a clock that was put back. */
const LONGEST_WAIT_MS = 2_000;

interface Permit {
  readonly window: string | null;
  /** In the store's time, as it was booked. */
  readonly bookedAt: EpochMs;
}

/** What this process has to tell at its next visit. */
interface News {
  settled: Visit['settled'][number][];
  unused: Permit[];
  told: Told[];
  toldDay: DayTold | null;
  refused: Visit['refused'][number][];
  crowdedAt: EpochMs | null;
}

interface Lane {
  waiting: number;
  permits: Permit[];
  notBefore: EpochMs;
  turn: Promise<unknown>;
}

export function createGovernor(options: GovernorOptions, deps: GovernorDeps): Governor {
  const { rules } = options;
  const { clock, sleep, random } = deps;
  const { store, account, by } = deps.quota ?? { store: localQuotas(clock), account: options.crm, by: 'me' };
  const lanes = new Map<string | null, Lane>();
  let news = nothing();
  let priority: Priority = 'nightly';
  /** The store's clock minus ours. */
  let offset = 0;
  let underWay = 0;
  let atOnce = 0;
  let visitedAt = Number.NEGATIVE_INFINITY;
  /** Since when the shared state has not been reached. */
  let awaySince: EpochMs | null = null;
  const now = (): EpochMs => clock.now() + offset;

  function laneOf(window: string | null): Lane {
    const known = lanes.get(window);
    if (known !== undefined) return known;
    const lane: Lane = { waiting: 0, permits: [], notBefore: 0, turn: Promise.resolve() };
    lanes.set(window, lane);
    return lane;
  }

  async function visit(window: string | null, want: number, spare: number): Promise<Permits> {
    const brought = news;
    news = nothing();
    const inFlight = underWay + (lanes.get(window)?.waiting ?? 0);
    const wish = { by, priority, window, want, spare, inFlight, ...brought };
    try {
      const permits = await exchange(wish);
      visitedAt = clock.now();
      atOnce = permits.inFlight;
      return permits;
    } catch (error) {
      // It is told next time.
      news = joined(brought, news);
      throw error;
    }
  }

  async function exchange(wish: Visit): Promise<Permits> {
    for (let attempt = 1; ; attempt++) {
      const before = clock.now();
      const found = await store.read(account);
      offset = found.now - (before + clock.now()) / 2;
      const { state, permits } = visitQuota(found.state ?? NEW_QUOTA, rules, wish, Math.floor(found.now));
      if (await store.write(account, found.version, state)) return permits;
      await sleep(Math.ceil(random.next() * Math.min(50, 4 * attempt)));
    }
  }

  /** The shared state may be away for a moment, as when its server restarts. */
  async function patiently(work: () => Promise<Permits>, signal: AbortSignal): Promise<Permits> {
    for (;;) {
      try {
        const permits = await work();
        awaySince = null;
        return permits;
      } catch (error) {
        awaySince ??= clock.now();
        // Waited for once, not by each call that waits in line.
        if (clock.now() - awaySince >= STORE_PATIENCE_MS) throw unreachable(error);
        await sleep(STORE_PAUSE_MS, signal);
      }
    }
  }

  async function takePermit(window: string | null, lane: Lane, signal: AbortSignal): Promise<Permit> {
    for (;;) {
      signal.throwIfAborted();
      const permit = lane.permits.shift();
      const renew = rules.inFlight !== null && Math.abs(clock.now() - visitedAt) > POOL_RENEW_MS;
      if (
        permit !== undefined &&
        !renew &&
        isGood(permit) &&
        underWay < (rules.inFlight === null ? Infinity : atOnce)
      ) {
        underWay++;
        return permit;
      }
      if (permit !== undefined && (renew || isGood(permit))) lane.permits.unshift(permit);
      else if (permit !== undefined) {
        news.unused.push(permit);
        continue;
      }
      const wait = lane.notBefore - now();
      if (wait > 0) await sleep(Math.ceil(Math.min(wait, LONGEST_WAIT_MS) + random.next() * 20), signal);
      const short = Math.max(0, lane.waiting - lane.permits.length);
      const spare = window === null ? DAY_SPARE : SPARE;
      const got = await patiently(() => visit(window, short, short === 0 ? 0 : spare), signal);
      if (got.exhausted !== null && lane.permits.length === 0)
        throw new OppsyncError(usedUp(options.crm, got.exhausted));
      lane.permits.push(...got.moments.map((bookedAt) => ({ window, bookedAt })));
      lane.notBefore = got.askAgainAt ?? 0;
      if (rules.inFlight !== null && underWay >= atOnce) await sleep(CROWD_PAUSE_MS, signal);
    }
  }

  function putBack(permit: Permit): void {
    underWay--;
    news.unused.push(permit);
  }

  /** A process that has nothing more to do leaves its calls in flight to others; a single one is not worth a visit. */
  function letGo(): void {
    if (rules.inFlight === null || underWay > 0 || atOnce < 2) return;
    if ([...lanes.values()].some(({ waiting }) => waiting > 0)) return;
    atOnce = 0;
    visit(null, 0, 0).catch(() => undefined);
  }

  function isGood({ window, bookedAt }: Permit): boolean {
    return now() - bookedAt <= (window === null ? DAY_PERMIT_MS : GOOD_FOR_MS);
  }

  return {
    async run(window, request, signal) {
      const lane = laneOf(window);
      lane.waiting++;
      const taken = lane.turn.then(() => takePermit(window, lane, signal));
      lane.turn = taken.catch(() => undefined);
      let permit: Permit;
      try {
        permit = await unlessAborted(taken, signal);
      } catch (error) {
        taken.then(putBack, () => undefined);
        throw error;
      } finally {
        lane.waiting--;
      }
      try {
        const wait = permit.bookedAt - now();
        if (wait > 0) await sleep(Math.ceil(Math.min(wait, LONGEST_WAIT_MS)), signal);
      } catch (error) {
        putBack(permit);
        throw error;
      }
      try {
        return await request();
      } finally {
        underWay--;
        if (window !== null) news.settled.push({ window, bookedAt: permit.bookedAt, at: Math.ceil(now()) });
        letGo();
      }
    },
    tell(told) {
      news.told.push({ ...told, at: Math.ceil(now()) });
      if (news.told.length > MOST_NEWS) news.told.shift();
    },
    tellDay(told) {
      news.toldDay = { ...told, at: Math.ceil(now()) };
      if (told.used !== null) return;
      // Used up: permits in hand would only be refused.
      for (const lane of lanes.values()) news.unused.push(...lane.permits.splice(0));
    },
    refuse(window, waitMs) {
      news.refused.push({ window, at: Math.ceil(now()), waitMs });
      // Permits in hand were given on a wrong belief.
      news.unused.push(...laneOf(window).permits.splice(0));
      laneOf(window).notBefore = Math.max(laneOf(window).notBefore, now());
    },
    crowd() {
      news.crowdedAt = Math.ceil(now());
      visitedAt = Number.NEGATIVE_INFINITY;
    },
    prioritise(wanted) {
      priority = wanted;
    },
    async room() {
      try {
        await visit(null, 0, 0);
        const { state, now: at } = await store.read(account);
        return state === null ? null : roomOf(state.day, rules.day, at);
      } catch (error) {
        throw unreachable(error);
      }
    },
    async close() {
      for (const lane of lanes.values()) news.unused.push(...lane.permits.splice(0));
      const holds = rules.inFlight !== null && atOnce > 0;
      if (holds || news.unused.length + news.settled.length > 0)
        await visit(null, 0, 0).catch(() => undefined);
    },
  };
}

/** Whoever gives up waits for nobody, not even for those before it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function nothing(): News {
  return { settled: [], unused: [], told: [], toldDay: null, refused: [], crowdedAt: null };
}

function joined(a: News, b: News): News {
  return {
    settled: [...a.settled, ...b.settled],
    unused: [...a.unused, ...b.unused],
    told: [...a.told, ...b.told].slice(-MOST_NEWS),
    toldDay: b.toldDay ?? a.toldDay,
    refused: [...a.refused, ...b.refused],
    crowdedAt: b.crowdedAt ?? a.crowdedAt,
  };
}

/** The one sentence of a clean stop: what is used up, what is left to others, and when it goes on. */
function usedUp(crm: Crm, { limit, used, reserve, resumesAt }: DayRoom): ErrorDetails {
  const when = new Date(resumesAt).toISOString().slice(0, 16).replace('T', ' ');
  return {
    recovery: 'stop',
    ...faultOf('quota.daily', {
      ...{ crm, used: String(used), limit: String(limit), when },
      reserve: String(Math.round(reserve * 100)),
    }),
    crm,
    resumesAt,
  };
}

function unreachable(cause: unknown): OppsyncError {
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('quota.unreachable', { words: cause instanceof Error ? cause.message : String(cause) }),
    unreachable: true,
    cause,
  });
}
