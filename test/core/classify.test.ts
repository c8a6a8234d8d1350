import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import { type ClassifyContext, classify, STANDARD_PROFILE } from '../../src/core/classify.ts';
import { parseDictionaries } from '../../src/core/dictionary-parse.ts';
import type { Evidence } from '../../src/core/opportunity.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const dictionary = parseDictionaries(readDictionaryFiles());
const plain: ClassifyContext = { profile: STANDARD_PROFILE, now: NOW };
const named: ClassifyContext = { ...plain, dictionary, language: 'en' };

/** Status, outcome or phase, and flags in one line. */
function said(evidence: Evidence, context: ClassifyContext = named): string {
  const verdict = classify(evidence, context);
  const detail = verdict.outcome ?? verdict.phase;
  return [verdict.status + (detail === null ? '' : `/${detail}`), ...verdict.flags].join(' ');
}

describe('classify: which evidence decides', () => {
  const cases: [string, Evidence, string][] = [
    ['Salesforce won', { isClosed: true, isWon: true, stageKey: 'a' }, 'closed/won'],
    ['Salesforce lost has no lost flag', { isClosed: true, isWon: false, stageKey: 'a' }, 'closed/lost'],
    ['Salesforce open', { isClosed: false, isWon: false, stageKey: 'a' }, 'active'],
    ['HubSpot won', { isClosed: true, isWon: true, isLost: false, stageKey: 'p/1' }, 'closed/won'],
    ['HubSpot lost', { isClosed: true, isWon: false, isLost: true, stageKey: 'p/1' }, 'closed/lost'],
    ['HubSpot deal without a stage', { isWon: false, isLost: false }, 'unknown no_stage'],
    [
      'closed, explicitly neither',
      { isClosed: true, isWon: false, isLost: false, stageKey: 'a' },
      'unknown closed_without_outcome',
    ],
    [
      'closed, the stage knows how',
      { isClosed: true, stageKey: 'a', stageIsClosed: true, stageIsWon: false },
      'closed/lost',
    ],
    ['closed, the name knows how', { isClosed: true, stageKey: 'a', stageLabel: 'Closed Won' }, 'closed/won'],
    [
      'closed, its name reads open',
      { isClosed: true, stageKey: 'a', stageLabel: 'Negotiation' },
      'unknown closed_without_outcome',
    ],
    [
      'won and lost at once',
      { isClosed: true, isWon: true, isLost: true, stageKey: 'a' },
      'unknown won_and_lost',
    ],
    [
      'won without closed, nothing else',
      { isClosed: false, isWon: true, stageKey: 'a', stageLabel: 'Closed Won' },
      'unknown won_without_closed',
    ],
    [
      'won without closed, stage says open',
      { isClosed: false, isWon: true, stageKey: 'a', stageIsClosed: false },
      'active won_flag_on_open_stage won_without_closed',
    ],
    ['won, closed not read', { isWon: true, stageKey: 'a' }, 'closed/won won_without_closed'],
    ['lost without closed', { isClosed: false, isLost: true, stageKey: 'a' }, 'unknown lost_without_closed'],
    [
      'won on an open stage',
      { isClosed: true, isWon: true, stageKey: 'a', stageIsClosed: false },
      'closed/won flags_contradict_stage won_flag_on_open_stage',
    ],
    ['stage metadata alone: won', { stageKey: 'a', stageIsClosed: true, stageIsWon: true }, 'closed/won'],
    [
      'closed stage at probability 0',
      { stageKey: 'a', stageIsClosed: true, stageProbability: 0 },
      'closed/lost',
    ],
    [
      'closed stage at probability 1',
      { stageKey: 'a', stageIsClosed: true, stageProbability: 1 },
      'closed/won',
    ],
    [
      'closed stage in between',
      { stageKey: 'a', stageIsClosed: true, stageProbability: 0.5 },
      'unknown closed_without_outcome',
    ],
    ['open stage at probability 0', { stageKey: 'a', stageIsClosed: false, stageProbability: 0 }, 'active'],
    [
      'probability alone decides nothing',
      { stageKey: 'a', stageProbability: 1, probability: 1 },
      'unknown no_evidence',
    ],
    [
      'open at probability 100',
      { isClosed: false, stageKey: 'a', probability: 1 },
      'active probability_100_open',
    ],
    ['a stage id decides nothing', { stageKey: 'default/closedwon' }, 'unknown no_evidence'],
    [
      'id closedwon, flagged lost',
      { stageKey: 'default/closedwon', stageLabel: 'Verloren', isClosed: true, isWon: false, isLost: true },
      'closed/lost',
    ],
    [
      'name against flags',
      { stageKey: 'a', stageLabel: 'Closed Won', isClosed: true, isWon: false },
      'closed/lost label_contradicts',
    ],
    ['name alone: won', { stageKey: 'a', stageLabel: 'Closed Won' }, 'closed/won'],
    ['name alone: open', { stageKey: 'a', stageLabel: 'Contract sent' }, 'active/finalising'],
    ['name not known', { stageKey: 'a', stageLabel: 'Blue' }, 'unknown stage_not_recognised'],
    [
      'lost, named cancelled',
      { stageKey: 'a', stageLabel: 'Cancelled', isClosed: true, isWon: false },
      'closed/cancelled',
    ],
    ['named withdrawn', { stageKey: 'a', stageLabel: 'Withdrawn' }, 'closed/cancelled'],
    ['open, named on hold', { stageKey: 'a', stageLabel: 'On hold', isClosed: false }, 'active/paused'],
    [
      'deleted stage, flags decide',
      { stageKey: 'a', stageExists: false, isClosed: true, isWon: true },
      'closed/won stage_deleted',
    ],
    [
      'deleted stage, nothing decides',
      { stageKey: 'a', stageExists: false },
      'unknown no_evidence stage_deleted',
    ],
    ['nothing at all', {}, 'unknown no_stage'],
    ['overdue, no amount', { isClosed: false, stageKey: 'a', closeDate: '2026-11-22' }, 'active overdue'],
    ['due today', { isClosed: false, stageKey: 'a', closeDate: '2026-11-23' }, 'active'],
    [
      'closed is never overdue',
      { isClosed: true, isWon: true, stageKey: 'a', closeDate: '2020-01-01' },
      'closed/won',
    ],
    [
      'contact in the future',
      { isClosed: false, stageKey: 'a', lastContactAt: NOW + DAY },
      'active contact_in_future',
    ],
  ];
  for (const [name, evidence, expected] of cases) {
    it(`${name}: ${expected}`, () => assert.equal(said(evidence), expected));
  }

  for (const label of [
    'Final review',
    'Ready to close',
    'Contract sent',
    'Awaiting signature',
    'Term sheet',
    'Closing',
  ]) {
    it(`"${label}" looks closed and is open`, () =>
      assert.match(said({ stageKey: 'a', stageLabel: label }), /^active/));
  }
});

