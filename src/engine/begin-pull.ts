import type { Crm } from '../core/ids.ts';
import type { NewTask, RunRow } from '../core/store-rows.ts';
import { FULL_EVERY_MS } from './complete-reading.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { readingCalls, requireRoom } from './forecast.ts';
import { started } from './run-started.ts';

/** A full reading this cheap is always made: it is consistent, sees deletions, and needs no trust in a search index. */
const CHEAP_PAGES = 100;

/** A run that begins with reading both CRMs: what changed, or everything. */
export async function beginPull(
  deps: EngineDeps,
  runtime: SyncRuntime,
  run: RunRow,
  options: { readonly full: boolean; readonly retryRefused?: boolean },
): Promise<void> {
  const { store, clock } = deps;
  const pulls: NewTask[] = [];
  for (const crm of runtime.settings.sides) {
    const cursor = await store.cursor(run.sync, crm);
    const page = runtime.connectors[crm]?.capabilities.fullPage ?? 100;
    const cheap = cursor?.fullRows !== null && Math.ceil((cursor?.fullRows ?? 0) / page) <= CHEAP_PAGES;
    const old = cursor?.fullAt === null || clock.now() - (cursor?.fullAt ?? 0) >= FULL_EVERY_MS;
    const since = options.full || cursor === null || cheap || old ? null : cursor.mark;
    const payload = { kind: 'pull', crm, position: null, since, seen: 0, expected: null } as const;
    pulls.push({ queue: 'pull', payload, size: 1 });
  }
  const isFull = (crm: Crm): boolean =>
    pulls.some(({ payload }) => payload.kind === 'pull' && payload.crm === crm && payload.since === null);
  await requireRoom(deps, runtime, await readingCalls(deps, runtime, run, isFull));
  await store.tx(async (tx) => {
    await tx.registerSync(run.sync, run.settingsDigest, clock.now());
    await tx.insertRun(run);
    // A run that only reads and pairs leaves the open plan as it is.
    if (run.mode !== 'pair') await tx.dropUnwritten(run.sync, run.run);
    if (options.retryRefused === true) await tx.clearQuarantine(run.sync);
    await tx.addTasks(run.run, pulls);
    await tx.audit(started(run));
  });
}
