import assert from 'node:assert/strict';
import { checkPlan } from '../../src/core/brakes.ts';
import { creationSentence } from '../../src/core/change-sentence.ts';
import {
  type CreationDecision,
  type CreationRules,
  creationIntent,
  creationKey,
  decideCreation,
  type Hurdle,
} from '../../src/core/creation.ts';
import { creationBase } from '../../src/core/creation-base.ts';
import type { GroupMember, Refusal } from '../../src/core/group.ts';
import type { Value } from '../../src/core/opportunity.ts';
import { digestOfCreation, predictCreating } from '../../src/core/plan.ts';
import { reconcileGroup } from '../../src/core/reconcile.ts';
import type { FieldPolicy, SyncSettings } from '../../src/core/settings.ts';
import { context, evidenceIn, stage, type World } from './reconcile-world.ts';

const STAGES = {
  left: [
    stage({ key: 'Open' }, 0),
    stage({ key: 'Odd' }, 1),
    stage({ key: 'Won', closed: true, won: true }, 2),
  ],
  right: [
    stage({ key: 'p/open', pipeline: 'p' }, 0),
    stage({ key: 'q/open', pipeline: 'q' }, 0),
    stage({ key: 'p/won', closed: true, won: true, pipeline: 'p' }, 2),
  ],
};
const ROWS = [
  { left: ['Open'], right: ['p/open', 'q/open'] },
  { left: ['Won'], right: ['p/won'] },
];
const ask = (kind: FieldPolicy['kind']): FieldPolicy => ({ kind, policy: 'ask', blank: 'ignore' });
const FIELDS = {
  name: ask('text'),
  stage: ask('stage'),
  amount: ask('decimal'),
  closeDate: ask('date'),
  owner: ask('person'),
};
const HELD: Readonly<Record<string, Value>> = {
  ...{ name: 'Acme', stage: 'Open', amount: '10', closeDate: '2031-03-29', owner: 'ann@x.example' },
};

interface Given {
  readonly values?: Readonly<Record<string, Value | undefined>>;
  readonly member?: Partial<GroupMember>;
  readonly hurdle?: Hurdle;
  readonly refusal?: Refusal;
  readonly rules?: Partial<CreationRules> | null;
  readonly settings?: Partial<SyncSettings>;
  readonly world?: Partial<Pick<World, 'unreadable' | 'readOnly' | 'refused'>>;
}

function parts(given: Given) {
  const fields = Object.fromEntries(
    Object.entries({ ...HELD, ...given.values }).filter(
      (entry): entry is [string, Value] => entry[1] !== undefined,
    ),
  );
  const evidence = evidenceIn(
    STAGES.left.find(({ key }) => key === fields['stage']),
    { stageKey: fields['stage'] ?? null },
  );
  const member: GroupMember = {
    ...{ crm: 'left', id: 'L1', version: '1', changedAt: 0, deleted: false, fields, owned: {}, evidence },
    ...{ pairKey: null, linkedId: null, absorbedIds: [], ...given.member },
  };
  const refusals = new Map(given.refusal === undefined ? [] : [['left:L1', given.refusal]]);
  const group = { pair: null, members: [member], refusals, hurdle: given.hurdle ?? null };
  const settings: SyncSettings = {
    ...{
      name: 'main',
      sides: ['left', 'right'],
      fields: FIELDS,
      initial: 'ask',
      statusAuthority: 'most_advanced',
    },
    ...{ stages: ROWS, profile: 'standard', excludePipelines: {}, tieMarginMs: 0, ...given.settings },
  };
  const world: World = {
    ...{
      group,
      settings,
      stages: STAGES,
      rows: ROWS,
      unreadable: [],
      readOnly: [],
      refused: [],
      ...given.world,
    },
  };
  const rules: CreationRules = {
    ...{
      into: { right: 'active' },
      complete: new Set(['right']),
      required: () => ['name', 'stage', 'owner'],
    },
    ...given.rules,
  };
  return {
    member,
    group,
    context: { ...context(world), ...(given.rules === null ? {} : { creation: rules }) },
  };
}

function decide(given: Given = {}): CreationDecision {
  const { member, group, context: rules } = parts(given);
  return decideCreation(member, group, rules);
}

function planned(given: Given = {}) {
  const decision = decide(given);
  assert.ok(decision.is === 'planned', JSON.stringify(decision));
  return decision;
}

function cause(given: Given): string {
  const decision = decide(given);
  assert.ok(decision.is === 'held' || decision.is === 'refused', JSON.stringify(decision));
  assert.ok(decision.note.message !== '' && decision.note.remedy !== '');
  return `${decision.is} ${decision.note.cause}`;
}

