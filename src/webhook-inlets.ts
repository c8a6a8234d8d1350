/** The connections that take events, with the syncs that read through them. */
import type { Config } from '../config/load.ts';
import type { EVENTS } from './connectors/index.ts';
import type { EventInlet } from './core/event-port.ts';
import { syncsByConnection } from './syncs-by-connection.ts';

/**
 * A connection whose syncs all leave events alone still takes them, so that the CRM does not repeat them, and stores nothing:
 * events that no run takes would only pile up.
 *
 * @throws OppsyncError `fix` for a connection whose settings are wrong
 */
export function webhookInlets(config: Config, events: typeof EVENTS): readonly EventInlet[] {
  const readers = syncsByConnection(config.syncs);
  const listening = syncsByConnection(config.syncs, (sync) => sync.events !== null);
  const inlets = Object.entries(config.connections).flatMap(([name, { crm, ...options }]): EventInlet[] => {
    const reader = readers.has(name) ? events[crm]?.reader(options, `connections.${name}`) : null;
    return reader == null ? [] : [{ crm, reader, syncs: listening.get(name) ?? [] }];
  });
  // Where only some can be tried, first those for whom it matters.
  return inlets.toSorted((x, y) => Number(y.syncs.length > 0) - Number(x.syncs.length > 0));
}
