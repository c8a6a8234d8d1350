import assert from 'node:assert/strict';
import type { FieldEntry } from '../../src/core/field-history.ts';
import { lostEdit } from '../../src/core/lost-race.ts';
import type { Value } from '../../src/core/opportunity.ts';

const same = (a: Value, b: Value): boolean => (a ?? '') === (b ?? '');
const HUMAN = 'human:ann';

/** A history, newest first: `value by whom`, one apart. */
function history(...texts: readonly string[]): FieldEntry[] {
  return texts.map((text, index) => {
    const [value = '', actor = HUMAN] = text.split(' by ');
    return { value: value === '-' ? null : value, at: 100 - index, actor };
  });
}

describe('an edit lost between our look and our write', () => {
  const table: readonly [string, FieldEntry[] | undefined, string | null][] = [
    ['nothing happened', history('new by app:us', 'old'), null],
    ['the edit came first and was seen', history('new by app:us', 'old', 'older'), null],
    ['an edit came in between', history('new by app:us', 'lost', 'old'), 'lost'],
    ['of several edits the last one counts', history('new by app:us', 'lost', 'first', 'old'), 'lost'],
    ['the edit was taken back in time', history('new by app:us', 'old', 'lost', 'old'), null],
    ['somebody edits afterwards', history('after', 'new by app:us', 'old'), null],
    ['somebody enters our value afterwards', history('new', 'x', 'new by app:us', 'lost', 'old'), 'lost'],
    ['the same value was entered by hand: there was no write', history('new', 'old'), null],
    ['an automation changed ours', history('auto by automation:A', 'new by app:us', 'lost', 'old'), 'lost'],
    ['the field was blank', history('new by app:us', '-', 'old'), null],
    ['the history is cut off before ours', history('new by app:us'), null],
    ['our write is not in it', history('other', 'old'), null],
    ['it is not known', undefined, null],
    ['repeated entries are no edits', history('new by app:us', 'old', 'old'), null],
  ];
  for (const [what, entries, lost] of table)
    it(what, () => {
      const found = what === 'the field was blank' ? null : 'old';
      assert.equal(lostEdit('amount', entries, found, 'new', same)?.value ?? null, lost);
    });

  it('is told with who made it and when', () => {
    assert.deepEqual(lostEdit('amount', history('new by app:us', 'lost', 'old'), 'old', 'new', same), {
      field: 'amount',
      value: 'lost',
      actor: HUMAN,
      at: 99,
    });
  });
});
