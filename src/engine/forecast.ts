/** Before a run: what it will cost in calls at least, and whether the allowance of the day has room for that. */
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Crm } from '../core/ids.ts';
import type { DayRoom } from '../core/quota-day.ts';
import type { RunRow } from '../core/store-rows.ts';
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

/** Calls of a complete reading of what was there last time, or 1 when nothing is known. */
export async function readingCalls(
  deps: EngineDeps,
  runtime: SyncRuntime,
  run: Pick<RunRow, 'sync'>,
  full: (crm: Crm) => boolean,
): Promise<Readonly<Record<Crm, number>>> {
  const calls: Record<Crm, number> = {};
  for (const crm of runtime.settings.sides) {
    const cursor = await deps.store.cursor(run.sync, crm);
    const page = runtime.connectors[crm]?.capabilities.fullPage ?? 100;
    calls[crm] = full(crm) ? Math.max(1, Math.ceil((cursor?.fullRows ?? 0) / page)) : 1;
  }
  return calls;
}

function cannotFit(
  crm: Crm,
  needed: number,
  { left, limit, used, reserve, resumesAt }: DayRoom,
): OppsyncError {
  const when = new Date(resumesAt).toISOString().slice(0, 16).replace('T', ' ');
  return new OppsyncError({
    recovery: 'refuse',
    ...faultOf('quota.cannot_fit', {
      ...{ crm, needed: String(needed), left: String(left), used: String(used), limit: String(limit) },
      ...{ reserve: String(Math.round(reserve * 100)), when },
    }),
    crm,
    resumesAt,
  });
}
