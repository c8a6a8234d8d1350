/** HubSpot's allowances: requests per 10 seconds, searches per second, calls per day; and how its answers tell of them. Pure. */
import type { EpochMs } from '../../core/ids.ts';
import type { QuotaRules } from '../../core/quota.ts';
import type { DayTold } from '../../core/quota-day.ts';
import type { Told } from '../../core/quota-window.ts';
import type { HubspotAnswer } from './answer.ts';
import { nextMidnight } from './calendar.ts';
import type { HubspotSettings } from './settings.ts';

const BURST = 'burst';
const SEARCH = 'search';
/** Starting point until the first answer tells the real limit: that of the smallest tier. */
const FIRST_LIMIT = { limit: 100, perMs: 10_000 };

export function windowOf(call: { readonly search?: boolean }): string {
  return call.search === true ? SEARCH : BURST;
}

/**
 * The burst belongs to these credentials alone, so that nothing of it is held back: others who use them are seen in the
 * answers. Searches and the day are the whole account's: a reserve is left there.
 */
export function quotaRules(settings: HubspotSettings): QuotaRules {
  const { limit, perMs } = settings.burst ?? FIRST_LIMIT;
  const searches = Math.max(1, Math.floor(settings.searchPerSecond * (1 - settings.reserve)));
  return {
    rates: [
      { window: BURST, limit, perMs, wayMs: 1000, told: true, memoryMs: perMs },
      { window: SEARCH, limit: searches, perMs: 1000, wayMs: 500, told: false, memoryMs: 600_000 },
    ],
    day: { reserve: settings.reserve, rolling: false },
    inFlight: null,
  };
}

/**
 * What an answer says of the burst; searches say nothing. `fixed`: the configured limit, which is what we take at most; others
 * count against it once they use more than what it leaves of HubSpot's.
 */
export function toldBy(
  answer: HubspotAnswer,
  window: string,
  fixed: HubspotSettings['burst'],
): readonly Omit<Told, 'at'>[] {
  if (window !== BURST) return [];
  const max = Number(answer.headers['x-hubspot-ratelimit-max']);
  const left = Number(answer.headers['x-hubspot-ratelimit-remaining']);
  const perMs = Number(answer.headers['x-hubspot-ratelimit-interval-milliseconds']);
  if (!(max > 0 && left >= 0 && perMs > 0)) return [{ window, limit: null, perMs: null, used: 0 }];
  if (fixed !== undefined)
    return fixed.perMs === perMs
      ? [{ window, ...fixed, used: fixed.limit - left }]
      : [{ window, limit: null, perMs: null, used: 0 }];
  return [{ window, limit: max, perMs, used: max - left }];
}

/** What an answer says of the day; nothing to OAuth apps. It ends at midnight in the account's zone. */
export function toldOfDay(
  answer: HubspotAnswer,
  zone: string | null,
  now: EpochMs,
): Omit<DayTold, 'at'> | null {
  const limit = Number(answer.headers['x-hubspot-ratelimit-daily']);
  const left = Number(answer.headers['x-hubspot-ratelimit-daily-remaining']);
  if (!(limit > 0 && left >= 0)) return null;
  return { limit, used: limit - left, resetsAt: zone === null ? null : nextMidnight(now, zone) };
}
