import assert from 'node:assert/strict';
import fc from 'fast-check';
import { to18 } from '../../../src/connectors/salesforce/record-id.ts';

describe('salesforce record ids', () => {
  it('adds the check characters that name the upper-case letters', () => {
    assert.equal(to18('003q000000KvQ1t'), '003q000000KvQ1tAAF');
    assert.equal(to18('003q000000KvQ2D'), '003q000000KvQ2DAAV');
    assert.equal(to18('000000000000000'), '000000000000000AAA');
    assert.equal(to18('ZZZZZZZZZZZZZZZ'), 'ZZZZZZZZZZZZZZZ555');
  });

  it('leaves 18-character ids and other texts alone', () => {
    for (const text of ['003q000000KvQ1tAAF', '', 'abc', '003q000000KvQ1-']) assert.equal(to18(text), text);
  });

  it('keeps ids that differ only by case apart when case is ignored', () => {
    const character = fc.constantFrom(...'abcXYZ019');
    const id = fc.array(character, { minLength: 15, maxLength: 15 }).map((list) => list.join(''));
    fc.assert(fc.property(id, id, (a, b) => a === b || to18(a).toLowerCase() !== to18(b).toLowerCase()));
  });
});
