import assert from 'node:assert/strict';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import type { StageInfo } from '../../src/core/account-facts.ts';
import { parseDictionaries } from '../../src/core/dictionary-parse.ts';
import { type AdviceContext, adviseStages, type StageWarning } from '../../src/core/stage-advice.ts';

const dictionary = parseDictionaries(readDictionaryFiles());

function stage(id: string, label: string, changes: Partial<StageInfo> = {}): StageInfo {
  return {
    ...{ key: `p/${id}`, label, pipeline: 'p', pipelineLabel: 'P', order: 0 },
    ...{ closed: false, won: false, probability: 0.5, active: true },
    ...changes,
  };
}

function advise(stages: readonly StageInfo[], changes: Partial<AdviceContext> = {}) {
  return adviseStages({
    ...{ crm: 'hubspot', stages, counts: null, dictionary, languages: new Map(), decisions: new Map() },
    rows: null,
    ...changes,
  });
}

const WON = { closed: true, won: true, probability: 1 };
const LOST = { closed: true, won: false, probability: 0 };

/** One stage each, and what is odd about it. */
const CASES: readonly (readonly [string, StageInfo, string, readonly StageWarning[]])[] = [
  ['an ordinary open stage', stage('1', 'Negotiation'), 'open', []],
  ['a won stage', stage('closedwon', 'Closed Won', WON), 'won', []],
  ['a won stage by any id', stage('contractsent', 'Closed Won', WON), 'won', []],
  ['the id closedwon flagged lost', stage('closedwon', 'Closed Lost', LOST), 'lost', ['id_contradicts']],
  ['the id closedlost flagged won', stage('closedlost', 'Closed Won', WON), 'won', ['id_contradicts']],
  ['a cancelled one at the id closedlost', stage('closedlost', 'Cancelled', LOST), 'cancelled', []],
  ['a stage named won that is open', stage('1', 'Gagné'), 'open', ['won_label_on_open']],
  ['a stage named lost that is won', stage('1', 'Perdu', WON), 'won', ['label_contradicts']],
  ['open at 100 %', stage('1', 'Almost there', { probability: 1 }), 'open', ['probability_100_open']],
  ['open at 0 %', stage('1', 'Intake', { probability: 0 }), 'open', []],
  ['on hold', stage('1', 'On Hold'), 'paused', []],
  [
    'closed, but nobody says how',
    stage('1', 'Done', { closed: true, won: null, probability: 0.4 }),
    'unknown',
    ['closed_without_outcome'],
  ],
];

describe('the stage advisor', () => {
  for (const [what, given, expected, warnings] of CASES) {
    it(`${what}: ${expected}${warnings.length === 0 ? '' : `, ${warnings.join(', ')}`}`, () => {
      const [advice] = advise([given]);
      assert.equal(advice?.class, expected);
      assert.deepEqual(advice?.warnings, warnings);
    });
  }

  it('a name that stands twice in one pipeline is told; in two pipelines it is not', () => {
    const twice = advise([stage('1', 'Demo'), stage('2', ' DEMO')]);
    assert.deepEqual(
      twice.map(({ warnings }) => warnings),
      [['duplicate_label'], ['duplicate_label']],
    );
    const apart = advise([stage('1', 'Demo'), stage('2', 'Demo', { pipeline: 'q' })]);
    assert.deepEqual(
      apart.flatMap(({ warnings }) => warnings),
      [],
    );
  });

  it('stages that only records still name come last, and what is inactive but in use is told', () => {
    const counts = new Map([
      ['p/1', 3],
      ['p/gone', 2],
      ['p/old', 1],
    ]);
    const found = advise([stage('1', 'Demo'), stage('old', 'Old', { active: false })], { counts });
    assert.deepEqual(
      found.map(({ key, count, warnings }) => [key, count, warnings]),
      [
        ['p/1', 3, []],
        ['p/old', 1, ['inactive_in_use']],
        ['p/gone', 2, ['deleted_in_use']],
      ],
    );
  });

  it('a stage the map has no row for is told, an inactive one is not', () => {
    const rows = [{ salesforce: ['A'], hubspot: ['p/1'] }];
    const found = advise([stage('1', 'Demo'), stage('2', 'Trial'), stage('3', 'Old', { active: false })], {
      rows,
    });
    assert.deepEqual(
      found.map(({ warnings }) => warnings),
      [[], ['unmapped'], []],
    );
  });

  it('what the operator decided comes first, also for a stage that is gone', () => {
    const decisions = new Map([
      ['p/1', { status: 'closed', outcome: 'won' } as const],
      ['p/gone', { status: 'closed', outcome: 'lost' } as const],
    ]);
    const found = advise([stage('1', 'Demo')], { decisions, counts: new Map([['p/gone', 1]]) });
    assert.deepEqual(
      found.map((one) => [one.class, one.evidence]),
      [
        ['won', 'operator-decision'],
        ['lost', 'operator-decision'],
      ],
    );
  });

  it('tells the language a name was understood in', () => {
    const languages = new Map([['p/1', 'fr']]);
    assert.equal(advise([stage('1', 'Négociation')], { languages })[0]?.language, 'fr');
    assert.equal(advise([stage('1', 'zzz')], { languages })[0]?.language, null);
  });
});
