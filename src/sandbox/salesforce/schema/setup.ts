import { field, type ObjectType, objectType, reference, systemFields } from './field.ts';

const readOnly = { readOnly: true };
const fixed = { createable: false, updateable: false, deletable: false };

export const organization: ObjectType = objectType(
  'Organization',
  '00D',
  [
    ...systemFields(false),
    field('Name', 'string', { ...readOnly, length: 80, nameField: true }),
    field('TimeZoneSidKey', 'picklist', readOnly),
    field('LanguageLocaleKey', 'picklist', readOnly),
    field('DefaultLocaleSidKey', 'picklist', readOnly),
    field('InstanceName', 'picklist', readOnly),
    field('IsSandbox', 'boolean', readOnly),
    field('OrganizationType', 'picklist', readOnly),
    field('FiscalYearStartMonth', 'int', readOnly),
    field('DefaultCurrencyIsoCode', 'picklist', readOnly),
    field('Country', 'string', readOnly),
  ],
  fixed,
);

export const currencyType: ObjectType = objectType(
  'CurrencyType',
  '01L',
  [
    ...systemFields(false),
    field('IsoCode', 'picklist', { ...readOnly, length: 3, nameField: true }),
    field('ConversionRate', 'double', { ...readOnly, scale: 6 }),
    field('DecimalPlaces', 'int', readOnly),
    field('IsActive', 'boolean', readOnly),
    field('IsCorporate', 'boolean', readOnly),
  ],
  fixed,
);

export const recordType: ObjectType = objectType(
  'RecordType',
  '012',
  [
    ...systemFields(false),
    field('Name', 'string', { length: 80, nameField: true }),
    field('DeveloperName', 'string', { length: 80 }),
    field('SobjectType', 'picklist', { updateable: false }),
    field('IsActive', 'boolean', { initial: true }),
    field('Description', 'string'),
  ],
  { inDataset: true },
);

export const profile: ObjectType = objectType(
  'Profile',
  '00e',
  [
    ...systemFields(false),
    field('Name', 'string', { ...readOnly, nameField: true }),
    field('UserType', 'picklist', readOnly),
  ],
  fixed,
);

export const permissionSet: ObjectType = objectType('PermissionSet', '0PS', [
  ...systemFields(false),
  field('Name', 'string', { length: 80, required: true, nameField: true, unique: true }),
  field('Label', 'string', { length: 80, required: true }),
  field('Description', 'string'),
  field('IsOwnedByProfile', 'boolean', readOnly),
  reference('ProfileId', ['Profile'], readOnly),
]);

export const permissionSetAssignment: ObjectType = objectType('PermissionSetAssignment', '0Pa', [
  ...systemFields(false),
  reference('PermissionSetId', ['PermissionSet'], {
    required: true,
    updateable: false,
    children: 'Assignments',
  }),
  reference('AssigneeId', ['User'], {
    required: true,
    updateable: false,
    children: 'PermissionSetAssignments',
  }),
]);

export const fieldPermissions: ObjectType = objectType('FieldPermissions', '01k', [
  ...systemFields(false),
  reference('ParentId', ['PermissionSet'], { required: true, updateable: false, children: 'FieldPerms' }),
  field('SobjectType', 'picklist', { required: true, updateable: false }),
  field('Field', 'picklist', { required: true, updateable: false }),
  field('PermissionsRead', 'boolean'),
  field('PermissionsEdit', 'boolean'),
]);

export const customField: ObjectType = objectType(
  'CustomField',
  '00N',
  [
    ...systemFields(false),
    field('DeveloperName', 'string', { ...readOnly, nameField: true }),
    field('TableEnumOrId', 'string', readOnly),
    field('NamespacePrefix', 'string', readOnly),
    field('FullName', 'string', readOnly),
    field('Length', 'int', readOnly),
    field('InlineHelpText', 'string', readOnly),
  ],
  { tooling: true, updateable: false },
);
