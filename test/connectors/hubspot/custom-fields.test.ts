import assert from 'node:assert/strict';
import type { HubspotFieldFact } from '../../../src/connectors/hubspot/fields.ts';
import { toSnapshot } from '../../../src/connectors/hubspot/map.ts';
import { toProperties } from '../../../src/connectors/hubspot/native-values.ts';
import { refusalsOf } from '../../../src/connectors/hubspot/refusals.ts';
import { shapeOf } from '../../../src/connectors/hubspot/shape.ts';
import { sampleFacts } from './portal.ts';

function custom(kind: HubspotFieldFact['kind'], changes: Partial<HubspotFieldFact> = {}) {
  const fact: HubspotFieldFact = {
    field: 'extra',
    native: 'extra_property',
    kind,
    nativeType: 'string',
    readable: true,
    writable: true,
    choices: null,
    maxLength: null,
    ...changes,
  };
  return shapeOf(sampleFacts({ fields: [fact] }));
}

describe('HubSpot custom fields', () => {
  const both: [string, ReturnType<typeof custom>, string, string][] = [
    ['a calendar date', custom('date', { nativeType: 'date' }), '2026-05-06', '2026-05-06'],
    [
      'a date kept as a moment',
      custom('date', { nativeType: 'datetime' }),
      '2026-05-06T03:00:00.000Z',
      '2026-05-06',
    ],
    [
      'a moment',
      custom('instant', { nativeType: 'datetime' }),
      '2026-05-06T03:00:00.000Z',
      '2026-05-06T03:00:00.000Z',
    ],
    ['a flag', custom('boolean', { nativeType: 'bool' }), 'true', 'true'],
    ['a set of options', custom('choices', { choices: ['a', 'b'] }), 'b;a', 'b;a'],
    ['a person', custom('person', { nativeType: 'enumeration' }), '7', 'ann@example.com'],
  ];
  for (const [title, shape, native, canonical] of both) {
    it(`${title} goes there and back`, () => {
      const deal = {
        id: '1',
        properties: { extra_property: native },
        updatedAt: null,
        archived: false,
        trace: null,
      };
      assert.equal(toSnapshot(deal, shape).fields['extra'], canonical);
      const write = { fields: { extra: canonical }, owned: {} };
      assert.deepEqual(refusalsOf(write, shape), []);
      assert.deepEqual(toProperties(write, shape), { extra_property: native });
    });
  }

  it('replaces a set of options, never adds to it', () => {
    const shape = custom('choices');
    assert.deepEqual(toProperties({ fields: { extra: ';a;b' }, owned: {} }, shape), {
      extra_property: 'a;b',
    });
  });

  const refused: [string, ReturnType<typeof custom>, string, string][] = [
    ['an option that is not offered', custom('choice', { choices: ['a'] }), 'c', 'OPTION_NOT_ALLOWED'],
    ['one of several that is not', custom('choices', { choices: ['a'] }), 'a;c', 'OPTION_NOT_ALLOWED'],
    ['a flag that is none', custom('boolean'), 'yes', 'BAD_VALUE'],
    ['a moment that is none', custom('instant'), 'soon', 'BAD_VALUE'],
    ['a read-only property', custom('text', { writable: false }), 'x', 'READ_ONLY_PROPERTY'],
    ['a missing property', custom('text', { readable: false, writable: false }), 'x', 'NO_PROPERTY'],
  ];
  for (const [title, shape, value, code] of refused) {
    it(`refuses ${title}`, () => {
      const found = refusalsOf({ fields: { extra: value }, owned: {} }, shape);
      assert.deepEqual(
        found.map((each) => [each.code, each.field]),
        [[code, 'extra']],
      );
    });
  }
});
