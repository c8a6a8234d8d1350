/**
 * How each CRM calls what the story calls `amount`: written down here from the CRMs' own documentation and not taken from
 * the connectors, so that a wrong mapping there is seen as a wrong value.
 */
import type { Value } from '../../../src/core/opportunity.ts';
import { toId18 } from '../../../src/sandbox/salesforce/ids.ts';
import type { DatasetLine } from '../../../src/sandbox/simulator.ts';
import type { Side } from '../schedule.ts';
import { STAGES, stageKey } from '../simulated-account.ts';

export type CrmName = 'salesforce' | 'hubspot';
type Names = Readonly<Record<string, string>>;

export const FIELDS: Readonly<Record<CrmName, Names>> = {
  salesforce: {
    name: 'Name',
    stage: 'StageName',
    amount: 'Amount',
    closeDate: 'CloseDate',
    nextStep: 'NextStep',
  },
  hubspot: {
    name: 'dealname',
    stage: 'dealstage',
    amount: 'amount',
    closeDate: 'closedate',
    nextStep: 'hs_next_step',
  },
};

export const OWNED: Readonly<Record<CrmName, Names>> = {
  salesforce: {
    status: 'Oppsync_Status__c',
    outcome: 'Oppsync_Outcome__c',
    phase: 'Oppsync_Phase__c',
    engagement: 'Oppsync_Engagement__c',
    reason: 'Oppsync_Reason__c',
    completeness: 'Oppsync_Completeness__c',
    cycleDays: 'Oppsync_Cycle_Days__c',
    pairKey: 'Oppsync_Pair_Key__c',
  },
  hubspot: {
    status: 'oppsync_status',
    outcome: 'oppsync_outcome',
    phase: 'oppsync_phase',
    engagement: 'oppsync_engagement',
    reason: 'oppsync_reason',
    completeness: 'oppsync_completeness',
    cycleDays: 'oppsync_cycle_days',
    pairKey: 'oppsync_pair_key',
  },
};

export const TYPE = { salesforce: 'Opportunity', hubspot: 'deal' } as const;
export const ID_FIELD = { salesforce: 'Id', hubspot: 'hs_object_id' } as const;
export const PIPELINE = 'sales';

const FIRST_DEAL = 7_000_000;

/** `L3` of the story is this record of the CRM. */
export function nativeId(crm: CrmName, storyId: string): string {
  const n = Number(storyId.slice(1));
  return crm === 'salesforce' ? toId18(`006Es${String(n + 1).padStart(10, '0')}`) : String(FIRST_DEAL + n);
}

/** The number in the story of the record a pair key was made for: the key ends with the id the other CRM knows it by. */
export function numberInKey(key: string): number {
  const native = key.slice(key.lastIndexOf('-') + 1);
  return native.startsWith('006') ? Number(native.slice(5, 15)) - 1 : Number(native) - FIRST_DEAL;
}

/** What a CRM stores, as the story says it: days without a time, nothing instead of an empty text. */
export function storyValue(field: string, value: unknown): Value {
  if (value === null || value === undefined || value === '') return null;
  return field === 'closeDate' ? String(value).slice(0, 10) : String(value);
}

/** What a person types. */
export function nativeValue(crm: CrmName, field: string, value: Value): unknown {
  if (value === null) return crm === 'salesforce' ? null : '';
  if (crm === 'salesforce' && field === 'amount') return Number(value);
  return value;
}

/** The stages of the story, as lines of a dataset. */
export function stageLines(crm: CrmName, side: Side): DatasetLine[] {
  if (crm === 'hubspot') {
    const stages = STAGES.map((label, index) => ({
      ...{ id: stageKey(side, index), label, displayOrder: index },
      metadata: { isClosed: String(index >= 6), probability: String(probability(index)) },
    }));
    return [{ crm, type: 'pipeline', fields: { id: PIPELINE, label: 'Sales', displayOrder: 0, stages } }];
  }
  return STAGES.map((label, index) => ({
    ...{ crm, type: 'OpportunityStage' },
    fields: {
      ...{ ApiName: stageKey(side, index), MasterLabel: label, IsActive: true, SortOrder: index + 1 },
      ...{ IsClosed: index >= 6, IsWon: index === 6, DefaultProbability: probability(index) * 100 },
      ForecastCategory: index === 6 ? 'Closed' : index > 6 ? 'Omitted' : 'Pipeline',
    },
  }));
}

function probability(stage: number): number {
  return stage === 6 ? 1 : stage > 6 ? 0 : 0.1 * (stage + 1);
}
