import { pairByLinks } from '../core/pairing.ts';
import type { Save, TaskContext } from './task.ts';

const BATCH = 2_000;

/** Pairs records by our own keys and by links other connectors made. Running it again pairs nothing twice. */
export async function pair(context: TaskContext): Promise<Save> {
  const { deps, run, runtime } = context;
  const sync = runtime.settings.name;
  let after: string | null = '';
  while (after !== null) {
    const batch = await deps.store.linkBatch(sync, after, BATCH);
    const { pairs, ambiguous } = pairByLinks(batch.rows, runtime.settings.sides);
    await deps.store.tx(async (tx) => {
      await tx.savePairs(sync, run.run, pairs, 'oppsync', deps.clock.now());
      if (ambiguous.length > 0) await tx.noteAmbiguous(sync, run.run, ambiguous);
    });
    after = batch.next;
  }
  return async () => {};
}
