import assert from 'node:assert/strict';
import { OWNED_FIELDS, type Value } from '../../src/core/opportunity.ts';
import { type OwnedContext, ownedChanges, ownedValues } from '../../src/core/owned.ts';
import type { Verdict } from '../../src/core/verdict.ts';

const ACTIVE: Verdict = {
  status: 'active',
  outcome: null,
  phase: 'meeting',
  engagement: { state: 'engaged', last: 1, days: 0 },
  completeness: { accepted: null, contract: null, finance: null },
  flags: [],
  because: [],
};
const WON: Verdict = { ...ACTIVE, status: 'closed', outcome: 'won', phase: null };
const BLANK: Record<string, Value> = Object.fromEntries(OWNED_FIELDS.map((field) => [field, null]));
const all: OwnedContext = { hasOwned: () => true, reasonText: () => 'because' };
const changed = (owned: Record<string, Value>, verdict: Verdict, key: string | null, context = all) =>
  ownedChanges({ crm: 'a', owned }, verdict, key, context).map(({ field, before, after }) => [
    field,
    before,
    after,
  ]);

describe('fields oppsync owns', () => {
  it('hold the verdict, the reason and the key of the pair; engagement only while active', () => {
    assert.deepEqual(
      ownedValues(ACTIVE, 'k', () => 'why'),
      {
        status: 'active',
        outcome: null,
        phase: 'meeting',
        engagement: 'engaged',
        reason: 'why',
        completeness: null,
        cycleDays: null,
        regressions: '0',
        pushes: '0',
        reopened: '0',
        lastContact: null,
        pairKey: 'k',
      },
    );
    assert.equal(ownedValues(WON, 'k', () => 'why').engagement, null);
  });

  it('are written where they differ, and cleared when they no longer apply', () => {
    const held = {
      ...BLANK,
      status: 'active',
      phase: 'meeting',
      engagement: 'engaged',
      regressions: '0',
      pushes: '0',
      reopened: '0',
      reason: 'because',
      pairKey: 'k',
    };
    assert.deepEqual(changed(held, ACTIVE, 'k'), []);
    assert.deepEqual(changed(held, WON, 'k'), [
      ['status', 'active', 'closed'],
      ['outcome', null, 'won'],
      ['phase', 'meeting', null],
      ['engagement', 'engaged', null],
    ]);
  });

  it('say which proofs there are, and how long it took to close', () => {
    const proven = { ...WON, completeness: { accepted: true, contract: false, finance: null } };
    const span = { createdAt: Date.parse('2026-01-01T23:00:00Z'), closeDate: '2026-03-01' };
    const values = ownedValues(proven, 'k', () => 'why', span);
    assert.equal(values.completeness, 'accepted yes, contract no, finance unknown');
    assert.equal(values.cycleDays, '59');
    assert.equal(ownedValues(ACTIVE, 'k', () => 'why', span).cycleDays, null);
    const before = { ...span, closeDate: '2025-12-31' };
    assert.equal(ownedValues(WON, 'k', () => 'why', before).cycleDays, null);
  });

  it('count what was seen to happen, for a reason of their own', () => {
    const happened = { regressions: 2, pushes: 1, reopened: 0, lastContact: '2026-03-04' };
    const owned = { regressions: '2', pushes: '0', reopened: null, lastContact: null };
    assert.deepEqual(
      ownedChanges({ crm: 'a', owned }, WON, 'k', all, [], happened).map((change) => [
        change.field,
        change.after,
        change.reason,
      ]),
      [
        ['pushes', '1', 'observed'],
        ['reopened', '0', 'observed'],
        ['lastContact', '2026-03-04', 'observed'],
      ],
    );
  });

  it('take the close date that is about to be written', () => {
    const member = {
      crm: 'a',
      owned: { cycleDays: '1' },
      fields: { closeDate: '2026-01-02' },
      evidence: { createdAt: Date.parse('2026-01-01T00:00:00Z') },
    };
    const planned = { field: 'closeDate', owned: false, before: '2026-01-02', after: '2026-01-05' } as const;
    const moved = { ...planned, reason: 'copied', from: 'b', was: null } as const;
    assert.deepEqual(ownedChanges(member, WON, 'k', all), []);
    assert.deepEqual(
      ownedChanges(member, WON, 'k', all, [moved]).map(({ field, after }) => [field, after]),
      [['cycleDays', '4']],
    );
  });

  it('blank text and nothing are the same', () => {
    assert.deepEqual(changed({ outcome: '' }, ACTIVE, null), []);
  });

  it('that were not read, or may not be written, are left alone', () => {
    assert.deepEqual(changed({}, ACTIVE, 'k'), []);
    const context = { ...all, hasOwned: (_crm: string, field: string) => field === 'status' };
    assert.deepEqual(changed(BLANK, ACTIVE, 'k', context), [['status', null, 'active']]);
  });

  it('an unpaired record keeps the key it has', () => {
    assert.deepEqual(changed({ pairKey: 'lost' }, ACTIVE, null), []);
    assert.deepEqual(changed({ pairKey: 'lost' }, ACTIVE, 'k'), [['pairKey', 'lost', 'k']]);
  });
});
