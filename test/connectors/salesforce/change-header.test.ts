/** Headers of change events against another encoder of Avro, and against bytes that are none. */
import assert from 'node:assert/strict';
import avro from 'avsc';
import fc from 'fast-check';
import { changeOf } from '../../../src/connectors/salesforce/change-events/change.ts';
import { headerReader } from '../../../src/connectors/salesforce/change-events/header.ts';

const texts = { type: 'array', items: 'string' };
/** With everything a schema may have, before the header and after it. */
const SCHEMA = {
  type: 'record',
  name: 'OpportunityChangeEvent',
  namespace: 'com.sforce.eventbus',
  fields: [
    { name: 'Before', type: ['null', { type: 'map', values: ['long', texts] }] },
    {
      name: 'ChangeEventHeader',
      type: {
        type: 'record',
        name: 'ChangeEventHeader',
        fields: [
          { name: 'entityName', type: { type: 'string', 'avro.java.string': 'String' } },
          { name: 'recordIds', type: texts },
          {
            name: 'changeType',
            type: { type: 'enum', name: 'ChangeType', symbols: ['CREATE', 'UPDATE', 'GAP_OVERFLOW'] },
          },
          { name: 'changeOrigin', type: 'string' },
          { name: 'transactionKey', type: 'string' },
          { name: 'sequenceNumber', type: 'int' },
          { name: 'commitTimestamp', type: 'long' },
          { name: 'again', type: ['null', 'ChangeType'] },
          { name: 'mark', type: { type: 'fixed', name: 'Mark', size: 3 } },
          { name: 'share', type: 'double' },
          { name: 'small', type: 'float' },
          { name: 'flag', type: 'boolean' },
          { name: 'blob', type: 'bytes' },
          { name: 'inner', type: ['null', 'ChangeEventHeader'] },
        ],
      },
    },
    { name: 'Name', type: ['null', 'string'] },
  ],
};
const writer = avro.Type.forSchema(SCHEMA as avro.Schema, { wrapUnions: true });
const read = headerReader(JSON.stringify(SCHEMA));

const header = fc.record({
  entityName: fc.string(),
  recordIds: fc.array(fc.string({ unit: 'grapheme' })),
  changeType: fc.constantFrom('CREATE', 'UPDATE', 'GAP_OVERFLOW'),
  changeOrigin: fc.string(),
  transactionKey: fc.string(),
  sequenceNumber: fc.integer(),
  // The other encoder is not exact beyond.
  commitTimestamp: fc.bigInt(-(2n ** 51n), 2n ** 51n).map(Number),
  again: fc.constantFrom(null, 'UPDATE'),
  mark: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  share: fc.double({ noNaN: true }),
  small: fc.float({ noNaN: true }),
  flag: fc.boolean(),
  blob: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  inner: fc.constant(null),
});
const before = fc.option(
  fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.integer().map((long) => ({ long })),
      fc.array(fc.string()).map((array) => ({ array })),
    ),
  ),
);

describe('the header of a change event', () => {
  it('is read as another encoder wrote it, whatever stands before and after', () => {
    fc.assert(
      fc.property(header, before, fc.option(fc.string()), (wanted, map, Name) => {
        const Before = map === null ? null : { map };
        const event = { Before, ChangeEventHeader: wanted, Name: Name === null ? null : { string: Name } };
        // What is a union of named kinds to the encoder is the value itself to us.
        const wrapped = {
          ...wanted,
          again: wanted.again === null ? null : { 'com.sforce.eventbus.ChangeType': wanted.again },
        };
        const bytes = writer.toBuffer({
          ...event,
          ChangeEventHeader: wrapped,
        });
        assert.deepEqual({ ...read(bytes) }, { ...wanted });
      }),
      { numRuns: 150 },
    );
  });

  it('bytes that are none are refused at once, however many items they promise', () => {
    const started = performance.now();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const found = read(bytes);
          changeOf(found, new Uint8Array([1]), '00D000000000001EAA', 0);
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }),
      { numRuns: 3_000 },
    );
    // Two thousand million nothings in five bytes.
    const nothings = headerReader(
      JSON.stringify({
        type: 'record',
        name: 'E',
        fields: [
          {
            name: 'ChangeEventHeader',
            type: {
              type: 'record',
              name: 'H',
              fields: [{ name: 'x', type: { type: 'array', items: 'null' } }],
            },
          },
        ],
      }),
    );
    assert.throws(() => nothings(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])), /more items/);
    assert.ok(performance.now() - started < 5_000);
  });

  it('a schema that is none, or of something else, is refused', () => {
    for (const text of [
      '',
      'null',
      '"string"',
      '{"type":"record","name":"A","fields":[]}',
      '{"type":"record","name":"A","fields":[{"name":"ChangeEventHeader","type":"string"}]}',
      '{"type":"record","name":"A","fields":[{"name":"ChangeEventHeader","type":"Nowhere"}]}',
      `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    ])
      assert.throws(() => headerReader(text), Error, text.slice(0, 60));
  });
});

describe('a change event as hints', () => {
  const place = Buffer.from('0001ff', 'hex');
  const good = {
    entityName: 'Opportunity',
    recordIds: ['006000000000001'],
    changeType: 'UPDATE',
    transactionKey: '0001-2',
    sequenceNumber: 3,
    commitTimestamp: 1_000,
  };
  const of = (more: Record<string, unknown>) => changeOf({ ...good, ...more }, place, '00D1', 2_000);

  it('names each record once, by its long id, under a key of change and record', () => {
    assert.deepEqual(of({ recordIds: ['006000000000001', '006000000000001AAA', '006000000000002AAA'] }), {
      events: ['006000000000001AAA', '006000000000002AAA'].map((id) => ({
        ...{ id, kind: 'changed', key: `0001-2/3/UPDATE/${id}`, account: '00D1', at: 1_000 },
      })),
      gap: null,
    });
  });

  const table: readonly (readonly [
    what: string,
    more: Record<string, unknown>,
    events: number,
    gap: string | null,
  ])[] = [
    ['of another object', { entityName: 'Account' }, 0, null],
    ['of no object', { entityName: 7 }, 0, null],
    ['an overflow', { changeType: 'GAP_OVERFLOW', recordIds: [] }, 0, 'overflow'],
    ['no ids', { recordIds: [] }, 0, 'overflow'],
    ['a pattern', { recordIds: ['006*'] }, 0, 'overflow'],
    [
      'ids of another object among them',
      { recordIds: ['001000000000001AAA', '006000000000001AAA'] },
      1,
      'overflow',
    ],
    ['ids that are no list', { recordIds: '006000000000001AAA' }, 0, 'unreadable'],
    ['a change of no kind', { changeType: null }, 0, 'unreadable'],
    ['a change of a new kind', { changeType: 'SNAPSHOT' }, 1, null],
    ['a gap with ids', { changeType: 'GAP_DELETE' }, 1, null],
  ];
  for (const [what, more, events, gap] of table)
    it(what, () => {
      const change = of(more);
      assert.deepEqual([change.events.length, change.gap], [events, gap]);
    });

  it('what no database would take in a key, or no clock ever showed, is left out', () => {
    for (const transactionKey of ['a\0b', '', 'x'.repeat(300), 5])
      assert.match(of({ transactionKey }).events[0]?.key ?? '', /^replay\/0001ff\/006/);
    for (const commitTimestamp of [-1, 0.5, 9e15, 'now', null])
      assert.equal(of({ commitTimestamp }).events[0]?.at, null);
    assert.equal(of({ changeType: 'GAP_DELETE' }).events[0]?.kind, 'deleted');
  });
});
