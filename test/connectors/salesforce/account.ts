import { fieldFacts, nativeFields } from '../../../src/connectors/salesforce/describe-fields.ts';
import { OWNED_NATIVE_FIELDS } from '../../../src/connectors/salesforce/fields.ts';
import type { AccountFacts, StageInfo } from '../../../src/core/account-facts.ts';

type Described = Record<string, unknown> & { name: string };

export function describedField(name: string, more: Record<string, unknown> = {}): Described {
  return {
    name,
    type: 'string',
    length: 255,
    updateable: true,
    calculated: false,
    restrictedPicklist: false,
    picklistValues: [],
    ...more,
  };
}

const READ_ONLY = { updateable: false };

export const DESCRIBED: readonly Described[] = [
  describedField('Id', { type: 'id', length: 18, ...READ_ONLY }),
  describedField('Name', { length: 120 }),
  describedField('StageName', { type: 'picklist' }),
  describedField('Amount', { type: 'currency', length: 0 }),
  describedField('CloseDate', { type: 'date', length: 0 }),
  describedField('OwnerId', { type: 'reference', length: 18, relationshipName: 'Owner' }),
  describedField('AccountId', { type: 'reference', length: 18, relationshipName: 'Account' }),
  describedField('NextStep'),
  describedField('IsClosed', { type: 'boolean', length: 0, ...READ_ONLY }),
  describedField('IsWon', { type: 'boolean', length: 0, ...READ_ONLY }),
  describedField('Probability', { type: 'percent', length: 0 }),
  describedField('LastActivityDate', { type: 'date', length: 0, ...READ_ONLY }),
  describedField('LastStageChangeDate', { type: 'datetime', length: 0, ...READ_ONLY }),
  describedField('HasOpportunityLineItem', { type: 'boolean', length: 0, ...READ_ONLY }),
  describedField('Contract_Signed__c', { type: 'boolean', length: 0 }),
  describedField('Region__c', {
    type: 'picklist',
    restrictedPicklist: true,
    picklistValues: [
      { value: 'North', active: true },
      { value: 'South', active: true },
      { value: 'Old', active: false },
    ],
  }),
  ...Object.values(OWNED_NATIVE_FIELDS).map(({ native }) =>
    describedField(native, { length: native === 'Oppsync_Reason__c' ? 255 : 80 }),
  ),
];

function stage(key: string, more: Partial<StageInfo>): StageInfo {
  return {
    key,
    label: key,
    pipeline: null,
    pipelineLabel: null,
    order: 1,
    closed: false,
    won: false,
    probability: 0.1,
    active: true,
    ...more,
  };
}

/** Facts of a small org, with changes. */
export function account(
  change: Partial<AccountFacts> = {},
  described: readonly Described[] = DESCRIBED,
): AccountFacts {
  const found = nativeFields({ fields: described });
  if (found === null) throw new Error('no fields');
  const { fields, problems } = fieldFacts(found, {
    customFields: { region: { native: 'Region__c', kind: 'choice' } },
    evidence: { activities: 'auto' as const, contractSigned: 'Contract_Signed__c' },
  });
  return {
    crm: 'salesforce',
    accountId: '00D000000000001AAA',
    timeZone: 'UTC',
    currency: 'USD',
    currencies: null,
    stages: [
      stage('Prospecting', { label: 'Prospection' }),
      stage('Closed Won', { closed: true, won: true, probability: 1 }),
      stage('Closed Lost', { closed: true, probability: 0 }),
      stage('Old', { active: false }),
    ],
    fields,
    owners: [
      { id: '005000000000001AAA', email: 'ann@acme.test', name: 'Ann', active: true },
      { id: '005000000000002AAA', email: 'bob@acme.test', name: 'Bob', active: false },
    ],
    clockOffsetMs: 0,
    problems,
    ...change,
  };
}
