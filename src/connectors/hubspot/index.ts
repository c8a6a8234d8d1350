import type { Connector } from '../../core/connector-port.ts';
import { companyNames } from './account-names.ts';
import { READ_BATCH, readByIds } from './batch-read.ts';
import { createClient, type HubspotDeps } from './client.ts';
import { createCreator } from './create.ts';
import { describeAccount } from './describe.ts';
import { evidenceReader } from './evidence-read.ts';
import { hubspotFacts } from './fields.ts';
import { HISTORY_BATCH, readHistory } from './history.ts';
import { ON_DEALS } from './own-fields.ts';
import { createProvisioner } from './provision.ts';
import { countDeals, LIST_PAGE, readPage, startReading } from './read.ts';
import { refusalsOf } from './refusals.ts';
import { createRollups } from './rollups.ts';
import type { HubspotSettings } from './settings.ts';
import { shapeOf } from './shape.ts';
import { WRITE_BATCH, writeBatch } from './write.ts';

export type { HubspotDeps } from './client.ts';
export { type HubspotSettings, parseHubspotSettings } from './settings.ts';

/** Batches in flight at once: enough to use the quota at the usual half second per batch, few enough not to meet locks. */
const WRITE_CONCURRENCY = 6;

/** A connection to one HubSpot account. */
export function createHubspot(settings: HubspotSettings, deps: HubspotDeps): Connector {
  const client = createClient(settings, deps);
  return {
    crm: 'hubspot',
    provisioner: createProvisioner(client, settings, ON_DEALS),
    rollups: createRollups(client, settings),
    creator: createCreator(client, settings),
    history: {
      batch: HISTORY_BATCH,
      read: (ids, fields, _since, facts, signal) => {
        client.knowZone(facts.timeZone);
        return readHistory(client, settings, ids, fields, facts, signal);
      },
    },
    evidence: evidenceReader(client, settings, deps.clock),
    accountNames: companyNames(client, settings),
    capabilities: {
      readBatch: READ_BATCH,
      writeBatch: WRITE_BATCH,
      writeConcurrency: WRITE_CONCURRENCY,
      fullPage: LIST_PAGE,
      rewritesCloseDate: 'on_closing',
    },
    describe: (signal) => describeAccount(client, settings, signal),
    startRead: async (mark, facts, signal) => {
      signal.throwIfAborted();
      return startReading(mark, facts, settings, deps.clock.now());
    },
    readPage: (position, facts, signal) => {
      client.knowZone(facts.timeZone);
      return readPage(client, settings, position, facts, signal);
    },
    readByIds: (ids, facts, signal) => {
      client.knowZone(facts.timeZone);
      return readByIds(client, settings, ids, facts, signal);
    },
    refusals: (write, facts) => refusalsOf(write, shapeOf(facts)),
    write: (writes, facts, signal) => {
      client.knowZone(facts.timeZone);
      return writeBatch(client, settings, writes, facts, signal);
    },
    calls: () => client.calls(),
    recordUrl: (id, facts) =>
      `https://${hubspotFacts(facts).uiDomain}/contacts/${facts.accountId}/record/0-3/${encodeURIComponent(id)}`,
    close: () => client.close(),
    prioritise: client.governor.prioritise,
    allowance: client.governor.room,
    countRecords: (signal) => countDeals(client, settings, signal),
  };
}
