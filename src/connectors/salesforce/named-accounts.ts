import type { AccountFacts } from '../../core/account-facts.ts';
import type { RecordId } from '../../core/ids.ts';
import type { Fields } from '../../core/opportunity.ts';
import { to18 } from './record-id.ts';

/** PURE. The accounts that values put a record into: a custom field of the configuration may be `AccountId`. */
export function namedAccounts(fields: Fields, facts: AccountFacts): readonly RecordId[] {
  return facts.fields.flatMap(({ field, native }) => {
    const value = native === 'AccountId' ? fields[field] : undefined;
    return typeof value === 'string' && value !== '' ? [to18(value)] : [];
  });
}
