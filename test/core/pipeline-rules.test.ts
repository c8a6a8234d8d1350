import assert from 'node:assert/strict';
import type { PipelineRules } from '../../src/core/account-facts.ts';
import type { GroupMember, ReconcileContext } from '../../src/core/group.ts';
import { againstItsPipeline } from '../../src/core/pipeline-rules.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { context, stage, type World } from './reconcile-world.ts';

const STAGES = [
  ...['a', 'b', 'c', 'd'].map((key, order) => stage({ key, pipeline: 'p' }, order)),
  stage({ key: 'won', closed: true, won: true, pipeline: 'p' }, 4),
  stage({ key: 'lost', closed: true, won: false, pipeline: 'p' }, 5),
  stage({ key: 'q', pipeline: 'other' }, 0),
];
const NONE: PipelineRules = { noReturn: [], noSkip: [], createIn: null, approval: null };

function cause(
  from: string | null,
  to: string | null,
  rules: Partial<PipelineRules>,
  settings: Partial<SyncSettings> = { pipelineRules: 'respect' },
): string | null {
  const world = { settings, stages: { right: STAGES }, rows: [] } as unknown as World;
  const rulesOf: ReconcileContext = {
    ...context(world),
    pipelineRules: new Map([['right', { p: { ...NONE, ...rules } }]]),
  };
  const member = {
    crm: 'right',
    id: from === null ? '' : '1',
    fields: { stage: from },
  } as unknown as GroupMember;
  const note = againstItsPipeline('stage', to, member, rulesOf);
  assert.ok(note === null || (note.message.includes('"p"') && note.remedy !== '' && note.field === 'stage'));
  return note?.cause.replace('pipeline_rule_', '') ?? null;
}

describe('rules of a pipeline', () => {
  for (const [from, to, rules, expected] of [
    ['c', 'a', { noReturn: 'all' }, 'back'],
    ['c', 'a', { noReturn: ['c'] }, 'back'],
    ['c', 'a', { noReturn: ['a'] }, 'back'],
    ['c', 'a', { noReturn: ['b', 'd'] }, null],
    ['won', 'b', { noReturn: 'all' }, 'back'],
    ['a', 'c', { noReturn: 'all' }, null],
    ['a', 'c', { noSkip: 'all' }, 'skip'],
    ['a', 'c', { noSkip: ['b'] }, 'skip'],
    ['a', 'c', { noSkip: ['a', 'c', 'd'] }, null],
    ['a', 'b', { noSkip: 'all' }, null],
    ['c', 'a', { noSkip: 'all' }, null],
    ['c', 'won', { noSkip: 'all' }, 'skip'],
    ['d', 'won', { noSkip: 'all' }, null],
    ['a', 'lost', { noSkip: 'all', approval: 'b' }, null],
    ['b', 'c', { approval: 'b' }, 'approval'],
    ['a', 'c', { approval: 'b' }, 'approval'],
    ['a', 'b', { approval: 'b' }, null],
    ['c', 'd', { approval: 'b' }, null],
    ['q', 'd', { noSkip: 'all', noReturn: 'all' }, null],
    ['gone', 'd', { noSkip: 'all', noReturn: 'all' }, null],
    ['a', 'q', { noSkip: 'all' }, null],
    ['a', null, { noReturn: 'all' }, null],
    [null, 'b', { createIn: ['a'] }, 'create'],
    [null, 'a', { createIn: ['a'] }, null],
    [null, 'd', { noSkip: 'all' }, null],
    ['a', 'b', { createIn: ['a'] }, null],
  ] as const)
    it(`${from ?? 'new'} to ${to} under ${JSON.stringify(rules)}: ${expected ?? 'goes'}`, () => {
      assert.equal(cause(from, to, rules), expected);
    });

  it('bind nobody who did not ask for it', () => {
    for (const settings of [{}, { pipelineRules: 'ignore' }] as const)
      assert.equal(cause('c', 'a', { noReturn: 'all' }, settings), null);
  });
});
