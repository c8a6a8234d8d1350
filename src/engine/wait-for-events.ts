import type { SyncName } from '../core/ids.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { EngineDeps } from './deps.ts';

const LOOK_EVERY_MS = 50;
/** A run of events takes seconds; one that takes longer is no reason to wait. */
const PATIENCE_MS = 60_000;

/** Waits for a run of events that is under way: nobody should have to start something again because of one. */
export async function letEventsEnd(deps: EngineDeps, sync: SyncName, signal: AbortSignal): Promise<void> {
  const until = deps.clock.now() + PATIENCE_MS;
  while (deps.clock.now() < until && (await eventsGoOn(deps, sync))) await deps.sleep(LOOK_EVERY_MS, signal);
}

/** Is a run of events under way in a process that lives? One that rests until tomorrow is not. */
export async function eventsGoOn({ store }: EngineDeps, sync: SyncName): Promise<boolean> {
  const going: RunRow | null = await store.runningRun(sync);
  if (going?.mode !== 'events' || going.error !== null) return false;
  return going.owner === store.worker || (await store.isWorkerAlive(going.owner));
}
