import type { Clock, Sleep } from '../core/ports.ts';
import {
  blockUntil,
  countRequest,
  observeUse,
  openWindow,
  relimit,
  settleRequest,
  waitForSlot,
} from '../core/timing.ts';

/**
 * A CRM counts a request some time after we sent it and before its answer is here, and its window runs from that moment:
 * so a slot is taken until the answer came, or for this long when the answer takes longer than any way there.
 */
const LONGEST_WAY_MS = 1000;

/** Lets requests through no faster than a CRM allows, first come first served. */
export interface Pacer {
  /** Waits for room, then runs the request. Rejects with the signal's reason when aborted while waiting. */
  run<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The CRM told its limit. */
  learn(limit: number, perMs: number): void;
  /** The CRM told how many requests it has counted in its present window. */
  observe(used: number): void;
  /** Sends nothing for `ms` from now. */
  block(ms: number): void;
}

export interface PacerLimits {
  /** Requests per window that we allow ourselves. */
  readonly limit: number;
  readonly perMs: number;
}

export function createPacer(limits: PacerLimits, deps: { clock: Clock; sleep: Sleep }): Pacer {
  let window = openWindow(limits.limit, limits.perMs);
  let turn: Promise<unknown> = Promise.resolve();
  const now = (): number => deps.clock.now();

  async function takeSlot(signal: AbortSignal): Promise<number> {
    for (;;) {
      signal.throwIfAborted();
      const wait = waitForSlot(window, now());
      if (wait <= 0) break;
      await deps.sleep(Math.ceil(wait), signal);
    }
    const at = now() + LONGEST_WAY_MS;
    window = countRequest(window, at, now());
    return at;
  }

  return {
    async run(request, signal) {
      const slot = turn.then(() => takeSlot(signal));
      turn = slot.catch(() => undefined);
      const at = await slot;
      try {
        return await request();
      } finally {
        window = settleRequest(window, at, now());
      }
    },
    learn(limit, perMs) {
      window = relimit(window, limit, perMs);
    },
    observe(seen) {
      window = observeUse(window, seen, now());
    },
    block(ms) {
      window = blockUntil(window, now() + ms);
    },
  };
}
