/** Whether an open opportunity is alive: judged by the last real two-way contact, never by edits of the record. */
import type { EpochMs } from './ids.ts';
import type { EngagementState, Verdict } from './verdict.ts';

export const DAY_MS = 86_400_000;

/** Whole days since the last contact, up to which an opportunity counts as engaged, then as quiet; after that it is stale. */
export interface EngagementThresholds {
  readonly engagedDays: number;
  readonly quietDays: number;
}

/** Whole days from one moment to another, rounded down; negative when `to` is earlier. */
export function wholeDays(from: EpochMs, to: EpochMs): number {
  return Math.floor((to - from) / DAY_MS);
}

/**
 * Engagement from the last contact. A contact later than `now` is a plan, not a contact (a CRM's "last activity" may be a
 * scheduled event): it gives `unknown`, with `last` null.
 */
export function engagement(
  lastContactAt: EpochMs | null,
  now: EpochMs,
  thresholds: EngagementThresholds,
): Verdict['engagement'] {
  if (lastContactAt === null || lastContactAt > now) return NEVER_SEEN;
  const days = wholeDays(lastContactAt, now);
  const state: EngagementState =
    days <= thresholds.engagedDays ? 'engaged' : days <= thresholds.quietDays ? 'quiet' : 'stale';
  return { state, last: lastContactAt, days };
}

const NEVER_SEEN: Verdict['engagement'] = Object.freeze({ state: 'unknown', last: null, days: null });
