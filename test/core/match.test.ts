import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Match } from '../../src/core/match.ts';
import { assign } from '../../src/core/match-assign.ts';
import type { MatchRecord } from '../../src/core/match-corpus.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { matchAll, measureMatching } from '../support/match-quality.ts';
import { asInSandbox, fewNames, manyScripts } from '../support/other-portfolios.ts';
import { type Entry, type Perturbed, perturb, truePortfolio } from '../support/perturb.ts';

/** Two records among eighty ordinary pairs, so that what is rare and what is not can be told. */
const BACKGROUND = perturb(truePortfolio(80, 'background'), {
  seed: 'background',
  rates: { lookAlike: 0, duplicate: 0 },
});

function record(id: string, changes: Partial<MatchRecord>): Entry {
  return {
    deal: id,
    record: {
      ...{ id, name: 'Quintessa Werft GmbH – Audit 2025', account: null, amount: '48350', currency: 'EUR' },
      ...{ closeDate: '2025-09-12', createdAt: null, owner: 'kim@seller.example', standing: 'open' as const },
      ...changes,
    },
  };
}

/** What becomes of given records among others. */
function judge(left: Partial<MatchRecord>[], right: Partial<MatchRecord>[], options = {}): readonly Match[] {
  const entered: Perturbed = {
    left: [...BACKGROUND.left, ...left.map((changes, i) => record(`L${i}`, changes))],
    right: [...BACKGROUND.right, ...right.map((changes, i) => record(`R${i}`, changes))],
  };
  return matchAll(entered, options).matches.filter(({ ids }) => /^L\d$/.test(ids[0]) || /^R\d$/.test(ids[1]));
}

function bandOf(left: Partial<MatchRecord>, right: Partial<MatchRecord>): string {
  return judge([left], [right]).find(({ ids }) => ids[0] === 'L0' && ids[1] === 'R0')?.band ?? 'no';
}

