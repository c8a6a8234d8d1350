import type { RunRow, TaskPayload } from '../core/store-rows.ts';
import { FULL_EVERY_MS } from './complete-reading.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { started } from './run-started.ts';

export type PullPayload = Extract<TaskPayload, { kind: 'pull' }>;

/** A full reading this cheap is always made: it is consistent, sees deletions, and needs no trust in a search index. */
const CHEAP_PAGES = 100;

/** Which readings a run begins with: of each CRM what changed, or everything. */
export async function readingsOf(
  deps: EngineDeps,
  runtime: SyncRuntime,
  options: { readonly full: boolean },
): Promise<readonly PullPayload[]> {
  const { store, clock } = deps;
  const readings: PullPayload[] = [];
  for (const crm of runtime.settings.sides) {
    const cursor = await store.cursor(runtime.settings.name, crm);
    const page = runtime.connectors[crm]?.capabilities.fullPage ?? 100;
    const cheap = cursor?.fullRows !== null && Math.ceil((cursor?.fullRows ?? 0) / page) <= CHEAP_PAGES;
    const old = cursor?.fullAt === null || clock.now() - (cursor?.fullAt ?? 0) >= FULL_EVERY_MS;
    const since = options.full || cursor === null || cheap || old ? null : cursor.mark;
    readings.push({ kind: 'pull', crm, position: null, since, seen: 0, expected: null });
  }
  return readings;
}

/** A run that begins with reading both CRMs. */
export async function beginPull(
  { store, clock }: EngineDeps,
  run: RunRow,
  readings: readonly PullPayload[],
  options: { readonly retryRefused?: boolean },
): Promise<void> {
  await store.tx(async (tx) => {
    await tx.registerSync(run.sync, run.settingsDigest, clock.now());
    await tx.insertRun(run);
    // A run that only reads and pairs leaves the open plan as it is.
    if (run.mode !== 'pair') await tx.dropUnwritten(run.sync, run.run);
    if (options.retryRefused === true) await tx.clearQuarantine(run.sync);
    const pulls = readings.map((payload) => ({ queue: 'pull', payload, size: 1 }) as const);
    await tx.addTasks(run.run, pulls);
    await tx.audit(started(run));
  });
}
