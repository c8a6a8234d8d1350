/**
 * Pacing and back-off as functions of (state, now). Nothing here reads a clock or waits: the caller passes the time in
 * and does the waiting, so that every schedule can be replayed.
 */
import type { EpochMs } from './ids.ts';

/** A sliding window of requests: at most `limit` of them may be counted within any `perMs`. */
export interface RateWindow {
  readonly limit: number;
  readonly perMs: number;
  /** The moments at which requests were counted, ascending. A moment may lie a little ahead (a request under way). */
  readonly counted: readonly EpochMs[];
  /** Nothing may be sent before this moment, whatever the count says. */
  readonly blockedUntil: EpochMs;
}

/** A window nothing was counted in yet. */
export function openWindow(limit: number, perMs: number): RateWindow {
  return { limit: Math.max(1, Math.floor(limit)), perMs, counted: [], blockedUntil: 0 };
}

/** How many requests the window holds at `now`. */
export function used(window: RateWindow, now: EpochMs): number {
  return current(window, now).length;
}

/** Milliseconds until one more request may be sent; 0 = now. */
export function waitForSlot(window: RateWindow, now: EpochMs): number {
  const blocked = Math.max(0, window.blockedUntil - now);
  const inside = current(window, now);
  // The request that must leave before there is room again: not the oldest when the limit was lowered meanwhile.
  const leaving = inside[inside.length - window.limit];
  return leaving === undefined ? blocked : Math.max(blocked, leaving + window.perMs - now);
}

/** Counts one request at the moment `at`, forgetting what has left the window by `now`. */
export function countRequest(window: RateWindow, at: EpochMs, now: EpochMs): RateWindow {
  return { ...window, counted: [...current(window, now), at].toSorted(ascending) };
}

/** A request that was counted at `from` is now known to have been counted no later than `to`. */
export function settleRequest(window: RateWindow, from: EpochMs, to: EpochMs): RateWindow {
  const index = window.counted.indexOf(from);
  if (index < 0 || to >= from) return window;
  return { ...window, counted: window.counted.with(index, to).toSorted(ascending) };
}

/**
 * The other side says `seen` requests are in its window. What we did not send ourselves came from another process with
 * the same credentials: count it as of now, the latest it can have been.
 */
export function observeUse(window: RateWindow, seen: number, now: EpochMs): RateWindow {
  const inside = current(window, now);
  const foreign = Math.min(seen, window.limit) - inside.length;
  if (foreign <= 0) return window;
  return { ...window, counted: [...inside, ...Array<EpochMs>(foreign).fill(now)].toSorted(ascending) };
}

/** The same window under another limit. */
export function relimit(window: RateWindow, limit: number, perMs: number): RateWindow {
  return { ...window, limit: Math.max(1, Math.floor(limit)), perMs };
}

/** Sends nothing before `until`; an earlier block never shortens a later one. */
export function blockUntil(window: RateWindow, until: EpochMs): RateWindow {
  return { ...window, blockedUntil: Math.max(window.blockedUntil, until) };
}

export interface BackOff {
  /** Shortest wait, ms. */
  readonly baseMs: number;
  /** Longest wait, ms. */
  readonly capMs: number;
}

/**
 * The next wait of a back-off with decorrelated jitter: uniform between the base and three times the previous wait,
 * capped. `previousMs` is 0 before the first retry; `chance` is uniform in [0, 1).
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function nextBackOff(rule: BackOff, previousMs: number, chance: number): number {
  const ceiling = Math.max(rule.baseMs, previousMs * 3);
  return Math.min(rule.capMs, Math.round(rule.baseMs + chance * (ceiling - rule.baseMs)));
}

function current(window: RateWindow, now: EpochMs): readonly EpochMs[] {
  const gone = window.counted.findIndex((at) => at + window.perMs > now);
  if (gone === 0) return window.counted;
  return gone < 0 ? [] : window.counted.slice(gone);
}

function ascending(a: number, b: number): number {
  return a - b;
}
