import assert from 'node:assert/strict';
import type { MergeDecision } from '../../src/core/merge.ts';
import { bindMoney } from '../../src/core/merge-money.ts';

const copy = (from: string, to: string): MergeDecision => ({ is: 'copy', from, to, reason: 'copied' });
const equal: MergeDecision = { is: 'equal', agreed: {} };
const conflict: MergeDecision = { is: 'conflict' };
const absent: MergeDecision = { is: 'absent', missing: ['left'] };

function bound(
  amount: MergeDecision | undefined,
  currency: MergeDecision | undefined,
  currencies: readonly [string | null | undefined, string | null | undefined],
): readonly [MergeDecision | undefined, MergeDecision | undefined] {
  const decisions = new Map<string, MergeDecision>();
  if (amount !== undefined) decisions.set('amount', amount);
  if (currency !== undefined) decisions.set('currency', currency);
  const fields = (value: string | null | undefined) => (value === undefined ? {} : { currency: value });
  const result = bindMoney(
    decisions,
    { crm: 'left', fields: fields(currencies[0]) },
    { crm: 'right', fields: fields(currencies[1]) },
  );
  return [result.get('amount'), result.get('currency')];
}

describe('core: an amount and its currency', () => {
  it('goes over alone where both sides hold the same currency', () => {
    assert.deepEqual(bound(copy('left', 'right'), equal, ['USD', 'usd']), [copy('left', 'right'), equal]);
  });
  it('goes over together with the currency of the same side', () => {
    const both = [copy('left', 'right'), copy('left', 'right')] as const;
    assert.deepEqual(bound(both[0], both[1], ['EUR', 'USD']), both);
  });
  it('is for a person when one side moved the number and the other the currency', () => {
    assert.deepEqual(bound(copy('left', 'right'), copy('right', 'left'), ['USD', 'EUR']), [
      conflict,
      conflict,
    ]);
  });
  it('never crosses currencies that nobody is going to make equal', () => {
    assert.deepEqual(bound(copy('left', 'right'), undefined, ['USD', 'EUR']), [conflict, undefined]);
    assert.deepEqual(bound(copy('left', 'right'), conflict, ['USD', 'EUR']), [conflict, conflict]);
  });
  it('lets a currency be corrected where the number is the same', () => {
    assert.deepEqual(bound(equal, copy('left', 'right'), ['USD', 'EUR']), [equal, copy('left', 'right')]);
  });
  it('does not relabel a number that is itself disputed', () => {
    assert.deepEqual(bound(conflict, copy('left', 'right'), ['USD', 'EUR']), [conflict, conflict]);
  });
  it('leaves the amount to its own merge where a currency is blank or was not read', () => {
    assert.deepEqual(bound(copy('left', 'right'), absent, [undefined, 'EUR']), [
      copy('left', 'right'),
      absent,
    ]);
    assert.deepEqual(bound(copy('left', 'right'), copy('right', 'left'), [null, 'EUR']), [
      copy('left', 'right'),
      copy('right', 'left'),
    ]);
  });
  it('has nothing to say about currencies without amounts', () => {
    assert.deepEqual(bound(undefined, copy('left', 'right'), ['USD', 'EUR']), [
      undefined,
      copy('left', 'right'),
    ]);
    assert.deepEqual(bound(absent, copy('left', 'right'), ['USD', 'EUR']), [absent, copy('left', 'right')]);
  });
});
