/** Which moves of a CRM's own history lie before watching began. */
import assert from 'node:assert/strict';
import type { StageInfo } from '../../src/core/account-facts.ts';
import { toldMoves, type WatchedRecord } from '../../src/core/backfill.ts';
import type { FieldEntry, RecordHistory } from '../../src/core/field-history.ts';

const stage = (key: string, closed: boolean | null, won: boolean | null): StageInfo => ({
  ...{
    key,
    label: key,
    pipeline: 'p',
    pipelineLabel: 'P',
    order: 0,
    closed,
    won,
    probability: null,
    active: true,
  },
});
const STAGES = [
  stage('open', false, false),
  stage('late', false, false),
  stage('won', true, true),
  stage('odd', null, null),
];
const entry = (at: number, value: string | null, actor: string | null = 'human:1'): FieldEntry => ({
  at,
  value,
  actor,
});
/** Histories are written earliest first and handed over newest first. */
const history = (fields: Record<string, FieldEntry[]>): RecordHistory =>
  Object.fromEntries(Object.entries(fields).map(([field, list]) => [field, list.toReversed()]));
const watched = (begins: WatchedRecord['begins']): WatchedRecord => ({ id: '1', begins });
const told = (begins: WatchedRecord['begins'], fields: Record<string, FieldEntry[]>): unknown[] =>
  toldMoves(watched(begins), history(fields), STAGES).map(({ at, field, from, to, own }) => [
    ...[at, field, from, to],
    ...(own === true ? ['own'] : []),
  ]);

describe('moves before watching began', () => {
  it('begin with the second value of a field and end with the one that was seen first', () => {
    const closeDate = [
      entry(1, '2030-01-01'),
      entry(2, '2030-02-01'),
      entry(3, '2030-02-01'),
      entry(4, '2030-03-01'),
    ];
    assert.deepEqual(told({ closeDate: { value: '2030-02-01', until: 9 } }, { closeDate }), [
      [2, 'closeDate', '2030-01-01', '2030-02-01'],
    ]);
  });

  it('of a value that comes several times the latest counts that is not after the beginning', () => {
    const list = [entry(1, 'open'), entry(2, 'late'), entry(3, 'open'), entry(8, 'open'), entry(9, 'late')];
    assert.deepEqual(told({ stage: { value: 'open', until: 5 } }, { stage: list }), [
      [2, 'stage', 'open', 'late'],
      [3, 'stage', 'late', 'open'],
    ]);
  });

  it('are none where the history does not know the value, is not known itself, or the field was never read', () => {
    const amount = [entry(1, '5'), entry(2, '6')];
    assert.deepEqual(told({ amount: { value: '7', until: 9 } }, { amount }), []);
    assert.deepEqual(told({ amount: { value: '6', until: 9 } }, {}), []);
    assert.deepEqual(told({}, { amount }), []);
  });

  it('compare amounts as numbers', () =>
    assert.deepEqual(
      told({ amount: { value: '6', until: 9 } }, { amount: [entry(1, '5'), entry(2, '6.00')] }),
      [[2, 'amount', '5', '6.00']],
    ));

  it('between stages that are open and closed are changes of standing; a stage that says neither tells nothing', () => {
    const list = [entry(1, 'open'), entry(2, 'won'), entry(3, 'late'), entry(4, 'odd')];
    assert.deepEqual(told({ stage: { value: 'odd', until: 9 } }, { stage: list }), [
      [2, 'stage', 'open', 'won'],
      [2, 'status', 'active', 'closed/won'],
      [3, 'stage', 'won', 'late'],
      [3, 'status', 'closed/won', 'active'],
      [4, 'stage', 'late', 'odd'],
    ]);
  });

  it('that oppsync made itself are known by whoever wrote its own field, unless that was a person', () => {
    const list = [
      entry(1, 'won'),
      entry(2, 'open', 'app:77'),
      entry(3, 'late', 'app:88'),
      entry(4, 'open', 'human:1'),
    ];
    const status = [entry(2, 'active', 'app:77'), entry(5, 'closed', 'human:1')];
    assert.deepEqual(told({ stage: { value: 'open', until: 9 } }, { stage: list, status }), [
      [2, 'stage', 'won', 'open', 'own'],
      [3, 'stage', 'open', 'late'],
      [4, 'stage', 'late', 'open'],
    ]);
  });
});
