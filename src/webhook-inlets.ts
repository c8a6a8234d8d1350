/** The connections that take events, with the syncs that read through them. */
import type { Config } from '../config/load.ts';
import type { EVENTS } from './connectors/index.ts';
import type { EventInlet } from './core/event-port.ts';

/** @throws OppsyncError `fix` for a connection whose settings are wrong */
export function webhookInlets(config: Config, events: typeof EVENTS): readonly EventInlet[] {
  return Object.entries(config.connections).flatMap(([name, { crm, ...options }]): EventInlet[] => {
    const syncs = Object.entries(config.syncs).flatMap(([sync, { connections }]) =>
      connections.includes(name) ? [sync] : [],
    );
    const reader = events[crm]?.reader(options, `connections.${name}`) ?? null;
    return reader === null || syncs.length === 0 ? [] : [{ crm, reader, syncs }];
  });
}
