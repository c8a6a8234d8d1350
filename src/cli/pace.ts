/** How fast something goes: `perSecond` since its phase began, and the ms it will still take, when that can be told. */
export interface Pace {
  readonly perSecond: number;
  readonly leftMs: number | null;
}

/** Before this the figures would jump about. */
const SETTLED_MS = 2_000;

/** Follows the pace of one phase after the other. Answers null while it is too early to tell. */
export function paceOf(now: () => number) {
  let phase: string | null = null;
  let from = { at: 0, done: 0 };
  return (at: { phase: string; done: number; total: number | null }): Pace | null => {
    if (at.phase !== phase) {
      phase = at.phase;
      // What was done before, by a process that was killed, says nothing about the pace.
      from = { at: now(), done: at.done };
    }
    const passed = now() - from.at;
    const done = at.done - from.done;
    if (passed < SETTLED_MS || done <= 0) return null;
    const perSecond = (done * 1000) / passed;
    const left = at.total === null ? null : Math.max(0, at.total - at.done);
    return { perSecond, leftMs: left === null ? null : (left * 1000) / perSecond };
  };
}
