/** A sliding window of requests, as all processes that share it know it. */
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

export function openRate(rule: RateRule): RateState {
  const { limit, perMs } = rule;
  return { limit, perMs, booked: [], foreign: [], toldAt: 0, blockedUntil: 0, waiting: {} };
}
