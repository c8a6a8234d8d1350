import assert from 'node:assert/strict';
import type { RecordType } from '../../src/core/account-facts.ts';
import { decideCreation } from '../../src/core/creation.ts';
import type { Group, GroupMember, GroupResult, ReconcileContext } from '../../src/core/group.ts';
import type { Value } from '../../src/core/opportunity.ts';
import { reconcileGroup } from '../../src/core/reconcile.ts';
import type { Resolution } from '../../src/core/resolve.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { context, evidenceIn, stage, type World } from './reconcile-world.ts';

const STAGES = {
  left: ['Open', 'Late', 'Later', 'Won'].map((key, order) => stage({ key }, order)),
  right: ['open', 'late', 'won'].map((key, order) => stage({ key }, order)),
};
const ROWS = [
  { left: ['Open'], right: ['open'] },
  { left: ['Late', 'Later'], right: ['late'] },
  { left: ['Won'], right: ['won'] },
];
const SALES: RecordType = {
  id: 't1',
  label: 'Renewal',
  choices: { stage: ['Open', 'Later'], tags: ['a', 'b'] },
};

interface Given {
  readonly left: Readonly<Record<string, Value>>;
  readonly right: Readonly<Record<string, Value>>;
  readonly base?: Readonly<Record<string, Value>>;
  /** Record type of the left record; null = none. */
  readonly type?: string | null;
  readonly settings?: Partial<SyncSettings>;
  readonly types?: readonly RecordType[];
}

function worldOf({ left, right, base = left, type = 't1', settings = {} }: Given): World {
  const member = (crm: 'left' | 'right', fields: Readonly<Record<string, Value>>): GroupMember => ({
    ...{ crm, id: `${crm}-1`, version: '1', changedAt: 0, deleted: false, fields, owned: {} },
    evidence: evidenceIn(
      STAGES[crm].find(({ key }) => key === fields['stage']),
      { custom: crm === 'left' && type !== null ? { recordType: type } : {} },
    ),
    ...{ pairKey: null, linkedId: null, absorbedIds: [] },
  });
  const agreed = Object.entries({ stage: 'Open', ...base }).map(([field, value]) => [
    field,
    { left: value, right: field === 'stage' ? 'open' : value },
  ]);
  return {
    group: {
      pair: { key: 'op-1', base: Object.fromEntries(agreed) },
      members: [member('left', { stage: 'Open', ...left }), member('right', { stage: 'open', ...right })],
      refusals: new Map(),
    },
    settings: {
      ...{ name: 'main', sides: ['left', 'right'], initial: 'ask', statusAuthority: 'most_advanced' },
      fields: {
        stage: { kind: 'stage', policy: 'ask', blank: 'ignore' },
        amount: { kind: 'decimal', policy: 'ask', blank: 'ignore' },
        tags: { kind: 'choices', policy: 'ask', blank: 'propagate' },
      },
      ...{ stages: ROWS, profile: 'standard', excludePipelines: {}, tieMarginMs: 0, ...settings },
    },
    stages: STAGES,
    rows: ROWS,
    ...{ unreadable: [], readOnly: [], refused: [] },
  };
}

function rules(world: World, types: readonly RecordType[] = [SALES]): ReconcileContext {
  return {
    ...context(world),
    recordTypes: new Map([['left', new Map(types.map((type) => [type.id, type]))]]),
    newRecordTypes: { left: 't1' },
  };
}

function decide(given: Given): GroupResult {
  const world = worldOf(given);
  return reconcileGroup(world.group, rules(world, given.types));
}

const planned = (result: GroupResult) =>
  result.writes.flatMap(({ crm, changes }) =>
    changes.filter(({ owned }) => !owned).map(({ field, after }) => `${crm} ${field} ${after}`),
  );
const told = ({ records: [first, second] }: GroupResult) => [
  ...[first, second].map((record) => record?.outcome),
  ...(first?.notes.map(({ cause }) => cause) ?? []),
];

