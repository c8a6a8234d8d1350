import assert from 'node:assert/strict';
import { createSalesforce } from '../../../src/connectors/salesforce/index.ts';
import type { Creator } from '../../../src/core/connector-port.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import {
  isLogin,
  quickDeps,
  type ScriptedOrg,
  type Seen,
  settingsFor,
  startScriptedOrg,
  token,
} from './scripted-org.ts';

const GO = new AbortController().signal;
const KEY = { name: 'Oppsync_Pair_Key__c', type: 'string', length: 80, updateable: true };

describe('salesforce connector asked to make opportunities', () => {
  useRealNetwork();
  let org: ScriptedOrg | undefined;
  afterEach(() => org?.close());

  /** What an org that describes opportunities so makes of the wish to create. */
  async function obstacles(described: Readonly<Record<string, unknown>>): Promise<string[]> {
    org = await startScriptedOrg((seen: Seen, self) => {
      if (isLogin(seen)) return token(self.url);
      if (seen.url.endsWith('/sobjects/Opportunity/describe')) return { json: described };
      return { json: { totalSize: 0, done: true, records: [] } };
    });
    const connector = createSalesforce(settingsFor(org.url), quickDeps());
    const facts = await connector.describe(GO);
    await connector.close();
    return (connector.creator as Creator).obstacles(facts).map(({ code, message }) => `${code} ${message}`);
  }

  it('sees whether its user may create any', async () => {
    const fields = [{ ...KEY, externalId: true, unique: true }];
    assert.deepEqual(await obstacles({ createable: true, fields }), []);
    await org?.close();
    assert.match(
      (await obstacles({ createable: false, fields })).join(),
      /^salesforce.create_not_permitted /,
    );
  });

  it('takes a key field for one only when it is an external id and unique', async () => {
    for (const lacking of [{ externalId: true }, { unique: true }, {}]) {
      const fields = [{ ...KEY, ...lacking }];
      assert.match((await obstacles({ createable: true, fields })).join(), /is not a unique external id/);
      await org?.close();
    }
    assert.match((await obstacles({ createable: true, fields: [] })).join(), /does not exist or is hidden/);
  });
});
