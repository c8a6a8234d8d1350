import { OppsyncError } from '../core/errors.ts';
import type { RecordRef } from '../core/ids.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { QuarantineEntry } from '../core/trust-port.ts';

const PAGE = 1_000;

/** Every quarantined record of a sync. */
export async function quarantined(store: Store, sync: string): Promise<readonly QuarantineEntry[]> {
  const found: QuarantineEntry[] = [];
  for (let after: RecordRef | null = null; ; ) {
    const page: readonly QuarantineEntry[] = await store.listQuarantine(sync, after, PAGE);
    found.push(...page);
    const last = page[page.length - 1];
    if (last === undefined || page.length < PAGE) return found;
    after = last.ref;
  }
}

/**
 * Lets the next run try quarantined records again; nothing leaves quarantine before that succeeds. Entries renewed since
 * they were looked at are left alone. Answers the records that will be tried.
 *
 * @param ids of the records, or `'all'`
 * @throws OppsyncError `refuse` for a record that is not in quarantine
 */
export async function replay(
  deps: { readonly store: Store; readonly clock: Clock },
  sync: string,
  ids: readonly string[] | 'all',
  by: string,
): Promise<readonly RecordRef[]> {
  const { store, clock } = deps;
  const entries = await quarantined(store, sync);
  const chosen = ids === 'all' ? entries : ids.flatMap((id) => named(entries, id));
  return store.tx(async (tx) => {
    const replayed = await tx.replayQuarantine(sync, chosen);
    if (replayed.length > 0)
      await tx.audit({
        at: clock.now(),
        sync,
        by,
        action: 'quarantine.replayed',
        details: { records: replayed },
      });
    return replayed;
  });
}

/** Entries of a record's id; of its first 15 characters where it has 18. */
export function named(entries: readonly QuarantineEntry[], id: string): readonly QuarantineEntry[] {
  const found = entries.filter(
    ({ ref }) => ref.id === id || (id.length === 15 && ref.id.length === 18 && ref.id.startsWith(id)),
  );
  if (found.length > 0) return found;
  throw new OppsyncError({
    recovery: 'refuse',
    code: 'quarantine.unknown',
    message: `record ${id} is not in quarantine`,
    remedy: '`oppsync quarantine` lists those that are',
  });
}