describe('values a record type does not offer', () => {
  const won = { left: {}, right: { stage: 'won' } };

  it('a stage outside the type is held, with the record, the value, the type and what to do', () => {
    const result = decide(won);
    assert.deepEqual(planned(result), []);
    assert.deepEqual(told(result), ['held', 'held', 'outside_record_type']);
    const note = result.records[0]?.notes[0];
    assert.equal(note?.message, 'left does not offer stage "Won" to records of type "Renewal"');
    assert.equal(note?.remedy, 'map it to a value that type offers, or add the value to the type in left');
    assert.deepEqual(note?.params, { crm: 'left', field: 'stage', value: 'Won', type: 'Renewal' });
    assert.deepEqual(result.agreed, {}, 'nothing was agreed on');
  });

  it('the other fields of the pair go on', () => {
    const result = decide({ left: { amount: '1' }, right: { stage: 'won', amount: '2' } });
    assert.deepEqual(planned(result), ['left amount 2']);
    assert.equal(result.records[0]?.outcome, 'held');
  });

  it('a stage the type offers is carried, also when it is not the first of its row', () => {
    assert.deepEqual(planned(decide({ left: {}, right: { stage: 'late' } })), ['left stage Later']);
  });

  it('where the type is not known, or there is none, the CRM has the last word', () => {
    for (const type of ['t9', null]) assert.deepEqual(planned(decide({ ...won, type })), ['left stage Won']);
    assert.deepEqual(planned(decide({ ...won, types: [] })), ['left stage Won']);
    const open = { ...SALES, choices: {} };
    assert.deepEqual(planned(decide({ ...won, types: [open] })), ['left stage Won']);
  });

  it('recordTypes: ignore sends it, and takes the first stage of a row', () => {
    const settings = { recordTypes: 'ignore' } as const;
    assert.deepEqual(planned(decide({ ...won, settings })), ['left stage Won']);
    assert.deepEqual(planned(decide({ left: {}, right: { stage: 'late' }, settings })), ['left stage Late']);
  });

  it('each value of a choice of several has to be offered; emptying it needs none', () => {
    const tags = (right: Value) => decide({ left: { tags: 'a' }, right: { tags: right } });
    assert.deepEqual(planned(tags('a;b')), ['left tags a;b']);
    assert.deepEqual(planned(tags('b;c')), []);
    assert.deepEqual(told(tags('b;c')), ['held', 'held', 'outside_record_type']);
    assert.deepEqual(planned(tags(null)), ['left tags null']);
  });

  it('a value a record holds already is left alone, and goes to the other side', () => {
    const base = { stage: 'Open' };
    const result = decide({ left: { stage: 'Won' }, right: {}, base });
    assert.deepEqual(planned(result), ['right stage won']);
    assert.equal(result.records[0]?.outcome, 'in_sync');
  });

  it('a value a person decided on is held as well', () => {
    const world = worldOf({ left: { amount: '1' }, right: { stage: 'won', amount: '1' } });
    const resolution: Resolution = {
      ...{ decided: 'use', choice: 'right', by: 'ann', seen: { left: 'Open', right: 'won' } },
    };
    const group: Group = {
      ...world.group,
      resolutions: new Map([['pair:op-1 stage', resolution]]),
    };
    const result = reconcileGroup(group, rules(world));
    assert.deepEqual(planned(result), []);
    assert.equal(result.records[0]?.outcome, 'held');
  });

  it('a counterpart is not made in a stage its type does not offer', () => {
    const world = worldOf({ left: {}, right: {} });
    const creation = {
      into: { left: 'all' },
      complete: new Set(['left']),
      required: () => ['stage'],
    } as const;
    const made = (key: string) => {
      const [, member] = worldOf({ left: {}, right: { stage: key } }).group.members;
      assert.ok(member !== undefined);
      return decideCreation(member, { refusals: new Map() }, { ...rules(world), creation });
    };
    const refused = made('won');
    assert.equal(refused.is === 'held' ? refused.note.cause : refused.is, 'outside_record_type');
    const late = made('late');
    assert.equal(late.is === 'planned' ? late.creation.fields['stage'] : late.is, 'Later');
  });
});
