import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { DAY, id, MINUTE, NOW, type Org, opportunities, startOrg } from './running-org.ts';

const deal = id('006', 1);

describe('salesforce simulator: writes', () => {
  useRealNetwork();
  let org: Org;
  const read = async (fields: string, record = deal): Promise<Record<string, unknown>> =>
    (await org.api('GET', `/sobjects/Opportunity/${record}?fields=${fields}`)).body;
  const patch = (body: unknown, headers = {}): ReturnType<Org['api']> =>
    org.api('PATCH', `/sobjects/Opportunity/${deal}`, body, headers);

  beforeEach(async () => {
    org = await startOrg(opportunities(3));
  });
  afterEach(() => org.close());

  it('sets what a stage implies, and pulls a future close date when won (§2.4)', async () => {
    assert.equal((await patch({ StageName: 'Closed Won' })).status, 204);
    const now = await read(
      'StageName,IsClosed,IsWon,Probability,ForecastCategoryName,CloseDate,ExpectedRevenue,LastStageChangeDate',
    );
    assert.equal(now['IsClosed'], true);
    assert.equal(now['IsWon'], true);
    assert.equal(now['Probability'], 100);
    assert.equal(now['ForecastCategoryName'], 'Closed');
    assert.equal(now['CloseDate'], '2026-11-23');
    assert.equal(now['ExpectedRevenue'], 1000);
    assert.equal(now['LastStageChangeDate'], '2026-11-23T12:00:00.000+0000');
  });

  it('keeps a close date and a probability sent along with the stage', async () => {
    await patch({ StageName: 'Closed Won', CloseDate: '2027-01-31', Probability: 90 });
    const now = await read('CloseDate,Probability');
    assert.equal(now['CloseDate'], '2027-01-31');
    assert.equal(now['Probability'], 90);
  });

  it('counts pushed close dates and writes history with the values before (§2.6)', async () => {
    await patch({ CloseDate: '2027-05-01', Amount: 5 });
    assert.equal((await read('PushCount'))['PushCount'], 1);
    const { body } = await org.soql(
      `SELECT Amount, PrevAmount, CloseDate, PrevCloseDate FROM OpportunityHistory WHERE OpportunityId = '${deal}' ORDER BY CreatedDate DESC`,
    );
    // The first row is that of the creation.
    assert.equal(body.totalSize, 2);
    assert.deepEqual([body.records[1].Amount, body.records[1].PrevAmount], [1000, null]);
    assert.equal(body.records[0].PrevAmount, 1000);
    assert.equal(body.records[0].PrevCloseDate, '2027-03-31');
    const tracked = await org.soql(
      `SELECT Field, OldValue, NewValue FROM OpportunityFieldHistory WHERE OpportunityId = '${deal}' AND Field = 'Amount'`,
    );
    assert.deepEqual([tracked.body.records[0].OldValue, tracked.body.records[0].NewValue], [1000, 5]);
  });

  it('stamps and counts a write that changes nothing, without a truth entry', async () => {
    org.clock.advance(5000);
    const before = org.truth().length;
    assert.equal((await patch({ Amount: 1000 })).status, 204);
    assert.equal((await read('SystemModstamp'))['SystemModstamp'], '2026-11-23T12:00:05.000+0000');
    assert.equal(org.truth().length, before);
    const report = org.counters.report();
    assert.deepEqual([report.writes, report.redundantWrites], [1, 1]);
  });

  it('logs the engine as author with computed fields, stamps left out', async () => {
    const before = org.truth().at(-1)?.seq ?? 0;
    await patch({ StageName: 'Qualification', NextStep: 'Call' });
    const [entry, ...rest] = org.truth(before);
    assert.equal(rest.length, 0);
    assert.equal(entry?.actor, 'engine');
    assert.equal(entry?.at, NOW);
    assert.deepEqual(Object.keys(entry?.fields ?? {}).sort(), [
      'LastStageChangeDate',
      'NextStep',
      'StageName',
    ]);
    assert.deepEqual(entry?.fields['NextStep'], { before: null, after: 'Call' });
  });

  it('ignores Amount with success when line items exist (§2.4)', async () => {
    const other = await startOrg(opportunities(1, { HasOpportunityLineItem: true }));
    assert.equal((await other.api('PATCH', `/sobjects/Opportunity/${deal}`, { Amount: 5 })).status, 204);
    assert.equal((await other.api('GET', `/sobjects/Opportunity/${deal}`)).body.Amount, 1000);
    await other.close();
  });

  const REFUSALS: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ IsClosed: true }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
    [{ Nope: 1 }, 'INVALID_FIELD'],
    [{ Name: null }, 'REQUIRED_FIELD_MISSING'],
    [{ Name: 'x'.repeat(121) }, 'STRING_TOO_LONG'],
    [{ StageName: 'Invented' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
    [{ Amount: 1e17 }, 'NUMBER_OUTSIDE_VALID_RANGE'],
    [{ Amount: 'many' }, 'JSON_PARSER_ERROR'],
    [{ CloseDate: '2026-02-30' }, 'JSON_PARSER_ERROR'],
    [{ AccountId: 'x' }, 'MALFORMED_ID'],
    [{ AccountId: id('001', 77) }, 'INVALID_CROSS_REFERENCE_KEY'],
  ];
  for (const [body, code] of REFUSALS) {
    it(`refuses ${JSON.stringify(body).slice(0, 40)} with ${code} and changes nothing (§4.4)`, async () => {
      const answer = await patch(body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body[0].errorCode, code);
      assert.equal((await read('SystemModstamp'))['SystemModstamp'], '2026-11-22T12:00:00.000+0000');
    });
  }

  it('answers 412 when the record moved since, 400 for an unreadable date (§4.2)', async () => {
    const stale = new Date(NOW - 2 * DAY).toUTCString();
    assert.equal((await patch({ Amount: 1 }, { 'If-Unmodified-Since': stale })).status, 412);
    assert.equal((await patch({ Amount: 1 }, { 'If-Unmodified-Since': 'soon' })).status, 400);
    assert.equal(
      (await patch({ Amount: 1 }, { 'If-Unmodified-Since': new Date(NOW).toUTCString() })).status,
      204,
    );
  });

  it('deletes into the recycle bin, refuses writes there, and restores with the same id (§2.3)', async () => {
    assert.equal((await org.api('DELETE', `/sobjects/Opportunity/${deal}`)).status, 204);
    const gone = await patch({ Amount: 1 });
    assert.deepEqual([gone.status, gone.body[0].errorCode], [404, 'ENTITY_IS_DELETED']);
    org.clock.advance(1000);
    assert.equal(org.simulator.edit({ type: 'Opportunity', id: deal, action: 'restore' }).ok, true);
    assert.equal((await read('SystemModstamp'))['SystemModstamp'], '2026-11-23T12:00:01.000+0000');
  });

  it('forgets deleted rows after 15 days (§2.3)', async () => {
    await org.api('DELETE', `/sobjects/Opportunity/${deal}`);
    const q = `/queryAll?q=${encodeURIComponent('SELECT Id FROM Opportunity WHERE IsDeleted = true')}`;
    assert.equal((await org.api('GET', q)).body.totalSize, 1);
    org.simulator.configure({ sessionMinutes: 60 * 24 * 30 });
    org.clock.advance(16 * DAY);
    assert.equal((await org.api('GET', q)).body.totalSize, 0);
  });

  it('upserts by external id: 201, 200, 404 for an unknown one (§4.1)', async () => {
    const path = '/sobjects/Opportunity/Oppsync_Pair_Key__c/k%2F1';
    const fields = { Name: 'New', StageName: 'Prospecting', CloseDate: '2027-01-01' };
    const first = await org.api('PATCH', path, fields);
    assert.deepEqual([first.status, first.body.created, first.body.errors], [201, true, []]);
    const second = await org.api('PATCH', path, { Name: 'Newer' });
    assert.deepEqual([second.status, second.body.created, second.body.id], [200, false, first.body.id]);
    assert.equal((await read('Oppsync_Pair_Key__c', first.body.id))['Oppsync_Pair_Key__c'], 'k/1');
    const unknown = await org.api('PATCH', '/sobjects/Opportunity/Namez/1', {});
    assert.deepEqual(unknown.body, [
      {
        message: 'Provided external ID field does not exist or is not accessible: Namez',
        errorCode: 'NOT_FOUND',
      },
    ]);
    const duplicate = await patch({ Oppsync_Pair_Key__c: 'K/1' });
    assert.equal(duplicate.body[0].errorCode, 'DUPLICATE_VALUE');
  });

  it('runs validation rules and automations, each in its own name', async () => {
    org.simulator.configure({
      validationRules: [
        {
          name: 'amount',
          when: { field: 'Amount', greaterThan: 10_000 },
          message: 'Too much',
          field: 'Amount',
        },
      ],
      automations: [
        {
          name: 'stamp',
          when: { field: 'StageName', changedTo: 'Closed Lost' },
          set: { NextStep: 'archive' },
        },
      ],
    });
    const refused = await patch({ Amount: 10_001 });
    assert.deepEqual(refused.body, [
      { message: 'Too much', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Amount'] },
    ]);
    const before = org.truth().at(-1)?.seq ?? 0;
    await patch({ StageName: 'Closed Lost' });
    assert.deepEqual(
      org.truth(before).map((entry) => entry.actor),
      ['engine', 'automation:stamp'],
    );
    assert.equal((await read('NextStep'))['NextStep'], 'archive');
  });

  it('hides fields by field-level security from the API, in describe, query and write (§2.1)', async () => {
    org.simulator.configure({ hiddenFields: ['Opportunity.Amount'] });
    const { body } = await org.api('GET', '/sobjects/Opportunity/describe');
    assert.equal(
      body.fields.some((field: { name: string }) => field.name === 'Amount'),
      false,
    );
    assert.equal((await org.soql('SELECT Amount FROM Opportunity')).body[0].errorCode, 'INVALID_FIELD');
    assert.equal((await patch({ Amount: 1 })).body[0].errorCode, 'INVALID_FIELD');
    assert.equal(org.simulator.edit({ type: 'Opportunity', id: deal, fields: { Amount: 5 } }).ok, true);
  });

  it('moves LastActivityDate with activities but not the stamp of the opportunity (§2.2, §2.6)', async () => {
    await org.api('POST', '/sobjects/Event', {
      WhatId: deal,
      Subject: 'Demo',
      ActivityDateTime: '2026-12-24T09:00:00Z',
      DurationInMinutes: 30,
    });
    const now = await read('LastActivityDate,SystemModstamp');
    assert.equal(now['LastActivityDate'], '2026-12-24');
    assert.equal(now['SystemModstamp'], '2026-11-22T12:00:00.000+0000');
  });

  it('shows late commits under their early stamp, and says so in latestDateCovered (§2.2)', async () => {
    org.simulator.configure({ commitDelayMs: 10 * MINUTE });
    org.clock.advance(1000);
    const edited = org.simulator.edit({
      type: 'Opportunity',
      id: deal,
      fields: { Amount: 5 },
      actor: 'human:ann',
    });
    assert.equal(edited.ok, true);
    assert.equal((await read('Amount'))['Amount'], 1000);
    org.clock.advance(1000);
    const window = `start=${encodeURIComponent('2026-11-23T11:00:00+00:00')}&end=${encodeURIComponent('2026-11-23T12:30:00+00:00')}`;
    const during = await org.api('GET', `/sobjects/Opportunity/updated?${window}`);
    assert.deepEqual(during.body.ids, []);
    org.clock.advance(10 * MINUTE);
    const after = await org.api('GET', `/sobjects/Opportunity/updated?${window}`);
    assert.deepEqual(after.body, { ids: [deal], latestDateCovered: '2026-11-23T12:10:00.000+0000' });
    assert.equal((await read('SystemModstamp'))['SystemModstamp'], '2026-11-23T12:00:01.000+0000');
  });

  it('reports deletions, and refuses windows too old or too short (§2.3)', async () => {
    await org.api('DELETE', `/sobjects/Opportunity/${deal}`);
    const ask = (start: string, end: string, kind = 'deleted'): ReturnType<Org['api']> =>
      org.api(
        'GET',
        `/sobjects/Opportunity/${kind}?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`,
      );
    const { body } = await ask('2026-11-23T11:00:00Z', '2026-11-23T12:01:00Z');
    assert.deepEqual(body.deletedRecords, [{ id: deal, deletedDate: '2026-11-23T12:00:00.000+0000' }]);
    assert.match(body.earliestDateAvailable, /^2026-11-08T12:00:00\.000\+0000$/);
    for (const [start, end] of [
      ['2026-11-01T00:00:00Z', '2026-11-23T12:00:00Z'],
      ['2026-11-23T12:00:00Z', '2026-11-23T12:00:30Z'],
    ] as const) {
      assert.equal((await ask(start, end)).body[0].errorCode, 'INVALID_REPLICATION_DATE');
    }
    assert.equal((await ask('2026-11-01T00:00:00Z', '2026-11-23T12:00:00Z', 'updated')).status, 200);
  });
});
