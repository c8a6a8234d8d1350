import type { AccountFacts } from '../../core/account-facts.ts';
import type { RecordWrite, WriteResult } from '../../core/connector-port.ts';
import type { Row } from './blame.ts';
import type { HubspotClient } from './client.ts';
import { toProperties } from './native-values.ts';
import { pathsOf } from './paths.ts';
import { type Sent, sendRows } from './send-rows.ts';
import type { HubspotSettings } from './settings.ts';
import { shapeOf } from './shape.ts';

export const WRITE_BATCH = 100;

/** Updates the records in one call, or in more where HubSpot refuses some of them ({@link ./send-rows.ts}). */
export async function writeBatch(
  client: HubspotClient,
  settings: HubspotSettings,
  writes: readonly RecordWrite[],
  facts: AccountFacts,
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  if (new Set(writes.map(({ id }) => id)).size < writes.length) {
    throw new RangeError('The same deal is written twice in one call.');
  }
  const shape = shapeOf(facts);
  const rows = writes.map(({ id, trace, fields, owned }) => ({
    id,
    trace,
    properties: toProperties({ fields, owned }, shape),
  }));
  const path = pathsOf(settings.generation).batchUpdate;
  const sent = await sendRows(
    rows.filter((row) => !isEmpty(row)),
    {
      post: (batch) => {
        const inputs = batch.map(({ id, properties, trace }) => ({
          id,
          properties,
          objectWriteTraceId: trace,
        }));
        return client.attempt({ method: 'POST', path, json: { inputs }, writes: true }, signal);
      },
      rowOf: (deal, batch) => batch.find((row) => row.id === deal.id),
    },
  );
  return rows.map((row) => resultOf(row, sent.get(row.trace)));
}

function resultOf({ id, trace }: Row, sent: Sent | undefined): WriteResult {
  // Nothing to say to HubSpot (a currency its account implies): done without a call.
  if (sent === undefined) return { trace, id, ok: true, version: null };
  if (!sent.ok) return { trace, id, ok: false, error: sent.error };
  const version = sent.deal.properties['hs_lastmodifieddate'] ?? sent.deal.updatedAt;
  return { trace, id, ok: true, version };
}

function isEmpty(row: Row): boolean {
  return Object.keys(row.properties).length === 0;
}
