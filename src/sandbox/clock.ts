import type { SandboxClock } from './simulator.ts';

/** The clock with what the control prefix and a reset need beyond the simulators' view of it. */
export interface MovableClock extends SandboxClock {
  frozen(): boolean;
  /** Back to how it was created: same offset to real time, running. */
  reset(): void;
}

/** @param start epoch ms the clock shows now; absent, it shows real time. @param real the real clock, epoch ms. */
export function createClock(start?: number, real: () => number = Date.now): MovableClock {
  const initialOffset = start === undefined ? 0 : start - real();
  let offset = initialOffset;
  let frozenAt: number | null = null;
  const now = (): number => frozenAt ?? real() + offset;
  const set = (at: number): void => {
    if (frozenAt === null) offset = at - real();
    else frozenAt = at;
  };
  return {
    now,
    set,
    advance: (ms) => set(now() + ms),
    freeze(frozen) {
      if (frozen === (frozenAt !== null)) return;
      const at = now();
      frozenAt = frozen ? at : null;
      if (!frozen) offset = at - real();
    },
    frozen: () => frozenAt !== null,
    reset() {
      frozenAt = null;
      offset = initialOffset;
    },
  };
}
