/** Time that passes only when nothing else can be done: a simulated hour costs nothing, and the same seed gives the same order. */
import type { Clock, Sleep } from '../../src/core/ports.ts';

export interface VirtualTime extends Clock {
  readonly sleep: Sleep;
  advance(ms: number): void;
  /**
   * Lets time pass until `work` has ended. Rejects when everybody waits and no timer is left: a deadlock.
   *
   * @param outside something outside the simulation is waited for, such as a real database
   */
  drive<T>(work: Promise<T>, outside?: boolean): Promise<T>;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Turns of the event loop without any timer after which the simulation counts as stuck. */
const STUCK_AFTER = 200;

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  const timers = new Set<Timer>();

  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        // Clocks tell whole milliseconds.
        const timer: Timer = { at: now + Math.max(0, Math.ceil(ms)), fire: () => resolve() };
        timers.add(timer);
        signal?.addEventListener('abort', () => {
          timers.delete(timer);
          reject(signal.reason as Error);
        });
      }),
    async drive(work, outside = false) {
      let ended = false;
      const outcome = work.then(
        (value) => {
          ended = true;
          return { value };
        },
        (error: unknown) => {
          ended = true;
          return { error };
        },
      );
      let idle = 0;
      while (!ended) {
        // Everything that can go on without time has gone on when the next turn begins.
        await new Promise((resolve) => setImmediate(resolve));
        if (ended) break;
        const next = earliest(timers);
        if (next === null) {
          idle += 1;
          if (idle > STUCK_AFTER && !outside)
            throw new Error('the simulation is stuck: nobody will ever go on');
          continue;
        }
        idle = 0;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.fire();
      }
      const result = await outcome;
      if ('error' in result) throw result.error;
      return result.value;
    },
  };
}

/** Of timers due at once, the one set first. */
function earliest(timers: ReadonlySet<Timer>): Timer | null {
  let found: Timer | null = null;
  for (const timer of timers) if (found === null || timer.at < found.at) found = timer;
  return found;
}
