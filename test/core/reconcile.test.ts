import assert from 'node:assert/strict';
import type { Group, GroupMember, GroupResult } from '../../src/core/group.ts';
import type { Value } from '../../src/core/opportunity.ts';
import { intentOf } from '../../src/core/plan.ts';
import { reconcileGroup } from '../../src/core/reconcile.ts';
import type { FieldPolicy, SyncSettings } from '../../src/core/settings.ts';
import { carriedOut, context, evidenceIn, NOW, stage, type World } from './reconcile-world.ts';

const STAGES = {
  left: [
    stage({ key: 'Open' }, 0),
    stage({ key: 'Late' }, 1),
    stage({ key: 'Won', closed: true, won: true }, 2),
    stage({ key: 'Lost', closed: true, won: false }, 3),
    stage({ key: 'Odd' }, 4),
  ],
  right: [
    stage({ key: 'p/open', pipeline: 'p' }, 0),
    stage({ key: 'p/late', pipeline: 'p' }, 1),
    stage({ key: 'p/won', closed: true, won: true, pipeline: 'p' }, 2),
    stage({ key: 'q/open', pipeline: 'q' }, 0),
    stage({ key: 'q/won', closed: true, won: true, pipeline: 'q' }, 1),
  ],
};
const ROWS = [
  { left: ['Open'], right: ['p/open', 'q/open'] },
  { left: ['Late'], right: ['p/late'] },
  { left: ['Won'], right: ['p/won', 'q/won'] },
];
const ask = (kind: FieldPolicy['kind'], more: Partial<FieldPolicy> = {}): FieldPolicy => ({
  kind,
  policy: 'ask',
  blank: 'ignore',
  ...more,
});
const FIELDS = {
  name: ask('text'),
  stage: ask('stage'),
  amount: ask('decimal'),
  closeDate: ask('date'),
  owner: ask('person'),
};
const SAME: Readonly<Record<string, readonly [Value, Value]>> = {
  name: ['Acme', 'Acme'],
  stage: ['Open', 'p/open'],
  amount: ['10', '10'],
  closeDate: ['2026-03-29', '2026-03-29'],
  owner: ['ann@x.example', 'ann@x.example'],
};

interface Given {
  /** Both values of a field; what is not named is equal on both sides. */
  readonly values?: Readonly<Record<string, readonly [Value | undefined, Value | undefined]>>;
  readonly base?: Readonly<Record<string, readonly [Value, Value]>>;
  readonly settings?: Partial<SyncSettings>;
  readonly world?: Partial<Pick<World, 'unreadable' | 'readOnly' | 'refused' | 'rows'>>;
  readonly left?: Partial<GroupMember>;
  readonly right?: Partial<GroupMember>;
  readonly owned?: Readonly<Record<string, Value>>;
  readonly single?: 'left' | 'right';
  readonly refusals?: Group['refusals'];
}

function worldOf(given: Given): World {
  const values = { ...SAME, ...given.values };
  const member = (crm: 'left' | 'right', at: 0 | 1): GroupMember => {
    const fields = Object.fromEntries(
      Object.entries(values).flatMap(([field, both]) => (both[at] === undefined ? [] : [[field, both[at]]])),
    );
    return {
      crm,
      id: `${crm}-1`,
      version: '1',
      changedAt: 1000,
      deleted: false,
      fields,
      owned: given.owned ?? {},
      evidence: evidenceIn(
        STAGES[crm].find((one) => one.key === fields['stage']),
        {},
      ),
      pairKey: null,
      linkedId: null,
      absorbedIds: [],
      ...given[crm],
    };
  };
  const base = Object.fromEntries(
    Object.entries({ ...SAME, ...given.base }).map(([field, [left, right]]) => [field, { left, right }]),
  );
  const both = [member('left', 0), member('right', 1)];
  return {
    group: {
      pair: given.single === undefined ? { key: 'op-1', base } : null,
      members: given.single === undefined ? both : both.filter((one) => one.crm === given.single),
      refusals: given.refusals ?? new Map(),
    },
    settings: {
      name: 'main',
      sides: ['left', 'right'],
      fields: FIELDS,
      initial: 'ask',
      statusAuthority: 'most_advanced',
      stages: ROWS,
      profile: 'standard',
      excludePipelines: {},
      tieMarginMs: 1000,
      ...given.settings,
    },
    stages: STAGES,
    rows: ROWS,
    unreadable: [],
    readOnly: [],
    refused: [],
    ...given.world,
  };
}