describe('whether a counterpart is made', () => {
  it('with every value the other CRM can hold, and the base that makes of it', () => {
    const { creation, verdict, remarks } = planned();
    assert.equal(creation.crm, 'right');
    assert.equal(creation.key, creationKey({ crm: 'left', id: 'L1' }));
    assert.deepEqual(creation.fields, { ...HELD, stage: 'p/open' });
    assert.deepEqual(creation.agreed['stage'], { left: 'Open', right: 'p/open' });
    assert.deepEqual(
      [creation.owned['pairKey'], creation.owned['status'], verdict.status],
      [creation.key, 'active', 'active'],
    );
    assert.deepEqual(remarks, []);
  });

  it('the key stays within what both CRMs can hold', () => {
    assert.equal(creationKey({ crm: 'left', id: 'x'.repeat(200) }).length, 80);
  });

  it('never where nobody asked for it, nor on the side it comes from', () => {
    assert.equal(decide({ rules: null }).is, 'none');
    assert.equal(decide({ rules: { into: { left: 'all' } } }).is, 'none');
    assert.equal(decide({ settings: { sides: ['left', 'left'] } }).is, 'none');
  });

  it('of active records, or of all', () => {
    assert.equal(decide({ values: { stage: 'Won' } }).is, 'none');
    const { creation } = planned({ values: { stage: 'Won' }, rules: { into: { right: 'all' } } });
    assert.deepEqual([creation.fields['stage'], creation.owned['outcome']], ['p/won', 'won']);
  });

  it('not while it may have one', () => {
    const hurdle = (is: Hurdle['is']): Given => ({ hurdle: { is, other: 'R9' } });
    assert.equal(cause(hurdle('proposed')), 'held create_waits_for_pairing');
    assert.equal(cause(hurdle('ambiguous')), 'held create_waits_for_link');
    assert.equal(cause(hurdle('apart')), 'held create_kept_apart');
    assert.equal(cause(hurdle('linked')), 'held create_linked_elsewhere');
    assert.equal(cause(hurdle('duplicate')), 'held create_waits_for_duplicate');
    assert.equal(cause({ member: { linkedId: 'R9' } }), 'held create_linked_elsewhere');
    assert.equal(cause({ member: { pairKey: 'op-1' } }), 'held create_had_counterpart');
  });

  it('not before the other CRM was read completely', () => {
    assert.equal(cause({ rules: { complete: new Set() } }), 'held create_waits_for_reading');
  });

  it('not in a stage without counterpart, or only with one that is left out', () => {
    assert.equal(cause({ values: { stage: 'Odd' } }), 'held unmapped_stage');
    const left = planned({ settings: { excludePipelines: { right: ['p'] } } });
    assert.equal(left.creation.fields['stage'], 'q/open');
    assert.equal(cause({ settings: { excludePipelines: { right: ['p', 'q'] } } }), 'held unmapped_stage');
  });

  it('not without what a new record needs; an owner only where owners are synced', () => {
    assert.equal(cause({ values: { name: ' ' } }), 'held create_incomplete');
    assert.equal(
      cause({ values: { stage: null }, rules: { into: { right: 'all' } } }),
      'held create_incomplete',
    );
    assert.equal(cause({ values: { owner: undefined } }), 'held create_incomplete');
    assert.equal(cause({ world: { unreadable: ['left:name'] } }), 'held create_incomplete');
    const { owner: _owner, ...fields } = FIELDS;
    assert.equal(
      planned({ values: { owner: null }, settings: { fields } }).creation.fields['owner'],
      undefined,
    );
  });

  it('not with an owner the other CRM does not know, unless it needs none', () => {
    const unknown: Given = { world: { refused: ['right:ann@x.example'] } };
    assert.equal(cause(unknown), 'held refused_owner');
    const free = planned({ ...unknown, rules: { required: () => ['name'] } });
    assert.deepEqual([free.creation.fields['owner'], free.remarks.length], [undefined, 1]);
  });

  it('not with a value the other CRM refuses; blanks and read-only fields are left out', () => {
    assert.match(cause({ world: { refused: ['right:10'] } }), /^refused refused_/);
    assert.equal('amount' in planned({ values: { amount: null } }).creation.fields, false);
    const { creation, remarks } = planned({ world: { readOnly: ['right:amount'] } });
    assert.deepEqual(['amount' in creation.fields, remarks[0]?.cause], [false, 'read_only_field']);
  });

  it('not again what was refused before, until something changes', () => {
    const note = { cause: 'refused_RULE', message: 'no', remedy: 'fix it' };
    const intent = creationIntent(planned().creation);
    assert.equal(cause({ refusal: { intent, unchanged: true, note } }), 'refused refused_RULE');
    assert.equal(decide({ refusal: { intent, unchanged: false, note } }).is, 'planned');
    assert.equal(decide({ refusal: { intent: 'other', unchanged: true, note } }).is, 'planned');
  });

  it('accounts for the record as it decides', () => {
    const outcome = (given: Given): string | undefined => {
      const { group, context: rules } = parts(given);
      const { records, creations = [] } = reconcileGroup(group, rules);
      assert.equal(creations.length, records[0]?.outcome === 'changed' ? 1 : 0);
      return records[0]?.outcome;
    };
    assert.equal(outcome({}), 'changed');
    assert.equal(outcome({ values: { stage: 'Odd' } }), 'held');
    assert.equal(outcome({ world: { refused: ['right:10'] } }), 'quarantined');
    assert.equal(outcome({ values: { stage: 'Won' } }), 'unpaired');
  });
});

