import assert from 'node:assert/strict';
import { Connection, OAuth2 } from 'jsforce';
import { useRealNetwork } from '../real-network.ts';
import { id, type Org, opportunities, startOrg } from './running-org.ts';

describe('salesforce simulator: driven by jsforce, unmodified', () => {
  useRealNetwork();
  let org: Org;
  before(async () => {
    org = await startOrg(opportunities(2500));
  });
  after(() => org.close());

  it('authorizes with client credentials and asks who it is', async () => {
    const { clientId, clientSecret } = org.simulator.credentials();
    const oauth2 = new OAuth2({ loginUrl: org.url, clientId: clientId!, clientSecret: clientSecret! });
    const connection = new Connection({ oauth2, instanceUrl: org.url, version: '66.0' });
    const user = await connection.authorize({ grant_type: 'client_credentials' });
    assert.match(user.id, /^005/);
    assert.match(user.organizationId, /^00D/);
    const identity = await connection.identity();
    assert.equal(identity.username, 'integration@sandbox.example');
  });

  it('queries page by page, and by autoFetch', async () => {
    const connection = org.connection();
    const first = await connection.query('SELECT Id, Name, Account.Name FROM Opportunity');
    assert.deepEqual([first.totalSize, first.records.length, first.done], [2500, 2000, false]);
    const rest = await connection.queryMore(first.nextRecordsUrl!);
    assert.deepEqual([rest.records.length, rest.done], [500, true]);
    assert.equal(connection.limitInfo.apiUsage?.limit, 1_000_000);
  });

  it('describes, updates, creates, upserts, retrieves and deletes', async () => {
    const connection = org.connection();
    const described = await connection.sobject('Opportunity').describe();
    assert.equal(described.fields.find((field) => field.name === 'StageName')?.picklistValues?.length, 10);
    const updated = await connection.sobject('Opportunity').update([
      { Id: id('006', 1), NextStep: 'x' },
      { Id: id('006', 2), StageName: 'Invented' },
    ]);
    assert.deepEqual(
      updated.map((one) => one.success),
      [true, false],
    );
    const created = await connection.sobject('Account').create({ Name: 'By jsforce' });
    assert.equal(created.success, true);
    const account = await connection.sobject('Account').retrieve(created.id!);
    assert.equal(account['Name'], 'By jsforce');
    const global = await connection.describeGlobal();
    assert.ok(global.sobjects.some((object) => object.name === 'OpportunityStage'));
    assert.equal((await connection.sobject('Account').destroy(created.id!)).success, true);
  });

  it('uploads a bulk job and reads its results', async () => {
    const connection = org.connection();
    connection.bulk2.pollInterval = 5;
    const done = await connection.bulk2.loadAndWaitForResults({
      object: 'Opportunity',
      operation: 'update',
      input: [
        { Id: id('006', 5), NextStep: 'bulk', StageName: 'Qualification' },
        { Id: id('006', 6), NextStep: 'bulk', StageName: 'Invented' },
      ],
    });
    assert.equal(done.successfulResults.length, 1);
    assert.match(String(done.failedResults[0]?.['sf__Error']), /^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:/);
    const { body } = await org.soql("SELECT Id FROM Opportunity WHERE NextStep = 'bulk'");
    assert.equal(body.records[0].Id, id('006', 5));
  });
});
