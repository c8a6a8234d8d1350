/** Before a run: what it will cost in calls at least, and whether the allowance of the day has room for that. */
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Crm } from '../core/ids.ts';
import type { DayRoom } from '../core/quota-day.ts';
import type { PullPayload } from './begin-pull.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';

/** @throws OppsyncError `refuse` naming what is needed, what is left, and when there is more */
export async function requireRoom(
  deps: EngineDeps,
  runtime: SyncRuntime,
  calls: Readonly<Record<Crm, number>>,
): Promise<void> {
  for (const [crm, needed] of Object.entries(calls)) {
    const room = (await runtime.connectors[crm]?.allowance?.()) ?? null;
    if (room !== null && needed > room.left) throw cannotFit(crm, needed, room);
    if (room !== null) deps.log.debug('calls foreseen', { crm, needed, left: room.left });
  }
}

/** Calls of readings: pages of what was there the last time where all is read, else 1. */
export async function readingCalls(
  deps: EngineDeps,
  runtime: SyncRuntime,
  readings: readonly PullPayload[],
): Promise<Readonly<Record<Crm, number>>> {
  const calls: Record<Crm, number> = {};
  for (const { crm, since } of readings) {
    const cursor = since === null ? await deps.store.cursor(runtime.settings.name, crm) : null;
    const page = runtime.connectors[crm]?.capabilities.fullPage ?? 100;
    calls[crm] = Math.max(1, Math.ceil((cursor?.fullRows ?? 0) / page));
  }
  return calls;
}

function cannotFit(
  crm: Crm,
  needed: number,
  { left, limit, used, reserve, resumesAt }: DayRoom,
): OppsyncError {
  const when = new Date(resumesAt).toISOString().slice(0, 16).replace('T', ' ');
  const never = needed > Math.floor(limit * (1 - reserve));
  return new OppsyncError({
    recovery: 'refuse',
    ...faultOf(never ? 'quota.never_fits' : 'quota.cannot_fit', {
      ...{ crm, needed: String(needed), left: String(left), used: String(used), limit: String(limit) },
      ...{ reserve: String(Math.round(reserve * 100)), when },
    }),
    crm,
    resumesAt,
  });
}
