import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimalParts, decimalText, exactNumber } from '../../../src/connectors/salesforce/decimal-text.ts';

describe('salesforce decimals', () => {
  it('are the shortest text without exponent', () => {
    const cases: [number, string][] = [
      [45000.0, '45000'],
      [0.1 + 0.2, '0.30000000000000004'],
      [19.99, '19.99'],
      [-0, '0'],
      [1e21, '1000000000000000000000'],
      [1.5e-7, '0.00000015'],
      [-2.5e-9, '-0.0000000025'],
      [123456789012.34, '123456789012.34'],
    ];
    for (const [value, text] of cases) assert.equal(decimalText(value), text);
  });

  it('never use an exponent and always read back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = decimalText(value);
        return /^-?\d+(\.\d+)?$/.test(text) && Number(text) === (value === 0 ? 0 : value);
      }),
    );
  });

  it('become numbers only when nothing is lost', () => {
    assert.equal(exactNumber('10.50'), 10.5);
    assert.equal(exactNumber('-0.00'), 0);
    assert.equal(exactNumber('0012'), 12);
    assert.equal(exactNumber('9007199254740993'), null);
    assert.equal(exactNumber('9999999999999999.99'), null);
    assert.equal(exactNumber('1e3'), null);
    assert.equal(exactNumber(''), null);
    assert.equal(exactNumber('12,5'), null);
  });

  it('round-trip for every amount in cents up to 13 digits', () => {
    const cents = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n });
    fc.assert(
      fc.property(cents, (amount) => {
        const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
        const text = `${amount < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        const value = exactNumber(text);
        assert.ok(value !== null, text);
        const [wanted, got] = [decimalParts(text), decimalParts(decimalText(value))];
        assert.equal(got?.whole, wanted?.whole);
        assert.equal(got?.fraction, wanted?.fraction);
      }),
    );
  });
});
