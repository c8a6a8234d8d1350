import assert from 'node:assert/strict';
import { afterStage, agreeVerdict, progressOf, type VerdictOfSide } from '../../src/core/agree.ts';
import { classify, STANDARD_PROFILE } from '../../src/core/classify.ts';
import type { Phase, Verdict } from '../../src/core/verdict.ts';
import { NOW, stage } from './reconcile-world.ts';

const verdict = (more: Partial<Verdict>): Verdict => ({
  status: 'active',
  outcome: null,
  phase: null,
  engagement: { state: 'unknown', last: null, days: null },
  completeness: { accepted: null, contract: null, finance: null },
  flags: [],
  because: [],
  ...more,
});
const side = (crm: string, more: Partial<Verdict>, stageChangedAt: number | null = null): VerdictOfSide => ({
  crm,
  verdict: verdict(more),
  stageChangedAt,
});
const WON = { status: 'closed', outcome: 'won' } as const;
const LOST = { status: 'closed', outcome: 'lost' } as const;
const says = ({ status, outcome, flags }: Verdict) => [status, outcome, ...flags];

describe('the verdict of a pair', () => {
  it('stands when both sides say the same, with the further phase and no flag', () => {
    const agreed = agreeVerdict(side('a', { phase: 'meeting' }), side('b', { phase: 'proposing' }), 'review');
    assert.deepEqual([agreed.phase, agreed.flags], ['proposing', []]);
  });

  const table: [string, string, VerdictOfSide, VerdictOfSide, unknown[]][] = [
    ['one CRM decides', 'a', side('a', {}), side('b', WON), ['active', null, 'crms_disagree']],
    ['the other CRM decides', 'b', side('a', {}), side('b', WON), ['closed', 'won', 'crms_disagree']],
    [
      'won is further than lost',
      'most_advanced',
      side('a', LOST),
      side('b', WON),
      ['closed', 'won', 'crms_disagree'],
    ],
    [
      'lost is further than open',
      'most_advanced',
      side('a', LOST),
      side('b', { phase: 'finalising' }),
      ['closed', 'lost', 'crms_disagree'],
    ],
    [
      'the newest stage',
      'newest_stage_change',
      side('a', {}, 1),
      side('b', WON, 2),
      ['closed', 'won', 'crms_disagree'],
    ],
    [
      'the newest stage, other side',
      'newest_stage_change',
      side('a', {}, 3),
      side('b', WON, 2),
      ['active', null, 'crms_disagree'],
    ],
    [
      'a tie is for a person',
      'newest_stage_change',
      side('a', {}, 2),
      side('b', WON, 2),
      ['unknown', null, 'crms_disagree', 'review_asked'],
    ],
    [
      'an unknown moment is for a person',
      'newest_stage_change',
      side('a', {}),
      side('b', WON, 2),
      ['unknown', null, 'crms_disagree', 'review_asked'],
    ],
    [
      'review asks',
      'review',
      side('a', {}),
      side('b', WON),
      ['unknown', null, 'crms_disagree', 'review_asked'],
    ],
    [
      'an unknown side has no say, whoever decides',
      'a',
      side('a', { status: 'unknown' }),
      side('b', LOST),
      ['closed', 'lost', 'crms_disagree'],
    ],
    [
      'nor has the other',
      'b',
      side('a', WON),
      side('b', { status: 'unknown' }),
      ['closed', 'won', 'crms_disagree'],
    ],
  ];
  for (const [name, authority, a, b, expected] of table) {
    it(name, () => {
      assert.deepEqual(says(agreeVerdict(a, b, authority)), expected);
      assert.deepEqual(says(agreeVerdict(b, a, authority)), expected);
    });
  }

  it('in stages that mean the same, the side that moved first counts: the later move was its copy', () => {
    assert.deepEqual(says(agreeVerdict(side('a', {}, 1), side('b', WON, 2), 'newest_stage_change', true)), [
      'active',
      null,
      'crms_disagree',
    ]);
  });

  it('asking keeps what both sides know', () => {
    const because = (rule: string) => [{ evidence: rule, rule, decided: null }];
    const asked = agreeVerdict(
      side('a', { because: because('x') }),
      side('b', { ...WON, because: because('y') }),
      'review',
    );
    assert.deepEqual(
      asked.because.map((step) => step.rule),
      ['x', 'y'],
    );
    assert.equal(asked.phase, null);
  });

  it('contact seen by either CRM is contact', () => {
    const fresh = { state: 'engaged', last: 20, days: 1 } as const;
    const old = { state: 'stale', last: 10, days: 40 } as const;
    const both = [side('a', { engagement: old }), side('b', { engagement: fresh })] as const;
    assert.deepEqual(agreeVerdict(both[0], both[1], 'a').engagement, fresh);
    assert.deepEqual(agreeVerdict(both[1], both[0], 'a').engagement, fresh);
    assert.equal(
      agreeVerdict(side('a', WON), side('b', { ...WON, engagement: fresh }), 'a').engagement.last,
      null,
    );
  });

  it('goes further from prospecting to finalising, and paused is behind them all', () => {
    const phases: Phase[] = [
      'paused',
      'prospecting',
      'qualifying',
      'meeting',
      'proposing',
      'negotiating',
      'committing',
      'finalising',
    ];
    const places = [
      verdict({}),
      ...phases.map((phase) => verdict({ phase })),
      verdict(LOST),
      verdict(WON),
    ].map(progressOf);
    assert.deepEqual(
      places,
      [...places].sort((x, y) => x - y),
    );
    assert.equal(new Set(places).size, places.length);
  });
});

describe('what a CRM will say after a stage is written', () => {
  const read = (closed: boolean | null, won: boolean | null) => {
    const before = { isClosed: false, isWon: false, isLost: false, stageKey: 'x', stageIsClosed: false };
    return classify(afterStage(before, stage({ key: 's', closed, won })), {
      profile: STANDARD_PROFILE,
      now: NOW,
    });
  };

  it('is read as that stage is', () => {
    assert.deepEqual([read(true, true).outcome, read(true, false).outcome], ['won', 'lost']);
    assert.equal(read(false, null).status, 'active');
  });

  it('is unknown, not lost, when the stage is closed and nobody says how it ended', () => {
    assert.deepEqual([read(true, null).status, read(null, null).status], ['unknown', 'unknown']);
  });

  it('is unknown without a stage, and keeps what does not hang on the stage', () => {
    const cleared = afterStage(
      { isClosed: true, isWon: true, stageKey: 'x', lastContactAt: 5, custom: { paid: true } },
      null,
    );
    assert.equal(classify(cleared, { profile: STANDARD_PROFILE, now: NOW }).status, 'unknown');
    assert.deepEqual([cleared.lastContactAt, cleared.custom], [5, { paid: true }]);
  });
});
