import assert from 'node:assert/strict';
import fc from 'fast-check';
import { refKey } from '../../src/core/ids.ts';
import { type LinkRow, type Pairing, pairByLinks, pairKeyOf } from '../../src/core/pairing.ts';

const SIDES = ['a', 'b'] as const;
const row = (name: string, more: Partial<LinkRow> = {}): LinkRow => ({
  crm: name.slice(0, 1),
  id: name,
  pairKey: null,
  linkedId: null,
  pair: null,
  deleted: false,
  ...more,
});

/** `a1+b1` pairs and `a1?` ambiguous records, sorted. */
const said = (pairing: Pairing): string[] =>
  [
    ...pairing.pairs.map(({ key, how, members }) => `${members[0].id}+${members[1].id} ${how} ${key}`),
    ...pairing.ambiguous.map((ref) => `${ref.id}?`),
  ].sort();

describe('pairing by keys and links', () => {
  const table: [string, LinkRow[], string[]][] = [
    ['nothing to go by', [row('a1'), row('b1')], []],
    [
      'the same key on both sides',
      [row('a1', { pairKey: 'k' }), row('b1', { pairKey: 'k' })],
      ['a1+b1 key k'],
    ],
    ['a key on one side only', [row('a1', { pairKey: 'k' }), row('b1')], []],
    [
      'a key held twice on one side pairs nobody',
      [row('a1', { pairKey: 'k' }), row('a2', { pairKey: 'k' }), row('b1', { pairKey: 'k' })],
      ['a1?', 'a2?', 'b1?'],
    ],
    [
      'a copy of a paired record with its key is for a person',
      [
        row('a1', { pairKey: 'k', pair: 'k' }),
        row('b1', { pairKey: 'k', pair: 'k' }),
        row('a2', { pairKey: 'k' }),
      ],
      ['a2?'],
    ],
    [
      'a key is taken by its pair, also while it is not written in the records yet',
      [
        row('a1', { pair: 'k' }),
        row('b1', { pair: 'k' }),
        row('a2', { pairKey: 'k' }),
        row('b2', { pairKey: 'k' }),
      ],
      ['a2?', 'b2?'],
    ],
    ['a link', [row('a1'), row('b1', { linkedId: 'a1' })], ['a1+b1 adopted op-a1-b1']],
    [
      'links both ways are one pair',
      [row('a1', { linkedId: 'b1' }), row('b1', { linkedId: 'a1' })],
      ['a1+b1 adopted op-a1-b1'],
    ],
    [
      'our key outranks a link',
      [row('a1', { pairKey: 'k' }), row('b1', { pairKey: 'k', linkedId: 'a2' }), row('a2')],
      ['a1+b1 key k'],
    ],
    [
      'two claim one',
      [row('a1'), row('b1', { linkedId: 'a1' }), row('b2', { linkedId: 'a1' })],
      ['b1?', 'b2?'],
    ],
    [
      'two claim one that was never read',
      [row('b1', { linkedId: 'a1' }), row('b2', { linkedId: 'a1' })],
      ['b1?', 'b2?'],
    ],
    ['a claim on a record that was never read', [row('b1', { linkedId: 'a1' })], []],
    ['a claim on a paired record', [row('a1', { pair: 'p' }), row('b1', { linkedId: 'a1' })], ['b1?']],
    [
      'the claimant that has it already keeps it, the other waits',
      [row('a1', { pair: 'p' }), row('b1', { pair: 'p', linkedId: 'a1' }), row('b2', { linkedId: 'a1' })],
      ['b2?'],
    ],
    ['a claim on a deleted record', [row('a1', { deleted: true }), row('b1', { linkedId: 'a1' })], ['b1?']],
    ['a deleted record claims nothing', [row('a1'), row('b1', { deleted: true, linkedId: 'a1' })], []],
    [
      'nor does it contest the claim of a living one',
      [row('a1'), row('b1', { linkedId: 'a1' }), row('b2', { deleted: true, linkedId: 'a1' })],
      ['a1+b1 adopted op-a1-b1'],
    ],
    [
      'a deleted copy does not make a key ambiguous',
      [row('a1', { pairKey: 'k' }), row('a2', { pairKey: 'k', deleted: true }), row('b1', { pairKey: 'k' })],
      ['a1+b1 key k'],
    ],
    [
      'two links that contradict each other are for a person',
      [row('a1', { linkedId: 'b1' }), row('b1', { linkedId: 'a2' }), row('a2')],
      ['a1?', 'b1?'],
    ],
    [
      'a claim on a record whose own claim is contested',
      [
        row('a1', { linkedId: 'b1' }),
        row('a2', { linkedId: 'b1' }),
        row('b1'),
        row('b2', { linkedId: 'a1' }),
      ],
      ['a1?', 'a2?', 'b2?'],
    ],
    [
      'a record that is ambiguous by its key is not paired by a link on it',
      [row('a1', { pairKey: 'k' }), row('a2', { pairKey: 'k' }), row('b1', { linkedId: 'a1' })],
      ['a1?', 'a2?', 'b1?'],
    ],
    ['a link into its own side claims nothing there', [row('a1', { linkedId: 'a2' }), row('a2')], []],
  ];
  for (const [name, rows, expected] of table) {
    it(name, () => {
      assert.deepEqual(said(pairByLinks(rows, SIDES)), expected);
      assert.deepEqual(said(pairByLinks([...rows].reverse(), SIDES)), expected);
    });
  }

  it('makes the same readable key whoever makes it, of at most 80 characters', () => {
    assert.equal(pairKeyOf({ crm: 'a', id: '006X' }, { crm: 'b', id: '42' }), 'op-006X-42');
    assert.equal(pairKeyOf({ crm: 'a', id: 'x'.repeat(60) }, { crm: 'b', id: 'y'.repeat(60) }).length, 80);
    const [pair] = pairByLinks([row('b1', { linkedId: 'a1' }), row('a1')], SIDES).pairs;
    assert.deepEqual(
      pair?.members.map((member) => member.crm),
      ['a', 'b'],
    );
  });

  const anyRows: fc.Arbitrary<LinkRow[]> = fc
    .uniqueArray(
      fc.record({
        crm: fc.constantFrom('a', 'b'),
        n: fc.nat(4),
        pairKey: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { nil: null, freq: 2 }),
        link: fc.option(fc.nat(5), { nil: null, freq: 2 }),
        pair: fc.option(fc.constantFrom('k1', 'k2', 'p'), { nil: null, freq: 1 }),
        deleted: fc.nat(9).map((n) => n === 0),
      }),
      { selector: ({ crm, n }) => `${crm}${n}`, maxLength: 9 },
    )
    .map((made) =>
      made.map(({ crm, n, pairKey, link, pair, deleted }) =>
        row(`${crm}${n}`, {
          pairKey,
          linkedId: link === null ? null : `${crm === 'a' ? 'b' : 'a'}${link}`,
          pair,
          deleted,
        }),
      ),
    );

  it('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(
        anyRows.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) =>
          assert.deepEqual(said(pairByLinks(shuffled, SIDES)), said(pairByLinks(rows, SIDES))),
      ),
      { numRuns: 3000 },
    );
  });

  it('does not depend on which CRM is named first', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const members = (pairing: Pairing) =>
          pairing.pairs
            .map((pair) =>
              pair.members
                .map((member) => member.id)
                .sort()
                .join('+'),
            )
            .sort();
        const one = pairByLinks(rows, SIDES);
        const other = pairByLinks(rows, ['b', 'a']);
        assert.deepEqual(members(other), members(one));
        assert.deepEqual(other.ambiguous.map(refKey).sort(), one.ambiguous.map(refKey).sort());
      }),
      { numRuns: 3000 },
    );
  });

  it('pairs a record at most once, only free and living ones, one of each side; an ambiguous one never', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { pairs, ambiguous } = pairByLinks(rows, SIDES);
        const used = pairs.flatMap((pair) => pair.members.map(refKey));
        assert.equal(new Set(used).size, used.length);
        assert.equal(new Set(pairs.map((pair) => pair.key)).size, pairs.length);
        for (const ref of [...used, ...ambiguous.map(refKey)]) {
          const found = rows.find((one) => refKey(one) === ref);
          assert.ok(found !== undefined && found.pair === null && !found.deleted);
        }
        for (const pair of pairs) {
          assert.deepEqual(
            pair.members.map((member) => member.crm),
            ['a', 'b'],
          );
          assert.equal(
            rows.some((one) => one.pair === pair.key),
            false,
            'the key of another pair',
          );
        }
        for (const ref of ambiguous) assert.equal(used.includes(refKey(ref)), false);
      }),
      { numRuns: 5000 },
    );
  });

  it('given its own result back, pairs nobody else', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { pairs } = pairByLinks(rows, SIDES);
        const known = rows.map((one) => {
          const pair = pairs.find(({ members }) => members.some((member) => refKey(member) === refKey(one)));
          return pair === undefined ? one : { ...one, pair: pair.key };
        });
        assert.deepEqual(pairByLinks(known, SIDES).pairs, []);
      }),
      { numRuns: 3000 },
    );
  });
});
