import type { Value } from '../schema/field.ts';
import { Draft } from './draft.ts';
import type { Transaction } from './transaction.ts';

const HISTORY_FIELDS = ['StageName', 'Amount', 'CloseDate', 'Probability'];

/** Writes the history rows one save of an Opportunity leaves, and the draft's pointers to them (salesforce.md §2.6). */
export function writeHistory(tx: Transaction, draft: Draft): void {
  if (draft.old === null || HISTORY_FIELDS.some((name) => draft.changed(name))) {
    if (draft.old !== null && !hasHistory(tx, draft.id)) creationHistory(tx, draft);
    const id = opportunityHistory(tx, draft);
    if (draft.changed('Amount')) draft.set('LastAmountChangedHistoryId', id);
    if (draft.changed('CloseDate')) draft.set('LastCloseDateChangedHistoryId', id);
  }
  if (draft.old === null) fieldHistory(tx, draft.id, 'created', null, null);
  else trackedChanges(tx, draft);
}

const COPIED = [
  ...['StageName', 'Amount', 'ExpectedRevenue', 'CloseDate', 'Probability', 'ForecastCategory'],
  'CurrencyIsoCode',
];

function hasHistory(tx: Transaction, opportunityId: string): boolean {
  const table = tx.org.table('OpportunityHistory');
  const column = table.column('OpportunityId');
  return column !== undefined && table.byKey(column, opportunityId).size > 0;
}

/** What the creation left: of a record that was loaded it is written when the first change follows. */
function creationHistory(tx: Transaction, draft: Draft): void {
  insertSystemRow(tx, 'OpportunityHistory', {
    ...Object.fromEntries(COPIED.map((name) => [name, draft.was(name)])),
    OpportunityId: draft.id,
    CreatedDate: draft.was('CreatedDate'),
    CreatedById: draft.was('CreatedById'),
    SystemModstamp: draft.was('CreatedDate'),
  });
}

function opportunityHistory(tx: Transaction, draft: Draft): string {
  const values: Record<string, Value> = Object.fromEntries(COPIED.map((name) => [name, draft.get(name)]));
  values['OpportunityId'] = draft.id;
  values['PrevAmount'] = draft.was('Amount');
  values['PrevCloseDate'] = draft.was('CloseDate');
  values['SystemModstamp'] = tx.stamp;
  return insertSystemRow(tx, 'OpportunityHistory', values);
}

function trackedChanges(tx: Transaction, draft: Draft): void {
  for (const { field } of draft.table.columns) {
    if (!field.tracked || !draft.changed(field.name)) continue;
    const before = draft.was(field.name);
    const after = draft.get(field.name);
    if (field.type === 'reference') {
      const label = field.relationship ?? field.name;
      fieldHistory(tx, draft.id, label, nameOf(tx, before), nameOf(tx, after));
      fieldHistory(tx, draft.id, label, before, after);
    } else fieldHistory(tx, draft.id, field.name, before, after);
  }
}

function nameOf(tx: Transaction, id: Value): Value {
  const row = typeof id === 'string' ? tx.org.record(id) : undefined;
  return row === undefined ? null : row.table.read(row, 'Name');
}

function fieldHistory(
  tx: Transaction,
  opportunityId: string,
  name: string,
  before: Value,
  after: Value,
): void {
  insertSystemRow(tx, 'OpportunityFieldHistory', {
    OpportunityId: opportunityId,
    Field: name,
    DataType: typeof (after ?? before) === 'number' ? 'Double' : 'Text',
    OldValue: before,
    NewValue: after,
  });
}

function insertSystemRow(tx: Transaction, object: string, values: Readonly<Record<string, Value>>): string {
  const table = tx.org.table(object);
  const id = tx.org.newId(table);
  const row = new Draft(table, id, null);
  row.set('Id', id);
  row.set('CreatedDate', tx.stamp);
  row.set('CreatedById', tx.author.userId);
  for (const [name, value] of Object.entries(values)) row.set(name, value);
  tx.insert(table, id, row.values);
  return id;
}