describe('what both sides agreed on when a record was made', () => {
  const same = (_field: string, a: Value, b: Value): boolean => a === b;
  const sent = (left: Value, right: Value) => ({ agreed: { amount: { left, right } } });

  it('what was sent, whatever it holds now', () => {
    assert.deepEqual(creationBase('right', { amount: '9' }, [sent('1', '1')], same), sent('1', '1').agreed);
    assert.deepEqual(
      creationBase('right', {}, [sent('1', '1'), sent('1', '1')], same),
      sent('1', '1').agreed,
    );
  });

  it('of several sendings the one whose value it holds', () => {
    const tries = [sent('1', '1'), sent('2', '2')];
    assert.deepEqual(creationBase('right', { amount: '1' }, tries, same), sent('1', '1').agreed);
    assert.deepEqual(creationBase('right', { amount: '9' }, tries, same), {});
    assert.deepEqual(creationBase('right', {}, tries, same), {});
  });

  it('a field not all of them sent only when it holds what was sent', () => {
    const tries = [{ agreed: {} }, sent('2', '2')];
    assert.deepEqual(creationBase('right', { amount: '2' }, tries, same), sent('2', '2').agreed);
    assert.deepEqual(creationBase('right', { amount: '3' }, tries, same), {});
  });

  it('nothing when nothing was sent', () =>
    assert.deepEqual(creationBase('right', { amount: '1' }, [], same), {}));
});

describe('creations in a plan', () => {
  it('are part of its digest, whatever the order of their fields', () => {
    const { creation } = planned();
    const turned = { ...creation, fields: Object.fromEntries(Object.entries(creation.fields).reverse()) };
    assert.equal(digestOfCreation(turned), digestOfCreation(creation));
    assert.notEqual(digestOfCreation({ ...creation, fields: { name: 'Other' } }), digestOfCreation(creation));
    assert.equal(creationIntent(turned), creationIntent(creation));
  });

  it('cost a look, the upsert and a look per batch', () => {
    const sizes = [
      { keyBatch: 100, callsPerLook: 2 },
      { readBatch: 100, writeBatch: 100 },
    ] as const;
    assert.deepEqual(
      [0, 1, 100, 101].map((n) => predictCreating(n, ...sizes)),
      [0, 4, 4, 8],
    );
  });

  it('are stopped the first time there are any in a CRM', () => {
    const facts = { plansBefore: 1, records: 2, linked: 1000, changed: 0, flips: 0, amounts: [], creates: 2 };
    const brakes = (first: Record<string, number>, plansBefore = 1): string[] =>
      checkPlan({ ...facts, plansBefore, firstCreates: first, deletes: 0, blanks: 0, vanished: {} }).map(
        ({ brake }) => brake,
      );
    assert.deepEqual(brakes({ right: 2 }), ['first_creates']);
    assert.deepEqual(brakes({ right: 0 }), []);
    assert.deepEqual(brakes({ right: 2 }, 0), ['first_run']);
  });

  it('are explained in both languages', () => {
    const source = { crm: 'left', id: 'L1' };
    const capital = (crm: string): string => crm.charAt(0).toUpperCase() + crm.slice(1);
    assert.match(creationSentence('right', source, 'en', capital), /Left L1 .* Right/);
    assert.match(creationSentence('right', source, 'fr', capital), /Left L1 .* Right/);
  });
});
