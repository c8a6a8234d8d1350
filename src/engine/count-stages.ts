import type { AccountFacts } from '../core/account-facts.ts';
import type { Connector, ReadPosition } from '../core/connector-port.ts';

/** Counts the records of each stage by reading all of them. Stores nothing. */
export async function countStages(
  connector: Connector,
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  let position: ReadPosition | null = await connector.startRead(null, facts, signal);
  while (position !== null) {
    const page = await connector.readPage(position, facts, signal);
    for (const { id, deleted, fields } of page.snapshots) {
      const stage = fields['stage'];
      // A record may come twice.
      if (deleted || typeof stage !== 'string' || seen.has(id)) continue;
      seen.add(id);
      counts.set(stage, (counts.get(stage) ?? 0) + 1);
    }
    position = page.next;
  }
  return counts;
}
