import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useRealNetwork } from '../real-network.ts';
import { type Answer, id, type Org, opportunities, startOrg } from './running-org.ts';

const FOLDER = join(import.meta.dirname, '../../../../shared/fixtures/salesforce');

/** Keys and kinds of a value, without its contents: lists by their first entry. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, one]) => [key, shape(one)]),
  );
}

function keys(value: object): string[] {
  return Object.keys(value).sort();
}

describe('salesforce simulator: shapes of recorded answers', () => {
  useRealNetwork();
  let org: Org;
  before(async function () {
    if (!existsSync(FOLDER)) {
      console.log('      recorded Salesforce answers are absent: shapes are not compared');
      this.skip();
    }
    org = await startOrg(opportunities(450));
  });
  after(async () => {
    if (org !== undefined) await org.close();
  });

  // biome-ignore lint/suspicious/noExplicitAny: recorded bodies of many shapes
  const recorded = (name: string): any => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  const same = (answer: Answer, name: string): void =>
    assert.deepEqual(shape(answer.body), shape(recorded(name)));
  const time = (text: string): string => encodeURIComponent(text);

  it('refusals', async () => {
    same(
      await org.raw('POST', '/services/oauth2/token', 'grant_type=password'),
      'restforce-auth_error_response.json',
    );
    const session = await org.raw('GET', '/services/data/v66.0/limits', undefined, {
      authorization: 'Bearer old',
    });
    assert.deepEqual(session.body, recorded('restforce-expired_session_response.json'));
    same(
      await org.api('PATCH', `/sobjects/Opportunity/${id('006', 1)}`, { foo: 1 }),
      'restforce-write_error_response.json',
    );
    same(await org.api('PATCH', '/sobjects/Opportunity/Namez/1', {}), 'restforce-upsert_error_response.json');
  });

  it('queries', async () => {
    const first = await org.soql('SELECT Name FROM Opportunity', { 'Sforce-Query-Options': 'batchSize=200' });
    const page = recorded('restforce-query_paginated_first_page_response.json');
    assert.deepEqual(keys(first.body), keys(page));
    assert.deepEqual(shape(first.body.records[0].attributes), shape(page.records[0].attributes));
    const last = await org.soql('SELECT Name FROM Opportunity LIMIT 1');
    assert.deepEqual(keys(last.body), keys(recorded('restforce-query_paginated_last_page_response.json')));
    assert.deepEqual(
      (await org.soql('SELECT Id FROM Opportunity WHERE Name = null')).body,
      recorded('restforce-query_empty_response.json'),
    );
    const groups = await org.soql('SELECT CampaignId, SUM(Amount) FROM Opportunity GROUP BY CampaignId');
    const group = recorded('restforce-query_aggregate_success_response.json').records[2];
    assert.deepEqual(shape(groups.body.records[0]), shape(group));
  });

  it('replication', async () => {
    const window = `start=${time('2026-11-22T00:00:00Z')}&end=${time('2026-11-23T12:05:00Z')}`;
    same(
      await org.api('GET', `/sobjects/Opportunity/updated?${window}`),
      'restforce-get_updated_success_response.json',
    );
    await org.api('DELETE', `/sobjects/Opportunity/${id('006', 450)}`);
    same(
      await org.api('GET', `/sobjects/Opportunity/deleted?${window}`),
      'restforce-get_deleted_success_response.json',
    );
  });

  it('describe carries every key of a recorded field', async () => {
    const { body } = await org.api('GET', '/sobjects/Opportunity/describe');
    const known = keys(recorded('restforce-sobject_describe_success_response.json').fields[0]);
    const ours = new Set(keys(body.fields[0]));
    assert.deepEqual(
      known.filter((key) => !ours.has(key)),
      [],
    );
  });

  it('composite, and limits as pairs of Max and Remaining', async () => {
    const url = '/services/data/v66.0/sobjects/Account';
    const compositeRequest = [{ method: 'POST', url, referenceId: 'a', body: { Name: 'x' } }];
    const { body } = await org.api('POST', '/composite', { compositeRequest });
    const success = recorded('camel-composite_response_success.json').compositeResponse[0];
    assert.deepEqual(keys(body.compositeResponse[0]), keys(success));
    const failure = recorded('camel-composite_response_failure.json').compositeResponse[0];
    const halted = await org.api('POST', '/composite', {
      allOrNone: true,
      compositeRequest: [...compositeRequest, { method: 'POST', url, referenceId: 'b', body: {} }],
    });
    assert.deepEqual(shape(halted.body.compositeResponse[0]), shape(failure));
    const limits = await org.api('GET', '/limits');
    for (const one of Object.values(limits.body)) assert.deepEqual(keys(one as object), ['Max', 'Remaining']);
    assert.ok('DailyApiRequests' in recorded('camel-limits.json') && 'DailyApiRequests' in limits.body);
  });
});
