import type { Connector } from '../core/connector-port.ts';
import type { Crm, RunId } from '../core/ids.ts';
import type { RunRow } from '../core/store-rows.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';

/** Calls of each connector that are already in the ledger of a run. */
const entered = new WeakMap<Connector, number>();

/** Calls of a run so far: those in its ledger, and those of this process that are not entered yet. */
export function callsSoFar(runtime: SyncRuntime | undefined, ledger: RunRow['calls']): Record<Crm, number> {
  const calls: Record<Crm, number> = { ...ledger };
  for (const connector of Object.values(runtime?.connectors ?? {}))
    calls[connector.crm] = (calls[connector.crm] ?? 0) + connector.calls() - (entered.get(connector) ?? 0);
  return calls;
}

/**
 * Enters the calls made since the last time into the run's ledger. One run of a sync goes on at a time, so that all calls
 * of its connectors are the run's; several tasks of this process share one count and none is entered twice.
 */
export async function settleCalls(deps: EngineDeps, runtime: SyncRuntime, run: RunId): Promise<void> {
  for (const connector of Object.values(runtime.connectors)) {
    const calls = connector.calls();
    const before = entered.get(connector) ?? 0;
    entered.set(connector, calls);
    await deps.store.addCalls(run, connector.crm, calls - before);
  }
}
