import assert from 'node:assert/strict';
import { comparePair } from '../../src/core/agreement-report.ts';
import type { GroupMember } from '../../src/core/group.ts';
import { compareField } from '../../src/core/merge-sides.ts';
import type { Value } from '../../src/core/opportunity.ts';
import type { FieldPolicy } from '../../src/core/settings.ts';
import { context, evidenceIn, stage, type World } from './reconcile-world.ts';

const OPEN = stage({ key: 'Open' });
const ask = (kind: FieldPolicy['kind']): FieldPolicy => ({ kind, policy: 'ask', blank: 'ignore' });
const FIELDS = { name: ask('text'), amount: ask('decimal'), owner: ask('person') };

type Fields = Readonly<Record<string, Value>>;

interface Given {
  readonly left: Fields;
  readonly right: Fields | null;
  readonly base?: readonly [Fields, Fields];
  readonly paired?: boolean;
  readonly limits?: Partial<Pick<World, 'unreadable' | 'readOnly'>>;
}

function worldOf({ left, right, base = [left, right ?? left], paired = true, limits = {} }: Given): World {
  const member = (crm: string, fields: Fields): GroupMember => ({
    ...{ crm, id: `${crm}-1`, version: '1', changedAt: 1000, deleted: false, fields, owned: {} },
    ...{ evidence: evidenceIn(OPEN, {}), pairKey: null, linkedId: null, absorbedIds: [] },
  });
  const agreed = Object.fromEntries(
    Object.keys(base[0]).map((field) => [
      field,
      { left: base[0][field] ?? null, right: base[1][field] ?? null },
    ]),
  );
  return {
    group: {
      pair: paired ? { key: 'op-1', base: agreed } : null,
      members: [member('left', left), ...(right === null ? [] : [member('right', right)])],
      refusals: new Map(),
    },
    settings: {
      ...{ name: 'main', sides: ['left', 'right'], fields: FIELDS, initial: 'ask', stages: [] },
      ...{ statusAuthority: 'most_advanced', profile: 'standard', excludePipelines: {}, tieMarginMs: 1000 },
    },
    stages: { left: [OPEN], right: [OPEN] },
    ...{ rows: [], unreadable: [], readOnly: [], refused: [], ...limits },
  };
}

const compare = (given: Given) => {
  const world = worldOf(given);
  return comparePair(world.group, context(world));
};
const why = (given: Given) => compare(given).differing.map((one) => [one.field, one.why]);

describe('how the two records of a pair compare', () => {
  const same = { name: 'Acme', amount: '10', owner: 'ann@x.example' };

  it('nothing to say without a pair, or with one of its records missing', () => {
    const nothing = { fields: {}, differing: [] };
    assert.deepEqual(compare({ left: same, right: same, paired: false }), nothing);
    assert.deepEqual(compare({ left: same, right: null }), nothing);
  });

  it('agree when every field means the same', () => {
    const { fields, differing } = compare({ left: same, right: { ...same, amount: '10.00' } });
    assert.deepEqual(fields, { name: 'agree', amount: 'agree', owner: 'agree' });
    assert.deepEqual(differing, []);
  });

  it('one side moved: planned', () => {
    assert.deepEqual(why({ left: { ...same, amount: '11' }, right: same, base: [same, same] }), [
      ['amount', 'planned'],
    ]);
  });

  it('both sides moved: a conflict, shown with both values', () => {
    const left = { ...same, amount: '11' };
    const right = { ...same, amount: '12' };
    const [only] = compare({ left, right, base: [same, same] }).differing;
    assert.equal(only?.why, 'conflict');
    assert.deepEqual(only?.sides, {
      left: { id: 'left-1', value: '11' },
      right: { id: 'right-1', value: '12' },
    });
  });

  it('one side emptied where blanks are ignored: blank', () => {
    const left = { ...same, owner: null };
    assert.deepEqual(why({ left, right: same, base: [same, same] }), [['owner', 'blank']]);
  });

  it('a field that may not be written: the cause of the note, not planned', () => {
    const [only, ...others] = why({
      ...{ left: { ...same, amount: '11' }, right: same, base: [same, same] },
      limits: { readOnly: ['right:amount'] },
    });
    assert.equal(others.length, 0);
    assert.equal(only?.[0], 'amount');
    assert(!['planned', 'conflict', 'blank'].includes(only?.[1] ?? 'planned'), only?.[1]);
  });

  it('a field one side may not read is unread, never different', () => {
    const { fields, differing } = compare({
      ...{ left: { ...same, amount: '11' }, right: same, base: [same, same] },
      limits: { unreadable: ['right:amount'] },
    });
    assert.equal(fields['amount'], 'unread');
    assert.deepEqual(differing, []);
  });

  it('a pair without a name goes by the id of its first record', () => {
    const left = { amount: '11', owner: null };
    const right = { amount: '10', owner: null };
    assert.equal(compare({ left, right, base: [right, right] }).differing[0]?.name, 'left-1');
  });

  it('a field that is not synced is unread', () => {
    const world = worldOf({ left: same, right: same });
    const [a, b] = world.group.members;
    assert(a !== undefined && b !== undefined);
    assert.equal(compareField('nextStep', a, b, context(world)), 'unread');
  });

  it('stages nobody filled in mean the same', () => {
    const world = worldOf({ left: { stage: null }, right: { stage: null } });
    const settings = { ...world.settings, fields: { stage: ask('stage') } };
    assert.deepEqual(comparePair(world.group, context({ ...world, settings })).fields, { stage: 'agree' });
  });
});
