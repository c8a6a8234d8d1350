import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isIn, moment, path, select, text } from '../../../src/connectors/salesforce/soql.ts';

/** Reads a quoted literal back, as the server would; null when it ends early or never. */
function readBack(literal: string): string | null {
  const body = /^'((?:[^'\\]|\\.)*)'$/s.exec(literal)?.[1];
  if (body === undefined) return null;
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return body.replace(/\\(.)/gs, (_all, letter: string) => named[letter] ?? letter);
}

describe('SOQL text', () => {
  it('escapes what would end or change a literal', () => {
    assert.equal(text("a\\' OR Name != '"), "'a\\\\\\' OR Name != \\''");
    assert.equal(text('line\nfeed "quoted"'), `'line\\nfeed \\"quoted\\"'`);
  });

  it('no text whatever can leave its quotes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => readBack(text(value)) === value));
    const nasty = fc
      .array(fc.constantFrom("'", '\\', '"', '\n', '%', 'a'), { maxLength: 12 })
      .map((list) => list.join(''));
    fc.assert(fc.property(nasty, (value) => readBack(text(value)) === value));
  });

  it('takes only field paths as names', () => {
    assert.equal(path('Owner.Email'), 'Owner.Email');
    assert.equal(path('Oppsync_Pair_Key__c'), 'Oppsync_Pair_Key__c');
    for (const name of ['', 'Id FROM User', 'a..b', '1a', "a'", 'a,b', 'a.']) {
      assert.throws(() => path(name), /not a field name/);
    }
  });

  it('refuses an empty list instead of matching everything', () => {
    assert.throws(() => isIn('Id', []), /matches nothing/);
    assert.equal(isIn('Id', ['a', "b'"]), "Id IN ('a','b\\'')");
  });

  it('writes moments in UTC', () => {
    assert.equal(moment(Date.UTC(2026, 10, 1, 10, 0, 0)), '2026-11-01T10:00:00Z');
    assert.equal(moment(Date.UTC(2026, 10, 1, 10, 0, 0, 250)), '2026-11-01T10:00:00.250Z');
  });

  it('builds a query in order', () => {
    assert.equal(
      select({ fields: ['Id', 'Name'], from: 'Opportunity', where: 'Id > 1', orderBy: ['Id'] }),
      'SELECT Id, Name FROM Opportunity WHERE Id > 1 ORDER BY Id',
    );
  });
});
