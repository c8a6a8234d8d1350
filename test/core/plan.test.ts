import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  digestLines,
  type FieldChange,
  intentOf,
  movedFields,
  type PlannedWrite,
  predictCalls,
  pushBatch,
  pushTask,
  remainingChanges,
} from '../../src/core/plan.ts';

const change = (field: string, before: string | null, after: string | null, owned = false): FieldChange => ({
  field,
  owned,
  before,
  after,
  reason: owned ? 'classified' : 'copied',
  from: owned ? null : 'a',
  was: null,
});
const write = (changes: readonly FieldChange[]): PlannedWrite => ({
  crm: 'b',
  id: '1',
  pair: 'k',
  name: 'Acme',
  changes,
  agreed: {},
});
const same = (_field: string, x: string | null, y: string | null): boolean => (x ?? '') === (y ?? '');

describe('a plan as data', () => {
  const anyChanges = fc.uniqueArray(
    fc.record({
      field: fc.constantFrom('name', 'stage', 'status', 'reason'),
      owned: fc.boolean(),
      before: fc.constantFrom(null, 'x'),
      after: fc.constantFrom(null, 'y', 'z'),
    }),
    { selector: ({ field, owned }) => `${field} ${owned}` },
  );

  it('its digest and its intent do not depend on the order of changes', () => {
    fc.assert(
      fc.property(
        anyChanges.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const [one, other] = [list, shuffled].map((made) =>
            write(made.map(({ field, owned, before, after }) => change(field, before, after, owned))),
          );
          assert.ok(one !== undefined && other !== undefined);
          assert.equal(digestLines(other), digestLines(one));
          assert.equal(intentOf(other), intentOf(one));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('its digest tells apart every value, record and CRM', () => {
    const one = write([change('name', 'x', 'y')]);
    const lines = [
      one,
      { ...one, crm: 'a' },
      { ...one, id: '2' },
      write([change('name', null, 'y')]),
      write([change('name', 'x', null)]),
      write([change('name', 'x', 'null')]),
      write([change('stage', 'x', 'y')]),
      write([change('name', 'x', 'y'), change('stage', null, '1')]),
    ].map(digestLines);
    assert.equal(new Set(lines).size, lines.length);
  });

  it('its intent is what would be written, whatever was there before', () => {
    assert.equal(intentOf(write([change('name', 'x', 'y')])), intentOf(write([change('name', 'z', 'y')])));
    assert.notEqual(intentOf(write([change('name', 'x', 'y')])), intentOf(write([change('name', 'x', 'z')])));
  });
});

describe('what a plan costs', () => {
  it('a push task is what one re-read covers, and at most five writes', () => {
    assert.equal(pushBatch({ readBatch: 2000, writeBatch: 200 }), 1000);
    assert.equal(pushBatch({ readBatch: 100, writeBatch: 100 }), 100);
    assert.equal(pushBatch({ readBatch: 50, writeBatch: 100 }), 100);
    assert.equal(pushBatch({ readBatch: 250, writeBatch: 100 }), 200);
    assert.equal(pushTask({ readBatch: 2000, writeBatch: 200 }), 1000);
    assert.equal(pushTask({ readBatch: 100, writeBatch: 100 }), 500);
    assert.equal(pushTask({ readBatch: 250, writeBatch: 100 }), 400, 'whole portions only');
  });

  it('calls: re-reads and writes', () => {
    assert.equal(predictCalls(0, { readBatch: 100, writeBatch: 100 }), 0);
    assert.equal(predictCalls(101, { readBatch: 100, writeBatch: 100 }), 4);
    assert.equal(predictCalls(1000, { readBatch: 2000, writeBatch: 200 }), 6);
    assert.equal(predictCalls(100, { readBatch: 50, writeBatch: 100 }), 3);
  });
});

describe('a plan against what the record holds now', () => {
  const planned = write([change('name', 'x', 'y'), change('status', null, 'active', true)]);
  const now = (name: string | null | undefined, status: string | null) => ({
    fields: name === undefined ? {} : { name },
    owned: { status },
  });

  it('a field moved when it holds neither the value before nor the one after', () => {
    assert.deepEqual(movedFields(planned, now('x', null), same), []);
    assert.deepEqual(movedFields(planned, now('y', null), same), []);
    assert.deepEqual(movedFields(planned, now('z', null), same), ['name']);
  });

  it('owned fields and fields that were not read have not moved', () => {
    assert.deepEqual(movedFields(planned, now(undefined, 'typed by hand'), same), []);
    // A synced field that bears the name of one we own is another field.
    assert.deepEqual(movedFields(planned, { fields: { name: 'x', status: 'theirs' } }, same), []);
  });

  it('what already holds is not written again', () => {
    const left = (name: string | null | undefined, status: string | null) =>
      remainingChanges(planned, now(name, status), same).map((one) => one.field);
    assert.deepEqual(left('x', null), ['name', 'status']);
    assert.deepEqual(left('y', null), ['status']);
    assert.deepEqual(left('y', 'active'), []);
    assert.deepEqual(left(undefined, 'active'), ['name']);
  });
});
