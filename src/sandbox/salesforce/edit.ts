import type { EditResult, SandboxEdit } from '../simulator.ts';
import { ApiError, notFound } from './errors.ts';
import { toId18 } from './ids.ts';
import type { Org } from './org.ts';
import { deleteRecord, mergeAccounts, restoreRecord } from './save/delete-record.ts';
import { createRecord, type Saved, updateRecord } from './save/save-record.ts';
import { Transaction } from './save/transaction.ts';
import type { Row, Table } from './table.ts';

/**
 * A person's edit on the screen: the validation and computed fields of the API, another author, and a commit that may
 * come late. An API call answers after its commit, so only edits are ever seen late.
 */
export function applyEdit(org: Org, edit: SandboxEdit): EditResult {
  const { commitDelayMs } = org.switches;
  const commitDelay = commitDelayMs > 0 ? org.deps.random.int(0, commitDelayMs) : 0;
  const actor = edit.actor ?? 'human:someone';
  const tx = new Transaction(org, { actor, userId: userOf(org, actor), commitDelay });
  try {
    const saved = perform(org, tx, edit);
    tx.commit();
    return { ok: true, id: saved.id, changed: saved.changed };
  } catch (error) {
    tx.rollbackTo({ undo: 0, truth: 0, writes: 0 });
    if (!(error instanceof ApiError)) throw error;
    return { ok: false, status: error.status, error: error.body() };
  }
}

function perform(org: Org, tx: Transaction, edit: SandboxEdit): Pick<Saved, 'id' | 'changed'> {
  const table = org.find(edit.type);
  if (table === undefined || table.type.tooling)
    throw notFound(`sObject type '${edit.type}' is not supported.`);
  const action = edit.action ?? (edit.id === undefined ? 'create' : 'update');
  if (action === 'merge') return merge(tx, table, edit);
  if (action === 'create') return createRecord(tx, table, edit.fields ?? {}, false);
  const row = requireRow(table, edit.id);
  if (action === 'update') return updateRecord(tx, row, edit.fields ?? {}, false);
  if (action === 'delete') deleteRecord(tx, row);
  else restoreRecord(tx, row);
  return { id: row.id, changed: ['IsDeleted'] };
}

function merge(tx: Transaction, table: Table, edit: SandboxEdit): Pick<Saved, 'id' | 'changed'> {
  if (table.type.name !== 'Account') {
    throw new ApiError('INVALID_OPERATION', `entity type ${table.type.name} does not support merge`);
  }
  const into = requireRow(table, edit.into ?? edit.id);
  const absorbed = requireRow(table, edit.absorbs);
  if (into === absorbed || table.isDeleted(into.values) || table.isDeleted(absorbed.values)) {
    throw new ApiError('MERGE_FAILED', 'both accounts of a merge must exist and differ');
  }
  return { id: into.id, changed: mergeAccounts(tx, into, absorbed) };
}

function requireRow(table: Table, id: string | undefined): Row {
  const row = id === undefined ? undefined : table.rows.get(toId18(id));
  if (row === undefined) throw notFound(`no ${table.type.name} with id ${id ?? '(none given)'}`);
  return row;
}

/** `human:ann` edits as the user called ann, when there is one; otherwise as the administrator. */
function userOf(org: Org, actor: string): string {
  const name = actor.slice(actor.indexOf(':') + 1).toLowerCase();
  const users = org.table('User');
  for (const row of users.rows.values()) {
    for (const key of ['FirstName', 'Name', 'Alias', 'Username', 'Email']) {
      if (String(users.read(row, key) ?? '').toLowerCase() === name) return row.id;
    }
  }
  return org.adminId;
}
