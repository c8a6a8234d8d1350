import { ApiError } from '../errors.ts';
import { hasIdForm } from '../ids.ts';
import { isRestricted } from '../picklists.ts';
import { defaultRecordType, isOffered } from '../record-types.ts';
import type { Field, Value } from '../schema/field.ts';
import type { Column, Row, Table } from '../table.ts';
import { refreshActivity } from './activity.ts';
import { computeFields } from './computed-fields.ts';
import { checkValidationRules, triggeredBy } from './conditions.ts';
import { Draft } from './draft.ts';
import { fieldValue } from './field-value.ts';
import { writeHistory } from './history.ts';
import { checkLock } from './locks.ts';
import { stageByApiName } from './stages.ts';
import type { Transaction } from './transaction.ts';

export interface Saved {
  readonly id: string;
  readonly created: boolean;
  /** Names of stored fields that changed, stamps left out. */
  readonly changed: readonly string[];
}

export type GivenFields = Readonly<Record<string, unknown>>;

interface SaveOptions {
  /** Counts as a record written by an API call. */
  readonly counted: boolean;
  /** Overrides the author's name in the truth log. */
  readonly actor?: string;
}

/** Creates a record as an insert through the API or the screen does. Throws ApiError and leaves the undo to the caller. */
export function createRecord(tx: Transaction, table: Table, given: GivenFields, counted: boolean): Saved {
  if (!table.type.createable)
    throw new ApiError(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `entity type cannot be inserted: ${table.type.label}`,
    );
  return save(tx, table, null, given, { counted });
}

/** Updates a record. A write that changes nothing still moves its stamps, as the platform does. */
export function updateRecord(tx: Transaction, row: Row, given: GivenFields, counted: boolean): Saved {
  if (row.table.isDeleted(row.values))
    throw new ApiError('ENTITY_IS_DELETED', 'entity is deleted', { fields: [] });
  if (!row.table.type.updateable)
    throw new ApiError(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `entity type cannot be updated: ${row.table.type.label}`,
    );
  return save(tx, row.table, row, given, { counted });
}

function save(
  tx: Transaction,
  table: Table,
  row: Row | null,
  given: GivenFields,
  options: SaveOptions,
): Saved {
  const { org, author } = tx;
  const isAutomation = options.actor !== undefined;
  const draft = new Draft(table, row?.id ?? org.newId(table), row);
  assign(tx, draft, given);
  if (row === null) setDefaults(tx, draft);
  checkLock(tx, draft);
  const redundant = row !== null && Object.keys(draft.difference()).length === 0;
  computeFields(org, draft, { imported: false, stamp: tx.stamp });
  checkDraft(tx, draft);
  if (!isAutomation) checkValidationRules(org, draft);
  stampDraft(tx, draft);
  if (table.type.name === 'Opportunity') writeHistory(tx, draft);

  const fields = draft.difference();
  if (row === null) tx.insert(table, draft.id, draft.values);
  else tx.replace(row, draft.values);
  tx.record({
    type: table.type.name,
    id: draft.id,
    action: row === null ? 'create' : 'update',
    actor: options.actor ?? author.actor,
    fields,
  });
  if (options.counted) tx.countWrite(redundant);
  afterSave(tx, draft);
  const changed = new Set(Object.keys(fields));
  if (!isAutomation) for (const name of runAutomations(tx, table, draft)) changed.add(name);
  return { id: draft.id, created: row === null, changed: [...changed] };
}

function runAutomations(tx: Transaction, table: Table, draft: Draft): string[] {
  const changed: string[] = [];
  for (const automation of triggeredBy(tx.org, draft)) {
    const row = table.rows.get(draft.id);
    if (row === undefined) continue;
    const differs = Object.entries(automation.set).some(([name, value]) => table.read(row, name) !== value);
    if (!differs) continue;
    const saved = save(tx, table, row, automation.set, {
      counted: false,
      actor: `automation:${automation.name}`,
    });
    changed.push(...saved.changed);
  }
  return changed;
}

function assign(tx: Transaction, draft: Draft, given: GivenFields): void {
  const { table } = draft;
  const readOnly: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (name === 'attributes' || name === 'Id' || name === 'id') continue;
    const column = tx.org.visibleColumn(table, name, tx.author.userId);
    if (column === undefined) {
      throw new ApiError('INVALID_FIELD', `No such column '${name}' on sobject of type ${table.type.name}`);
    }
    const writable = draft.old === null ? column.field.createable : column.field.updateable;
    if (!writable || !tx.org.mayEdit(table, column, tx.author.userId)) {
      readOnly.push(column.field.name);
      continue;
    }
    draft.sent.add(column.field.name);
    draft.set(column.field.name, fieldValue(column.field, value));
  }
  if (readOnly.length === 0) return;
  throw new ApiError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${readOnly.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    { fields: readOnly },
  );
}

