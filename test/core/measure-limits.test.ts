import assert from 'node:assert/strict';
import { Amount, meanAmount, medianAmount } from '../../src/core/amount.ts';
import { mean, quantile } from '../../src/core/measure-amount.ts';
import { measuredRecord, stageBook } from '../../src/core/measure-snapshot.ts';
import type { Evidence } from '../../src/core/opportunity.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { closed, measured } from './measured.ts';
import { stage } from './reconcile-world.ts';

const WON: Verdict = {
  ...{ status: 'closed', outcome: 'won', phase: null, flags: [], because: [] },
  engagement: { state: 'unknown', last: null, days: null },
  completeness: { accepted: null, contract: null, finance: null },
};

function made(custom: NonNullable<Evidence['custom']>, verdict: Verdict = WON) {
  const snapshot = { crm: 'crm', id: '1', fields: {}, evidence: { custom } };
  return measuredRecord({ snapshot, verdict, reason: 'from the CRM' });
}

describe('a snapshot as metrics see it', () => {
  const asked: readonly (readonly [value: string | number | boolean | null, expected: boolean])[] = [
    ['2026-03-01', true],
    [true, true],
    [1, true],
    [' No ', false],
    ['0', false],
    ['', false],
    [0, false],
    [false, false],
    [null, false],
  ];
  for (const [value, expected] of asked)
    it(`asked for a reference, ${JSON.stringify(value)}: ${expected}`, () => {
      assert.equal(made({ referenceAsked: value }).referenceAsked, expected);
    });

  it('asked for a reference, no such field: not known', () => {
    assert.equal(made({}).referenceAsked, null);
  });

  it('the reason is that of its outcome; blanks and what is no text fall back to the one of the CRM', () => {
    const both = { wonReason: 'price', lostReason: 'timing' };
    assert.equal(made(both).reason, 'price');
    assert.equal(made(both, { ...WON, outcome: 'lost' }).reason, 'timing');
    assert.equal(made({ wonReason: '  ' }).reason, 'from the CRM');
    assert.equal(made({ wonReason: 3 }).reason, 'from the CRM');
  });

  it('a snapshot that says nothing leaves everything unknown', () => {
    const snapshot = { crm: 'crm', id: '1', fields: {}, evidence: {} };
    const { name, stage, owner, account, amount, probability, reason, history } = measuredRecord({
      ...{ snapshot, verdict: WON },
    });
    assert.deepEqual(
      [name, stage, owner, account, amount, probability, reason, history],
      [...['', null, null, null, null, null, null, []]],
    );
  });

  it('a stage goes by the label of its pipeline, else by its key', () => {
    const named = { ...stage({ key: 'a', pipeline: 'p' }), pipelineLabel: 'Sales' };
    const bare = { ...stage({ key: 'b', pipeline: 'p' }), pipelineLabel: null };
    const stages = stageBook([{ crm: 'crm', stages: [named, bare] }]).get('crm');
    assert.deepEqual([stages?.get('a')?.pipeline, stages?.get('b')?.pipeline], ['Sales', 'p']);
  });
});

describe('middles and means', () => {
  const money = (...values: number[]) => values.map((value) => Amount.of(String(value)) as Amount);

  it('nothing has none', () => {
    assert.deepEqual(
      [medianAmount([]), meanAmount([]), mean([]), quantile([], 0.5)],
      [null, null, null, null],
    );
  });

  it('the median of one, of an odd and of an even number, in any order', () => {
    assert.equal(medianAmount(money(7))?.toString(), '7');
    assert.equal(medianAmount(money(9, 1, 2))?.toString(), '2');
    assert.equal(medianAmount(money(4, 1, 3, 2))?.toString(), '2.5');
  });

  it('quantiles reach from the least to the largest', () => {
    const values = [40, 10, 30, 20];
    assert.deepEqual(
      [0, 0.25, 0.5, 1].map((share) => quantile(values, share)),
      [10, 17.5, 25, 40],
    );
  });
});

describe('reasons for closing', () => {
  it('equal counts go by amount, then by reason, unstated last; blanks are unstated', () => {
    const won = (reason: string | null, amount: string | null) =>
      closed('won', '2026-03-01', { reason, amount });
    const { won_reasons } = measured([
      won(null, '5'),
      won('  ', null),
      won('zeal', '5'),
      won(' price ', '2'),
      won('price', '3'),
      won('zeal', null),
      won('trust', '4'),
      won('brand', '9'),
    ]);
    assert.deepEqual(
      won_reasons.map(({ reason, count, amount }) => [reason, count, amount]),
      [
        ['price', 2, '5'],
        ['zeal', 2, '5'],
        [null, 2, '5'],
        ['brand', 1, '9'],
        ['trust', 1, '4'],
      ],
    );
  });

  it('an unstated reason stands last among equals, whichever was met first', () => {
    const order = (...reasons: (string | null)[]) =>
      measured(reasons.map((reason) => closed('lost', '2026-03-01', { reason }))).lost_reasons.map(
        ({ reason }) => reason,
      );
    assert.deepEqual(order(null, 'price'), ['price', null]);
    assert.deepEqual(order('price', null), ['price', null]);
    assert.deepEqual(order('price', 'brand'), ['brand', 'price']);
    assert.deepEqual(order('brand', 'price'), ['brand', 'price']);
  });

  it('the win rate by amount is not known where a sum is negative', () => {
    const lost = closed('lost', '2026-03-01', { amount: '10' });
    const rate = (amount: string) =>
      measured([closed('won', '2026-03-01', { amount }), lost]).win_rate_amount;
    assert.deepEqual([rate('30'), rate('-30')], [0.75, null]);
  });
});
