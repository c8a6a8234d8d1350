import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalDecimal, exactDouble, timesDouble } from '../../../src/sandbox/hubspot/exact-double.ts';
import { definition } from '../../../src/sandbox/hubspot/property-definition.ts';
import { containsToken } from '../../../src/sandbox/hubspot/search-filter.ts';
import { formatInstant, normalise, parseInstant } from '../../../src/sandbox/hubspot/values.ts';

describe('HubSpot simulator: values (hubspot.md §2.6)', () => {
  it('an exactly printed double reads back as the same double, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = exactDouble(value);
        assert.match(text, /^-?\d+(\.\d*[1-9])?$/);
        assert.equal(Number(text), value === 0 ? 0 : value);
      }),
    );
  });

  it('products are exact where doubles are not', () => {
    assert.equal(timesDouble('0.1', 0.5), '0.05');
    assert.equal(timesDouble('9007199254740993', 2), '18014398509481986');
    assert.equal(timesDouble('many', 2), null);
  });

  it('all spellings of a number have one canonical text', () => {
    for (const text of ['1500', '1500.00', '+1500', '1.5e3', '01500'])
      assert.equal(canonicalDecimal(text), '1500');
    for (const text of ['1,500', '', '.', 'e3', '1 500']) assert.equal(canonicalDecimal(text), null);
  });

  it('instants print as Java does, and read back', () => {
    assert.equal(formatInstant(Date.parse('2026-12-31T00:00:00.000Z')), '2026-12-31T00:00:00Z');
    assert.equal(formatInstant(Date.parse('2026-12-31T00:00:00.120Z')), '2026-12-31T00:00:00.120Z');
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }),
        (date) => parseInstant(formatInstant(date.getTime())) === date.getTime(),
      ),
    );
  });

  it('a date must be midnight UTC', () => {
    const date = definition({ name: 'd', type: 'date' });
    assert.deepEqual(normalise(date, '1767139200000'), { ok: true, value: '2025-12-31' });
    assert.equal(normalise(date, '1767139200001').ok, false);
    assert.equal(normalise(date, '2026-02-30').ok, false);
  });

  it('tokens match whole words, with stars for parts', () => {
    assert.ok(containsToken('Big Deal for Acme-Corp', 'acme'));
    assert.ok(containsToken('Big Deal', 'de*l'));
    assert.ok(!containsToken('Big Deal', 'dea'));
    assert.ok(!containsToken('aba', 'ab*ba'));
  });
});
