import assert from 'node:assert/strict';
import { hasIdForm, toId18 } from '../../../src/sandbox/salesforce/ids.ts';
import { DatasetError } from '../../../src/sandbox/simulator.ts';
import { useRealNetwork } from '../real-network.ts';
import { id, type Line, type Org, startOrg } from './running-org.ts';

describe('salesforce simulator: datasets, state and edits (design section 10)', () => {
  useRealNetwork();
  const orgs: Org[] = [];
  const start = async (lines: readonly Line[], provisioned = true): Promise<Org> => {
    const org = await startOrg(lines, provisioned);
    orgs.push(org);
    return org;
  };
  afterEach(async () => {
    for (const org of orgs.splice(0)) await org.close();
  });
  const stateOf = (org: Org, type: string): Record<string, unknown>[] =>
    [...org.simulator.state()].filter((line) => line.type === type).map((line) => ({ ...line.fields }));

  it('encodes capitals in the 18-character form (salesforce.md §2.4)', () => {
    assert.equal(toId18('00Dx0000000BV7z'), '00Dx0000000BV7zEAG');
    assert.equal(hasIdForm('a00D0000008pQRAIA2'), true);
    assert.equal(hasIdForm('003q000000KvQ2DAAV'), true);
    assert.equal(hasIdForm('003q000000KvQ2DAAW'), false);
    assert.equal(toId18('deal-1'), 'deal-1');
  });

  it('takes stages after opportunities, keeps what derives from nothing, recomputes the rest', async () => {
    const org = await start([
      {
        type: 'Opportunity',
        fields: {
          Id: 'deal-1',
          Name: 'A',
          StageName: 'gewonnen',
          CloseDate: '2027-02-01',
          IsWon: false,
          Probability: 80,
          LastActivityDate: '2026-10-01',
          SystemModstamp: '2026-10-02T00:00:00Z',
        },
      },
      {
        type: 'Opportunity',
        fields: {
          Id: id('006', 2),
          Name: 'B',
          StageName: 'Removed',
          CloseDate: '2026-05-01',
          IsClosed: true,
        },
      },
      {
        type: 'OpportunityStage',
        fields: {
          MasterLabel: 'Gewonnen!',
          ApiName: 'gewonnen',
          IsClosed: true,
          IsWon: true,
          DefaultProbability: 100,
        },
      },
    ]);
    const [first, second] = stateOf(org, 'Opportunity');
    assert.equal(first?.['Id'], 'deal-1');
    assert.equal(first?.['IsWon'], true);
    assert.equal(first?.['Probability'], 80);
    assert.equal(first?.['CloseDate'], '2027-02-01');
    assert.equal(first?.['LastActivityDate'], '2026-10-01');
    assert.equal(first?.['SystemModstamp'], '2026-10-02T00:00:00.000+0000');
    assert.deepEqual([second?.['StageName'], second?.['IsClosed']], ['Removed', true]);
    assert.equal(stateOf(org, 'OpportunityStage').length, 1);
    assert.equal(org.truth().filter((entry) => entry.actor !== 'import').length, 0);
  });

  it('refuses unknown types, keys and bad values with the nearest name', async () => {
    const org = await start([]);
    const load = (type: string, fields: Record<string, unknown>) => () =>
      org.simulator.load({ crm: 'salesforce', type, fields });
    assert.throws(
      load('Oportunity', {}),
      (error) => error instanceof DatasetError && /did you mean 'Opportunity'/.test(error.message),
    );
    assert.throws(
      load('Opportunity', { Stagename: 'x' }),
      /unknown Opportunity field 'Stagename'; did you mean 'StageName'/,
    );
    assert.throws(
      load('Opportunity', { CloseDate: '31/12/2026' }),
      /CloseDate: bad value "31\/12\/2026" for type date; write it as "2026-12-31"/,
    );
    assert.throws(load('Opportunity', { Amount: true }), /Amount: bad value/);
  });

  it('takes custom fields described after their first use', async () => {
    const org = await start([
      {
        type: 'Opportunity',
        fields: { Name: 'A', StageName: 'Prospecting', CloseDate: '2027-01-01', Signed__c: true },
      },
      { type: 'CustomField', fields: { Object: 'Opportunity', FullName: 'Signed__c', Type: 'Checkbox' } },
    ]);
    assert.equal((await org.soql('SELECT Signed__c FROM Opportunity')).body.records[0].Signed__c, true);
  });

  it('becomes multi-currency when a line carries a currency', async () => {
    const org = await start([
      {
        type: 'Opportunity',
        fields: { Name: 'A', StageName: 'Prospecting', CloseDate: '2027-01-01', CurrencyIsoCode: 'EUR' },
      },
    ]);
    assert.equal(
      (await org.soql('SELECT CurrencyIsoCode FROM Opportunity')).body.records[0].CurrencyIsoCode,
      'EUR',
    );
  });

  it('reloads its own state into an equal org', async () => {
    const first = await start([
      { type: 'Account', fields: { Id: id('001', 1), Name: 'Acme' } },
      {
        type: 'Opportunity',
        fields: {
          Id: id('006', 1),
          Name: 'A',
          StageName: 'Closed Lost',
          CloseDate: '2026-01-01',
          AccountId: id('001', 1),
        },
      },
      {
        type: 'Opportunity',
        fields: { Id: id('006', 2), Name: 'B', StageName: 'Prospecting', CloseDate: '2026-01-01' },
        deleted: true,
      },
      {
        type: 'Task',
        fields: { WhatId: id('006', 1), Subject: 'x', Status: 'Completed', ActivityDate: '2025-12-01' },
      },
      { type: 'CustomField', fields: { FullName: 'Paid__c', Object: 'Opportunity', Type: 'Date' } },
    ]);
    const lines = [...first.simulator.state()];
    const second = await start(lines);
    assert.deepEqual([...second.simulator.state()], lines);
  });

  it('edits as a person, and says what changed', async () => {
    const org = await start([
      {
        type: 'User',
        fields: { Id: id('005', 9), FirstName: 'Ann', LastName: 'Lee', Username: 'ann@acme.example' },
      },
      {
        type: 'Opportunity',
        fields: { Id: id('006', 1), Name: 'A', StageName: 'Prospecting', CloseDate: '2027-01-01' },
      },
    ]);
    const result = org.simulator.edit({
      type: 'Opportunity',
      id: id('006', 1),
      fields: { StageName: 'Closed Lost' },
      actor: 'human:ann',
    });
    assert.ok(result.ok);
    assert.ok(result.changed.includes('IsClosed'));
    assert.equal(org.truth().at(-1)?.actor, 'human:ann');
    assert.equal(stateOf(org, 'Opportunity')[0]?.['LastModifiedById'], id('005', 9));
    assert.equal(org.counters.report().writes, 0);
    const refused = org.simulator.edit({
      type: 'Opportunity',
      id: id('006', 1),
      fields: { StageName: 'Nope' },
    });
    assert.deepEqual([refused.ok, !refused.ok && refused.status], [false, 400]);
  });

  it('merges accounts, never opportunities', async () => {
    const org = await start([
      { type: 'Account', fields: { Id: id('001', 1), Name: 'Acme' } },
      { type: 'Account', fields: { Id: id('001', 2), Name: 'ACME Inc.' } },
      {
        type: 'Opportunity',
        fields: {
          Id: id('006', 1),
          Name: 'A',
          StageName: 'Prospecting',
          CloseDate: '2027-01-01',
          AccountId: id('001', 2),
        },
      },
    ]);
    assert.equal(
      org.simulator.edit({ type: 'Account', action: 'merge', into: id('001', 1), absorbs: id('001', 2) }).ok,
      true,
    );
    assert.equal(stateOf(org, 'Opportunity')[0]?.['AccountId'], id('001', 1));
    assert.deepEqual(
      stateOf(org, 'Account').map((one) => one['IsDeleted']),
      [false, true],
    );
    assert.equal(
      org.simulator.edit({ type: 'Opportunity', action: 'merge', into: id('006', 1), absorbs: id('006', 1) })
        .ok,
      false,
    );
  });

  it('creates fields by the Tooling API, invisible until granted (salesforce.md §5)', async () => {
    const org = await start(
      [{ type: 'Opportunity', fields: { Name: 'A', StageName: 'Prospecting', CloseDate: '2027-01-01' } }],
      false,
    );
    assert.equal(
      (await org.soql('SELECT Oppsync_Status__c FROM Opportunity')).body[0].errorCode,
      'INVALID_FIELD',
    );
    const field = {
      FullName: 'Opportunity.Oppsync_Status__c',
      Metadata: { type: 'Text', label: 'Status', length: 40 },
    };
    const made = await org.api('POST', '/tooling/sobjects/CustomField', field);
    assert.deepEqual([made.status, made.body.success, made.body.warnings], [201, true, []]);
    const again = await org.api('POST', '/tooling/sobjects/CustomField', field);
    assert.equal(again.body[0].errorCode, 'DUPLICATE_DEVELOPER_NAME');
    assert.equal((await org.soql('SELECT Oppsync_Status__c FROM Opportunity')).status, 400);
    const found = await org.api(
      'GET',
      `/tooling/query?q=${encodeURIComponent("SELECT Id FROM CustomField WHERE DeveloperName = 'Oppsync_Status'")}`,
    );
    assert.equal(found.body.records[0].Id, made.body.id);
    const set = await org.api('POST', '/sobjects/PermissionSet', { Name: 'Oppsync', Label: 'Oppsync' });
    const grant = {
      ParentId: set.body.id,
      SobjectType: 'Opportunity',
      Field: 'Opportunity.Oppsync_Status__c',
      PermissionsRead: true,
      PermissionsEdit: true,
    };
    assert.equal((await org.api('POST', '/sobjects/FieldPermissions', grant)).status, 201);
    const me = (
      await org.raw('GET', '/services/oauth2/userinfo', undefined, { authorization: `Bearer ${org.token}` })
    ).body.user_id;
    const assigned = await org.api('POST', '/sobjects/PermissionSetAssignment', {
      PermissionSetId: set.body.id,
      AssigneeId: me,
    });
    assert.equal(assigned.status, 201);
    assert.equal(
      (await org.soql('SELECT Oppsync_Status__c FROM Opportunity')).body.records[0].Oppsync_Status__c,
      null,
    );
  });
});
