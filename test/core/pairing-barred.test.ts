import assert from 'node:assert/strict';
import { type LinkRow, pairByLinks } from '../../src/core/pairing.ts';

const row = (name: string, more: Partial<LinkRow> = {}): LinkRow => ({
  ...{ crm: name.slice(0, 1), id: name, pairKey: null, linkedId: null, pair: null, deleted: false },
  ...more,
});
const apart = (x: { id: string }, y: { id: string }): boolean => [x.id, y.id].sort().join() === 'a1,b1';

describe('records somebody keeps apart', () => {
  it('are not paired by the key in both, and nobody is asked about it', () => {
    const rows = [row('a1', { pairKey: 'k' }), row('b1', { pairKey: 'k' })];
    assert.deepEqual(pairByLinks(rows, ['a', 'b'], apart), { pairs: [], ambiguous: [] });
    assert.equal(pairByLinks(rows, ['a', 'b']).pairs.length, 1);
  });

  it('are not paired by a link; another claim on the same record then holds', () => {
    const rows = [row('a1'), row('b1', { linkedId: 'a1' }), row('b2', { linkedId: 'a1' })];
    assert.equal(pairByLinks(rows, ['a', 'b']).pairs.length, 0);
    const { pairs, ambiguous } = pairByLinks(rows, ['a', 'b'], apart);
    assert.deepEqual(
      pairs.map(({ members }) => members.map(({ id }) => id)),
      [['a1', 'b2']],
    );
    assert.deepEqual(ambiguous, []);
  });

  it('a key barred is no link barred', () => {
    const rows = [row('a1', { pairKey: 'k' }), row('b1', { pairKey: 'k', linkedId: 'a1' })];
    const { pairs } = pairByLinks(rows, ['a', 'b'], (x, y, how) => how === 'key' && apart(x, y));
    assert.deepEqual(
      pairs.map(({ how }) => how),
      ['adopted'],
    );
  });
});
