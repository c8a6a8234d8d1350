import assert from 'node:assert/strict';
import { isLoop, type PastWrite } from '../../src/core/automation-loop.ts';
import type { Value } from '../../src/core/opportunity.ts';
import { circlesOf, withoutCircling } from '../../src/core/owned-circles.ts';

const same = (a: Value, b: Value): boolean => a === b;
/** `x>y`: x was found and y written. */
const writes = (...texts: readonly string[]): PastWrite[] =>
  texts.map((text) => {
    const [before = '', after = ''] = text.split('>');
    return { before, after };
  });

describe('going round in a circle', () => {
  const table: readonly [string, PastWrite[], boolean][] = [
    ['never written', [], false],
    ['the first time it is followed', writes('a>v'), false],
    ['the second time it is a loop', writes('a>v', 'w>v'), true],
    ['also after other writes in between', writes('a>v', 'w>x', 'w>v'), true],
    ['another value came in the place of ours', writes('a>v', 'u>v'), false],
    ['our last write was another value', writes('a>v', 'w>v', 'w>z'), false],
    ['our value stands for the first time', writes('a>u', 'w>v'), false],
  ];
  for (const [what, past, expected] of table)
    it(what, () => assert.equal(isLoop(past, 'v', 'w', same), expected));

  it('of our own fields leaves out what was written before, and nothing else', () => {
    const ref = { crm: 'salesforce', id: '006' };
    const past = { phase: writes('w>v', 'w>v'), status: writes('w>v', 'w>v') };
    const circles = new Map(circlesOf(ref, { phase: 'w', status: 'u' }, past));
    const change = (field: string, after: string) => ({
      ...{ field, owned: true, before: 'w', after, reason: 'classified' as const, from: null, was: null },
    });
    const wanted = [change('phase', 'v'), change('phase', 'new'), change('status', 'v')];
    assert.deepEqual(withoutCircling(wanted, ref, circles), wanted.slice(1));
    assert.deepEqual(withoutCircling(wanted, { ...ref, id: '007' }, circles), wanted);
  });
});
