import type { AccountFacts } from '../core/account-facts.ts';
import type { Crm } from '../core/ids.ts';
import type { SyncRuntime } from './deps.ts';

/** Reads both accounts at once. A missing field that the sync needs is an error before anything is read or written. */
export async function readFacts(
  runtime: SyncRuntime,
  signal: AbortSignal,
): Promise<Readonly<Record<Crm, AccountFacts>>> {
  const all = await Promise.all(
    Object.values(runtime.connectors).map(async (connector) => await connector.describe(signal)),
  );
  return Object.fromEntries(all.map((facts) => [facts.crm, facts]));
}
