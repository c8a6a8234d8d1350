/** Time that passes only when told to: timers fire in order, and everything that can happen meanwhile happens first. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Sleep } from '../../src/core/ports.ts';

export interface VirtualTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

export function virtualTime(start = 1_800_000_000_000): VirtualTime {
  let now = start;
  let timers: Timer[] = [];
  return {
    clock: { now: () => now },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const timer = { at: now + Math.max(0, ms), fire: resolve };
        timers.push(timer);
        signal?.addEventListener('abort', () => {
          timers = timers.filter((one) => one !== timer);
          reject(signal.reason);
        });
      }),
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await turn();
        const next = timers.reduce<Timer | null>(
          (first, one) => (first === null || one.at < first.at ? one : first),
          null,
        );
        if (next === null || next.at > end) break;
        now = Math.max(now, next.at);
        timers = timers.filter((one) => one !== next);
        next.fire();
      }
      now = end;
    },
  };
}