describe('classify: an operator decides first', () => {
  const stage: Evidence = { stageKey: 'S', isClosed: false };
  const decide = (
    decision: Parameters<NonNullable<ClassifyContext['decisions']>['forEach']>[0] extends (
      v: infer D,
      ...rest: never[]
    ) => void
      ? D
      : never,
  ) => said(stage, { ...plain, decisions: new Map([['S', decision]]) });

  it('closes an open stage', () =>
    assert.equal(decide({ status: 'closed', outcome: 'won' }), 'closed/won decided_by_configuration'));
  it('gives a phase', () =>
    assert.equal(
      decide({ status: 'active', phase: 'committing' }),
      'active/committing decided_by_configuration',
    ));
  it('asks a person', () => assert.equal(decide({ status: 'unknown' }), 'unknown decided_by_configuration'));
  it('is unknown when it closes without saying how', () =>
    assert.equal(decide({ status: 'closed' }), 'unknown decided_by_configuration'));
  it('leaves other stages alone', () =>
    assert.equal(
      said(
        { stageKey: 'T', isClosed: false },
        { ...plain, decisions: new Map([['S', { status: 'unknown' }]]) },
      ),
      'active',
    ));
});

describe('classify: evidence of the wrong type', () => {
  const odd: unknown[] = [
    'true',
    'false',
    1,
    0,
    Number.NaN,
    [],
    {},
    ['x'],
    Number.POSITIVE_INFINITY,
    10n,
    Symbol('s'),
    () => 1,
  ];
  for (const value of odd) {
    it(`sets ${typeof value} ${typeof value === 'symbol' ? '' : String(value)} aside`, () => {
      const verdict = classify({ isClosed: value, stageKey: 'a' } as unknown as Evidence, plain);
      assert.equal(verdict.status, 'unknown');
      assert.ok(verdict.flags.includes('evidence_unreadable'));
    });
  }
  it('still decides by what is readable', () =>
    assert.equal(
      said({ isClosed: 'true', stageKey: 'a', stageIsClosed: false } as unknown as Evidence),
      'active evidence_unreadable',
    ));
  it('takes no evidence object at all', () => {
    for (const nothing of [null, undefined, 'x', 7, []]) {
      assert.equal(classify(nothing as unknown as Evidence, plain).status, 'unknown');
    }
  });
  it('does not reach prototypes through custom evidence', () => {
    const custom = JSON.parse('{"__proto__":{"paid":true},"constructor":true}') as Record<string, boolean>;
    const verdict = classify({ isClosed: true, isWon: true, stageKey: 'a', custom }, plain);
    assert.equal(verdict.completeness.finance, null);
  });
});

