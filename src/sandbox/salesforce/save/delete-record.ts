import { ApiError } from '../errors.ts';
import type { Row, Table } from '../table.ts';
import { refreshActivity } from './activity.ts';
import { Draft } from './draft.ts';
import { checkLock } from './locks.ts';
import type { Transaction } from './transaction.ts';

/** Moves a record to the recycle bin; the delete stamps it (salesforce.md §2.3). Objects without a bin lose it at once. */
export function deleteRecord(tx: Transaction, row: Row): void {
  const { table } = row;
  if (!table.type.deletable)
    throw new ApiError('INSUFFICIENT_ACCESS_OR_READONLY', 'entity type cannot be deleted');
  if (table.isDeleted(row.values))
    throw new ApiError('ENTITY_IS_DELETED', 'entity is deleted', { fields: [] });
  if (table.column('IsDeleted') === undefined) removeForGood(tx, row);
  else {
    if (table.type.name === 'Account') deleteOpportunitiesOf(tx, row);
    setDeleted(tx, row, true);
  }
}

/** Takes a record out of the recycle bin with the id it had, and stamps it. */
export function restoreRecord(tx: Transaction, row: Row): void {
  if (!row.table.isDeleted(row.values)) {
    throw new ApiError('UNDELETE_FAILED', 'Entity is not in the recycle bin', { fields: [] });
  }
  setDeleted(tx, row, false);
}

function setDeleted(tx: Transaction, row: Row, deleted: boolean): void {
  const { table } = row;
  const draft = new Draft(table, row.id, row);
  checkLock(tx, draft);
  draft.set('IsDeleted', deleted);
  draft.set('SystemModstamp', tx.stamp);
  draft.set('LastModifiedDate', tx.stamp);
  draft.set('LastModifiedById', tx.author.userId);
  const fields = draft.difference();
  tx.replace(row, draft.values, deleted ? tx.startedAt : null);
  const action = deleted ? 'delete' : 'restore';
  tx.record({ type: table.type.name, id: row.id, action, actor: tx.author.actor, fields });
  if (table.type.name === 'Task' || table.type.name === 'Event') refreshActivity(tx, draft.get('WhatId'));
}

function removeForGood(tx: Transaction, row: Row): void {
  row.table.forget(row);
  tx.onRollback(() => row.table.insert(row));
  tx.record({ type: row.table.type.name, id: row.id, action: 'delete', actor: tx.author.actor, fields: {} });
}

/** Deleting an Account deletes its open Opportunities, and is refused while one is won. */
function deleteOpportunitiesOf(tx: Transaction, account: Row): void {
  const opportunities = tx.org.table('Opportunity');
  const children = [...childrenOf(opportunities, 'AccountId', account.id)].filter(
    (row) => !opportunities.isDeleted(row.values),
  );
  if (children.some((row) => opportunities.read(row, 'IsWon') === true)) {
    throw new ApiError(
      'DELETE_FAILED',
      `Your attempt to delete ${account.table.read(account, 'Name')} could not be completed because some opportunities in this account were closed won.`,
      { fields: [] },
    );
  }
  for (const child of children) setDeleted(tx, child, true);
}

function childrenOf(table: Table, parent: string, id: string): ReadonlySet<Row> {
  const column = table.column(parent);
  return column === undefined ? new Set() : table.byKey(column, id);
}

/** Merges one Account into another: children move, the absorbed one is deleted and points to the survivor. */
export function mergeAccounts(tx: Transaction, into: Row, absorbed: Row): readonly string[] {
  for (const table of tx.org.tables) {
    for (const { field } of table.columns) {
      if (field.type !== 'reference' || field.children === null || !field.referenceTo.includes('Account'))
        continue;
      for (const child of [...childrenOf(table, field.name, absorbed.id)]) {
        const draft = new Draft(table, child.id, child);
        draft.set(field.name, into.id);
        draft.set('SystemModstamp', tx.stamp);
        draft.set('LastModifiedDate', tx.stamp);
        draft.set('LastModifiedById', tx.author.userId);
        const fields = draft.difference();
        tx.replace(child, draft.values);
        tx.record({ type: table.type.name, id: child.id, action: 'update', actor: tx.author.actor, fields });
      }
    }
  }
  const draft = new Draft(absorbed.table, absorbed.id, absorbed);
  draft.set('MasterRecordId', into.id);
  draft.set('IsDeleted', true);
  draft.set('SystemModstamp', tx.stamp);
  tx.replace(absorbed, draft.values, tx.startedAt);
  tx.record({ type: 'Account', id: into.id, action: 'merge', actor: tx.author.actor, fields: {} });
  tx.record({
    type: 'Account',
    id: absorbed.id,
    action: 'delete',
    actor: tx.author.actor,
    fields: draft.difference(),
  });
  return ['MasterRecordId', 'IsDeleted'];
}
