import assert from 'node:assert/strict';
import { changesIn, type FieldEntry, isHuman, lastChange, namedActor } from '../../src/core/field-history.ts';
import type { Value } from '../../src/core/opportunity.ts';

const same = (a: Value, b: Value): boolean => (a ?? '') === (b ?? '');
const entry = (value: Value, at: number, actor: string | null = 'human:1'): FieldEntry => ({
  value,
  at,
  actor,
});

describe('the history of a field', () => {
  it('has a change only where the value differs from the one before', () => {
    const entries = [entry('b', 5), entry('b', 4), entry('a', 3), entry('a', 2), entry(null, 1)];
    assert.deepEqual(
      changesIn(entries, same).map(({ at }) => at),
      [4, 2, 1],
    );
  });

  it('tells who gave the present value, unless it is about another value or about nothing', () => {
    const entries = [entry('b', 5, 'app:7'), entry('b', 4, 'human:2'), entry('a', 3)];
    assert.deepEqual(lastChange(entries, 'b', same), entry('b', 4, 'human:2'));
    assert.equal(lastChange(entries, 'a', same), null);
    assert.equal(lastChange([], 'a', same), null);
    assert.equal(lastChange(undefined, 'a', same), null);
  });

  it('names people by the owners list, a person’s own number before that of an owner', () => {
    const owners = [
      { id: '7', email: 'bo@example.com', name: 'Bo', active: true },
      { id: '9', userId: '7', email: 'ann@example.com', name: '', active: true },
      { id: '8', email: 'cy@example.com', name: 'Cy', active: false },
    ];
    assert.equal(namedActor('human:7', owners), 'human:ann@example.com');
    assert.equal(namedActor('human:8', owners), 'human:Cy');
    assert.equal(namedActor('human:99', owners), 'human:99');
    assert.equal(namedActor('app:7', owners), 'app:7');
    assert.equal(namedActor(null, owners), null);
    assert.deepEqual([isHuman('human:1'), isHuman('app:1'), isHuman(null)], [true, false, false]);
  });
});