const decide = (given: Given): GroupResult => {
  const world = worldOf(given);
  return reconcileGroup(world.group, context(world));
};
const outcomes = (result: GroupResult) =>
  Object.fromEntries(result.records.map((record) => [record.ref.crm, record.outcome]));
const causes = (result: GroupResult) =>
  Object.fromEntries(
    result.records.map((record) => [record.ref.crm, record.notes.map((note) => note.cause)]),
  );
const writes = (result: GroupResult) =>
  result.writes.flatMap((write) =>
    write.changes.map((change) => `${write.crm} ${change.field}: ${change.before} → ${change.after}`),
  );

describe('what is decided about a pair', () => {
  it('nothing, when both agree', () => {
    const result = decide({});
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'in_sync' });
    assert.deepEqual([result.writes, result.agreed, result.conflicts], [[], {}, []]);
  });

  it('a one-sided edit goes to the other side, with what it was and why', () => {
    const result = decide({ values: { amount: ['12', '10.00'] }, base: { amount: ['10', '10.00'] } });
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'changed' });
    assert.deepEqual(result.writes, [
      {
        crm: 'right',
        id: 'right-1',
        pair: 'op-1',
        name: 'Acme',
        changes: [
          {
            field: 'amount',
            owned: false,
            before: '10.00',
            after: '12',
            reason: 'copied',
            from: 'left',
            was: '10',
          },
        ],
        agreed: { amount: { left: '12', right: '12' } },
      },
    ]);
  });

  it('both edited alike: the base moves without a write', () => {
    const result = decide({ values: { amount: ['12', '12.0'] } });
    assert.deepEqual(result.writes, []);
    assert.deepEqual(result.agreed, { amount: { left: '12', right: '12.0' } });
  });

  it('the base is kept per side: a stage that moved on one side is no move of the other', () => {
    const result = decide({ values: { stage: ['Won', 'p/open'] }, base: { stage: ['Open', 'p/open'] } });
    assert.deepEqual(writes(result), ['right stage: p/open → p/won']);
    assert.deepEqual(result.writes[0]?.agreed, { stage: { left: 'Won', right: 'p/won' } });
  });

  it('a conflict writes nothing of its field, keeps both values, and does not hold up the others', () => {
    const result = decide({
      values: { amount: ['1', '2'], name: ['New', 'Acme'] },
      left: { changedAt: 5 },
      right: { changedAt: 7 },
    });
    assert.deepEqual(writes(result), ['right name: Acme → New']);
    assert.deepEqual(outcomes(result), { left: 'conflict', right: 'conflict' });
    assert.deepEqual(result.conflicts, [
      {
        field: 'amount',
        policy: 'ask',
        base: { left: '10', right: '10' },
        sides: {
          left: { id: 'left-1', value: '1', at: 5 },
          right: { id: 'right-1', value: '2', at: 7 },
        },
      },
    ]);
  });

  it('a conflict without a base says so', () => {
    const world = worldOf({ values: { name: ['One', 'Two'] } });
    const group = { ...world.group, pair: { key: 'op-1', base: {} } };
    assert.deepEqual(
      reconcileGroup(group, context(world)).conflicts.map(({ field, base }) => [field, base]),
      [['name', null]],
    );
  });

  it('a calendar date is carried as it is written', () => {
    const result = decide({ values: { closeDate: ['2026-10-25', '2026-03-29'] } });
    assert.deepEqual(writes(result), ['right closeDate: 2026-03-29 → 2026-10-25']);
  });

  it('stage and close date move independently of each other', () => {
    const result = decide({ values: { stage: ['Won', 'p/open'], closeDate: ['2026-03-29', '2026-04-01'] } });
    assert.deepEqual(writes(result), [
      'left closeDate: 2026-03-29 → 2026-04-01',
      'right stage: p/open → p/won',
    ]);
  });

  it('the newest edit wins by our clock, not by theirs', () => {
    const world = worldOf({
      values: { name: ['L', 'R'] },
      settings: { fields: { name: ask('text', { policy: 'newest' }) } },
      left: { changedAt: 10_000 },
      right: { changedAt: 14_000 },
    });
    const rules = { ...context(world), clockOffsets: { right: 9000 } };
    assert.deepEqual(writes(reconcileGroup(world.group, rules)), ['right name: R → L']);
    assert.deepEqual(writes(reconcileGroup(world.group, context(world))), ['left name: L → R']);
  });

  it('max_progress: won before lost before the later stage', () => {
    const stages = (left: string, right: string) =>
      writes(
        decide({
          values: { stage: [left, right] },
          base: { stage: ['Late', 'q/won'] },
          settings: { fields: { stage: ask('stage', { policy: 'max_progress' }) } },
        }),
      );
    assert.deepEqual(stages('Open', 'p/late'), ['left stage: Open → Late']);
    assert.deepEqual(stages('Won', 'p/open'), ['right stage: p/open → p/won']);
    assert.deepEqual(stages('Lost', 'p/won'), ['left stage: Lost → Won']);
  });

  it('max_progress cannot measure a stage that is not listed', () => {
    const result = decide({
      values: { stage: ['Open', 'p/gone'] },
      base: { stage: ['Late', 'p/late'] },
      settings: { fields: { stage: ask('stage', { policy: 'max_progress' }) } },
    });
    assert.deepEqual(outcomes(result), { left: 'conflict', right: 'conflict' });
  });
});

