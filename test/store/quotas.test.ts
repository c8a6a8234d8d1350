import { sharedQuotas } from '../../src/store/quotas.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { quotaStoreConformance } from '../support/quota-store.conformance.ts';

describe('quotas shared through PostgreSQL', () => {
  let testing: TestDatabase | undefined;
  after(() => testing?.drop());
  quotaStoreConformance(async () => {
    testing = await testDatabase();
    const [one, other] = [await testing.openDatabase<unknown>(), await testing.openDatabase<unknown>()];
    return { stores: [sharedQuotas(one.db), sharedQuotas(other.db)] };
  });
});
