import assert from 'node:assert/strict';
import type { GroupMember } from '../../src/core/group.ts';
import { happenedTo } from '../../src/core/happened.ts';
import type { HistoryEntry, HistoryField } from '../../src/core/measure-record.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const STAGES = new Map([
  [
    'a',
    new Map(
      ['Discovery', 'Proposal', 'Won'].map((key, order) => [
        key,
        { pipeline: null, order, closed: key === 'Won' },
      ]),
    ),
  ],
]);
const NOW = Date.UTC(2026, 5, 15, 12);
const ACTIVE: Verdict = {
  status: 'active',
  outcome: null,
  phase: null,
  engagement: { state: 'unknown', last: null, days: null },
  completeness: { accepted: null, contract: null, finance: null },
  flags: [],
  because: [],
};
const WON: Verdict = { ...ACTIVE, status: 'closed', outcome: 'won' };

const member = (crm: string, stage: string, lastContactAt: number | null = null): GroupMember => ({
  crm,
  id: '1',
  version: '1',
  changedAt: 1,
  deleted: false,
  fields: { stage, closeDate: '2026-06-01' },
  owned: {},
  evidence: { lastContactAt },
  pairKey: null,
  linkedId: null,
  absorbedIds: [],
});
const moved = (day: string, field: HistoryField, from: string, to: string): HistoryEntry => ({
  at: Date.parse(`${day}T10:00:00Z`),
  field,
  from,
  to,
});
function told(
  stage: string,
  verdict: Verdict,
  seen: { standing: string | null; history: readonly HistoryEntry[] } | undefined,
) {
  const group = seen === undefined ? {} : { seen: new Map([['a:1', seen]]) };
  const found = happenedTo([member('a', stage)], group, verdict, { stages: STAGES, now: NOW });
  return [found.regressions, found.pushes, found.reopened];
}

describe('what happened to an opportunity', () => {
  const history = [
    moved('2026-01-10', 'stage', 'Proposal', 'Discovery'),
    moved('2026-01-11', 'closeDate', '2026-02-01', '2026-02-20'),
    moved('2026-01-12', 'closeDate', '2026-02-20', '2026-03-05'),
    moved('2026-01-13', 'status', 'closed/won', 'active'),
  ];

  it('is nothing as long as nothing was seen', () => {
    assert.deepEqual(told('Discovery', ACTIVE, undefined), [0, 0, 0]);
    assert.deepEqual(told('Won', WON, { standing: null, history: [] }), [0, 0, 0]);
  });

  it('is counted from what was seen: steps back, close dates pushed to a later month, reopenings', () => {
    assert.deepEqual(told('Discovery', ACTIVE, { standing: 'active', history }), [1, 1, 1]);
  });

  it('a reopening counts as soon as the verdict says so, and no more once it is stored', () => {
    assert.deepEqual(told('Discovery', ACTIVE, { standing: 'closed/won', history: [] }), [0, 0, 1]);
    const stored = [moved('2026-06-15', 'status', 'closed/won', 'active')];
    assert.deepEqual(told('Discovery', ACTIVE, { standing: 'active', history: stored }), [0, 0, 1]);
  });

  it('what oppsync wrote is no move, but part of the way', () => {
    const own = (entry: HistoryEntry): HistoryEntry => ({ ...entry, own: true });
    const aligned = [
      own(moved('2026-01-10', 'stage', 'Proposal', 'Discovery')),
      own(moved('2026-01-11', 'closeDate', '2026-02-01', '2026-03-01')),
    ];
    assert.deepEqual(told('Discovery', ACTIVE, { standing: 'active', history: aligned }), [0, 0, 0]);
    const closedByUs = [
      moved('2026-01-09', 'stage', 'Discovery', 'Proposal'),
      own(moved('2026-01-10', 'stage', 'Proposal', 'Won')),
      moved('2026-01-11', 'closeDate', '2026-02-01', '2026-03-01'),
    ];
    assert.deepEqual(told('Won', WON, { standing: 'closed/won', history: closedByUs }), [0, 0, 0]);
  });

  it('a date that is rewritten on closing is no push', () => {
    const closing = [
      moved('2026-06-10', 'closeDate', '2026-06-01', '2026-07-01'),
      moved('2026-06-10', 'stage', 'Proposal', 'Won'),
    ];
    assert.deepEqual(told('Won', WON, { standing: 'active', history: closing }), [0, 0, 0]);
  });

  it('where the CRM does not say whether a stage is closed, the verdict does', () => {
    const push = moved('2026-02-02', 'closeDate', '2026-02-20', '2026-03-05');
    const closedSince = moved('2026-02-01', 'status', 'active', 'closed/lost');
    assert.deepEqual(told('Gone', WON, { standing: 'closed/lost', history: [closedSince, push] }), [0, 0, 0]);
    assert.deepEqual(told('Gone', ACTIVE, { standing: 'active', history: [push] }), [0, 1, 0]);
  });

  it('moves made in either CRM add up; the copies of each are our own', () => {
    const push = moved('2026-01-12', 'closeDate', '2026-02-20', '2026-03-05');
    const later = moved('2026-02-12', 'closeDate', '2026-03-05', '2026-04-05');
    const seen = new Map([
      ['a:1', { standing: 'active', history: [push, { ...later, own: true }] }],
      ['b:1', { standing: 'active', history: [{ ...push, own: true }, later] }],
    ]);
    const records = [member('a', 'Proposal'), member('b', 'Proposal')];
    assert.equal(happenedTo(records, { seen }, ACTIVE, { stages: STAGES, now: NOW }).pushes, 2);
  });

  it('the last contact is the latest of both records, and one that lies ahead is none', () => {
    const lastContact = (...at: readonly (number | null)[]) => {
      const records = at.map((moment, side) => member(side === 0 ? 'a' : 'b', 'Proposal', moment));
      return happenedTo(records, {}, WON, { stages: STAGES, now: NOW }).lastContact;
    };
    assert.equal(lastContact(Date.UTC(2026, 4, 1), Date.UTC(2026, 4, 2, 23, 59)), '2026-05-02');
    assert.equal(lastContact(Date.UTC(2026, 4, 1), NOW + 1), '2026-05-01');
    assert.equal(lastContact(null, NOW + 1), null);
  });
});
