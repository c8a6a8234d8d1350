import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evenly } from '../../src/core/evenly.ts';

describe('evenly', () => {
  it('spreads the few over the many, each kind in its own order', () => {
    const items = ['A1', 'A2', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6'];
    assert.deepEqual(
      evenly(items, ([kind = '']) => kind),
      ['b1', 'A1', 'b2', 'b3', 'b4', 'A2', 'b5', 'b6'],
    );
  });

  it('keeps every item, and has at any point of each kind what its share is, give or take one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), (kinds) => {
        const items = kinds.map((kind, at) => ({ kind, at }));
        const spread = evenly(items, ({ kind }) => kind);
        assert.deepEqual(
          spread.toSorted((one, other) => one.at - other.at),
          items,
        );
        for (const kind of ['a', 'b', 'c']) {
          const own = spread.filter((item) => item.kind === kind);
          assert.deepEqual(
            own,
            items.filter((item) => item.kind === kind),
          );
          for (let upTo = 1; upTo <= spread.length; upTo++) {
            const had = spread.slice(0, upTo).filter((item) => item.kind === kind).length;
            assert.ok(Math.abs(had - (own.length * upTo) / spread.length) <= 2);
          }
        }
      }),
    );
  });
});
