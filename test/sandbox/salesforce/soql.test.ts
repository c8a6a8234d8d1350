import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { id, type Org, opportunities, startOrg } from './running-org.ts';

describe('salesforce simulator: queries (salesforce.md §2.1)', () => {
  useRealNetwork();
  let org: Org;
  const names = async (where: string): Promise<string[]> => {
    const { status, body } = await org.soql(`SELECT Name FROM Opportunity ${where}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.records.map((one: { Name: string }) => one.Name);
  };

  before(async () => {
    org = await startOrg([
      ...opportunities(450),
      {
        type: 'User',
        fields: { Id: id('005', 9), Name: 'Ann Lee', Email: 'ann@acme.example', IsActive: true },
      },
      {
        type: 'Opportunity',
        fields: {
          Id: id('006', 901),
          Name: "O'Hara 50% off",
          StageName: 'Closed Won',
          CloseDate: '2026-11-20',
          OwnerId: id('005', 9),
          NextStep: 'call back_slash \\',
        },
      },
      {
        type: 'Task',
        fields: { WhatId: id('006', 901), Subject: 'Call', Status: 'Completed', ActivityDate: '2026-11-10' },
      },
      {
        type: 'Opportunity',
        fields: { Id: id('006', 902), Name: 'Gone', StageName: 'Prospecting', CloseDate: '2026-01-01' },
        deleted: true,
      },
    ]);
  });
  after(() => org.close());

  it('prints attributes, parents, nulls and children as the API does', async () => {
    const soql = `select Id, name, ACCOUNT.Name, owner.Email, Amount, (SELECT Subject, What.Type FROM Tasks), CloseDate FROM Opportunity WHERE Id = '${id('006', 901)}'`;
    const { body } = await org.soql(soql);
    assert.equal(body.totalSize, 1);
    assert.equal(body.done, true);
    const [record] = body.records;
    assert.deepEqual(record.attributes, {
      type: 'Opportunity',
      url: `/services/data/v66.0/sobjects/Opportunity/${id('006', 901)}`,
    });
    assert.equal(record.Account, null);
    assert.equal(record.Amount, null);
    assert.equal(record.Owner.Email, 'ann@acme.example');
    assert.equal(record.Owner.attributes.type, 'User');
    assert.equal(record.CloseDate, '2026-11-20');
    assert.equal(record.Tasks.totalSize, 1);
    assert.equal(record.Tasks.records[0].What.Type, 'Opportunity');
  });

  it('pages by batchSize and by locator, the last page without nextRecordsUrl', async () => {
    const first = await org.soql('SELECT Id FROM Opportunity ORDER BY Id', {
      'Sforce-Query-Options': 'batchSize=200',
    });
    assert.equal(first.body.totalSize, 451);
    assert.equal(first.body.records.length, 200);
    assert.match(first.body.nextRecordsUrl, /^\/services\/data\/v66\.0\/query\/0r8\w{15}-200$/);
    const authorization = { authorization: `Bearer ${org.token}` };
    const second = await org.raw('GET', first.body.nextRecordsUrl, undefined, authorization);
    const third = await org.raw('GET', second.body.nextRecordsUrl, undefined, authorization);
    assert.equal(third.body.done, true);
    assert.equal('nextRecordsUrl' in third.body, false);
    const ids = [first, second, third].flatMap((page) =>
      page.body.records.map((one: { Id: string }) => one.Id),
    );
    assert.equal(new Set(ids).size, 451);
  });

  it('raises a batchSize below 200 to 200', async () => {
    const { body } = await org.soql('SELECT Id FROM Opportunity', { 'Sforce-Query-Options': 'batchSize=1' });
    assert.equal(body.records.length, 200);
  });

  it('refuses a locator that never was, that expired, or of another session (§1.4 i)', async () => {
    const { status, body } = await org.api('GET', '/query/0r8000000000000AAA-200');
    assert.equal(status, 400);
    assert.deepEqual(body, [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }]);
    const page = await org.soql('SELECT Id FROM Opportunity', { 'Sforce-Query-Options': 'batchSize=200' });
    const other = await org.raw('GET', page.body.nextRecordsUrl, undefined, {
      authorization: `Bearer ${await org.newToken()}`,
    });
    assert.equal(other.body[0].errorCode, 'INVALID_SESSION_ID');
  });

  const CASES: readonly (readonly [string, number])[] = [
    ["WHERE Name = 'deal 7'", 1],
    ["WHERE Name LIKE 'DEAL 1_'", 10],
    ["WHERE Name LIKE '%50\\% off'", 1],
    ["WHERE Name = 'O\\'Hara 50% off'", 1],
    ["WHERE NextStep = 'call back_slash \\\\'", 1],
    ['WHERE Amount = null', 1],
    ['WHERE Amount != null AND Amount < 1010', 10],
    ['WHERE Amount >= 1000 AND (Amount < 1002 OR Amount = 1449)', 3],
    ['WHERE NOT Amount > 1000', 2],
    ['WHERE IsWon = true', 1],
    ["WHERE StageName IN ('Closed Won', 'Closed Lost')", 1],
    ["WHERE StageName NOT IN ('Prospecting')", 1],
    ["WHERE Account.Name = 'ACME' AND Amount <= 1001", 2],
    ['WHERE CloseDate = LAST_N_DAYS:5', 1],
    ['WHERE CloseDate > TODAY AND Amount = 1000', 1],
    [
      'WHERE SystemModstamp >= 2026-11-22T12:07:29Z AND SystemModstamp < 2026-11-23T00:00:00.000%2B0000'.replace(
        '%2B',
        '+',
      ),
      1,
    ],
    ["WHERE Id IN (SELECT WhatId FROM Task WHERE Status = 'Completed')", 1],
    [`WHERE Id IN ('${id('006', 1).slice(0, 15)}', '${id('006', 2)}')`, 2],
    ["WHERE OwnerId = '005000000000009AAA'", 1],
    ['ORDER BY Amount DESC NULLS LAST LIMIT 3 OFFSET 1', 3],
  ];
  for (const [where, count] of CASES) {
    it(`answers ${where}`, async () => assert.equal((await names(where)).length, count));
  }

  it('orders nulls first unless told, and by several fields', async () => {
    assert.equal((await names('ORDER BY Amount LIMIT 1'))[0], "O'Hara 50% off");
    assert.equal((await names('ORDER BY Amount DESC NULLS LAST, Id LIMIT 1'))[0], 'Deal 450');
    assert.equal((await names('ORDER BY StageName, Id DESC LIMIT 2'))[1], 'Deal 450');
  });

  it('resumes by keyset inside one second (§2.2)', async () => {
    const where = `WHERE (SystemModstamp = 2026-11-22T12:00:01Z AND Id > '${id('006', 1)}') OR SystemModstamp > 2026-11-22T12:07:28Z ORDER BY SystemModstamp, Id`;
    assert.deepEqual((await names(where)).slice(0, 2), ['Deal 2', 'Deal 450']);
  });

  it('counts and aggregates without record addresses', async () => {
    assert.deepEqual((await org.soql('SELECT COUNT() FROM Opportunity')).body, {
      totalSize: 451,
      done: true,
      records: [],
    });
    const { body } = await org.soql(
      'SELECT StageName, COUNT(Id), SUM(Amount) total FROM Opportunity GROUP BY StageName ORDER BY COUNT(Id) DESC',
    );
    assert.deepEqual(body.records[0], {
      attributes: { type: 'AggregateResult' },
      StageName: 'Prospecting',
      expr0: 450,
      total: 450 * 1000 + (449 * 450) / 2,
    });
  });

  it('shows deleted rows to queryAll only (§2.3)', async () => {
    const q = encodeURIComponent('SELECT Name FROM Opportunity WHERE IsDeleted = true');
    assert.equal((await org.api('GET', `/query?q=${q}`)).body.totalSize, 0);
    assert.equal((await org.api('GET', `/queryAll?q=${q}`)).body.records[0].Name, 'Gone');
  });

  const REFUSALS: readonly (readonly [string, string, RegExp])[] = [
    [
      'SELECT Id, Foo__c FROM Opportunity',
      'INVALID_FIELD',
      /\n {11}\^\nERROR at Row:1:Column:12\nNo such column 'Foo__c' on entity 'Opportunity'/,
    ],
    ['SELECT Id FROM Nothing', 'INVALID_TYPE', /sObject type 'Nothing' is not supported/],
    ['SELECT Id FROM CustomField', 'INVALID_TYPE', /CustomField/],
    ['SELECT Id FROM', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    ['SELECT Id, Id FROM Opportunity', 'MALFORMED_QUERY', /duplicate field selected: Id/],
    [
      "SELECT Id FROM Opportunity WHERE Amount = '1'",
      'INVALID_FIELD',
      /must be of type double and should not be enclosed in quotes/,
    ],
    [
      "SELECT Id FROM Opportunity WHERE SystemModstamp > '2026-01-01T00:00:00Z'",
      'INVALID_FIELD',
      /must be of type dateTime/,
    ],
    ["SELECT Id FROM Opportunity WHERE Description = 'x'", 'INVALID_FIELD', /can not be filtered/],
    [
      'SELECT Id FROM Opportunity WHERE Id = 1 AND Name = null OR Amount = 1',
      'MALFORMED_QUERY',
      /unexpected token: 'OR'/,
    ],
    ['SELECT Id FROM Opportunity OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', /2000/],
    ['SELECT CurrencyIsoCode FROM Opportunity', 'INVALID_FIELD', /CurrencyIsoCode/],
    ['SELECT FIELDS(ALL) FROM Opportunity', 'MALFORMED_QUERY', /LIMIT of at most 200/],
    [
      'SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00 00:00',
      'MALFORMED_QUERY',
      /unexpected token/,
    ],
  ];
  for (const [soql, code, message] of REFUSALS) {
    it(`refuses ${soql} with ${code}`, async () => {
      const { status, body } = await org.soql(soql);
      assert.equal(status, 400);
      assert.equal(body[0].errorCode, code);
      assert.match(body[0].message, message);
    });
  }

  it('answers FIELDS(STANDARD) and FIELDS(ALL) LIMIT 200', async () => {
    const standard = await org.soql("SELECT FIELDS(STANDARD) FROM Opportunity WHERE Name = 'Deal 1'");
    assert.equal(standard.body.records[0].StageName, 'Prospecting');
    const all = await org.soql('SELECT FIELDS(ALL) FROM Opportunity LIMIT 200');
    assert.equal('Oppsync_Status__c' in all.body.records[0], true);
    assert.equal('CurrencyIsoCode' in all.body.records[0], false);
  });

  it('caps the address at 16,384 bytes', async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `'${id('006', i)}'`).join(',');
    const url = `/services/data/v66.0/query?q=${encodeURIComponent(`SELECT Id FROM Opportunity WHERE Id IN (${ids})`)}`;
    const answer = await org.simulator.handle({
      method: 'GET',
      path: url.split('?')[0]!,
      query: new URLSearchParams(url.split('?')[1]),
      headers: { authorization: `Bearer ${org.token}` },
      body: Buffer.alloc(0),
    });
    assert.equal(answer.status, 414);
  });
});
