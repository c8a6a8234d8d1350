import { fateUnknown } from '../core/creation-notes.ts';
import type { CreationResult } from '../core/creation-port.ts';
import type { Crm } from '../core/ids.ts';
import { findMade, madeOf } from './find-made.ts';
import type { TaskContext } from './task.ts';

/** No request is under way for longer: what was sent before and is not there will not come any more. */
const LONGEST_UNDER_WAY_MS = 3_600_000;

/**
 * Settles creations that an earlier run sent and did not live to hear about: before anything is paired or planned they are
 * looked for by their keys, and those that are there become pairs.
 */
export async function recoverCreations(context: TaskContext): Promise<void> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  const open = await deps.store.openCreations(sync);
  for (const [crm, rows] of Map.groupBy(open, (row): Crm => row.crm)) {
    if (context.runtime.connectors[crm]?.creator === undefined) continue;
    const found = await findMade(context, crm, rows);
    const late = deps.clock.now() - LONGEST_UNDER_WAY_MS;
    const lost = rows
      .filter((row) => !found.has(row.key) && (row.sentAt ?? 0) < late)
      .map((row): CreationResult => ({ creation: row.creation, is: 'dropped', note: fateUnknown(crm) }));
    const results = [...(await madeOf(context, rows, found)), ...lost];
    if (results.length > 0)
      await deps.store.tx((tx) => tx.saveCreated(sync, run.run, results, run.by, deps.clock.now()));
  }
}
