import assert from 'node:assert/strict';
import {
  fromAnswer,
  fromRow,
  isLock,
  isTooManyBatchRetries,
  vendorErrors,
} from '../../../src/connectors/salesforce/errors.ts';
import type { Recovery } from '../../../src/core/errors.ts';

function refused(status: number, errorCode: string, message = ''): { status: number; body: string } {
  return { status, body: JSON.stringify([{ errorCode, message }]) };
}

const row = (statusCode: string, message = '', fields: string[] = []) =>
  vendorErrors([{ statusCode, message, fields }]);
const RECORD = '006000000000001AAA';

describe('salesforce errors', () => {
  const answers: [{ status: number; body: string }, Recovery][] = [
    [refused(401, 'INVALID_SESSION_ID'), 'stop'],
    [refused(403, 'API_DISABLED_FOR_ORG'), 'stop'],
    [refused(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 'stop'],
    [
      refused(403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'),
      'wait',
    ],
    [refused(503, 'SERVER_UNAVAILABLE'), 'retry'],
    [refused(400, 'QUERY_TIMEOUT'), 'retry'],
    [refused(500, 'UNKNOWN_EXCEPTION'), 'retry'],
    [refused(400, 'INVALID_FIELD', "No such column 'Foo__c' on entity 'Opportunity'"), 'fix'],
    [refused(404, 'NOT_FOUND'), 'gone'],
    [refused(410, 'SOMETHING_NEW'), 'fix'],
    [refused(400, 'SOMETHING_NEW'), 'stop'],
    [refused(400, 'constructor'), 'stop'],
    [{ status: 503, body: '<html>maintenance</html>' }, 'retry'],
    [{ status: 420, body: '<html></html>' }, 'retry'],
    [{ status: 200, body: '{"half' }, 'retry'],
    [{ status: 302, body: '' }, 'retry'],
    [{ status: 403, body: '' }, 'stop'],
  ];
  for (const [answer, recovery] of answers) {
    it(`${answer.status} ${answer.body.slice(0, 70)} means ${recovery}`, () => {
      const { details, message } = fromAnswer(answer);
      assert.equal(details.recovery, recovery);
      assert.match(message, /^[A-Z].*\.$/s);
      assert.ok(details.remedy.length > 0);
      assert.equal(details.crm, 'salesforce');
    });
  }

  it('name the field that is hidden', () => {
    const { details } = fromAnswer(
      refused(400, 'INVALID_FIELD', "\nSELECT Foo__c\n ^\nNo such column 'Foo__c' on entity"),
    );
    assert.equal(details.field, 'Foo__c');
    assert.match(details.remedy, /permission set/);
  });

  const rows: [ReturnType<typeof row>, Recovery][] = [
    [row('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Close date needed', ['CloseDate']), 'skip'],
    [row('INSUFFICIENT_ACCESS_OR_READONLY'), 'skip'],
    [row('INVALID_FIELD', "No such column 'Foo__c'"), 'skip'],
    [row('BRAND_NEW_CODE'), 'skip'],
    [row('ENTITY_IS_DELETED'), 'gone'],
    [row('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'), 'gone'],
    [row('INVALID_CROSS_REFERENCE_KEY', 'Owner ID: id value of incorrect type', ['OwnerId']), 'skip'],
    [row('UNABLE_TO_LOCK_ROW'), 'retry'],
    [row('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'X: execution of AfterUpdate: UNABLE_TO_LOCK_ROW'), 'retry'],
    [row('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'X: System.NullPointerException'), 'skip'],
    [[], 'unknown'],
  ];
  for (const [errors, recovery] of rows) {
    it(`a row with ${errors[0]?.code ?? 'no answer'} ${errors[0]?.message ?? ''} means ${recovery}`, () => {
      const details = fromRow(errors, RECORD, (native) => (native === 'CloseDate' ? 'closeDate' : native));
      assert.equal(details.recovery, recovery);
      assert.equal(details.record, RECORD);
      assert.ok(details.message.includes(RECORD));
      if (errors[0]?.fields[0] === 'CloseDate') assert.equal(details.field, 'closeDate');
    });
  }

  it('recognise locks and batches that did not settle', () => {
    assert.equal(row('UNABLE_TO_LOCK_ROW').some(isLock), true);
    assert.equal(row('DUPLICATE_VALUE').some(isLock), false);
    const words = 'Too many batch retries in the presence of Apex triggers and partial failures.';
    assert.equal(row('UNKNOWN_EXCEPTION', words).some(isTooManyBatchRetries), true);
  });
});
