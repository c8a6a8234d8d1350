import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { id, type Org, opportunities, startOrg } from './running-org.ts';

describe('salesforce simulator: Bulk API 2.0 (salesforce.md §3)', () => {
  useRealNetwork();
  let org: Org;
  beforeEach(async () => {
    org = await startOrg(opportunities(5, { NextStep: 'say "hi"' }));
  });
  afterEach(() => org.close());

  const queryJob = async (query: string): Promise<string> => {
    const made = await org.api('POST', '/jobs/query', { operation: 'query', query });
    assert.deepEqual([made.status, made.body.state, made.body.apiVersion], [200, 'UploadComplete', 66]);
    assert.equal((await org.api('GET', `/jobs/query/${made.body.id}`)).body.state, 'InProgress');
    const done = await org.api('GET', `/jobs/query/${made.body.id}`);
    assert.deepEqual(
      [done.body.state, done.body.numberRecordsProcessed, done.body.jobType],
      ['JobComplete', 5, 'V2Query'],
    );
    return made.body.id;
  };

  it('repeats the header row on every page and ends with the locator null', async () => {
    const job = await queryJob(
      'SELECT Id, account.name, NextStep, SystemModstamp FROM Opportunity ORDER BY Id',
    );
    const first = await org.api('GET', `/jobs/query/${job}/results?maxRecords=3`);
    const lines = first.body.trimEnd().split('\n');
    assert.equal(lines[0], '"Id","Account.Name","NextStep","SystemModstamp"');
    assert.equal(lines[1], `"${id('006', 1)}","Acme","say ""hi""","2026-11-22T12:00:00.000Z"`);
    assert.equal(first.headers.get('sforce-numberofrecords'), '3');
    const locator = first.headers.get('sforce-locator');
    const second = await org.api('GET', `/jobs/query/${job}/results?maxRecords=3&locator=${locator}`);
    assert.equal(second.body.trimEnd().split('\n').length, 3);
    assert.equal(second.headers.get('sforce-locator'), 'null');
    const pages = await org.api('GET', `/jobs/query/${job}/resultPages?maxRecords=3`);
    assert.deepEqual(
      [pages.body.resultPages.length, pages.body.done, pages.body.nextRecordsUrl],
      [2, true, null],
    );
  });

  it('answers 409 to another API version, and refuses aggregates and children', async () => {
    const job = await queryJob('SELECT Id FROM Opportunity');
    const authorization = `Bearer ${org.token}`;
    assert.equal(
      (await org.raw('GET', `/services/data/v67.0/jobs/query/${job}`, undefined, { authorization })).status,
      409,
    );
    for (const query of [
      'SELECT COUNT(Id) FROM Opportunity',
      'SELECT Id, (SELECT Id FROM Tasks) FROM Opportunity',
    ]) {
      assert.equal((await org.api('POST', '/jobs/query', { operation: 'query', query })).status, 400);
    }
    assert.equal((await org.api('DELETE', `/jobs/query/${job}`)).status, 204);
    assert.equal((await org.api('GET', `/jobs/query/${job}`)).status, 404);
  });

  it('aborts a running job, whose results are then refused', async () => {
    const { body } = await org.api('POST', '/jobs/query', {
      operation: 'query',
      query: 'SELECT Id FROM Opportunity',
    });
    assert.equal(
      (await org.api('PATCH', `/jobs/query/${body.id}`, { state: 'Aborted' })).body.state,
      'Aborted',
    );
    assert.equal((await org.api('GET', `/jobs/query/${body.id}/results`)).status, 400);
  });

  it('ingests: #N/A clears, an empty cell leaves, failures are listed with their code', async () => {
    const made = await org.api('POST', '/jobs/ingest', {
      operation: 'update',
      object: 'Opportunity',
      contentType: 'CSV',
      lineEnding: 'LF',
    });
    const path = `/jobs/ingest/${made.body.id}`;
    assert.equal(made.body.contentUrl, `services/data/v66.0${path}/batches`);
    const csv = `Id,NextStep,Amount,StageName\n${id('006', 1)},#N/A,,\n${id('006', 2)},new,7,Invented\n`;
    assert.equal((await org.api('PUT', `${path}/batches`, csv, { 'content-type': 'text/csv' })).status, 201);
    assert.equal((await org.api('PATCH', path, { state: 'UploadComplete' })).body.state, 'UploadComplete');
    await org.api('GET', path);
    const done = await org.api('GET', path);
    assert.deepEqual(
      [done.body.state, done.body.numberRecordsProcessed, done.body.numberRecordsFailed],
      ['JobComplete', 2, 1],
    );
    const failed = await org.api('GET', `${path}/failedResults`);
    assert.match(failed.body, /"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Stage: bad value/);
    const { body } = await org.soql('SELECT NextStep, Amount FROM Opportunity ORDER BY Id LIMIT 2');
    assert.deepEqual([body.records[0].NextStep, body.records[0].Amount], [null, 1000]);
    assert.deepEqual([body.records[1].NextStep, body.records[1].Amount], ['say "hi"', 1001]);
    assert.equal(org.counters.report().writes, 1);
  });
});
