/** What stands in the way of roll-ups, in words. */
import type { Crm, RecordId } from './ids.ts';
import type { RollupRemark } from './report.ts';

export function remark({
  message,
  remedy,
}: {
  readonly message: string;
  readonly remedy: string;
}): RollupRemark {
  return { message, remedy, count: 0, example: null };
}

export function unable(crm: Crm): RollupRemark {
  return remark({
    message: `the accounts of ${crm} cannot hold roll-ups`,
    remedy: `take ${crm} out of the sync's rollups settings`,
  });
}

export function notProvisioned(crm: Crm, natives: readonly string[]): RollupRemark {
  return remark({
    message: `roll-ups are switched on, but the accounts of ${crm} lack ${natives.join(', ')}, or do not let oppsync write there`,
    remedy: 'make the fields with `oppsync provision`, or switch rollups off',
  });
}

export function amountsHidden(crm: Crm): RollupRemark {
  return remark({
    message: `the amounts of ${crm}, or their currencies, are not to be seen: open and won amount are left as they are`,
    remedy: `give the ${crm} user read permission on both`,
  });
}

export function notAllSeen(crm: Crm, records: number): RollupRemark {
  return remark({
    message: `of ${records} records of ${crm} it was not seen to which account they belong when they were last read, so that nothing is rolled up`,
    remedy: 'run once with --full; the nightly run does so by itself',
  });
}

export function noAccounts(crm: Crm): RollupRemark {
  return remark({
    message: `no record of ${crm} names an account that oppsync can see, so that there is nothing to roll up`,
    remedy: `give the ${crm} user read permission on the account of its records, or switch rollups off`,
  });
}

export function notAdded(hasRates: boolean, count: number, example: RecordId | null): RollupRemark {
  const why = hasRates
    ? 'one of their currencies has no rate'
    : 'their opportunities are in several currencies';
  return {
    message: `open and won amount are left blank, because ${why}`,
    remedy: hasRates
      ? 'add the rate to the table of rollupRates'
      : 'give a rate table (rollupRates) if they are to be added up in one currency',
    ...{ count, example },
  };
}

export function notFound(crm: Crm, count: number, example: RecordId | null): RollupRemark {
  const message = `accounts that records of ${crm} name could not be read: deleted, merged, or hidden from this user`;
  return { message, remedy: `give the ${crm} user read permission on them`, count, example };
}

export function editedSince(crm: Crm, count: number, example: RecordId | null): RollupRemark {
  const message = `roll-ups in ${crm} were changed after the run that is being undone, and are left as they are`;
  return { message, remedy: 'set them by hand if they should go back', count, example };
}
