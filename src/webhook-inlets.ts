/** The connections that take events, with the syncs that read through them. */
import type { Config } from '../config/load.ts';
import type { EVENTS } from './connectors/index.ts';
import type { EventInlet } from './core/event-port.ts';
import type { SyncName } from './core/ids.ts';

/** @throws OppsyncError `fix` for a connection whose settings are wrong */
export function webhookInlets(config: Config, events: typeof EVENTS): readonly EventInlet[] {
  const readers = new Map<string, SyncName[]>();
  for (const [sync, { connections }] of Object.entries(config.syncs))
    for (const name of connections) readers.set(name, [...(readers.get(name) ?? []), sync]);
  return Object.entries(config.connections).flatMap(([name, { crm, ...options }]): EventInlet[] => {
    const syncs = readers.get(name) ?? [];
    const reader = events[crm]?.reader(options, `connections.${name}`) ?? null;
    return reader === null || syncs.length === 0 ? [] : [{ crm, reader, syncs }];
  });
}
