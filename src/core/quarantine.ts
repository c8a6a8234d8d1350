import { OppsyncError } from './errors.ts';
import { faultOf } from './fault-sentences.ts';
import type { QuarantineEntry } from './trust-port.ts';

/** Entries of a record's id; of its first 15 characters where it has 18. */
export function entriesNamed(entries: readonly QuarantineEntry[], id: string): readonly QuarantineEntry[] {
  const found = entries.filter(
    ({ ref }) => ref.id === id || (id.length === 15 && ref.id.length === 18 && ref.id.startsWith(id)),
  );
  if (found.length > 0) return found;
  throw new OppsyncError({
    recovery: 'refuse',
    ...faultOf('quarantine.unknown', { id }),
  });
}