describe('two records', () => {
  const cases: readonly (readonly [what: string, changes: Partial<MatchRecord>, band: string])[] = [
    ['typed alike', {}, 'certain'],
    ['other order, case and legal form', { name: 'AUDIT 2025 / QUINTESSA WERFT' }, 'certain'],
    ['a typo', { name: 'Quintesa Werft – Audit 2025' }, 'certain'],
    ['with tax on one side', { amount: '57536.5' }, 'certain'],
    ['amount in another notation', { amount: '48.350,00 €' }, 'certain'],
    ['close date some days later', { closeDate: '2025-09-20' }, 'certain'],
    ['no owner', { owner: null }, 'certain'],
    ['no amount', { amount: null }, 'certain'],
    ['neither amount nor date', { amount: null, closeDate: null }, 'ask'],
    ['another company, all else equal', { name: 'Fremdmann Glas – Audit 2025' }, 'ask'],
    [
      'another company, month and amount',
      { name: 'Fremdmann – Pilot', amount: '7', closeDate: '2026-09-12' },
      'no',
    ],
  ];
  for (const [what, changes, band] of cases)
    it(`${what}: ${band}`, () => {
      assert.equal(bandOf({}, changes), band);
    });

  const lookAlikes: readonly (readonly [what: string, changes: Partial<MatchRecord>])[] = [
    [
      "next year's of the same company and amount",
      { name: 'Quintessa Werft GmbH – Audit 2026', closeDate: '2026-09-12' },
    ],
    ["next year's with the same date", { name: 'Quintessa Werft GmbH – Audit 2026' }],
    ['the same name a year later', { closeDate: '2026-09-12' }],
    ['a second order of the same name', { amount: '90000', closeDate: '2025-10-30' }],
    ['phase 2', { name: 'Quintessa Werft GmbH – Audit 2025, phase 2' }],
    ['another product', { name: 'Quintessa Werft GmbH – Rollout 2025' }],
    ['another branch', { name: 'Quintessa Werft Kiel GmbH – Audit 2025' }],
    ['another quarter', { name: 'Quintessa Werft GmbH – Audit Q3 2025' }],
    ['won here, lost there', { standing: 'lost' }],
    ['another currency', { currency: 'USD' }],
  ];
  for (const [what, changes] of lookAlikes)
    it(`look-alike, never certain: ${what}`, () => {
      const standing = what.startsWith('won') ? ({ standing: 'won' } as const) : {};
      assert.notEqual(bandOf(standing, changes), 'certain');
    });

  it('two that fit equally well are ambiguous, each naming the other', () => {
    const found = judge(
      [{}],
      [{ closeDate: '2025-09-14' }, { closeDate: '2025-09-10', name: 'Quintessa Werft – Pilot 2025' }],
    );
    assert.equal(found.find(({ ids }) => ids[0] === 'L0')?.ids[1], 'R0');
    const twoSites = judge(
      [{ name: 'Quintessa Werft – Audit' }],
      [{ name: 'Quintessa Werft Kiel – Audit' }, { name: 'Quintessa Werft Emden – Audit' }],
    );
    assert.deepEqual(
      twoSites.map(({ band }) => band),
      ['ambiguous'],
    );
    assert.ok(twoSites[0]?.facts.some(({ code, what }) => code === 'rival' && /^R[01]$/.test(what ?? '')));
  });

  it('a deal entered twice is asked about, and listed as duplicate', () => {
    const left = [...BACKGROUND.left, record('L0', {})];
    const right = [
      ...BACKGROUND.right,
      record('R0', {}),
      record('R1', { name: 'Audit 2025 Quintessa Werft' }),
    ];
    const { matches, duplicates } = matchAll({ left, right });
    const [found] = matches.filter(({ ids }) => ids[0] === 'L0');
    assert.equal(found?.band, 'ask');
    assert.ok(found?.facts.some(({ code }) => code === 'duplicate'));
    assert.deepEqual(duplicates, [[], [['R0', 'R1']]]);
  });

  it('what people decided counts', () => {
    const decided = (answer: 'never' | 'ask') => ({
      decided: (x: string, y: string) => (x === 'L0' && y === 'R0' ? answer : null),
    });
    assert.deepEqual(judge([{}], [{}], decided('never')), []);
    assert.equal(judge([{}], [{}], decided('ask'))[0]?.band, 'ask');
  });
});

