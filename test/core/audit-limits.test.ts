import assert from 'node:assert/strict';
import { checkAuditEnd, EMPTY_AUDIT } from '../../src/core/audit.ts';

describe('the end of the audit log', () => {
  const head = { n: 3, hash: 'c' };

  it('is the row the head remembers', () => {
    assert.equal(checkAuditEnd(head, head), null);
    assert.equal(checkAuditEnd(EMPTY_AUDIT, EMPTY_AUDIT), null);
  });

  it('cut off: names the first row that is missing', () => {
    assert.deepEqual(checkAuditEnd({ n: 1, hash: 'a' }, head), { n: 2, fault: 'missing' });
    assert.deepEqual(checkAuditEnd(EMPTY_AUDIT, head), { n: 1, fault: 'missing' });
  });

  it('grown behind the head: names the first row too many', () => {
    assert.deepEqual(checkAuditEnd({ n: 5, hash: 'e' }, head), { n: 4, fault: 'inserted' });
  });

  it('rewritten: names the last row', () => {
    assert.deepEqual(checkAuditEnd({ n: 3, hash: 'x' }, head), { n: 3, fault: 'altered' });
  });
});
