import assert from 'node:assert/strict';
import fc from 'fast-check';
import { amountReadings, relateAmounts } from '../../src/core/match-amount.ts';
import { nameParts } from '../../src/core/match-name.ts';
import { editDistance, letterMask, wordsAlike } from '../../src/core/match-words-alike.ts';

const alike = (x: string, y: string): number => wordsAlike(x, letterMask(x), y, letterMask(y));

describe('what a name says', () => {
  const same: readonly (readonly [why: string, x: string, y: string])[] = [
    ['case and accents', 'ÉNERGIE Brumelle', 'énergie brumelle'],
    ['accents left out', 'Énergie Brumelle', 'Energie Brumelle'],
    ['word order and punctuation', 'Arkona – Audit 2025', '2025: Audit / Arkona'],
    ['umlauts spelt out', 'Müller Söhne', 'Mueller Soehne'],
    ['letters without decomposition', 'Łódź Straße Ørsted', 'Lodz Strasse Orsted'],
    ['GmbH', 'Arkona GmbH', 'Arkona'],
    ['G.m.b.H.', 'Arkona G.m.b.H.', 'Arkona GmbH & Co. KG'],
    ['S.p.A. and SpA', 'Fontana S.p.A. – Audit', 'Fontana SpA Audit'],
    ['sp. z o.o.', 'Kłosów Sp. z o.o.', 'KLOSOW'],
    ['Inc. after a comma', 'Bluewater, Inc. Rollout', 'Bluewater Rollout'],
    ['A/S', 'Rønning A/S', 'Ronning'],
    ['株式会社 before the name', '株式会社霧原精機', '霧原精機'],
    ['㈱', '㈱霧原精機', '霧原精機(株)'],
    ['有限公司 after the name', '清禾物流有限公司', '清禾物流'],
    ['주식회사', '주식회사 한빛', '한빛'],
    ['full-width letters and digits', 'ＡＣＭＥ　２０２５', 'acme 2025'],
    ['Arabic digits', 'عقد ٢٠٢٥', 'عقد 2025'],
    ['Roman numbers', 'Rollout III', 'Rollout 3'],
    ['leading zeros', 'Lot 007', 'Lot 7'],
    ['letters and digits apart', 'Q1-2025', 'q 1 2025'],
    ['precomposed and decomposed', 'が'.normalize('NFC'), 'が'.normalize('NFD')],
  ];
  for (const [why, x, y] of same)
    it(`is the same: ${why}`, () => {
      assert.deepEqual(nameParts(x), nameParts(y));
    });

  const different: readonly (readonly [string, string])[] = [
    ['Audit 2025', 'Audit 2026'],
    ['Phase I', 'Phase II'],
    ['Option A', 'Option B'],
    ['か', 'が'],
    ['成交', '未成交'],
  ];
  for (const [x, y] of different)
    it(`differs: ${x} / ${y}`, () => {
      assert.notDeepEqual(nameParts(x), nameParts(y));
    });

  it('a name that is nothing but a legal form keeps it', () => {
    assert.deepEqual(nameParts('AG').words, ['ag']);
    assert.deepEqual(nameParts('').words, []);
  });

  it('takes any text, and its own words back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const parts = nameParts(text);
        assert.deepEqual(parts, nameParts(text));
        assert.deepEqual([...parts.words].sort(), parts.words);
      }),
      { numRuns: 500 },
    );
  });
});

describe('words alike', () => {
  it('sees one slip of the keyboard in a word, and two in a long one', () => {
    for (const [x, y] of [
      ['maschinenbau', 'maschinenbua'],
      ['maschinenbau', 'maschienbau'],
      ['audit', 'auudit'],
      ['belvoir', 'belvior'],
      ['logistics', 'logistik'],
      ['depart', 'department'],
    ] as const)
      assert.ok(alike(x, y) >= 0.5, `${x} ${y}`);
  });

  it('keeps short and other words apart', () => {
    for (const [x, y] of [
      ['bau', 'bahn'],
      ['glas', 'holz'],
      ['audit', 'pilot'],
      ['ag', 'ab'],
    ] as const)
      assert.equal(alike(x, y), 0, `${x} ${y}`);
  });

  it('counts edits as the textbook does, up to its limit', () => {
    const slow = (x: string, y: string): number => {
      const d = Array.from({ length: x.length + 1 }, (_, i) => [i, ...Array<number>(y.length).fill(0)]);
      for (let j = 0; j <= y.length; j++) (d[0] as number[])[j] = j;
      const at = (i: number, j: number): number => d[i]?.[j] ?? 0;
      for (let i = 1; i <= x.length; i++)
        for (let j = 1; j <= y.length; j++) {
          let cost = Math.min(
            at(i - 1, j) + 1,
            at(i, j - 1) + 1,
            at(i - 1, j - 1) + (x[i - 1] === y[j - 1] ? 0 : 1),
          );
          if (i > 1 && j > 1 && x[i - 1] === y[j - 2] && x[i - 2] === y[j - 1])
            cost = Math.min(cost, at(i - 2, j - 2) + 1);
          (d[i] as number[])[j] = cost;
        }
      return at(x.length, y.length);
    };
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 7 }), (x, y, limit) => {
        assert.equal(editDistance(x, y, limit), Math.min(slow(x, y), limit + 1));
        assert.equal(editDistance(x, y, limit), editDistance(y, x, limit));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('amounts', () => {
  const readings: readonly (readonly [string, number])[] = [
    ['1234.50', 1234.5],
    ['1.234,50', 1234.5],
    ['1,234.50', 1234.5],
    ['€ 1.234,50', 1234.5],
    ['1 234,50 €', 1234.5],
    ["12'000.00 CHF", 12000],
    ['12k', 12000],
    ['1.234.567', 1234567],
    ['-5', -5],
  ];
  for (const [text, value] of readings)
    it(`${text} may mean ${value}`, () => {
      assert.ok(amountReadings(text).includes(value), String(amountReadings(text)));
    });

  it('one mark before three digits may be either mark', () => {
    assert.deepEqual(amountReadings('1.234'), [1.234, 1234]);
    assert.deepEqual(amountReadings('1,234'), [1234, 1.234]);
    assert.deepEqual(amountReadings('on request'), []);
  });

  it('knows tax, rounding and units from plain differences', () => {
    assert.deepEqual(relateAmounts(1190, 1000), { is: 'tax', percent: 19 });
    assert.deepEqual(relateAmounts(14839.14, 13778.22), { is: 'tax', percent: 7.7 });
    assert.deepEqual(relateAmounts(10000, 10049.5), { is: 'rounded' });
    assert.deepEqual(relateAmounts(12, 12000), { is: 'unit' });
    assert.deepEqual(relateAmounts(100, 170), { is: 'apart', percent: 70 });
    assert.deepEqual(relateAmounts(100, -100), { is: 'apart', percent: 100 });
    assert.deepEqual(relateAmounts(0, 0), { is: 'equal' });
  });
});
