/** What lines beside the records say about them in an export: the account they belong to. */
import type { Crm } from '../core/ids.ts';
import type { NativeFields } from './offline.ts';
import { to18 } from './salesforce/record-id.ts';

export interface OfflineLine {
  readonly crm: string;
  readonly type: string;
  readonly fields: NativeFields;
  readonly associations?: { readonly companies?: readonly string[] };
  readonly deleted?: boolean;
}

interface Surroundings {
  /** Type of the lines that are accounts, and how one is known. */
  readonly accountType: string;
  account(fields: NativeFields): { readonly id: string; readonly name: string } | null;
  /** The account a record names. */
  accountOf(line: OfflineLine): string | null;
}

const SURROUNDINGS: Readonly<Record<Crm, Surroundings>> = {
  salesforce: {
    accountType: 'Account',
    account: ({ Id: id, Name: name }) =>
      typeof id === 'string' && typeof name === 'string' ? { id: to18(id), name } : null,
    accountOf: ({ fields: { AccountId: id } }) => (typeof id === 'string' ? to18(id) : null),
  },
  hubspot: {
    accountType: 'company',
    account: ({ hs_object_id: own, id, name }) =>
      typeof name === 'string' ? { id: String(own ?? id ?? ''), name } : null,
    accountOf: ({ associations }) => associations?.companies?.[0] ?? null,
  },
};

/** Accounts of one file, taken line by line and asked once all are in. */
export function offlineSurroundings() {
  const accounts = new Map<string, string>();
  return {
    take(line: OfflineLine): void {
      const known = SURROUNDINGS[line.crm];
      const account = known?.accountType === line.type ? known.account(line.fields) : null;
      if (account !== null && account !== undefined) accounts.set(`${line.crm}:${account.id}`, account.name);
    },
    /** Name of the account of a record's line, its id where no line is that account; null when it names none. */
    accountOf(line: OfflineLine): string | null {
      const id = SURROUNDINGS[line.crm]?.accountOf(line) ?? null;
      return id === null ? null : (accounts.get(`${line.crm}:${id}`) ?? id);
    },
  };
}
