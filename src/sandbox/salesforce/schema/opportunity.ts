import { type Field, field, type ObjectType, objectType, reference, systemFields } from './field.ts';

const STAGE_NAME: Field = field('StageName', 'picklist', {
  required: true,
  label: 'Stage',
  tracked: true,
  restricted: true,
});
const currencyCode: Field = field('CurrencyIsoCode', 'picklist', {
  length: 3,
  multiCurrency: true,
  label: 'Currency ISO Code',
});

export const FORECAST_CATEGORIES: readonly (readonly [name: string, label: string])[] = [
  ['Omitted', 'Omitted'],
  ['Pipeline', 'Pipeline'],
  ['BestCase', 'Best Case'],
  ['MostLikely', 'Most Likely'],
  ['Forecast', 'Commit'],
  ['Closed', 'Closed'],
];

const forecastNames = FORECAST_CATEGORIES.map(([name]) => name);
const forecastLabels = FORECAST_CATEGORIES.map(([, label]) => label);
const readOnly = { readOnly: true };

export const opportunity: ObjectType = objectType(
  'Opportunity',
  '006',
  [
    ...systemFields(),
    reference('AccountId', ['Account'], { children: 'Opportunities', tracked: true }),
    reference('RecordTypeId', ['RecordType']),
    field('Name', 'string', { length: 120, required: true, nameField: true, tracked: true }),
    field('Description', 'textarea'),
    STAGE_NAME,
    field('Amount', 'currency', { tracked: true }),
    field('Probability', 'percent', { label: 'Probability (%)' }),
    field('ExpectedRevenue', 'currency', { ...readOnly, label: 'Expected Amount' }),
    field('TotalOpportunityQuantity', 'double', { label: 'Quantity' }),
    field('CloseDate', 'date', { required: true, tracked: true }),
    field('Type', 'picklist', { label: 'Opportunity Type', values: ['Existing Business', 'New Business'] }),
    field('NextStep', 'string', { tracked: true }),
    field('LeadSource', 'picklist', {
      values: ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'],
    }),
    field('IsClosed', 'boolean', { ...readOnly, label: 'Closed' }),
    field('IsWon', 'boolean', { ...readOnly, label: 'Won' }),
    field('ForecastCategory', 'picklist', {
      ...readOnly,
      length: 40,
      values: forecastNames,
      restricted: true,
    }),
    field('ForecastCategoryName', 'picklist', { values: forecastLabels, restricted: true }),
    currencyCode,
    reference('CampaignId', ['Campaign']),
    field('HasOpportunityLineItem', 'boolean', readOnly),
    reference('Pricebook2Id', ['Pricebook2']),
    reference('OwnerId', ['User'], { tracked: true }),
    field('PushCount', 'int', { ...readOnly, initial: 0 }),
    field('LastStageChangeDate', 'datetime', readOnly),
    field('FiscalQuarter', 'int', { ...readOnly, calculated: true }),
    field('FiscalYear', 'int', { ...readOnly, calculated: true }),
    field('Fiscal', 'string', { ...readOnly, calculated: true, length: 6, label: 'Fiscal Period' }),
    reference('ContactId', ['Contact'], { updateable: false }),
    field('LastActivityDate', 'date', readOnly),
    field('LastViewedDate', 'datetime', readOnly),
    field('LastReferencedDate', 'datetime', readOnly),
    reference('SyncedQuoteId', ['Quote']),
    reference('ContractId', ['Contract']),
    field('IsPrivate', 'boolean'),
    field('HasOpenActivity', 'boolean', readOnly),
    field('HasOverdueTask', 'boolean', readOnly),
    reference('LastAmountChangedHistoryId', ['OpportunityHistory'], readOnly),
    reference('LastCloseDateChangedHistoryId', ['OpportunityHistory'], readOnly),
  ],
  { inDataset: true },
);

export const opportunityStage: ObjectType = objectType(
  'OpportunityStage',
  '01J',
  [
    ...systemFields(false),
    field('MasterLabel', 'string', { ...readOnly, nameField: true }),
    field('ApiName', 'string', readOnly),
    field('IsActive', 'boolean', { ...readOnly, initial: true }),
    field('SortOrder', 'int', readOnly),
    field('IsClosed', 'boolean', readOnly),
    field('IsWon', 'boolean', readOnly),
    field('ForecastCategory', 'picklist', { ...readOnly, values: forecastNames }),
    field('ForecastCategoryName', 'picklist', { ...readOnly, values: forecastLabels }),
    field('DefaultProbability', 'percent', readOnly),
    field('Description', 'textarea', { ...readOnly, length: 255 }),
  ],
  { inDataset: true, createable: false, updateable: false, deletable: false },
);

export const opportunityHistory: ObjectType = objectType(
  'OpportunityHistory',
  '008',
  [
    field('Id', 'id', { ...readOnly, required: true }),
    field('IsDeleted', 'boolean', readOnly),
    reference('OpportunityId', ['Opportunity'], { ...readOnly, children: 'OpportunityHistories' }),
    reference('CreatedById', ['User'], readOnly),
    field('CreatedDate', 'datetime', readOnly),
    field('SystemModstamp', 'datetime', readOnly),
    field('StageName', 'picklist', readOnly),
    field('Amount', 'currency', readOnly),
    field('PrevAmount', 'currency', readOnly),
    field('ExpectedRevenue', 'currency', readOnly),
    field('CloseDate', 'date', readOnly),
    field('PrevCloseDate', 'date', readOnly),
    field('Probability', 'percent', readOnly),
    field('ForecastCategory', 'picklist', readOnly),
    { ...currencyCode, createable: false, updateable: false },
  ],
  { inDataset: true, createable: false, updateable: false, deletable: false },
);

export const opportunityFieldHistory: ObjectType = objectType(
  'OpportunityFieldHistory',
  '017',
  [
    field('Id', 'id', { ...readOnly, required: true }),
    field('IsDeleted', 'boolean', readOnly),
    reference('OpportunityId', ['Opportunity'], { ...readOnly, children: 'Histories' }),
    reference('CreatedById', ['User'], readOnly),
    field('CreatedDate', 'datetime', readOnly),
    field('Field', 'picklist', readOnly),
    field('DataType', 'picklist', readOnly),
    field('OldValue', 'anyType', readOnly),
    field('NewValue', 'anyType', readOnly),
  ],
  { createable: false, updateable: false, deletable: false },
);

export const opportunityContactRole: ObjectType = objectType(
  'OpportunityContactRole',
  '00K',
  [
    ...systemFields(),
    reference('OpportunityId', ['Opportunity'], {
      required: true,
      updateable: false,
      children: 'OpportunityContactRoles',
    }),
    reference('ContactId', ['Contact'], { required: true, children: 'OpportunityContactRoles' }),
    field('Role', 'picklist', {
      values: ['Business User', 'Decision Maker', 'Economic Buyer', 'Evaluator', 'Other'],
    }),
    field('IsPrimary', 'boolean'),
  ],
  { inDataset: true },
);