describe('classify: engagement and time', () => {
  const contact = (days: number) =>
    classify({ isClosed: false, stageKey: 'a', lastContactAt: NOW - days * DAY }, plain).engagement;
  it('is engaged up to 14 days, quiet up to 30, then stale', () => {
    assert.deepEqual(
      [0, 14, 15, 30, 31].map((days) => contact(days).state),
      ['engaged', 'engaged', 'quiet', 'quiet', 'stale'],
    );
    assert.equal(contact(31).days, 31);
  });
  it('is unknown without contact, and a planned meeting is no contact', () => {
    const verdict = classify({ isClosed: false, stageKey: 'a', nextActivityAt: NOW + DAY }, plain);
    assert.deepEqual(verdict.engagement, { state: 'unknown', last: null, days: null });
  });
  it('ends a close date where the workspace is, whatever the zone of the machine', () => {
    const late = Date.UTC(2026, 10, 23, 23, 30);
    const evidence: Evidence = { isClosed: false, stageKey: 'a', closeDate: '2026-11-23' };
    assert.deepEqual(classify(evidence, { ...plain, now: late, timeZone: 'Asia/Tokyo' }).flags, ['overdue']);
    assert.deepEqual(classify(evidence, { ...plain, now: late, timeZone: 'America/Lima' }).flags, []);
    assert.deepEqual(classify(evidence, { ...plain, now: late }).flags, []);
  });
});

describe('classify: real stages of others', () => {
  const file = new URL(
    '../../../shared/fixtures/hubspot/fivetran/deal_pipeline_stage_data.csv',
    import.meta.url,
  );
  it('reads every stage as its flags say, none lost for its probability', function () {
    if (!existsSync(file)) {
      console.log('    skipped: ../shared/fixtures/hubspot is not there');
      this.skip();
    }
    const [head = '', ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
    const at = (name: string) => head.split(',').indexOf(name);
    const counts: Record<string, number> = {};
    for (const row of rows) {
      const cells = row.split(',');
      const isClosed = cells[at('is_closed')] === 'TRUE';
      const isWon = cells[at('closed_won')] === 'TRUE';
      const verdict = classify(
        {
          stageKey: cells[at('stage_id')] ?? null,
          stageIsClosed: isClosed,
          stageIsWon: isWon,
          stageProbability: Number(cells[at('probability')]),
        },
        plain,
      );
      assert.equal(verdict.status, isClosed ? 'closed' : 'active');
      if (isClosed) assert.equal(verdict.outcome, isWon ? 'won' : 'lost');
      counts[verdict.outcome ?? verdict.status] = (counts[verdict.outcome ?? verdict.status] ?? 0) + 1;
    }
    assert.deepEqual(counts, { won: 5, active: rows.length - 5 });
  });
});