function setDefaults(tx: Transaction, draft: Draft): void {
  draft.set('Id', draft.id);
  if (draft.get('OwnerId') === null) draft.set('OwnerId', tx.author.userId);
  if (draft.table.column('RecordTypeId') !== undefined && draft.get('RecordTypeId') === null)
    draft.set('RecordTypeId', defaultRecordType(tx.org, draft.table.type.name)?.id ?? null);
  if (tx.org.switches.multiCurrency && draft.get('CurrencyIsoCode') === null)
    draft.set('CurrencyIsoCode', 'USD');
  for (const name of ['ContractNumber', 'OrderNumber', 'QuoteNumber']) {
    if (draft.table.column(name) !== undefined)
      draft.set(name, String(draft.table.rows.size + 100).padStart(8, '0'));
  }
}

function checkDraft(tx: Transaction, draft: Draft): void {
  const missing: string[] = [];
  for (const column of draft.table.columns) {
    const { field } = column;
    if (field.required && field.createable && draft.get(field.name) === null) missing.push(field.name);
  }
  if (missing.length > 0) {
    throw new ApiError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, {
      fields: missing,
    });
  }
  for (const column of draft.table.columns) {
    const value = draft.get(column.field.name);
    if (value === null || !draft.changed(column.field.name)) continue;
    if (column.field.type === 'reference' && column.field.createable) checkReference(tx, column.field, value);
    if (column.field.type === 'picklist') checkPicklist(tx, draft, column.field, value);
    if (column.field.unique) checkUnique(draft, column, value);
  }
}

function checkReference(tx: Transaction, field: Field, value: Value): void {
  const target = tx.org.record(String(value));
  const known = target !== undefined && field.referenceTo.includes(target.table.type.name);
  if (!known && !hasIdForm(String(value))) {
    throw new ApiError('MALFORMED_ID', `${field.label}: id value of incorrect type: ${value}`, {
      fields: [field.name],
    });
  }
  if (!known || target.table.isDeleted(target.values)) {
    throw new ApiError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', { fields: [field.name] });
  }
  if (field.name === 'OwnerId' && target.table.read(target, 'IsActive') === false) {
    throw new ApiError(
      'INACTIVE_OWNER_OR_USER',
      `operation performed with inactive user [${target.id}] as owner of record`,
      {
        fields: [field.name],
      },
    );
  }
}

/** A restricted picklist takes what the record's type offers, an open one anything (salesforce.md §2.5). */
function checkPicklist(tx: Transaction, draft: Draft, field: Field, value: Value): void {
  let known = !field.restricted || field.values.length === 0 || field.values.includes(String(value));
  if (field.name === 'StageName') {
    const stage = stageByApiName(tx.org, value);
    const active = stage !== undefined && stage.table.read(stage, 'IsActive') !== false;
    known = active || !tx.org.switches.restrictedStages;
  } else if (field.name === 'CurrencyIsoCode') {
    const currencies = tx.org.table('CurrencyType');
    known = [...currencies.rows.values()].some((row) => currencies.read(row, 'IsoCode') === value);
  }
  if (isRestricted(tx.org, field)) known &&= isOffered(tx.org, draft.get('RecordTypeId'), field, value);
  if (known) return;
  throw new ApiError(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${value}`,
    {
      fields: [field.name],
    },
  );
}

function checkUnique(draft: Draft, column: Column, value: Value): void {
  for (const other of draft.table.byKey(column, value)) {
    if (other.id === draft.id || draft.table.isDeleted(other.values)) continue;
    throw new ApiError(
      'DUPLICATE_VALUE',
      `duplicate value found: ${column.field.name} duplicates value on record with id: ${other.id}`,
      {
        fields: [column.field.name],
      },
    );
  }
}

function stampDraft(tx: Transaction, draft: Draft): void {
  if (draft.old === null) {
    draft.set('CreatedDate', tx.stamp);
    draft.set('CreatedById', tx.author.userId);
  }
  draft.set('LastModifiedDate', tx.stamp);
  draft.set('LastModifiedById', tx.author.userId);
  draft.set('SystemModstamp', tx.stamp);
}

/** Effects on other records. */
function afterSave(tx: Transaction, draft: Draft): void {
  const type = draft.table.type.name;
  if (type === 'Task' || type === 'Event') {
    refreshActivity(tx, draft.get('WhatId'));
    if (draft.changed('WhatId')) refreshActivity(tx, draft.was('WhatId'));
  }
  if (type === 'Opportunity' && draft.old === null && draft.get('ContactId') !== null) {
    createRecord(
      tx,
      tx.org.table('OpportunityContactRole'),
      {
        OpportunityId: draft.id,
        ContactId: draft.get('ContactId'),
        IsPrimary: true,
      },
      false,
    );
  }
}
