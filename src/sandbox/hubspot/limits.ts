import type { App } from './call.ts';
import type { Portal } from './portal.ts';

/** A refusal by one of the three policies. */
export interface Limited {
  readonly status: 429;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

type Policy = 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY';

const WINDOW = 10_000;
const SECOND = 1_000;
const LIMIT_NAMES: Readonly<Record<Policy, string>> = {
  TEN_SECONDLY_ROLLING: 'ten_secondly_rolling',
  SECONDLY: 'secondly',
  DAILY: 'daily',
};

/**
 * The three independent policies (hubspot.md §4.3, §10 item 4): a rolling window per app, a daily count per account
 * that starts anew at midnight in the account's time zone, and searches per second per account.
 */
export class RateLimits {
  readonly #portal: Portal;
  readonly #recent = new Map<App, number[]>();
  #searches: number[] = [];
  #day = '';
  #today = 0;

  constructor(portal: Portal) {
    this.#portal = portal;
  }

  /** Counts one request, or refuses it. A refused one is not counted. */
  admit(app: App, isSearch: boolean): Limited | undefined {
    const { burstLimit, dailyLimit, searchPerSecond } = this.#portal.switches;
    const now = this.#portal.now();
    this.#turnDay(now);
    if (dailyLimit > 0 && this.#today >= dailyLimit) return this.#refuse('DAILY', app, 3600);
    if (isSearch) {
      this.#searches = within(this.#searches, now, SECOND);
      if (searchPerSecond > 0 && this.#searches.length >= searchPerSecond)
        return this.#refuse('SECONDLY', app, 1);
      this.#searches.push(now);
    } else if (burstLimit > 0) {
      const recent = within(this.#recent.get(app) ?? [], now, WINDOW);
      this.#recent.set(app, recent);
      if (recent.length >= burstLimit) {
        return this.#refuse(
          'TEN_SECONDLY_ROLLING',
          app,
          Math.ceil((WINDOW - now + (recent[0] ?? now)) / 1000),
        );
      }
      recent.push(now);
    }
    this.#today += 1;
    return undefined;
  }

  /** What normal answers tell of the budget; searches tell nothing, OAuth apps nothing of the day. */
  headers(app: App, isSearch: boolean): Record<string, string> {
    if (isSearch) return {};
    const { burstLimit, dailyLimit } = this.#portal.switches;
    const headers: Record<string, string> = {};
    if (burstLimit > 0) {
      headers['X-HubSpot-RateLimit-Max'] = String(burstLimit);
      headers['X-HubSpot-RateLimit-Remaining'] = String(
        Math.max(0, burstLimit - (this.#recent.get(app)?.length ?? 0)),
      );
      headers['X-HubSpot-RateLimit-Interval-Milliseconds'] = String(WINDOW);
    }
    if (dailyLimit > 0 && !app.oauth) {
      headers['X-HubSpot-RateLimit-Daily'] = String(dailyLimit);
      headers['X-HubSpot-RateLimit-Daily-Remaining'] = String(Math.max(0, dailyLimit - this.#today));
    }
    return headers;
  }

  /** Requests counted since midnight in the account's time zone. */
  get today(): number {
    this.#turnDay(this.#portal.now());
    return this.#today;
  }

  #turnDay(now: number): void {
    const day = dayIn(this.#portal.switches.timeZone, now);
    if (day === this.#day) return;
    this.#day = day;
    this.#today = 0;
  }

  #refuse(policyName: Policy, app: App, seconds: number): Limited {
    const { portalId, switches } = this.#portal;
    const limit = LIMIT_NAMES[policyName];
    return {
      status: 429,
      body: {
        status: 'error',
        message: `You have reached your ${limit} limit.`,
        errorType: 'RATE_LIMIT',
        policyName,
        groupName: `publicapi:private_app-api-calls-${limit.replaceAll('_rolling', '').replaceAll('_', '-')}:${app.id}:${portalId}`,
        requestId: this.#portal.uuid(),
      },
      headers: switches.retryAfter ? { 'Retry-After': String(seconds) } : {},
    };
  }
}

function within(stamps: number[], now: number, span: number): number[] {
  let first = 0;
  // A clock that was set back must not leave stamps of the future behind.
  while (first < stamps.length && ((stamps[first] ?? 0) <= now - span || (stamps[first] ?? 0) > now))
    first += 1;
  return first === 0 ? stamps : stamps.slice(first);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function dayIn(timeZone: string, at: number): string {
  if (timeZone === 'UTC') return String(Math.floor(at / 86_400_000));
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone });
    FORMATS.set(timeZone, format);
  }
  return format.format(at);
}
