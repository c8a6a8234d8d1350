import type { Value } from '../schema/field.ts';
import { Draft } from './draft.ts';
import type { Transaction } from './transaction.ts';

const HISTORY_FIELDS = ['StageName', 'Amount', 'CloseDate', 'Probability'];

/** Writes the history rows one save of an Opportunity leaves, and the draft's pointers to them (salesforce.md §2.6). */
export function writeHistory(tx: Transaction, draft: Draft): void {
  if (draft.old === null || HISTORY_FIELDS.some((name) => draft.changed(name))) {
    const id = opportunityHistory(tx, draft);
    if (draft.changed('Amount')) draft.set('LastAmountChangedHistoryId', id);
    if (draft.changed('CloseDate')) draft.set('LastCloseDateChangedHistoryId', id);
  }
  if (draft.old === null) fieldHistory(tx, draft.id, 'created', null, null);
  else trackedChanges(tx, draft);
}

function opportunityHistory(tx: Transaction, draft: Draft): string {
  const copied = [
    'StageName',
    'Amount',
    'ExpectedRevenue',
    'CloseDate',
    'Probability',
    'ForecastCategory',
    'CurrencyIsoCode',
  ];
  const values: Record<string, Value> = Object.fromEntries(copied.map((name) => [name, draft.get(name)]));
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