describe('what is left alone, and how it is said', () => {
  it('an unmapped stage holds both records; their other fields go on', () => {
    const result = decide({ values: { stage: ['Odd', 'p/open'], name: ['New', 'Acme'] } });
    assert.deepEqual(writes(result), ['right name: Acme → New']);
    assert.deepEqual(outcomes(result), { left: 'held', right: 'held' });
    const [note] = result.records[0]?.notes ?? [];
    assert.equal(note?.message, 'left stage "Odd" is not in the stage map');
    assert.equal(note?.remedy, 'add a row with left: "Odd" to the sync\'s stages');
  });

  it('a mapped stage without counterpart in the pipeline of the deal names that pipeline', () => {
    const result = decide({ values: { stage: ['Late', 'q/open'] }, base: { stage: ['Open', 'q/open'] } });
    assert.deepEqual(result.writes, []);
    assert.equal(
      result.records[0]?.notes[0]?.message,
      'left stage "Late" has no counterpart in the right pipeline "q"',
    );
  });

  it('a stage is never moved to another pipeline, and a counterpart in a right stage keeps it', () => {
    assert.deepEqual(
      writes(decide({ values: { stage: ['Won', 'q/open'] }, base: { stage: ['Open', 'q/open'] } })),
      ['right stage: q/open → q/won'],
    );
    assert.deepEqual(
      writes(decide({ values: { stage: ['Won', 'q/won'] }, base: { stage: ['Open', 'q/open'] } })),
      [],
    );
  });

  it('a record without a stage is not moved into a pipeline that is left out', () => {
    const given = { values: { stage: ['Open', null] as const }, base: { stage: [null, null] as const } };
    assert.deepEqual(writes(decide(given)), ['right stage: null → p/open']);
    assert.deepEqual(writes(decide({ ...given, settings: { excludePipelines: { right: ['p'] } } })), [
      'right stage: null → q/open',
    ]);
  });

  it('a value that was not read is no blank: neither cleared nor written over', () => {
    for (const given of [
      { values: { name: [undefined, 'Acme'] as const } },
      { values: { name: ['New', 'Acme'] as const }, world: { unreadable: ['right:name'] } },
      { values: { name: ['New', undefined] as const } },
    ]) {
      const result = decide({
        ...given,
        settings: { fields: { name: ask('text', { blank: 'propagate', policy: 'left' }) }, initial: 'left' },
      });
      assert.deepEqual([result.writes, result.agreed, result.conflicts], [[], {}, []]);
    }
  });

  it('a field the target may not write is remarked on, and the record is in sync otherwise', () => {
    const result = decide({ values: { name: ['New', 'Acme'] }, world: { readOnly: ['right:name'] } });
    assert.deepEqual(result.writes, []);
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'in_sync' });
    assert.deepEqual(causes(result), { left: [], right: ['read_only_field'] });
  });

  it('an amount that products add up to is not written', () => {
    const items = { evidence: { ...evidenceIn(STAGES.right[0], {}), custom: { hasLineItems: true } } };
    const result = decide({ values: { amount: ['12', '10'], name: ['New', 'Acme'] }, right: items });
    assert.deepEqual(writes(result), ['right name: Acme → New']);
    assert.deepEqual(causes(result), { left: [], right: ['line_items_rule_amount'] });
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'changed' });
  });

  it('a value the target would refuse quarantines that record; the rest of it is written', () => {
    const result = decide({
      values: { name: ['Bad', 'Acme'], amount: ['12', '10'] },
      world: { refused: ['right:Bad'] },
    });
    assert.deepEqual(writes(result), ['right amount: 10 → 12']);
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'quarantined' });
    assert.deepEqual(causes(result)['right'], ['refused_choice']);
  });

  it('an owner unknown over there is no fault of the record', () => {
    const result = decide({
      values: { owner: ['new@x.example', 'ann@x.example'] },
      world: { refused: ['right:new@x.example'] },
    });
    assert.deepEqual(outcomes(result), { left: 'in_sync', right: 'in_sync' });
    assert.deepEqual(causes(result)['right'], ['refused_owner']);
  });

  it('a stage the target would refuse holds the pair', () => {
    const result = decide({ values: { stage: ['Won', 'p/open'] }, world: { refused: ['right:p/won'] } });
    assert.deepEqual(outcomes(result), { left: 'held', right: 'held' });
  });

  it('of several outcomes the gravest is said: quarantined, conflict, held, changed', () => {
    const both = {
      values: {
        name: ['Bad', 'Acme'] as const,
        stage: ['Odd', 'p/open'] as const,
        amount: ['1', '2'] as const,
        closeDate: ['2026-01-01', '2026-03-29'] as const,
      },
    };
    assert.deepEqual(outcomes(decide({ ...both, world: { refused: ['right:Bad'] } })), {
      left: 'conflict',
      right: 'quarantined',
    });
    assert.deepEqual(
      outcomes(
        decide({ values: { ...both.values, amount: ['10', '10'] }, world: { refused: ['right:Bad'] } }),
      ),
      {
        left: 'held',
        right: 'quarantined',
      },
    );
    assert.deepEqual(outcomes(decide(both)), { left: 'conflict', right: 'conflict' });
    assert.deepEqual(outcomes(decide({ values: { ...both.values, amount: ['10', '10'] } })), {
      left: 'held',
      right: 'held',
    });
  });

  it('what quarantines a record is said last, after mere remarks', () => {
    const result = decide({
      values: { name: ['Bad', 'Acme'], owner: ['new@x.example', 'ann@x.example'] },
      world: { refused: ['right:Bad'], readOnly: ['right:owner'] },
    });
    assert.deepEqual(causes(result)['right'], ['read_only_field', 'refused_choice']);
  });

  it('a refused write is left alone while it is the same and the record has not changed', () => {
    const given = { values: { name: ['New', 'Acme'] as const } };
    const intent = intentOf({ changes: decide(given).writes[0]?.changes ?? [] });
    const note = { cause: 'refused_X', message: 'no', remedy: 'ask' };
    const against = (refusal: { intent: string; unchanged: boolean }) =>
      decide({ ...given, refusals: new Map([['right:right-1', { ...refusal, note }]]) });
    assert.deepEqual(outcomes(against({ intent, unchanged: true })), {
      left: 'in_sync',
      right: 'quarantined',
    });
    assert.deepEqual(against({ intent, unchanged: true }).writes, []);
    assert.deepEqual(causes(against({ intent, unchanged: true }))['right'], ['refused_X']);
    assert.equal(outcomes(against({ intent, unchanged: false }))['right'], 'changed');
    assert.equal(outcomes(against({ intent: 'another', unchanged: true }))['right'], 'changed');
    const nothing = decide({ refusals: new Map([['right:right-1', { intent, unchanged: true, note }]]) });
    assert.equal(outcomes(nothing)['right'], 'in_sync');
  });

  it('a pipeline left out excludes both records with the reason, and writes nothing', () => {
    const result = decide({
      values: { name: ['New', 'Acme'] },
      settings: { excludePipelines: { right: ['p'] } },
      owned: { status: null },
    });
    assert.deepEqual(outcomes(result), { left: 'excluded', right: 'excluded' });
    assert.deepEqual(causes(result), { left: ['excluded_pipeline'], right: ['excluded_pipeline'] });
    assert.deepEqual(result.writes, []);
    assert.equal(outcomes(decide({ settings: { excludePipelines: { right: ['q'] } } }))['left'], 'in_sync');
  });
});

