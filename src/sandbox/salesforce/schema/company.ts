import { field, type ObjectType, objectType, reference, systemFields } from './field.ts';

const readOnly = { readOnly: true };

export const account: ObjectType = objectType(
  'Account',
  '001',
  [
    ...systemFields(),
    reference('MasterRecordId', ['Account'], { ...readOnly, relationship: 'MasterRecord' }),
    field('Name', 'string', { required: true, nameField: true, label: 'Account Name' }),
    field('Type', 'picklist', {
      values: ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Partner', 'Other'],
    }),
    reference('RecordTypeId', ['RecordType']),
    reference('ParentId', ['Account'], { children: 'ChildAccounts' }),
    field('BillingStreet', 'textarea', { length: 255 }),
    field('BillingCity', 'string', { length: 40 }),
    field('BillingState', 'string', { length: 80 }),
    field('BillingPostalCode', 'string', { length: 20 }),
    field('BillingCountry', 'string', { length: 80 }),
    field('Phone', 'phone'),
    field('AccountNumber', 'string', { length: 40 }),
    field('Website', 'url'),
    field('Industry', 'picklist'),
    field('AnnualRevenue', 'currency', { scale: 0 }),
    field('NumberOfEmployees', 'int'),
    field('Description', 'textarea'),
    field('CurrencyIsoCode', 'picklist', { length: 3, multiCurrency: true }),
    reference('OwnerId', ['User']),
    field('LastActivityDate', 'date', readOnly),
    field('AccountSource', 'picklist'),
  ],
  { inDataset: true },
);

export const contact: ObjectType = objectType(
  'Contact',
  '003',
  [
    ...systemFields(),
    reference('AccountId', ['Account'], { children: 'Contacts' }),
    field('LastName', 'string', { length: 80, required: true }),
    field('FirstName', 'string', { length: 40 }),
    field('Name', 'string', { ...readOnly, length: 121, nameField: true }),
    field('Email', 'email'),
    field('Phone', 'phone'),
    field('Title', 'string', { length: 128 }),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);

export const user: ObjectType = objectType(
  'User',
  '005',
  [
    ...systemFields(false),
    field('Username', 'string', { length: 80 }),
    field('LastName', 'string', { length: 80 }),
    field('FirstName', 'string', { length: 40 }),
    field('Name', 'string', { length: 121, nameField: true, updateable: false }),
    field('Email', 'email', { length: 128 }),
    field('Alias', 'string', { length: 8 }),
    field('IsActive', 'boolean', { initial: true }),
    field('UserType', 'picklist', { ...readOnly, initial: 'Standard' }),
    field('Title', 'string', { length: 80 }),
    field('Department', 'string', { length: 80 }),
    field('TimeZoneSidKey', 'picklist', { length: 40 }),
    field('LocaleSidKey', 'picklist', { length: 40 }),
    field('LanguageLocaleKey', 'picklist', { length: 40 }),
    field('DefaultCurrencyIsoCode', 'picklist', { length: 3, multiCurrency: true }),
    reference('ProfileId', ['Profile']),
    reference('ManagerId', ['User']),
    field('FederationIdentifier', 'string', { length: 512 }),
  ],
  { inDataset: true, deletable: false },
);

export const contract: ObjectType = objectType(
  'Contract',
  '800',
  [
    ...systemFields(),
    reference('AccountId', ['Account'], { children: 'Contracts', required: true }),
    field('ContractNumber', 'string', { ...readOnly, length: 30, nameField: true }),
    field('Name', 'string', { length: 80 }),
    field('Status', 'picklist', { values: ['Draft', 'In Approval Process', 'Activated'], initial: 'Draft' }),
    field('StatusCode', 'picklist', readOnly),
    field('StartDate', 'date'),
    field('EndDate', 'date', readOnly),
    field('ContractTerm', 'int'),
    field('ActivatedDate', 'datetime', readOnly),
    field('CustomerSignedDate', 'date'),
    field('CompanySignedDate', 'date'),
    reference('CustomerSignedId', ['Contact']),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);

export const quote: ObjectType = objectType(
  'Quote',
  '0Q0',
  [
    ...systemFields(),
    reference('OpportunityId', ['Opportunity'], { children: 'Quotes', required: true, updateable: false }),
    reference('AccountId', ['Account'], readOnly),
    field('QuoteNumber', 'string', { ...readOnly, length: 30 }),
    field('Name', 'string', { required: true, nameField: true }),
    field('Status', 'picklist', {
      values: [
        'Draft',
        'Needs Review',
        'In Review',
        'Approved',
        'Rejected',
        'Presented',
        'Accepted',
        'Denied',
      ],
    }),
    field('IsSyncing', 'boolean', readOnly),
    field('TotalPrice', 'currency', readOnly),
    field('GrandTotal', 'currency', readOnly),
    field('ExpirationDate', 'date'),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);

export const order: ObjectType = objectType(
  'Order',
  '801',
  [
    ...systemFields(),
    reference('AccountId', ['Account'], { children: 'Orders' }),
    reference('OpportunityId', ['Opportunity'], { children: 'Orders' }),
    reference('ContractId', ['Contract'], { children: 'Orders' }),
    field('OrderNumber', 'string', { ...readOnly, length: 30, nameField: true }),
    field('Name', 'string', { length: 80 }),
    field('Status', 'picklist', { values: ['Draft', 'Activated'], initial: 'Draft' }),
    field('StatusCode', 'picklist', readOnly),
    field('EffectiveDate', 'date'),
    field('ActivatedDate', 'datetime', readOnly),
    field('TotalAmount', 'currency', readOnly),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);
