import type { Crm } from '../core/ids.ts';
import type { Clock, Connector, Log, Randomness, Sleep } from '../core/ports.ts';
import { createHubspot, parseHubspotSettings } from './hubspot/index.ts';
import { createSalesforce, parseSalesforceSettings } from './salesforce/index.ts';

/** What every connector is handed of the world. */
export interface ConnectorDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
  readonly log: Log;
}

/**
 * Makes a connector from its part of the configuration.
 *
 * @param path where that part stands in the configuration, for error texts
 * @throws OppsyncError `fix` naming the key that is wrong
 */
type Make = (options: unknown, path: string, deps: ConnectorDeps) => Connector;

/** Every CRM oppsync can talk to: a folder beside this file, and one line here. */
export const CONNECTORS: Readonly<Record<Crm, Make>> = {
  salesforce: (options, path, deps) => createSalesforce(parseSalesforceSettings(options, path), deps),
  hubspot: (options, path, deps) => createHubspot(parseHubspotSettings(options, path), deps),
};
