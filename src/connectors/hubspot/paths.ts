/** Every address of the HubSpot API that oppsync calls, by generation of paths: the one place to change for a new one. */
export interface HubspotPaths {
  readonly token: string;
  readonly account: string;
  readonly pipelines: string;
  /** Of any kind of object, by its path segment. */
  propertiesOf(type: string): string;
  readonly properties: string;
  readonly owners: string;
  readonly deals: string;
  readonly search: string;
  readonly batchRead: string;
  readonly batchUpdate: string;
  readonly batchUpsert: string;
  readonly companiesBatchRead: string;
  /** Told by a dated address only. */
  pipelineRules(pipeline: string): string;
  readonly companiesBatchUpdate: string;
  /** Of any kind of object, by its path segment. */
  objectSearch(type: string): string;
  /** Which deals objects of a kind are about. */
  dealsOf(type: string): string;
  /** Which objects of a kind deals are linked to. */
  linksOf(type: string): string;
  objectsBatchRead(type: string): string;
}

/** Generation `v3` is what @hubspot/api-client 14 itself calls; HubSpot ends its support in September 2027. */
const GENERATIONS = {
  v3: {
    token: '/oauth/v1/token',
    account: '/account-info/v3/details',
    pipelines: '/crm/v3/pipelines/deals',
    propertiesOf: (type) => `/crm/v3/properties/${type}`,
    properties: '/crm/v3/properties/deals',
    owners: '/crm/v3/owners',
    deals: '/crm/v3/objects/deals',
    search: '/crm/v3/objects/deals/search',
    batchRead: '/crm/v3/objects/deals/batch/read',
    batchUpdate: '/crm/v3/objects/deals/batch/update',
    batchUpsert: '/crm/v3/objects/deals/batch/upsert',
    companiesBatchRead: '/crm/v3/objects/companies/batch/read',
    pipelineRules: (pipeline) => `/crm/pipelines-rules/2026-09/0-3/${encodeURIComponent(pipeline)}`,
    companiesBatchUpdate: '/crm/v3/objects/companies/batch/update',
    objectSearch: (type) => `/crm/v3/objects/${type}/search`,
    linksOf: (type) => `/crm/v4/associations/deals/${type}/batch/read`,
    objectsBatchRead: (type) => `/crm/v3/objects/${type}/batch/read`,
    dealsOf: (type) => `/crm/v4/associations/${type}/deals/batch/read`,
  },
} as const satisfies Record<string, HubspotPaths>;

export type Generation = keyof typeof GENERATIONS;

export function pathsOf(generation: Generation): HubspotPaths {
  return GENERATIONS[generation];
}
