import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBlank, sameValue } from '../../src/core/compare.ts';
import {
  type AgreedValues,
  type MergeDecision,
  type MergeRules,
  type MergeSide,
  mergeField,
} from '../../src/core/merge.ts';
import type { FieldKind, Value } from '../../src/core/opportunity.ts';
import type { Policy } from '../../src/core/settings.ts';

const rules = (given: {
  policy?: Policy;
  blank?: 'ignore' | 'propagate';
  initial?: string;
  kind?: FieldKind;
}): MergeRules => ({
  policy: { kind: given.kind ?? 'text', policy: given.policy ?? 'ask', blank: given.blank ?? 'ignore' },
  initial: given.initial ?? 'ask',
  tieMarginMs: 1000,
});
const left = (value: Value | undefined, changedAt = 0): MergeSide => ({ crm: 'left', value, changedAt });
const right = (value: Value | undefined, changedAt = 0): MergeSide => ({ crm: 'right', value, changedAt });
const base = (l: Value, r: Value = l): AgreedValues => ({ left: l, right: r });
const copied = (from: string, to: string, reason = 'copied'): MergeDecision =>
  ({ is: 'copy', from, to, reason }) as MergeDecision;

describe('three-way merge of one field', () => {
  const table: [string, MergeSide, MergeSide, AgreedValues | undefined, MergeRules, MergeDecision][] = [
    [
      'neither moved',
      left('x'),
      right('x'),
      base('x'),
      rules({}),
      { is: 'equal', agreed: { left: 'x', right: 'x' } },
    ],
    ['left moved', left('y'), right('x'), base('x'), rules({}), copied('left', 'right')],
    ['right moved', left('x'), right('y'), base('x'), rules({}), copied('right', 'left')],
    [
      'both moved alike',
      left('y'),
      right(' y'),
      base('x'),
      rules({}),
      { is: 'equal', agreed: { left: 'y', right: ' y' } },
    ],
    ['both moved apart', left('y'), right('z'), base('x'), rules({}), { is: 'conflict' }],
    [
      'moved is judged against what this side held, not the other',
      left('l'),
      right('new'),
      base('l', 'r'),
      rules({}),
      copied('right', 'left'),
    ],
    [
      'a base of the same meaning is no move',
      left('10.0'),
      right('12'),
      base('10'),
      rules({ kind: 'decimal' }),
      copied('right', 'left'),
    ],
    [
      'both moved, one side always wins',
      left('y'),
      right('z'),
      base('x'),
      rules({ policy: 'right' }),
      copied('right', 'left', 'policy'),
    ],
    ['no base, ask', left('y'), right('z'), undefined, rules({ policy: 'left' }), { is: 'conflict' }],
    [
      'no base, the initial choice',
      left('y'),
      right('z'),
      undefined,
      rules({ initial: 'right' }),
      copied('right', 'left', 'initial'),
    ],
    [
      'no base, equal by meaning',
      left('a'),
      right('a '),
      undefined,
      rules({}),
      { is: 'equal', agreed: { left: 'a', right: 'a ' } },
    ],
    ['no base, one blank', left(null), right('z'), undefined, rules({}), copied('right', 'left', 'filled')],
    [
      'no base, one blank, blanks travel and nobody decides',
      left(null),
      right('z'),
      undefined,
      rules({ blank: 'propagate' }),
      { is: 'conflict' },
    ],
    [
      'no base, the blank side is right and blanks travel',
      left(null),
      right('z'),
      undefined,
      rules({ blank: 'propagate', initial: 'left' }),
      copied('left', 'right', 'initial'),
    ],
    [
      'blanked, blanks do not travel',
      left(''),
      right('x'),
      base('x'),
      rules({}),
      { is: 'blank_ignored', blank: 'left' },
    ],
    [
      'blanked, blanks travel',
      left(''),
      right('x'),
      base('x'),
      rules({ blank: 'propagate' }),
      copied('left', 'right'),
    ],
    [
      'blanked here, changed there: the value fills the blank',
      left(null),
      right('z'),
      base('x'),
      rules({ policy: 'left' }),
      copied('right', 'left', 'filled'),
    ],
    [
      'non_blank',
      left(null),
      right('z'),
      base('x'),
      rules({ policy: 'non_blank', blank: 'propagate' }),
      copied('right', 'left', 'filled'),
    ],
    [
      'non_blank says nothing about two values',
      left('y'),
      right('z'),
      base('x'),
      rules({ policy: 'non_blank' }),
      { is: 'conflict' },
    ],
    [
      'not read on one side',
      left(undefined),
      right('x'),
      base('x'),
      rules({ blank: 'propagate', policy: 'left', initial: 'left' }),
      { is: 'absent', missing: ['left'] },
    ],
    [
      'not read on both',
      left(undefined),
      right(undefined),
      undefined,
      rules({}),
      { is: 'absent', missing: ['left', 'right'] },
    ],
    [
      'newest beyond the margin',
      left('y', 5000),
      right('z', 3999),
      base('x'),
      rules({ policy: 'newest' }),
      copied('left', 'right', 'policy'),
    ],
    [
      'newest within the margin is a tie',
      left('y', 5000),
      right('z', 4000),
      base('x'),
      rules({ policy: 'newest' }),
      { is: 'conflict' },
    ],
    [
      'newest decides a first run when told to',
      left('y', 0),
      right('z', 1001),
      undefined,
      rules({ initial: 'newest' }),
      copied('right', 'left', 'initial'),
    ],
    [
      'max_progress needs a measure',
      left('y'),
      right('z'),
      base('x'),
      rules({ policy: 'max_progress' }),
      { is: 'conflict' },
    ],
    [
      'max_progress',
      left('y'),
      right('zz'),
      base('x'),
      { ...rules({ policy: 'max_progress' }), progress: (side) => side.value?.length ?? 0 },
      copied('right', 'left', 'policy'),
    ],
    [
      'max_progress, as far as each other',
      left('y'),
      right('z'),
      base('x'),
      { ...rules({ policy: 'max_progress' }), progress: (side) => side.value?.length ?? 0 },
      { is: 'conflict' },
    ],
    [
      'max_progress of a stage nobody lists',
      left('y'),
      right('z'),
      base('x'),
      { ...rules({ policy: 'max_progress' }), progress: () => Number.NaN },
      { is: 'conflict' },
    ],
    [
      'neither moved, yet the map now says they differ',
      left('y'),
      right('z'),
      base('y', 'z'),
      rules({ policy: 'left' }),
      copied('left', 'right', 'policy'),
    ],
    [
      'equality across CRMs is the map’s',
      left('y'),
      right('z'),
      base('y', 'z'),
      { ...rules({}), equal: () => true },
      { is: 'equal', agreed: { left: 'y', right: 'z' } },
    ],
    [
      'the map does not make a blank equal to a value',
      left('y'),
      right(null),
      base('y'),
      { ...rules({ blank: 'propagate' }), equal: () => true },
      copied('right', 'left'),
    ],
    [
      'two blanks are equal whatever the map says',
      left(null),
      right(''),
      base('y'),
      { ...rules({}), equal: () => false },
      { is: 'equal', agreed: { left: null, right: '' } },
    ],
  ];
  for (const [name, a, b, before, how, expected] of table) {
    it(name, () => {
      assert.deepEqual(mergeField(a, b, before, how), expected);
    });
  }

  const value = fc.constantFrom<Value | undefined>(null, '', ' ', 'x', 'x ', 'y', 'z', undefined);
  const sideOf = (crm: string) => fc.record({ crm: fc.constant(crm), value, changedAt: fc.nat(3000) });
  const anyBase = fc.option(
    fc.record({
      left: fc.constantFrom<Value>(null, 'x', 'y'),
      right: fc.constantFrom<Value>(null, 'x', 'y'),
    }),
    {
      nil: undefined,
    },
  );
  const anyRules = fc.record({
    policy: fc.record({
      kind: fc.constantFrom<FieldKind>('text', 'decimal', 'choice'),
      policy: fc.constantFrom<Policy>('ask', 'newest', 'non_blank', 'max_progress', 'left', 'right'),
      blank: fc.constantFrom<'ignore' | 'propagate'>('ignore', 'propagate'),
    }),
    initial: fc.constantFrom('ask', 'newest', 'left', 'right'),
    tieMarginMs: fc.constantFrom(0, 1000),
    progress: fc.constant((side: MergeSide) => (side.value ?? '').charCodeAt(0)),
  });

  it('swapping the sides mirrors the decision', () => {
    fc.assert(
      fc.property(sideOf('left'), sideOf('right'), anyBase, anyRules, (a, b, before, how) => {
        const sorted = (decision: MergeDecision) =>
          decision.is === 'absent' ? { ...decision, missing: [...decision.missing].sort() } : decision;
        assert.deepEqual(sorted(mergeField(b, a, before, how)), sorted(mergeField(a, b, before, how)));
      }),
      { numRuns: 5000 },
    );
  });

  it('renaming the CRMs renames the decision', () => {
    const other = (name: string): string => (name === 'left' ? 'right' : name === 'right' ? 'left' : name);
    fc.assert(
      fc.property(sideOf('left'), sideOf('right'), anyBase, anyRules, (a, b, before, how) => {
        const decision = mergeField(a, b, before, how);
        const mirrored = mergeField(
          { ...b, crm: 'left' },
          { ...a, crm: 'right' },
          before === undefined ? undefined : { left: before.right, right: before.left },
          {
            ...how,
            initial: other(how.initial),
            policy: { ...how.policy, policy: other(how.policy.policy) },
          },
        );
        assert.equal(mirrored.is, decision.is);
        if (decision.is === 'copy' && mirrored.is === 'copy') {
          assert.equal(mirrored.from, other(decision.from));
          assert.equal(mirrored.reason, decision.reason);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('a copy changes something, never invents, and clears a value only by choice and after a blank was seen', () => {
    fc.assert(
      fc.property(sideOf('left'), sideOf('right'), anyBase, anyRules, (a, b, before, how) => {
        const decision = mergeField(a, b, before, how);
        if (decision.is !== 'copy') return;
        const [from, to] = decision.from === 'left' ? [a, b] : [b, a];
        assert.notEqual(from.value, undefined);
        assert.notEqual(to.value, undefined);
        assert.equal(sameValue(how.policy.kind, from.value as Value, to.value as Value), false);
        if (isBlank(from.value as Value)) assert.equal(how.policy.blank, 'propagate');
        const settled = mergeField(
          { ...from, value: from.value as Value },
          { ...to, value: from.value as Value },
          before,
          how,
        );
        assert.equal(settled.is, 'equal');
      }),
      { numRuns: 5000 },
    );
  });
});
