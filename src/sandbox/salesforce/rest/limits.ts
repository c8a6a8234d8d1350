import { ApiError } from '../errors.ts';
import type { Org } from '../org.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
/** `/limits` is accurate within five minutes (salesforce.md §1.3). */
const STALE_MS = 5 * MINUTE;

/** Counts API requests over a rolling day, and the long ones in flight. */
export class Limits {
  readonly #org: Org;
  /** Requests by minute, oldest first. */
  readonly #minutes: { minute: number; count: number }[] = [];
  #used = 0;
  #longRunning = 0;
  bulkQueryJobs = 0;
  #shown: { at: number; used: number } | null = null;

  constructor(org: Org) {
    this.#org = org;
  }

  /** Requests of the last 24 hours. */
  get used(): number {
    this.#forgetOld();
    return this.#used;
  }

  /** Counts one request; throws the 403 of an exhausted day. Failed requests count too. */
  count(): void {
    this.#forgetOld();
    if (this.#used >= this.#org.switches.dailyLimit) {
      throw new ApiError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    }
    const minute = Math.floor(this.#org.now() / MINUTE);
    const last = this.#minutes.at(-1);
    if (last?.minute === minute) last.count += 1;
    else this.#minutes.push({ minute, count: 1 });
    this.#used += 1;
  }

  #forgetOld(): void {
    const oldest = this.#org.now() / MINUTE - DAY_MINUTES;
    while ((this.#minutes[0]?.minute ?? Number.POSITIVE_INFINITY) <= oldest) {
      this.#used -= this.#minutes.shift()?.count ?? 0;
    }
  }

  /** Value of the header every REST answer carries. */
  header(): string {
    return `api-usage=${this.used}/${this.#org.switches.dailyLimit}`;
  }

  /** Runs a request for its simulated duration; throws the 403 of too many long-running ones. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { slowRequestMs, longRunningMs, concurrentLimit } = this.#org.switches;
    if (slowRequestMs <= 0) return work();
    const isLong = slowRequestMs >= longRunningMs;
    if (isLong && this.#longRunning >= concurrentLimit) {
      throw new ApiError(
        'REQUEST_LIMIT_EXCEEDED',
        'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      );
    }
    this.#longRunning += isLong ? 1 : 0;
    try {
      const answer = await work();
      await new Promise((resolve) => setTimeout(resolve, slowRequestMs));
      return answer;
    } finally {
      this.#longRunning -= isLong ? 1 : 0;
    }
  }

  /** Body of GET /limits. */
  body(): unknown {
    const now = this.#org.now();
    if (this.#shown === null || now - this.#shown.at >= STALE_MS || now < this.#shown.at)
      this.#shown = { at: now, used: this.used };
    const daily = this.#org.switches.dailyLimit;
    return {
      ConcurrentAsyncGetReportInstances: { Max: 200, Remaining: 200 },
      DailyApiRequests: { Max: daily, Remaining: Math.max(0, daily - this.#shown.used) },
      DailyAsyncApexExecutions: { Max: 250_000, Remaining: 250_000 },
      DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 },
      DailyBulkV2QueryFileStorageMB: { Max: 976_562, Remaining: 976_562 },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 - this.bulkQueryJobs },
      DataStorageMB: { Max: 5, Remaining: 5 },
      FileStorageMB: { Max: 20, Remaining: 20 },
      HourlyODataCallout: { Remaining: 9_999, Max: 10_000 },
      SingleEmail: { Max: 15, Remaining: 15 },
    };
  }
}
