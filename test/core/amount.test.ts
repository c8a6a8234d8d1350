/** Sums are exact whatever the amounts: compared with whole numbers of any length, by other means. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Amount, sumOf, Total } from '../../src/core/amount.ts';
import { decimalOf, moneyOf } from '../../src/core/measure-amount.ts';

/** Up to 20 digits before the point and 6 after it. */
const texts = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 5n }), fc.bigInt({ min: 0n, max: 10n ** 20n })),
    fc.option(fc.stringMatching(/^[0-9]{1,6}$/), { nil: null }),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);

/** In millionths. */
function exact(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return text.startsWith('-') ? -value : value;
}

describe('amounts', () => {
  it('are added up and taken away to the last digit', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 60 }), fc.array(texts, { maxLength: 20 }), (plus, minus) => {
        const total = new Total();
        for (const text of plus) total.add(Amount.of(text));
        for (const text of minus) total.subtract(Amount.of(text));
        const sum = (list: readonly string[]): bigint => list.reduce((all, text) => all + exact(text), 0n);
        assert.equal(exact(total.money.toFixed(6)), sum(plus) - sum(minus));
      }),
      { numRuns: 500 },
    );
  });

  it('a million large ones do not lose a cent', () => {
    const amount = Amount.of('98765432100.01');
    const total = new Total();
    for (let n = 0; n < 1_000_000; n += 1) total.add(amount);
    assert.equal(decimalOf(total.money), '98765432100010000');
  });

  it('are what decimals read from the same text are, in value and in order', () => {
    const odd = fc.constantFrom(
      '',
      '.',
      '-',
      '5.',
      '.5',
      '+1',
      ' 7 ',
      '1e3',
      '1.2.3',
      '12a',
      '-0',
      '0.00001',
    );
    fc.assert(
      fc.property(fc.oneof(texts, odd), fc.oneof(texts, odd), (a, b) => {
        const [x, y] = [Amount.of(a), Amount.of(b)];
        const [p, q] = [moneyOf(a), moneyOf(b)];
        assert.equal(x?.money.toFixed(), p?.toFixed());
        if (x === null || y === null || p === null || q === null) return;
        assert.equal(Math.sign(x.compare(y)), p.comparedTo(q) + 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('nothing has no amount and adds nothing', () => {
    assert.equal(Amount.of(null), null);
    assert.equal(decimalOf(sumOf([null, Amount.of('2.50'), null])), '2.5');
  });
});
