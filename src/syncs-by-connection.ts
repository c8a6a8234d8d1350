import type { Config } from '../config/load.ts';
import type { SyncName } from './core/ids.ts';

/** The syncs that read through each connection, in the order of the configuration. Looked through once: there may be thousands. */
export function syncsByConnection(
  syncs: Config['syncs'],
  counts: (sync: Config['syncs'][string]) => boolean = () => true,
): ReadonlyMap<string, readonly SyncName[]> {
  const found = new Map<string, SyncName[]>();
  for (const [name, sync] of Object.entries(syncs)) {
    if (!counts(sync)) continue;
    for (const connection of sync.connections) {
      const before = found.get(connection);
      if (before === undefined) found.set(connection, [name]);
      else before.push(name);
    }
  }
  return found;
}
