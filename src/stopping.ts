/**
 * How long a process that is asked to stop takes for what, ms. Together at most 25 s: an orchestrator's patience is 30 s where
 * nobody says otherwise, and what is not handed back by then is found by others as after a kill.
 */

/** Answers that are under way. */
export const WEB_DRAIN_MS = 5_000;
/** Jobs that have begun; then they are told to stop. */
export const QUEUE_DRAIN_MS = 15_000;
/** All of the above, and what starts runs: side by side. The queue needs a second for each of its own steps. */
export const ROLES_STOP_MS = 20_000;
/** Connections to the CRMs, to where traces go, to Redis and to the database. */
export const CLOSE_MS = 5_000;
