import type { RecordRef } from '../core/ids.ts';
import type { Clock } from '../core/ports.ts';
import { entriesNamed } from '../core/quarantine.ts';
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
  const chosen = ids === 'all' ? entries : ids.flatMap((id) => entriesNamed(entries, id));
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
