import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { id, type Org, opportunities, startOrg } from './running-org.ts';

const TYPE = { type: 'Opportunity' };

describe('salesforce simulator: collections and composite (salesforce.md §4.1)', () => {
  useRealNetwork();
  let org: Org;
  beforeEach(async () => {
    org = await startOrg(opportunities(230));
  });
  afterEach(() => org.close());

  const rows = (count: number, fields: object): object[] =>
    Array.from({ length: count }, (_, i) => ({ attributes: TYPE, id: id('006', i + 1), ...fields }));

  it('updates in request order with a result per row, statusCode in the failed ones', async () => {
    const records = [
      { attributes: TYPE, id: id('006', 2), NextStep: 'a' },
      { attributes: TYPE, id: id('006', 3), StageName: 'Invented' },
      { attributes: TYPE, id: id('006', 2), NextStep: 'b' },
      { attributes: TYPE, id: id('006', 999), NextStep: 'c' },
    ];
    const { status, body } = await org.api('PATCH', '/composite/sobjects', { allOrNone: false, records });
    assert.equal(status, 200);
    assert.deepEqual(body[0], { id: id('006', 2), success: true, errors: [] });
    assert.deepEqual(
      body.slice(1).map((row: { errors: { statusCode: string }[] }) => row.errors[0]?.statusCode),
      ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'DUPLICATE_VALUE', 'INVALID_CROSS_REFERENCE_KEY'],
    );
    assert.equal('id' in body[1], false);
    assert.deepEqual(body[1].errors[0].fields, ['StageName']);
    assert.equal(org.counters.report().writes, 1);
  });

  it('rolls everything back when all or nothing is asked', async () => {
    const before = org.truth().length;
    const records = [...rows(2, { NextStep: 'x' }), { attributes: TYPE, id: id('006', 3), Name: null }];
    const { body } = await org.api('PATCH', '/composite/sobjects', { allOrNone: true, records });
    assert.equal(body[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK');
    assert.equal(body[2].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
    assert.equal(
      (await org.soql('SELECT COUNT() FROM Opportunity WHERE NextStep != null')).body.totalSize,
      0,
    );
    assert.equal((await org.soql('SELECT COUNT() FROM OpportunityFieldHistory')).body.totalSize, 0);
    assert.equal(org.truth().length, before);
    assert.equal(org.counters.report().writes, 0);
  });

  it('takes 200 records and refuses 201', async () => {
    assert.equal(
      (await org.api('PATCH', '/composite/sobjects', { records: rows(200, { NextStep: 'x' }) })).body.length,
      200,
    );
    const over = await org.api('PATCH', '/composite/sobjects', { records: rows(201, {}) });
    assert.deepEqual([over.status, over.body[0].errorCode], [400, 'EXCEEDED_MAX_SIZE_REQUEST']);
  });

  it('refuses more than ten chunks of types', async () => {
    const records = Array.from({ length: 11 }, (_, i) => ({
      attributes: { type: i % 2 ? 'Account' : 'Opportunity' },
    }));
    assert.equal((await org.api('POST', '/composite/sobjects', { records })).status, 400);
  });

  it('creates, upserts, deletes and retrieves, null for what is not there', async () => {
    const fields = {
      attributes: TYPE,
      Name: 'N',
      StageName: 'Prospecting',
      CloseDate: '2027-01-01',
      Oppsync_Pair_Key__c: 'p1',
    };
    const path = '/composite/sobjects/Opportunity/Oppsync_Pair_Key__c';
    const first = await org.api('PATCH', path, { records: [fields] });
    const second = await org.api('PATCH', path, { records: [fields] });
    assert.deepEqual([first.body[0].created, second.body[0].created], [true, false]);
    const made = first.body[0].id;
    const asked = {
      ids: [made, id('006', 998), id('006', 1).slice(0, 15)],
      fields: ['Name', 'Id', 'SystemModstamp'],
    };
    const found = await org.api('POST', '/composite/sobjects/Opportunity', asked);
    assert.deepEqual(
      found.body.map((row: { Name: string } | null) => row?.Name ?? null),
      ['N', null, 'Deal 1'],
    );
    const deleted = await org.api('DELETE', `/composite/sobjects?ids=${made},${made}&allOrNone=false`);
    assert.deepEqual(
      deleted.body.map((row: { success: boolean }) => row.success),
      [true, false],
    );
  });

  it('passes answers on inside a composite request', async () => {
    const base = '/services/data/v66.0';
    const compositeRequest = [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'acc', body: { Name: 'New Co' } },
      {
        method: 'POST',
        url: `${base}/sobjects/Opportunity`,
        referenceId: 'opp',
        body: { Name: 'O', StageName: 'Prospecting', CloseDate: '2027-01-01', AccountId: '@{acc.id}' },
      },
      {
        method: 'GET',
        url: `${base}/query?q=SELECT+Account.Name+FROM+Opportunity+WHERE+Id='@{opp.id}'`,
        referenceId: 'q',
      },
    ];
    const { body } = await org.api('POST', '/composite', { compositeRequest });
    assert.deepEqual(
      body.compositeResponse.map((part: { httpStatusCode: number }) => part.httpStatusCode),
      [201, 201, 200],
    );
    assert.equal(body.compositeResponse[2].body.records[0].Account.Name, 'New Co');
    assert.match(body.compositeResponse[0].httpHeaders.Location, /\/sobjects\/Account\/001/);
  });

  it('halts and undoes the innocent part of a failed all-or-nothing composite', async () => {
    const url = `/services/data/v66.0/sobjects/Opportunity/${id('006', 1)}`;
    const compositeRequest = [
      { method: 'PATCH', url, referenceId: 'good', body: { NextStep: 'x' } },
      { method: 'PATCH', url, referenceId: 'bad', body: { Nope: 1 } },
    ];
    const { body } = await org.api('POST', '/composite', { allOrNone: true, compositeRequest });
    const [good, bad] = body.compositeResponse;
    assert.deepEqual([good.httpStatusCode, good.body[0].errorCode], [400, 'PROCESSING_HALTED']);
    assert.equal(bad.body[0].errorCode, 'INVALID_FIELD');
    assert.equal((await org.api('GET', `/sobjects/Opportunity/${id('006', 1)}`)).body.NextStep, null);
  });

  it('locks the parent account while a write is in flight', async () => {
    org.simulator.configure({ lockMs: 200, lockWaitMs: 20 });
    const write = (n: number): ReturnType<Org['api']> =>
      org.api('PATCH', '/composite/sobjects', {
        records: [{ attributes: TYPE, id: id('006', n), NextStep: `w${n}` }],
      });
    const answers = await Promise.all([write(1), write(2)]);
    const codes = answers.map((answer) => answer.body[0].errors[0]?.statusCode ?? 'ok').sort();
    assert.deepEqual(codes, ['UNABLE_TO_LOCK_ROW', 'ok']);
  });
});
