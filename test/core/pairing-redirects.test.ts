import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DecisionBook, inOrder, pairOfRefs } from '../../src/core/pairing-decisions.ts';
import { type Absorbing, survivors } from '../../src/core/pairing-redirects.ts';

const record = (id: string, absorbed: string[], deleted = false): Absorbing => ({ id, absorbed, deleted });

describe('records merged into others', () => {
  const table: readonly (readonly [what: string, given: Absorbing[], ends: Record<string, string>])[] = [
    ['one merge', [record('b', ['a'])], { a: 'b' }],
    ['two into one', [record('c', ['a', 'b'])], { a: 'c', b: 'c' }],
    ['a chain', [record('b', ['a'], true), record('c', ['b'])], { a: 'c', b: 'c' }],
    ['a chain told twice', [record('b', ['a'], true), record('c', ['a', 'b'])], { a: 'c', b: 'c' }],
    ['a survivor that was deleted', [record('b', ['a'], true)], {}],
    ['two that claim the same record', [record('b', ['a']), record('c', ['a'])], {}],
    ['a circle', [record('a', ['b']), record('b', ['a'])], {}],
    ['a record that names itself', [record('a', ['a'])], {}],
  ];
  for (const [what, given, ends] of table)
    it(what, () => {
      assert.deepEqual(Object.fromEntries(survivors(given)), ends);
      assert.deepEqual(Object.fromEntries(survivors([...given].reverse())), ends);
    });

  it('always end at a record that lives and that nobody absorbed', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const some = fc.uniqueArray(
      fc.record({ id, absorbed: fc.array(id, { maxLength: 3 }), deleted: fc.boolean() }),
      { selector: (one) => one.id },
    );
    fc.assert(
      fc.property(some, (given) => {
        const absorbed = new Set<string>(
          given.flatMap((one) => one.absorbed.filter((old) => old !== one.id)),
        );
        for (const [old, end] of survivors(given)) {
          assert.notEqual(old, end);
          assert.ok(given.some((one) => one.id === end && !one.deleted));
          assert.ok(!absorbed.has(end));
        }
      }),
    );
  });
});

describe('decisions about two records', () => {
  const [x, y, z] = [
    { crm: 'left', id: '1' },
    { crm: 'right', id: '1' },
    { crm: 'right', id: '2' },
  ];
  const expected = {
    accepted: { key: false, adopted: false, score: null },
    rejected: { key: false, adopted: false, score: 'never' },
    apart: { key: true, adopted: true, score: 'never' },
    uncoupled: { key: true, adopted: false, score: 'ask' },
  } as const;

  for (const [decision, { key, adopted, score }] of Object.entries(expected))
    it(`${decision}: what keys, links and scoring may still do`, () => {
      const book = new DecisionBook([{ refs: inOrder(x, y), decision: decision as keyof typeof expected }]);
      for (const [one, other] of [
        [x, y],
        [y, x],
      ] as const) {
        assert.equal(book.bars(one, other, 'key'), key);
        assert.equal(book.bars(one, other, 'adopted'), adopted);
        assert.equal(book.forScore(one, other), score);
      }
      assert.equal(book.forScore(x, z), null);
      assert.equal(book.bars(x, z, 'key'), false);
    });

  it('do not depend on which record is named first', () => {
    assert.equal(pairOfRefs(x, y), pairOfRefs(y, x));
    assert.notEqual(pairOfRefs(x, y), pairOfRefs(x, z));
  });
});