describe('deletes and records without counterpart', () => {
  const owned = { status: null, pairKey: null };

  it('a delete is not carried over: the other side is held and keeps its verdict', () => {
    const result = decide({ right: { deleted: true }, owned });
    assert.deepEqual(outcomes(result), { left: 'held', right: 'excluded' });
    assert.deepEqual(causes(result), { left: ['counterpart_deleted'], right: ['deleted'] });
    assert.deepEqual(writes(result), ['left status: null → active', 'left pairKey: null → op-1']);
  });

  it('edited on one side and deleted on the other is a conflict for each edited field, and no write', () => {
    const result = decide({ right: { deleted: true }, owned, values: { name: ['New', 'Acme'] } });
    assert.deepEqual(outcomes(result), { left: 'conflict', right: 'excluded' });
    assert.deepEqual(causes(result), { left: ['edited_and_deleted'], right: ['deleted'] });
    assert.deepEqual(
      result.conflicts.map(({ field, cause, sides }) => [field, cause, sides['left']?.value, sides['right']]),
      [['name', 'deleted', 'New', { ...result.conflicts[0]?.sides['right'], value: null, deleted: true }]],
    );
    assert.deepEqual(writes(result), ['left status: null → active', 'left pairKey: null → op-1']);
    const blanked = decide({ right: { deleted: true }, owned, values: { nextStep: [null, 'call'] } });
    assert.deepEqual(blanked.conflicts, [], 'a blank that does not travel is no edit');
  });

  it('both deleted: both excluded, nothing written', () => {
    const result = decide({ left: { deleted: true }, right: { deleted: true }, owned });
    assert.deepEqual(outcomes(result), { left: 'excluded', right: 'excluded' });
    assert.deepEqual(causes(result), { left: ['deleted'], right: ['deleted'] });
    assert.deepEqual(result.writes, []);
  });

  it('an unpaired record gets its own verdict, and is unpaired once that is written', () => {
    const given = { single: 'left', owned } as const;
    const first = decide(given);
    assert.deepEqual(outcomes(first), { left: 'changed' });
    assert.deepEqual(writes(first), ['left status: null → active']);
    const world = worldOf(given);
    const after = reconcileGroup(carriedOut(world, first), context(world));
    assert.deepEqual([outcomes(after), after.writes], [{ left: 'unpaired' }, []]);
  });

  it('a refused verdict of an unpaired record is quarantined', () => {
    const intent = intentOf({ changes: decide({ single: 'left', owned }).writes[0]?.changes ?? [] });
    const note = { cause: 'refused_X', message: 'no', remedy: 'ask' };
    const refusals = new Map([['left:left-1', { intent, unchanged: true, note }]]);
    const result = decide({ single: 'left', owned, refusals });
    assert.deepEqual([outcomes(result), result.writes], [{ left: 'quarantined' }, []]);
  });

  it('an unpaired deleted record is excluded', () => {
    assert.deepEqual(outcomes(decide({ single: 'left', left: { deleted: true } })), { left: 'excluded' });
  });
});

