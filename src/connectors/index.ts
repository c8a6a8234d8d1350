import type { ChangeStream } from '../core/change-stream-port.ts';
import type { Connector } from '../core/connector-port.ts';
import type { EventProtocol, EventReader } from '../core/event-port.ts';
import type { Crm } from '../core/ids.ts';
import type { Log } from '../core/ports.ts';
import type { GovernorDeps } from './governor.ts';
import { hubspotEventReader, hubspotEvents } from './hubspot/events.ts';
import { createHubspot, parseHubspotSettings } from './hubspot/index.ts';
import { salesforceEventReader, salesforceEvents } from './salesforce/events.ts';
import { createSalesforce, parseSalesforceSettings } from './salesforce/index.ts';

/** What every connector is handed of the world. */
export interface ConnectorDeps extends GovernorDeps {
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

/** How each CRM tells of changes by itself. A reader is null where the connection has no secret for it. */
export const EVENTS: Readonly<
  Record<
    Crm,
    {
      readonly protocol: EventProtocol;
      readonly reader: (options: unknown, path: string) => EventReader | null;
    }
  >
> = {
  salesforce: {
    protocol: salesforceEvents,
    reader: (options, path) => salesforceEventReader(parseSalesforceSettings(options, path)),
  },
  hubspot: {
    protocol: hubspotEvents,
    reader: (options, path) => hubspotEventReader(parseHubspotSettings(options, path)),
  },
};

/** CRMs that keep their changes for whoever comes for them. Null where the connection does not ask for it. */
export const STREAMS: Readonly<
  Record<Crm, (options: unknown, path: string, deps: ConnectorDeps) => Promise<ChangeStream | null>>
> = {
  async salesforce(options, path, deps) {
    const settings = parseSalesforceSettings(options, path);
    if (settings.changeEvents === null) return null;
    // What it stands on is only loaded where it is switched on.
    const { salesforceChangeStream } = await import('./salesforce/change-events/index.ts');
    return salesforceChangeStream(settings, deps);
  },
};
