import assert from 'node:assert/strict';
import { startOf } from '../../src/core/change-stream.ts';
import type { StreamRow } from '../../src/core/change-stream-port.ts';

const row = (sync: string, position: number | null, more: Partial<StreamRow> = {}): StreamRow => ({
  ...{ sync, crm: 'left', account: 'org', position: position === null ? null : Uint8Array.of(position) },
  ...{
    movedAt: position ?? 0,
    state: 'following',
    trouble: null,
    fault: null,
    heardAt: null,
    eventAt: null,
    lagMs: null,
  },
  ...{ gapAt: null, gap: null },
  ...more,
});

describe('where a stream is gone on with', () => {
  const table: readonly (readonly [
    what: string,
    rows: StreamRow[],
    position: number | null,
    behind: string[],
  ])[] = [
    ['never followed: from now on, and everybody lacks what was before', [], null, ['a', 'b']],
    ['everybody at one place', [row('a', 7), row('b', 7)], 7, []],
    ['a sync is new', [row('a', 7)], 7, ['b']],
    ['a sync was left out for a while', [row('a', 3), row('b', 9)], 9, ['a']],
    ['joined, and never told a place', [row('a', null), row('b', null)], null, []],
    ['another org', [row('a', 7, { account: 'other' }), row('b', 7, { account: 'other' })], null, ['a', 'b']],
    ['one moved to this org', [row('a', 7, { account: 'other' }), row('b', 5)], 5, ['a']],
    ['a sync that is followed no more does not count', [row('a', 7), row('b', 7), row('c', 99)], 7, []],
  ];
  for (const [what, rows, position, behind] of table)
    it(what, () => {
      const start = startOf(rows, ['a', 'b'], 'org');
      assert.deepEqual(start, { position: position === null ? null : Uint8Array.of(position), behind });
    });
});
