/** A limit on how long one HTTP exchange may take, headers and body together, joined with the caller's own signal. */
export interface Deadline {
  /** Fires when the time is up or when the caller gives up, whichever is first. */
  readonly signal: AbortSignal;
  /** True when the time ran out while the caller was still interested. */
  expired(): boolean;
}

/** Starts a deadline of `ms` milliseconds now. The timer does not keep the process alive. */
export function startDeadline(ms: number, caller?: AbortSignal): Deadline {
  const timer = AbortSignal.timeout(ms);
  return {
    signal: caller === undefined ? timer : AbortSignal.any([caller, timer]),
    expired: () => timer.aborted && caller?.aborted !== true,
  };
}
