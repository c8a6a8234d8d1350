/** How fast something goes: `perSecond` over the last while of its phase, and the ms it will still take, when that can be told. */
export interface Pace {
  readonly perSecond: number;
  readonly leftMs: number | null;
}

/** Before this the figures would jump about. */
const SETTLED_MS = 2_000;
/** What went on longer ago says little: one CRM may have been read to its end, or a limit been reached. */
const LATELY_MS = 20_000;

/** Follows the pace of one phase after the other. Answers null while it is too early to tell. */
export function paceOf(now: () => number) {
  let phase: string | null = null;
  let looks: { readonly at: number; readonly done: number }[] = [];
  return (at: { phase: string; done: number; total: number | null }): Pace | null => {
    // What was done before, by a process that was killed, says nothing about the pace.
    if (at.phase !== phase) looks = [];
    phase = at.phase;
    const time = now();
    looks.push({ at: time, done: at.done });
    // The last one from before stays: between looks nothing may have moved for long.
    while ((looks[1]?.at ?? time) < time - LATELY_MS) looks.shift();
    const from = looks[0] ?? { at: time, done: at.done };
    const passed = time - from.at;
    const done = at.done - from.done;
    if (passed < SETTLED_MS || done <= 0) return null;
    const perSecond = (done * 1000) / passed;
    const left = at.total === null ? null : Math.max(0, at.total - at.done);
    return { perSecond, leftMs: left === null ? null : (left * 1000) / perSecond };
  };
}
