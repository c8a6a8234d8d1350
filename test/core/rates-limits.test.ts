import assert from 'node:assert/strict';
import { OppsyncError } from '../../src/core/errors.ts';
import { rateOn, readRates } from '../../src/core/rates.ts';

describe('a rate table', () => {
  const refused: readonly (readonly [what: string, text: string, where: RegExp])[] = [
    ['nothing', '', /the columns .*entry 1\)/],
    ['a missing column', 'date,rate\n2026-01-01,1', /the columns .*entry 1\)/],
    ['a row that stops early', 'date,currency,rate\n2026-01-01,USD', /"" is no rate.*entry 2\)/],
    ['a row without a currency', 'rate,date,currency\n1,2026-01-01', /"" is no currency.*entry 2\)/],
    ['a row without a day', 'rate,currency,date\n1,USD', /"" is no date.*entry 2\)/],
    ['a day that does not exist', 'date,currency,rate\n2026-02-30,USD,1', /"2026-02-30".*entry 2\)/],
    ['a rate of zero', 'date,currency,rate\n\n2026-01-01,USD,0', /"0" is no rate.*entry 3\)/],
    ['two rates for a day', 'date,currency,rate\n2026-01-01,USD,1\n2026-01-01,usd,2', /.*second.*entry 3\)/],
    ['JSON cut short', '[{"date":"2026-01-01"', /begins like JSON/],
    ['JSON that holds no objects', '[null]', /"" is no date.*entry 1\)/],
    ['a number for an object', '[7]', /"" is no date.*entry 1\)/],
    [
      'a rate that is a list',
      '[{"date":"2026-01-01","currency":"USD","rate":[1]}]',
      /"" is no rate.*entry 1\)/,
    ],
  ];
  for (const [what, text, where] of refused)
    it(`is refused, naming the place: ${what}`, () => {
      assert.throws(
        () => readRates(text, 'EUR'),
        (error) => error instanceof OppsyncError && error.recovery === 'fix' && where.test(error.message),
      );
    });

  it('gives the latest rate not after the day, 1 for the target, and none where none is known', () => {
    const text = JSON.stringify([
      { date: '2026-03-01', currency: 'usd', rate: 0.9 },
      { date: '2026-01-01', currency: 'USD', rate: '0.8' },
    ]);
    const table = readRates(text, 'eur');
    const rate = (currency: string, day: string) => rateOn(table, currency, day)?.toString() ?? null;
    assert.equal(rate('usd', '2026-02-28'), '0.8');
    assert.equal(rate('USD', '2026-03-01'), '0.9');
    assert.equal(rate('USD', '2025-12-31'), null);
    assert.equal(rate('CHF', '2026-03-01'), null);
    assert.equal(rate('eur', '1999-01-01'), '1');
  });
});
