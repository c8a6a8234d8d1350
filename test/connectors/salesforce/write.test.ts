import assert from 'node:assert/strict';
import { createClient } from '../../../src/connectors/salesforce/client.ts';
import { writeRecords } from '../../../src/connectors/salesforce/write.ts';
import type { RecordWrite, WriteResult } from '../../../src/core/connector-port.ts';
import { OppsyncError } from '../../../src/core/errors.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { account } from './account.ts';
import {
  isLogin,
  quickDeps,
  type Reply,
  type ScriptedOrg,
  settingsFor,
  startScriptedOrg,
  token,
} from './scripted-org.ts';

const GO = new AbortController().signal;
const LOCK = { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: 'locked' }] };
const GOOD = { success: true, errors: [] };
const UNSETTLED = {
  success: false,
  errors: [
    {
      statusCode: 'UNKNOWN_EXCEPTION',
      message: 'Too many batch retries in the presence of Apex triggers and partial failures.',
    },
  ],
};
const BAD = {
  success: false,
  errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', fields: [] }],
};

function idOf(index: number): string {
  return `006${String(index).padStart(12, '0')}AAA`;
}

function writes(count: number): RecordWrite[] {
  return Array.from({ length: count }, (_, index) => ({
    id: idOf(index),
    fields: { name: `N${index}` },
    owned: {},
    trace: `t${index}`,
  }));
}

function outcomes(results: readonly WriteResult[]): string[] {
  return results.map((result) => (result.ok ? 'ok' : result.error.recovery));
}

describe('salesforce write', () => {
  useRealNetwork();
  let org: ScriptedOrg;
  /** Ids of each batch sent. */
  let batches: string[][];
  let answer: (ids: string[], batch: number) => Reply;

  beforeEach(async () => {
    batches = [];
    answer = (ids) => ({ json: ids.map(() => GOOD) });
    org = await startScriptedOrg((seen) => {
      if (isLogin(seen)) return token(org.url);
      const body = JSON.parse(seen.body);
      assert.equal(body.allOrNone, false);
      const ids = body.records.map((record: { id: string }) => record.id);
      batches.push(ids);
      return answer(ids, batches.length);
    });
  });
  afterEach(() => org.close());

  function run(list: readonly RecordWrite[], signal = GO): Promise<WriteResult[]> {
    const deps = quickDeps();
    return writeRecords(
      { client: createClient(settingsFor(org.url), deps), ...deps },
      list,
      account(),
      signal,
    );
  }

  it('sends only the locked rows again', async () => {
    answer = (ids, batch) => ({ json: ids.map((id) => (id === idOf(1) && batch < 3 ? LOCK : GOOD)) });
    assert.deepEqual(outcomes(await run(writes(3))), ['ok', 'ok', 'ok']);
    assert.deepEqual(
      batches.map((ids) => ids.length),
      [3, 1, 1],
    );
  });

  it('gives up on a lock after four tries', async () => {
    answer = (ids) => ({ json: ids.map((id) => (id === idOf(1) ? LOCK : GOOD)) });
    assert.deepEqual(outcomes(await run(writes(3))), ['ok', 'retry', 'ok']);
    assert.equal(batches.length, 4);
  });

  it('halves a batch that does not settle until the culprit is alone', async () => {
    const culprit = idOf(5);
    answer = (ids) => {
      if (!ids.includes(culprit)) return { json: ids.map(() => GOOD) };
      return { json: ids.map(() => (ids.length === 1 ? BAD : UNSETTLED)) };
    };
    const results = outcomes(await run(writes(8)));
    assert.deepEqual(
      results.map((recovery, index) => (index === 5 ? recovery === 'skip' : recovery === 'ok')),
      Array(8).fill(true),
    );
    assert.ok(batches.length <= 7);
  });

  it('does not know what became of rows whose answer broke', async () => {
    answer = () => 'cut';
    assert.deepEqual(outcomes(await run(writes(2))), ['unknown', 'unknown']);
    assert.equal(batches.length, 1);
    answer = () => ({ json: [GOOD] });
    assert.deepEqual(outcomes(await run(writes(2))), ['unknown', 'unknown'], 'an answer with too few rows');
  });

  it('throws while nothing is written, and reports row by row afterwards', async () => {
    const limit: Reply = {
      status: 403,
      json: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    };
    answer = () => limit;
    await assert.rejects(
      run(writes(2)),
      (error) => error instanceof OppsyncError && error.recovery === 'stop',
    );
    answer = (ids) => (ids.length === 1 ? limit : { json: [GOOD, LOCK] });
    assert.deepEqual(outcomes(await run(writes(2))), ['ok', 'stop']);
  });

  it('keeps what is known when interrupted between tries', async () => {
    answer = () => ({ json: [GOOD, LOCK] });
    const client = createClient(settingsFor(org.url), quickDeps());
    const sleep = () => Promise.reject(new Error('told to stop'));
    const results = await writeRecords({ ...quickDeps(), client, sleep }, writes(2), account(), GO);
    assert.deepEqual(outcomes(results), ['ok', 'retry']);
    assert.equal(batches.length, 1);
  });

  it('does not send a row that cannot be written, and sends the others', async () => {
    const [good, bad] = writes(2);
    assert.ok(good !== undefined && bad !== undefined);
    const results = await run([{ ...bad, fields: { stage: 'Vanished' } }, good]);
    assert.deepEqual(outcomes(results), ['skip', 'ok']);
    assert.deepEqual(batches, [[good.id]]);
  });

  it('isolates the record that makes the API refuse the whole call', async () => {
    const refused: Reply = { status: 400, json: [{ errorCode: 'MALFORMED_ID', message: 'bad id' }] };
    answer = (ids) => (ids.includes(idOf(2)) ? refused : { json: ids.map(() => GOOD) });
    assert.deepEqual(outcomes(await run(writes(4))), ['ok', 'ok', 'skip', 'ok']);
  });

  it('stops when a field has vanished since the account was described', async () => {
    const message = "No such column 'Name' on sobject of type Opportunity";
    answer = () => ({ status: 400, json: [{ errorCode: 'INVALID_FIELD', message }] });
    await assert.rejects(run(writes(2)), { recovery: 'stop' });
    assert.equal(batches.length, 1);
  });

  it('refuses more than a batch', async () => {
    await assert.rejects(run(writes(201)), /200 allowed/);
  });
});
