/** The allowance of a day: fixed (new at a known moment) or rolling (calls leave it 24 hours after they were made). Pure. */
import type { EpochMs } from './ids.ts';
import type { Priority } from './quota-window.ts';

export interface DayRule {
  /** Part of the allowance left to people and other applications, 0 to 1. */
  readonly reserve: number;
  readonly rolling: boolean;
}

export interface DayState {
  /** null: not known yet. */
  readonly limit: number | null;
  readonly used: number;
  readonly toldAt: EpochMs;
  /** When a fixed day ends; null when not known, or rolling. */
  readonly resetsAt: EpochMs | null;
  /** Our own calls per hour, newest last: tells when a rolling day frees some. */
  readonly hours: readonly (readonly [hour: number, calls: number])[];
  /** After exhaustion one call may be made at this moment, to see how things stand. */
  readonly probeAt: EpochMs;
}

/** What an answer told of the day. `used` null: no more than that it is used up. */
export interface DayTold {
  readonly at: EpochMs;
  readonly limit: number | null;
  readonly used: number | null;
  readonly resetsAt: EpochMs | null;
}

/** What is left of a day for us. */
export interface DayRoom {
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  readonly reserve: number;
  /** When there will be more. */
  readonly resumesAt: EpochMs;
}

export const NEW_DAY: DayState = { limit: null, used: 0, toldAt: 0, resetsAt: null, hours: [], probeAt: 0 };

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** A backfill leaves this much more than the reserve, so that events and the nightly run still fit. */
const BACKFILL_KEEPS = 0.1;

/** Learns what the CRM says. What we have booked and it cannot have counted yet is added. */
export function learnDay(day: DayState, told: DayTold, underWay: number): DayState {
  if (told.at < day.toldAt) return day;
  const limit = told.limit ?? day.limit;
  const used = told.used === null ? (limit ?? day.used) : told.used + underWay;
  return { ...day, limit, used, toldAt: told.at, resetsAt: told.resetsAt ?? day.resetsAt };
}

/** null while the CRM has not told its allowance. */
export function roomOf(day: DayState, rule: DayRule, now: EpochMs): DayRoom | null {
  if (day.limit === null) return null;
  const used = isOver(day, now) ? 0 : day.used;
  const left = Math.max(0, Math.floor(day.limit * (1 - rule.reserve)) - used);
  return { limit: day.limit, used, left, reserve: rule.reserve, resumesAt: resumesAt(day, rule, now) };
}

/** Takes up to `want` calls from the day. `room` is set when it gave none. */
export function takeDay(
  before: DayState,
  rule: DayRule,
  want: number,
  priority: Priority,
  now: EpochMs,
): { day: DayState; got: number; exhausted: DayRoom | null } {
  const day = isOver(before, now) ? { ...before, used: 0, resetsAt: null } : before;
  const room = roomOf(day, rule, now);
  if (room === null || want === 0) return { day: count(day, want, now), got: want, exhausted: null };
  const kept = priority === 'backfill' ? Math.floor(room.limit * BACKFILL_KEEPS) : 0;
  const got = Math.min(want, Math.max(0, room.left - kept));
  if (got > 0) return { day: { ...count(day, got, now), probeAt: 0 }, got, exhausted: null };
  if (day.probeAt > 0 && now >= day.probeAt)
    return { day: { ...count(day, 1, now), probeAt: now + HOUR_MS }, got: 1, exhausted: null };
  const probeAt = day.probeAt > now ? day.probeAt : room.resumesAt;
  return { day: { ...day, probeAt }, got: 0, exhausted: { ...room, resumesAt: probeAt } };
}

/** Calls that were taken and are not going to be made. */
export function giveBackDay(day: DayState, calls: number): DayState {
  return { ...day, used: Math.max(0, day.used - calls) };
}

function isOver(day: DayState, now: EpochMs): boolean {
  return day.resetsAt !== null && now >= day.resetsAt && day.toldAt < day.resetsAt;
}

function count(day: DayState, calls: number, now: EpochMs): DayState {
  if (calls === 0) return day;
  const hour = Math.floor(now / HOUR_MS);
  const last = day.hours.at(-1);
  const kept = day.hours.filter(([at]) => at > hour - DAY_HOURS && at !== hour);
  const hours = [...kept, [hour, calls + (last?.[0] === hour ? last[1] : 0)] as const];
  return { ...day, used: day.used + calls, hours };
}

/** A fixed day: its end. A rolling one: when enough of our own calls have left it; in an hour when that cannot be told. */
function resumesAt(day: DayState, rule: DayRule, now: EpochMs): EpochMs {
  if (!rule.rolling) return day.resetsAt !== null && day.resetsAt > now ? day.resetsAt : now + HOUR_MS;
  let needed = day.used + 1 - Math.floor((day.limit ?? 0) * (1 - rule.reserve));
  for (const [hour, calls] of day.hours) {
    needed -= calls;
    if (needed <= 0) return Math.max(now + HOUR_MS, (hour + DAY_HOURS + 1) * HOUR_MS);
  }
  return now + HOUR_MS;
}