describe('the verdict of a pair in the fields we own', () => {
  it('is the same on both sides, with the key of the pair', () => {
    const result = decide({
      values: { stage: ['Won', 'p/open'] },
      owned: { status: null, outcome: null, pairKey: 'old' },
    });
    const owned = (crm: string) =>
      result.writes.find((write) => write.crm === crm)?.changes.filter((change) => change.owned);
    assert.deepEqual(owned('left'), owned('right'));
    assert.deepEqual(
      owned('left')?.map(({ field, after, reason }) => [field, after, reason]),
      [
        ['status', 'closed', 'classified'],
        ['outcome', 'won', 'classified'],
        ['pairKey', 'op-1', 'pair_key'],
      ],
    );
  });

  it('by newest_stage_change, our own copy of a stage does not become the newest', () => {
    const given: Given = {
      // Two stages the map takes for the same, although only one of them is closed.
      values: { stage: ['Late', 'p/open'] },
      base: { stage: ['Open', 'p/open'] },
      world: { rows: [{ left: ['Late'], right: ['p/won'] }] },
      settings: { statusAuthority: 'newest_stage_change' },
      owned: { status: null },
      left: { evidence: { ...evidenceIn(STAGES.left[1], {}), stageChangedAt: NOW - 1000 } },
      right: { evidence: { ...evidenceIn(STAGES.right[0], {}), stageChangedAt: NOW - 9000 } },
    };
    const world = worldOf(given);
    const first = reconcileGroup(world.group, context(world));
    assert.deepEqual(
      first.records.map((record) => record.verdict.status),
      ['active', 'active'],
    );
    const again = reconcileGroup(carriedOut(world, first), context(world));
    assert.deepEqual(again.writes, []);
    assert.deepEqual(
      again.records.map((record) => record.verdict.status),
      ['active', 'active'],
    );
  });
});
