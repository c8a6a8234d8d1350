import type { Connector } from '../../core/connector-port.ts';
import { createClient } from './client.ts';
import { createCreator } from './create.ts';
import { describeAccount } from './describe.ts';
import { evidenceReader } from './evidence-read.ts';
import { HISTORY_BATCH, readHistory } from './history.ts';
import { namedAccounts } from './named-accounts.ts';
import { ON_OPPORTUNITIES } from './own-fields.ts';
import { createProvisioner } from './provision.ts';
import { readOnePage, readRecords, startReading } from './read.ts';
import { refusalsOf } from './refusals.ts';
import { createRollups } from './rollups.ts';
import type { SessionDeps } from './session.ts';
import type { SalesforceSettings } from './settings.ts';
import { WRITE_BATCH, writeRecords } from './write.ts';

export { parseSalesforceSettings, type SalesforceSettings } from './settings.ts';

/** Clock, sleep, randomness and log; `saveRefreshToken` only matters where refresh tokens are rotated. */
export type SalesforceDeps = SessionDeps;

const READ_BATCH = 2_000;
const LOGIN_HOSTS = new Set(['login.salesforce.com', 'test.salesforce.com']);

/** A connector for one Salesforce org. Makes no call before it is asked something. */
export function createSalesforce(settings: SalesforceSettings, deps: SalesforceDeps): Connector {
  const client = createClient(settings, deps);
  const { clock, sleep, random } = deps;
  const reading = {
    ...{ client, clock, sleep, log: deps.log },
    ...{ bulkFrom: settings.bulkFrom, pageRecords: settings.bulkPageRecords },
  };
  return {
    crm: 'salesforce',
    provisioner: createProvisioner(client, ON_OPPORTUNITIES),
    rollups: createRollups({ client, sleep, random }, settings.apiVersion),
    creator: createCreator({ client, clock, sleep, random }, settings.apiVersion),
    history: {
      batch: HISTORY_BATCH,
      read: (ids, fields, since, facts, signal) =>
        readHistory(client, settings.apiVersion, ids, fields, since, facts, signal),
    },
    capabilities: {
      readBatch: READ_BATCH,
      writeBatch: WRITE_BATCH,
      // Whatever writes an opportunity locks its account: two calls at once would fight over accounts they share.
      writeConcurrency: 1,
      locksAccounts: true,
      fullPage: 2_000,
      rewritesCloseDate: 'ahead_when_won',
    },
    evidence: evidenceReader(client, clock, settings.apiVersion),
    describe: (signal) => describeAccount(client, settings, clock, signal),
    startRead: (mark, facts, signal) => startReading(client, clock, mark, facts, signal),
    readPage: (position, facts, signal) => readOnePage(reading, position, facts, signal),
    readByIds: (ids, facts, signal) => readRecords(client, clock, settings.apiVersion, ids, facts, signal),
    refusals: refusalsOf,
    namedAccounts,
    write: (writes, facts, signal) => writeRecords({ client, sleep, random }, writes, facts, signal),
    calls: client.calls,
    prioritise: client.governor.prioritise,
    allowance: client.governor.room,
    recordUrl(id) {
      // The configured address is the one people know, unless it is only the door all orgs share.
      const configured = new URL(settings.url);
      const origin = LOGIN_HOSTS.has(configured.host) ? client.origin() : configured.origin;
      return `${origin}/lightning/r/Opportunity/${encodeURIComponent(id)}/view`;
    },
    close: () => client.governor.close(),
  };
}
