import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  digestLines,
  type FieldChange,
  intentOf,
  isOfTeams,
  movedFields,
  type PlannedWrite,
  portionsOf,
  predictCalls,
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
  const ours = { changes: [change('status', null, 'active', true)] };
  const theirs = { changes: [change('name', 'x', 'y'), change('status', null, 'active', true)] };
  const sizes = (writes: { changes: FieldChange[] }[], readBatch: number, writeBatch: number): number[] =>
    portionsOf(writes, { readBatch, writeBatch }).map(({ length }) => length);

  it('a portion is what one re-read covers, and at most five writes of what teams edit', () => {
    assert.deepEqual(sizes(Array(2500).fill(theirs), 2000, 200), [1000, 1000, 500]);
    assert.deepEqual(sizes(Array(4100).fill(ours), 2000, 200), [2000, 2000, 100]);
    assert.deepEqual(sizes([...Array(1900).fill(ours), ...Array(200).fill(theirs)], 2000, 200), [2000, 100]);
    assert.deepEqual(sizes(Array(250).fill(theirs), 100, 100), [100, 100, 50]);
    assert.deepEqual(sizes(Array(250).fill(theirs), 50, 100), [100, 100, 50]);
    assert.deepEqual(sizes(Array(250).fill(ours), 250, 100), [200, 50], 'whole write calls only');
    assert.deepEqual(sizes([], 100, 100), []);
  });

  it('what teams edit is sent first, and nothing is left out', () => {
    const mixed = Array.from({ length: 300 }, (_, at) => ({ at, ...(at % 3 === 0 ? theirs : ours) }));
    const portions = portionsOf(mixed, { readBatch: 100, writeBatch: 100 });
    for (const portion of portions) {
      const firstOfOurs = portion.findIndex((write) => !isOfTeams(write));
      assert.ok(portion.slice(firstOfOurs).every((write) => !isOfTeams(write)));
    }
    const sent = portions.flat().map(({ at }) => at);
    assert.deepEqual(
      sent.sort((a, b) => a - b),
      mixed.map(({ at }) => at),
    );
  });

  it('a push task is as many portions as make it worth its cost', () => {
    assert.equal(pushTask({ readBatch: 2000, writeBatch: 200 }), 2000);
    assert.equal(pushTask({ readBatch: 100, writeBatch: 100 }), 500);
    assert.equal(pushTask({ readBatch: 250, writeBatch: 100 }), 400, 'whole portions only');
  });

  it('calls: re-reads and writes', () => {
    assert.equal(predictCalls(0, 0, { readBatch: 100, writeBatch: 100 }), 0);
    assert.equal(predictCalls(101, 101, { readBatch: 100, writeBatch: 100 }), 4);
    assert.equal(predictCalls(1000, 1000, { readBatch: 2000, writeBatch: 200 }), 6);
    assert.equal(predictCalls(2000, 0, { readBatch: 2000, writeBatch: 200 }), 11);
    assert.equal(predictCalls(2000, 1500, { readBatch: 2000, writeBatch: 200 }), 12);
    assert.equal(predictCalls(100, 100, { readBatch: 50, writeBatch: 100 }), 3);
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
