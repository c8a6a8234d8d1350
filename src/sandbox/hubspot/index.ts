import { DatasetError, type DatasetLine, type SandboxDeps, type Simulator } from '../simulator.ts';
import { Access } from './access.ts';
import { RecordLoader } from './dataset-records.ts';
import { addProperty, ownerFrom, pipelineFrom } from './dataset-setup.ts';
import { editOf } from './edit.ts';
import { RateLimits } from './limits.ts';
import { OBJECT_TYPES } from './object-type.ts';
import { Portal } from './portal.ts';
import { editDistance } from './property-book.ts';
import { Service } from './service.ts';
import { stateOf } from './state.ts';
import { setSwitches } from './switches.ts';
import { hubspotVoice } from './webhooks.ts';

export interface HubspotOptions {
  /** Whether the portal starts with the `oppsync` property group and its properties. */
  readonly provisioned: boolean;
}

/** A HubSpot account in memory that answers the public API as HubSpot does. */
export function createHubspotSimulator(deps: SandboxDeps, { provisioned }: HubspotOptions): Simulator {
  const portal = new Portal(deps, provisioned);
  const access = new Access(portal);
  const service = new Service(portal, access, new RateLimits(portal));
  const records = new RecordLoader(portal);
  let ownPipelines = false;
  return {
    crm: 'hubspot',
    voice: hubspotVoice(portal, access),
    listening(baseUrl) {
      portal.baseUrl = baseUrl;
    },
    handle: async (request) => service.answer(request),
    load(line) {
      if (line.type === 'pipeline') {
        const pipeline = pipelineFrom(line.fields);
        // The first pipeline of a dataset takes the place of the one every portal starts with.
        if (!ownPipelines) portal.pipelines.clear();
        ownPipelines = true;
        portal.pipelines.put(pipeline);
      } else if (line.type === 'owner') {
        const owner = ownerFrom(portal, line.fields);
        portal.owners.set(owner.id, owner);
      } else if (line.type === 'property') addProperty(portal, line.fields);
      else records.load(portal.store(recordType(line)), line);
    },
    loaded: (onBad) => records.finish(onBad),
    state: () => stateOf(portal),
    edit: (edit) => editOf(portal, edit),
    credentials: () => ({
      url: portal.baseUrl,
      token: access.token,
      clientSecret: access.clientSecret,
      clientId: access.clientId,
      refreshToken: access.refreshToken,
    }),
    configure: (switches) => setSwitches(portal.switches, switches),
  };
}

function recordType(line: DatasetLine): (typeof OBJECT_TYPES)[number] {
  const found = OBJECT_TYPES.find((type) => type.singular === line.type);
  if (found !== undefined) return found;
  const names = [...OBJECT_TYPES.map((type) => type.singular), 'owner', 'pipeline', 'property'];
  const nearest = names.toSorted((a, b) => editDistance(line.type, a) - editDistance(line.type, b))[0];
  throw new DatasetError('unknown_type', { type: line.type, crm: 'hubspot', near: String(nearest) });
}
