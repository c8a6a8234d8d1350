/** Roll-ups in the custom fields of accounts: read by query, written by collections of 200. */

import type { AccountRollups, AccountValues, AccountWrite, WriteResult } from '../../core/connector-port.ts';
import type { ErrorDetails } from '../../core/errors.ts';
import type { Fields, Value } from '../../core/opportunity.ts';
import { ROLLUP_FIELDS, type RollupField } from '../../core/rollup.ts';
import { type CollectionDeps, sendCollection } from './collection.ts';
import { queryOfAnyLength } from './composite-query.ts';
import { exactNumber } from './decimal-text.ts';
import { RAW_PREFIX } from './fields.ts';
import { canonicalValue } from './map.ts';
import { accountField, nativeRollup, ON_ACCOUNTS } from './own-fields.ts';
import { createProvisioner } from './provision.ts';
import { queryPath, type Row, readResultPage } from './query.ts';
import { to18 } from './record-id.ts';
import { told, toldAgain } from './sentences.ts';
import { isIn, select } from './soql.ts';
import { WRITE_BATCH } from './write.ts';

/** Ids whose query still fits into one call. */
const READ_BATCH = 2_000;

const HIDDEN = {
  recovery: 'fix',
  code: 'salesforce.account_hidden',
  crm: 'salesforce',
  ...told('account_hidden'),
} as const;

export function createRollups(deps: CollectionDeps, apiVersion: string): AccountRollups {
  const { client } = deps;
  return {
    provisioner: createProvisioner(client, ON_ACCOUNTS),
    obstacle: ({ fields }) =>
      fields.some((fact) => fact.field === `${RAW_PREFIX}AccountId` && fact.readable) ? null : HIDDEN,
    readBatch: READ_BATCH,
    writeBatch: WRITE_BATCH,

    async read(ids, fields, signal) {
      const found = new Map<string, AccountValues>();
      const soql = select({
        fields: ['Id', 'Name', ...fields.map(nativeRollup)],
        from: 'Account',
        where: isIn('Id', ids),
      });
      let page = await queryOfAnyLength(client, queryPath(soql), apiVersion, signal);
      for (;;) {
        for (const row of page.rows) found.set(to18(String(row['Id'])), toValues(row, fields));
        if (page.next === null) return found;
        page = await readResultPage(client, page.next, signal);
      }
    },

    async write(writes, signal) {
      signal.throwIfAborted();
      const rows = writes.map((write) => ({ write, body: bodyOf(write) }));
      const sending = rows.flatMap(({ write: { id }, body }) =>
        body === null ? [] : [{ id, body: { id, ...body } }],
      );
      const byId = new Map(sending.map((row) => [row.id, row]));
      const outcomeOf = await sendCollection(
        deps,
        { path: '/composite/sobjects', type: ON_ACCOUNTS.object },
        sending,
        accountField,
        signal,
      );
      return rows.map(({ write: { id, trace } }): WriteResult => {
        const row = byId.get(id);
        if (row === undefined) return { trace, id, ok: false, error: inexact(id) };
        const outcome = outcomeOf(row);
        if (outcome.ok) return { trace, id, ok: true, version: null };
        return { trace, id, ok: false, error: ofAccount(outcome.error, id) };
      });
    },
  };
}

function toValues(row: Row, fields: readonly RollupField[]): AccountValues {
  const values: Record<string, Value> = {};
  for (const field of fields) {
    const value = canonicalValue(row[nativeRollup(field)], 'decimal');
    if (value !== undefined) values[field] = value;
  }
  const name = row['Name'];
  return { name: typeof name === 'string' ? name : null, values };
}

/** Null when a number is too long to be sent exactly: rounded it would be written again and again. */
function bodyOf({ values }: AccountWrite): Record<string, number | null> | null {
  const body: Record<string, number | null> = {};
  for (const field of ROLLUP_FIELDS) {
    const value: Fields[string] | undefined = values[field];
    if (value === undefined) continue;
    const number = value === null ? null : exactNumber(value);
    if (value !== null && number === null) return null;
    body[nativeRollup(field)] = number;
  }
  return body;
}

/** What is said of a refused record, said of an account. */
function ofAccount(error: ErrorDetails, account: string): ErrorDetails {
  const { record, ...params } = error.params ?? {};
  return record === undefined || error.says === undefined
    ? error
    : { ...error, ...toldAgain(error.says, { ...params, account }) };
}

function inexact(id: string) {
  return {
    recovery: 'skip',
    code: 'salesforce.number_too_long',
    crm: 'salesforce',
    record: id,
    ...told('number_too_long', { account: id }),
  } as const;
}
