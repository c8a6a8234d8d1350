import assert from 'node:assert/strict';
import { amountReadings } from '../../src/core/match-amount.ts';
import { assign } from '../../src/core/match-assign.ts';
import { fileRecords, partnersIn } from '../../src/core/match-blocks.ts';
import { type Corpus, corpusBuilder, type MatchRecord } from '../../src/core/match-corpus.ts';
import { scorer } from '../../src/core/match-score.ts';
import { editDistance } from '../../src/core/match-words-alike.ts';

const BARE: MatchRecord = {
  ...{ id: 'x', name: null, account: null, amount: null, currency: null },
  ...{ closeDate: null, createdAt: null, owner: null, standing: null },
};

function corpusOf(left: readonly Partial<MatchRecord>[], right: readonly Partial<MatchRecord>[]): Corpus {
  const builder = corpusBuilder(['left', 'right']);
  left.forEach((changes, i) => {
    builder.add(0, { ...BARE, id: `L${i}`, ...changes });
  });
  right.forEach((changes, i) => {
    builder.add(1, { ...BARE, id: `R${i}`, ...changes });
  });
  return builder.finish();
}

/** Whom the first record on the left is compared with. */
function partners(corpus: Corpus, most = 100): readonly number[] {
  const [a, b] = corpus.sides;
  const counts = [a.records.length, b.records.length] as const;
  return partnersIn(fileRecords(a.records, corpus), fileRecords(b.records, corpus), counts, most).of(0);
}

const times = (count: number, changes: Partial<MatchRecord>): Partial<MatchRecord>[] =>
  Array.from({ length: count }, () => changes);

describe('which records are compared', () => {
  it('a record that says nothing meets nobody', () => {
    assert.deepEqual(partners(corpusOf([{}], [{}, { name: 'Quintessa' }])), []);
  });

  it('an empty side gives nobody to compare with', () => {
    assert.deepEqual(partners(corpusOf([{ name: 'Quintessa' }], [])), []);
  });

  it('an amount held by more than 64 records brings nobody together; one held by 64 does', () => {
    const held = (count: number) =>
      partners(corpusOf([{ amount: '500' }], times(count, { amount: '500' }))).length;
    assert.deepEqual([held(64), held(65)], [64, 0]);
  });

  it('a key counts whole or not at all once there are partners', () => {
    const right = [{ name: 'Quintessa' }, ...times(5, { amount: '500' })];
    const corpus = corpusOf([{ name: 'Quintessa', amount: '500' }], right);
    assert.deepEqual(partners(corpus, 5), [0]);
    assert.deepEqual(partners(corpus, 6), [0, 1, 2, 3, 4, 5]);
  });

  it('of equally rare words it is always the same four that count, in whatever order they are typed', () => {
    const words = ['alba', 'brio', 'cora', 'dune', 'esse'];
    const found = (name: string) =>
      words.filter((_, at) =>
        partners(
          corpusOf(
            [{ name }],
            words.map((word) => ({ name: word })),
          ),
        ).includes(at),
      );
    assert.equal(found(words.join(' ')).length, 4);
    assert.deepEqual(found([...words].reverse().join(' ')), found(words.join(' ')));
  });
});

describe('what a pair of records says', () => {
  const explain = (x: Partial<MatchRecord>, y: Partial<MatchRecord>) => {
    const corpus = corpusOf([x], [y]);
    const [a, b] = corpus.sides.map(({ records }) => records[0]);
    assert(a !== undefined && b !== undefined);
    const { bits } = scorer(corpus).weigh(a, b);
    const codes = scorer(corpus)
      .explain(a, b)
      .map(({ code }) => code);
    return { bits, codes };
  };
  const NAME = { name: 'Quintessa Werft' };

  it('cents on one side are the same figure in another unit', () => {
    const { codes } = explain({ ...NAME, amount: '48350' }, { ...NAME, amount: '4835000' });
    assert(codes.includes('amount_unit'));
  });

  it('of two readings of an amount the one that agrees counts', () => {
    for (const amount of ['1.234', '1,234']) {
      const { codes } = explain({ ...NAME, amount }, { ...NAME, amount: '1234' });
      assert(codes.includes('amount_same'), amount);
    }
  });

  it('currencies count only where both sides tell one', () => {
    const codes = (currency: string | null) =>
      explain({ ...NAME, amount: '500', currency: 'EUR' }, { ...NAME, amount: '500', currency }).codes;
    assert(codes('USD').includes('currency_differs'));
    assert(codes('eur').includes('amount_same'));
    assert(codes(null).includes('amount_same'));
  });

  it('one person under two mail domains speaks for a pair, less than the same address, more than another', () => {
    const bits = (owner: string) => explain({ ...NAME, owner: 'kim@old.example' }, { ...NAME, owner }).bits;
    assert(bits('kim@old.example') > bits('kim@new.example'));
    assert(bits('kim@new.example') > bits(''));
    assert(bits('') > bits('lee@old.example'));
  });
});

describe('what an amount may mean', () => {
  const cases: readonly (readonly [text: string, readings: readonly number[]])[] = [
    ['12k', [12_000]],
    ['1,5 Mio', [1_500_000]],
    ['3 kilo', [3]],
    ['EUR 1.234.567', [1_234_567]],
    ['1.234 €', [1234, 1.234]],
    [`${'9'.repeat(400)} €`, []],
    ['on request', []],
  ];
  for (const [text, readings] of cases)
    it(`${text.length > 20 ? 'more digits than a number holds' : text}: ${readings.join(' or ') || 'none'}`, () => {
      assert.deepEqual(amountReadings(text), readings);
    });
});

describe('the assignment as a whole', () => {
  it('gives two records that an exchange left free to each other', () => {
    const edges = (
      [
        [2, 4, 9],
        [2, 0, 9],
        [2, 2, 4],
        [3, 0, 0],
        [4, 4, -2],
        [4, 3, -8],
      ] as const
    ).map(([a, b, bits]) => ({ a, b, bits, key: `${a}-${b}` }));
    const chosen = assign(edges).map(({ edge }) => edge.key);
    assert.deepEqual(chosen.sort(), ['2-4', '3-0', '4-3']);
  });
});

describe('words too long to be compared letter by letter', () => {
  it('are alike only when they are the same', () => {
    const long = 'x'.repeat(65);
    assert.equal(editDistance(long, long, 2), 0);
    assert.equal(editDistance(long, `${long}y`, 2), 3);
    assert.equal(editDistance('x'.repeat(64), `${'x'.repeat(63)}y`, 2), 1);
  });
});
