import assert from 'node:assert/strict';
import type { Value } from '../../src/core/opportunity.ts';
import type { FieldChange } from '../../src/core/plan.ts';
import { ownedName, type Resolution, resolutionKey, withoutUndone } from '../../src/core/resolve.ts';

const SUBJECT = 'crm:1';

function change(field: string, before: Value, after: Value): FieldChange {
  return { field, owned: true, before, after, reason: 'classified', from: null, was: null };
}

function undone(field: string, seen: Readonly<Record<string, Value>>): [string, Resolution] {
  return [resolutionKey(SUBJECT, ownedName(field)), { decided: 'leave', choice: null, seen, by: 'ann' }];
}

function left(changes: readonly FieldChange[], ...decisions: readonly [string, Resolution][]) {
  const used = new Set<string>();
  const remaining = withoutUndone(changes, SUBJECT, new Map(decisions), used).map(({ field }) => field);
  return { remaining, used: [...used] };
}

describe('fields of our own that a person took back', () => {
  it('a blank is a blank, whether it was seen as null, as empty or not at all', () => {
    const emptied = change('pairKey', null, null);
    for (const seen of [{}, { held: null, wanted: null }, { held: '', wanted: '' }]) {
      const { remaining, used } = left([emptied], undone('pairKey', seen));
      assert.deepEqual([remaining, used], [[], ['crm:1 owned:pairKey']]);
    }
  });

  it('what would get another value than the one taken back is written', () => {
    const decision = undone('pairKey', { held: '', wanted: 'op-1' });
    assert.deepEqual(left([change('pairKey', null, 'op-2')], decision), { remaining: ['pairKey'], used: [] });
  });

  it('what no longer holds the restored value is written', () => {
    const decision = undone('pairKey', { held: 'op-0', wanted: 'op-1' });
    assert.deepEqual(left([change('pairKey', null, 'op-1')], decision), { remaining: ['pairKey'], used: [] });
  });

  it('what explains a verdict is left with it, and written with a new one', () => {
    const reason = change('reason', 'old', 'other words');
    const decisions = [
      undone('status', { held: 'active', wanted: 'closed' }),
      undone('reason', { held: 'old', wanted: 'words' }),
    ] as const;
    assert.deepEqual(left([change('status', 'active', 'closed'), reason], ...decisions).remaining, []);
    assert.deepEqual(left([change('status', 'active', 'dormant'), reason], ...decisions).remaining, [
      'status',
      'reason',
    ]);
  });
});
