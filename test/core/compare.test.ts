import assert from 'node:assert/strict';
import fc from 'fast-check';
import { comparable, isBlank, sameValue } from '../../src/core/compare.ts';
import type { FieldKind, Value } from '../../src/core/opportunity.ts';

const KINDS: readonly FieldKind[] = [
  'text',
  'decimal',
  'date',
  'instant',
  'choice',
  'choices',
  'boolean',
  'stage',
  'person',
  'currency',
];

type Row = readonly [kind: FieldKind, a: Value, b: Value];

const SAME: readonly Row[] = [
  ['text', null, ''],
  ['text', ' \t\n', null],
  ['text', ' Acme ', 'Acme'],
  ['text', 'caf\u0065\u0301', 'caf\u00e9'],
  ['text', 'one\r\ntwo', 'one\ntwo'],
  ['decimal', '10', '10.00'],
  ['decimal', '+10', '10.'],
  ['decimal', '.5', '0.50'],
  ['decimal', '-0', '0.000'],
  ['decimal', '1e3', '1000'],
  ['decimal', '1E-7', '0.0000001'],
  ['decimal', '123456789012345678901234567890.10', '123456789012345678901234567890.1'],
  ['date', ' 2026-03-29', '2026-03-29'],
  ['instant', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00.000+01:00'],
  ['instant', '2026-01-01T00:00:00.000+0000', '2026-01-01T00:00:00Z'],
  ['choices', 'b; a;a', 'a;b'],
  ['boolean', 'TRUE', 'true'],
  ['person', 'Ann@Example.com', 'ann@example.com '],
  ['currency', 'usd', 'USD'],
];

const DIFFERENT: readonly Row[] = [
  ['text', 'Acme', 'acme'],
  ['text', 'a', null],
  ['text', '0', null],
  ['decimal', '0', null],
  ['decimal', '10', '10.000000000000000000000000000001'],
  ['decimal', '123456789012345678901234567890.1', '123456789012345678901234567890.2'],
  ['decimal', '0x10', '16'],
  ['decimal', '1e99999', 'Infinity'],
  ['decimal', '1_000', '1000'],
  ['decimal', 'Infinity', '-Infinity'],
  ['date', '2026-03-29', '2026-03-30'],
  // A calendar date is no moment: the evening before in another zone is another date.
  ['date', '2026-03-29', '2026-03-29T00:00:00Z'],
  ['instant', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z'],
  // Lenient date readers take any text with a number in it for a date.
  ['instant', 'call 1', 'mail 1'],
  ['instant', 'soon', 'later'],
  ['instant', '2026-13-01', '2026-14-01'],
  // Without a zone a moment would depend on where the program runs.
  ['instant', '2026-01-01T00:00', '2026-01-01 00:00'],
  ['choice', 'Hot', 'hot'],
  ['choices', 'a;b', 'a'],
  ['stage', 'Won', 'won'],
  ['boolean', 'true', 'false'],
  ['currency', 'USD', 'EUR'],
];

const amount = fc
  .tuple(
    fc.boolean(),
    fc.stringMatching(/^[1-9][0-9]{0,29}$/),
    fc.option(fc.stringMatching(/^[0-9]{0,29}[1-9]$/), { nil: null }),
  )
  .map(([minus, whole, part]) => ({ minus, whole, part }));

const spell = (
  { minus, whole, part }: { minus: boolean; whole: string; part: string | null },
  zeros: number,
): string => {
  const fraction =
    part === null ? (zeros === 0 ? '' : `.${'0'.repeat(zeros)}`) : `.${part}${'0'.repeat(zeros)}`;
  return `${minus ? '-' : ''}${'0'.repeat(zeros)}${whole}${fraction}`;
};

describe('values compared by meaning', () => {
  for (const [kind, a, b] of SAME) {
    it(`${kind}: ${JSON.stringify(a)} means ${JSON.stringify(b)}`, () => {
      assert.equal(sameValue(kind, a, b), true);
      assert.equal(sameValue(kind, b, a), true);
    });
  }
  for (const [kind, a, b] of DIFFERENT) {
    it(`${kind}: ${JSON.stringify(a)} does not mean ${JSON.stringify(b)}`, () => {
      assert.equal(sameValue(kind, a, b), false);
      assert.equal(sameValue(kind, b, a), false);
    });
  }

  it('blank is null or nothing but white space; zero and false are values', () => {
    assert.deepEqual([null, '', ' \u00a0\n'].map(isBlank), [true, true, true]);
    assert.deepEqual(['0', 'false', '.'].map(isBlank), [false, false, false]);
  });

  it('decimals of up to 60 digits: equal however they are spelt, different when one digit is', () => {
    fc.assert(
      fc.property(amount, fc.nat(4), fc.nat(4), fc.nat(58), (number, zerosA, zerosB, at) => {
        const a = spell(number, zerosA);
        if (!sameValue('decimal', a, spell(number, zerosB))) return false;
        const digits = [...a].flatMap((char, index) => (/\d/.test(char) ? [index] : []));
        const place = digits[at % digits.length] ?? 0;
        const other = `${a.slice(0, place)}${(Number(a[place]) + 1) % 10}${a.slice(place + 1)}`;
        return !sameValue('decimal', a, other);
      }),
      { numRuns: 2000 },
    );
  });

  it('is an equivalence for every kind: reflexive, symmetric, and decided by the comparable text', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', ' ', '10', '10.0', '2026-01-01', 'a;b', 'b;a', ';', 'TRUE', '1e5', 'Jan 1 2026'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.option(odd, { nil: null }),
        fc.option(odd, { nil: null }),
        (kind, a, b) => {
          if (!sameValue(kind, a, a)) return false;
          if (sameValue(kind, a, b) !== sameValue(kind, b, a)) return false;
          if (a === null || b === null || isBlank(a) || isBlank(b)) return true;
          const once = comparable(kind, a);
          return comparable(kind, once) === once || kind === 'instant';
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('never reads a date as a moment: no two different calendar dates are equal, in any zone', () => {
    const date = fc
      .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
      .map((moment) => moment.toISOString().slice(0, 10));
    fc.assert(fc.property(date, date, (a, b) => sameValue('date', a, b) === (a === b)));
  });
});
