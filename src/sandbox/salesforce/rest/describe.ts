import { activeEntries, isRestricted } from '../picklists.ts';
import { defaultRecordType, MASTER, recordTypesOf } from '../record-types.ts';
import type { Field } from '../schema/field.ts';
import type { Column, Table } from '../table.ts';
import type { Call, Reply } from './call.ts';

/** GET /sobjects: one entry per visible object. */
export function describeGlobal(call: Call): Reply {
  if (isUnchanged(call)) return { status: 304 };
  const visible = call.org.tables.filter((table) => call.org.isObjectVisible(table) && !table.type.tooling);
  return {
    status: 200,
    body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects: visible.map((table) => summary(call, table)) },
  };
}

/** GET /sobjects/{type}. */
export function basicInformation(call: Call, table: Table): Reply {
  return { status: 200, body: { objectDescribe: summary(call, table), recentItems: [] } };
}

/** GET /sobjects/{type}/describe: fields hidden from the user are missing (salesforce.md §2.1). */
export function describe(call: Call, table: Table): Reply {
  if (isUnchanged(call)) return { status: 304 };
  const columns = table.columns.filter((column) => call.org.mayRead(table, column, call.session.userId));
  const body = {
    ...summary(call, table),
    actionOverrides: [],
    childRelationships: childRelationships(call, table),
    compactLayoutable: true,
    fields: columns.map((column) => describeField(call, table, column)),
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypes(call, table),
    searchLayoutable: true,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: 'All', name: 'everything' }],
  };
  return { status: 200, body };
}

/** 304 to a client that holds the description since the last change of fields or switches. */
function isUnchanged(call: Call): boolean {
  const since = Date.parse(call.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && since >= call.services.metadata.changedAt;
}

function summary(call: Call, table: Table): Record<string, unknown> {
  const { type } = table;
  const base = `/services/data/v${call.version}/sobjects/${type.name}`;
  return {
    activateable: false,
    createable: type.createable,
    custom: false,
    customSetting: false,
    deepCloneable: false,
    deletable: type.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: type.prefix,
    label: type.label,
    labelPlural: type.plural,
    layoutable: true,
    mergeable: type.name === 'Account' || type.name === 'Contact',
    mruEnabled: true,
    name: type.name,
    queryable: true,
    replicateable: table.column('SystemModstamp') !== undefined,
    retrieveable: true,
    searchable: true,
    triggerable: type.createable,
    undeletable: table.column('IsDeleted') !== undefined,
    updateable: type.updateable,
    urls: { rowTemplate: `${base}/{ID}`, describe: `${base}/describe`, sobject: base },
  };
}

function childRelationships(call: Call, table: Table): unknown[] {
  const found: unknown[] = [];
  for (const child of call.org.tables) {
    for (const { field } of child.columns) {
      if (field.children === null || !field.referenceTo.includes(table.type.name)) continue;
      const common = {
        cascadeDelete: false,
        childSObject: child.type.name,
        deprecatedAndHidden: false,
        field: field.name,
      };
      found.push({
        ...common,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: field.children,
        restrictedDelete: false,
      });
    }
  }
  return found;
}

function recordTypes(call: Call, table: Table): unknown[] {
  const { org } = call;
  const standard = defaultRecordType(org, table.type.name);
  const info = (
    name: unknown,
    developerName: unknown,
    recordTypeId: string,
    { master, active }: { master: boolean; active: boolean },
  ): unknown => ({
    active,
    available: active,
    defaultRecordTypeMapping: recordTypeId === (standard?.id ?? MASTER),
    developerName,
    master,
    name,
    recordTypeId,
    urls: {},
  });
  return [
    ...recordTypesOf(org, table.type.name).map((row) => {
      const read = (name: string): unknown => row.table.read(row, name);
      return info(read('Name'), read('DeveloperName'), row.id, {
        master: false,
        active: read('IsActive') !== false,
      });
    }),
    info('Master', 'Master', MASTER, { master: true, active: true }),
  ];
}

const SOAP_TYPES: Partial<Record<Field['type'], string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  currency: 'xsd:double',
  double: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  anyType: 'xsd:anyType',
};

function describeField(call: Call, table: Table, column: Column): unknown {
  const { field } = column;
  const isLong = field.type === 'textarea' && field.length > 255;
  const editable = call.org.mayEdit(table, column, call.session.userId);
  const hasDefault = field.type === 'boolean' || field.initial !== null || field.name === 'OwnerId';
  return {
    aggregatable: !isLong && field.type !== 'boolean',
    aiPredictionField: false,
    autoNumber: false,
    byteLength: field.length * 3,
    calculated: field.calculated,
    calculatedFormula: null,
    cascadeDelete: false,
    caseSensitive: false,
    compoundFieldName: null,
    controllerName: null,
    createable: field.createable && table.type.createable && editable,
    custom: field.custom,
    defaultValue: field.type === 'boolean' ? field.initial : null,
    defaultValueFormula: null,
    defaultedOnCreate: hasDefault || !field.createable,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: null,
    filterable: !isLong && field.type !== 'anyType',
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: !isLong && !['currency', 'double', 'percent', 'datetime'].includes(field.type),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.type === 'id' || field.externalId,
    inlineHelpText: null,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: !field.required && field.type !== 'boolean',
    permissionable: !field.required && field.createable,
    picklistValues: picklistValues(call, field),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.type === 'int' ? 0 : field.precision,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationship,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: isRestricted(call.org, field),
    scale: field.scale,
    searchPrefilterable: false,
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    sortable: !isLong && field.type !== 'anyType',
    type: field.type,
    unique: field.unique,
    updateable: field.updateable && table.type.updateable && editable,
    writeRequiresMasterRead: false,
  };
}

function picklistValues(call: Call, field: Field): unknown[] {
  if (field.type !== 'picklist') return [];
  return activeEntries(call.org, field).map(({ value, label }) => ({
    active: true,
    defaultValue: false,
    label,
    validFor: null,
    value,
  }));
}
