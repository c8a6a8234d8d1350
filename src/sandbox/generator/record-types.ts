import type { DatasetLine } from '../simulator.ts';
import { salesforceId } from './record-ids.ts';
import {
  type HubspotPipeline,
  NEW_BUSINESS,
  PIPELINES,
  RENEWALS,
  SALESFORCE_STAGES,
  type Standing,
} from './stages.ts';

/** A renewal begins with a customer: nobody is looked for, nothing is qualified. */
const WITHOUT: Readonly<Record<string, readonly Standing[]>> = {
  [NEW_BUSINESS.id]: [],
  [RENEWALS.id]: ['prospecting', 'qualification'],
};

/** One record type per pipeline of the other CRM, with the stages its team sells through. */
export function recordTypeLines(): DatasetLine[] {
  return PIPELINES.map((pipeline) => {
    const left = WITHOUT[pipeline.id] ?? [];
    const stages = Object.entries(SALESFORCE_STAGES).filter(
      ([standing]) => !left.includes(standing as Standing),
    );
    return {
      crm: 'salesforce',
      type: 'RecordType',
      fields: {
        Id: recordTypeOf(pipeline),
        Name: pipeline.label,
        DeveloperName: pipeline.label.replaceAll(/\W+/g, '_'),
        SobjectType: 'Opportunity',
        Default: pipeline === NEW_BUSINESS,
        ...(left.length === 0
          ? {}
          : { PicklistValues: { StageName: stages.map(([, { apiName }]) => apiName) } }),
      },
    };
  });
}

export function recordTypeOf(pipeline: HubspotPipeline): string {
  return salesforceId('012', PIPELINES.indexOf(pipeline));
}