describe('a whole portfolio', () => {
  for (const seed of [1, 2, 3])
    it(`entered twice, seed ${seed}: certain is right, and nearly all is found`, () => {
      const quality = measureMatching(perturb(truePortfolio(3000, seed), { seed }));
      assert.ok(quality.precision >= 0.995, `precision ${quality.precision}`);
      assert.ok(quality.recall >= 0.97, `recall ${quality.recall}`);
      assert.ok(quality.certainRecall >= 0.7, `certain ${quality.certainRecall}`);
    });

  it('in many scripts: the same', () => {
    const quality = measureMatching(perturb(manyScripts(3000, 7), { seed: 7 }));
    assert.ok(quality.precision >= 0.995, `precision ${quality.precision}`);
    assert.ok(quality.recall >= 0.97, `recall ${quality.recall}`);
  });

  it('as the sandbox holds it, without its links', () => {
    const quality = measureMatching(asInSandbox(2000, 4));
    assert.ok(quality.precision >= 0.999, `precision ${quality.precision}`);
    assert.ok(quality.recall >= 0.99, `recall ${quality.recall}`);
  });

  it('where names repeat dozens of times: certain stays right', function () {
    const deals = fewNames();
    if (deals === null) {
      console.log('      skipped: the maven-crm-sales data set is not there');
      this.skip();
    }
    const quality = measureMatching(perturb(deals, { seed: 1 }));
    assert.ok(quality.precision >= 0.995, `precision ${quality.precision}`);
    assert.ok(quality.certain > 1000, `${quality.certain} certain`);
  });

  it('mirrored, shuffled or both: the same pairs, scores and duplicates', () => {
    const random = createRandom('shuffle');
    for (const seed of ['a', 'b', 'c', 'd']) {
      const { left, right } = perturb(truePortfolio(250, seed), {
        seed,
        rates: { duplicate: 0.1, lookAlike: 0.2 },
      });
      const shuffled = (list: readonly Entry[]): Entry[] =>
        list
          .map((entry) => [random.next(), entry] as const)
          .sort(([x], [y]) => x - y)
          .map(([, entry]) => entry);
      const plain = matchAll({ left, right });
      const mirrored = matchAll({ left: shuffled(right), right: shuffled(left) });
      const sorted = (matches: readonly Match[], flip: boolean): unknown[] =>
        matches
          .map(({ ids: [x, y], ...rest }) => ({ ids: flip ? [y, x] : [x, y], ...rest }))
          .sort((p, q) => (String(p.ids) < String(q.ids) ? -1 : 1));
      assert.deepEqual(sorted(mirrored.matches, true), sorted(plain.matches, false));
      assert.deepEqual([...mirrored.duplicates].reverse(), [...plain.duplicates]);
    }
  });

  it('gives every record one counterpart at most', () => {
    const { matches } = matchAll(perturb(truePortfolio(800, 5), { seed: 5, rates: { duplicate: 0.3 } }));
    for (const side of [0, 1] as const)
      assert.equal(new Set(matches.map(({ ids }) => ids[side])).size, matches.length);
  });

  it('compares about as many pairs per record whatever the size', () => {
    const perRecord = [1000, 4000].map((size) => {
      const entered = perturb(truePortfolio(size, 1), { seed: 1 });
      return matchAll(entered).compared / entered.left.length;
    });
    assert.ok((perRecord[1] ?? 0) <= 1.5 * (perRecord[0] ?? 0), perRecord.join(' → '));
  });

  it('empty sides have nothing to pair', () => {
    assert.deepEqual(matchAll({ left: [], right: [] }).matches, []);
    assert.deepEqual(matchAll({ left: BACKGROUND.left, right: [] }).matches, []);
  });
});

describe('one counterpart each', () => {
  const key = (a: number, b: number): string => `${a} ${b}`;
  const edges = fc.uniqueArray(
    fc.record({ a: fc.nat(3), b: fc.nat(3), bits: fc.integer({ min: -2, max: 20 }) }),
    { selector: ({ a, b }) => key(a, b), maxLength: 10 },
  );

  /** The likeliest assignment, by trying them all. */
  function best(list: readonly { a: number; b: number; bits: number }[]): number {
    const [first, ...rest] = list;
    if (first === undefined) return 0;
    const without = best(rest);
    return Math.max(
      without,
      first.bits + 6 + best(rest.filter(({ a, b }) => a !== first.a && b !== first.b)),
    );
  }

  it('comes close to the likeliest whole, depends on no order, and its margins are true for two', () => {
    let [exact, total] = [0, 0];
    fc.assert(
      fc.property(edges, (list) => {
        const given = list.map((edge) => ({ ...edge, key: key(edge.a, edge.b) }));
        const chosen = assign(given);
        assert.deepEqual(assign([...given].reverse()), chosen);
        assert.equal(new Set(chosen.map(({ edge }) => edge.a)).size, chosen.length);
        assert.equal(new Set(chosen.map(({ edge }) => edge.b)).size, chosen.length);
        const worth = chosen.reduce((sum, { edge }) => sum + edge.bits + 6, 0);
        total++;
        if (worth === best(list)) exact++;
      }),
      { numRuns: 500, seed: 11 },
    );
    assert.ok(exact / total > 0.95, `${exact} of ${total}`);
  });

  it('exchanges partners where that is likelier as a whole', () => {
    const given = [
      { a: 0, b: 0, bits: 10, key: '00' },
      { a: 0, b: 1, bits: 9, key: '01' },
      { a: 1, b: 0, bits: 9, key: '10' },
    ];
    assert.deepEqual(
      assign(given)
        .map(({ edge }) => edge.key)
        .sort(),
      ['01', '10'],
    );
  });
});
