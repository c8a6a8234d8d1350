/** What stands in the way of roll-ups, in words. French: src/cli/locale/rollups-fr.ts. */
import type { ErrorDetails } from './errors.ts';
import type { Crm, RecordId } from './ids.ts';
import type { RollupRemark } from './report.ts';
import { type Sentence, teller } from './told.ts';

const TWO_AMOUNTS = 'open and won amount are left blank, because';

export const ROLLUP_SENTENCES = {
  unable: {
    message: 'the accounts of {crm} cannot hold roll-ups',
    remedy: "take {side} out of the sync's rollups settings",
  },
  not_provisioned: {
    message:
      'roll-ups are switched on, but the accounts of {crm} lack {fields}, or do not let oppsync write there',
    remedy: 'make the fields with `oppsync provision`, or switch rollups off',
  },
  amounts_hidden: {
    message:
      'the amounts of {crm}, or their currencies, are not to be seen: open and won amount are left as they are',
    remedy: 'give the {crm} user read permission on both',
  },
  not_all_seen: {
    message:
      'of {records} records of {crm} it was not seen to which account they belong when they were last read, so that nothing is rolled up',
    remedy: 'run once with --full; the nightly run does so by itself',
  },
  no_accounts: {
    message: 'no record of {crm} names an account that oppsync can see, so that there is nothing to roll up',
    remedy: 'give the {crm} user read permission on the account of its records, or switch rollups off',
  },
  no_rate: {
    message: `${TWO_AMOUNTS} one of their currencies has no rate`,
    remedy: 'add the rate to the table of rollupRates',
  },
  several_currencies: {
    message: `${TWO_AMOUNTS} their opportunities are in several currencies`,
    remedy: 'give a rate table (rollupRates) if they are to be added up in one currency',
  },
  not_found: {
    message:
      'accounts that records of {crm} name could not be read: deleted, merged, or hidden from this user',
    remedy: 'give the {crm} user read permission on them',
  },
  gone: {
    message: 'account {account} is no longer in {crm}',
    remedy: 'nothing to do if it was deleted or merged on purpose',
  },
  unreadable: {
    message:
      '{field} of account {account} could not be read in {crm} any more right before it was to be written',
    remedy: 'look with `oppsync provision`; the next run decides again',
  },
  moved: {
    message: 'what account {account} of {crm} holds, or amounts to, has changed after the plan was made',
    remedy: 'plan again: the next run decides with the new value',
  },
  edited_since: {
    message: 'roll-ups in {crm} were changed after the run that is being undone, and are left as they are',
    remedy: 'set them by hand if they should go back',
  },
} as const satisfies Readonly<Record<string, Sentence>>;

/** Tells one of them. */
export const toldOfRollups = teller<keyof typeof ROLLUP_SENTENCES>('rollup', ROLLUP_SENTENCES);

/** What stands in the way of all accounts. */
export function remark({
  message,
  remedy,
  says,
  params,
}: Pick<ErrorDetails, 'message' | 'remedy' | 'says' | 'params'>): RollupRemark {
  return {
    ...{ message, remedy, count: 0, example: null },
    ...(says === undefined ? {} : { says }),
    ...(params === undefined ? {} : { params }),
  };
}

export function unable(crm: Crm): RollupRemark {
  return remark(toldOfRollups('unable', { crm, side: crm }));
}

export function notProvisioned(crm: Crm, natives: readonly string[]): RollupRemark {
  return remark(toldOfRollups('not_provisioned', { crm, fields: natives.join(', ') }));
}

export function amountsHidden(crm: Crm): RollupRemark {
  return remark(toldOfRollups('amounts_hidden', { crm }));
}

export function notAllSeen(crm: Crm, records: number): RollupRemark {
  return remark(toldOfRollups('not_all_seen', { crm, records: String(records) }));
}

export function noAccounts(crm: Crm): RollupRemark {
  return remark(toldOfRollups('no_accounts', { crm }));
}

export function notAdded(hasRates: boolean, count: number, example: RecordId | null): RollupRemark {
  return { ...remark(toldOfRollups(hasRates ? 'no_rate' : 'several_currencies')), count, example };
}

export function notFound(crm: Crm, count: number, example: RecordId | null): RollupRemark {
  return { ...remark(toldOfRollups('not_found', { crm })), count, example };
}

export function editedSince(crm: Crm, count: number, example: RecordId | null): RollupRemark {
  return { ...remark(toldOfRollups('edited_since', { crm })), count, example };
}
