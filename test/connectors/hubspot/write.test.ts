import assert from 'node:assert/strict';
import { culprits, rowsNamedBy } from '../../../src/connectors/hubspot/blame.ts';
import type { RecordWrite } from '../../../src/core/connector-port.ts';
import type { Fields } from '../../../src/core/opportunity.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { connect, never, openPortal, type Portal, type Reply, type Seen, sampleFacts } from './portal.ts';

const facts = sampleFacts();
const write = (id: string, fields: Fields): RecordWrite => ({ id, trace: `t${id}`, fields, owned: {} });
const row = (id: string, properties: Record<string, string>) => ({ id, trace: `t${id}`, properties });

describe('HubSpot writes: who is to blame for a refused batch', () => {
  const rows = [
    row('1', { amount: 'abc', dealstage: 's', pipeline: 'p' }),
    row('2', { amount: '5', ghost: 'x', dealstage: 's', pipeline: 'q' }),
    row('3', { amount: 'abc', oppsync_pair_key: 'k' }),
  ];
  const embedded = (...faults: object[]) => ({
    message: `Property values were not valid: ${JSON.stringify(faults)}`,
    category: 'VALIDATION_ERROR',
  });
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['rows named by id', { context: { ids: ['3'] } }, ['t3']],
    [
      'rows named by trace id',
      { errors: [{ message: 'x', context: { objectWriteTraceId: ['t2'] } }] },
      ['t2'],
    ],
    [
      'every row with a bad value',
      embedded({ error: 'INVALID_NUMBER', name: 'amount', propertyValue: 'abc' }),
      ['t1', 't3'],
    ],
    [
      'every row with an unknown property',
      embedded({ error: 'PROPERTY_DOESNT_EXIST', name: 'ghost' }),
      ['t2'],
    ],
    [
      'the same without the embedded list',
      { errors: [{ code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: ['ghost'] } }] },
      ['t2'],
    ],
    [
      'the one row with a taken value',
      embedded({ error: 'CONFLICTING_UNIQUE_VALUE', name: 'oppsync_pair_key', propertyValue: 'k' }),
      ['t3'],
    ],
    [
      'nobody for a stage several rows share',
      embedded({ error: 'INVALID_OPTION', name: 'dealstage', propertyValue: 's' }),
      [],
    ],
    ['nobody when the answer tells nothing', { message: 'Invalid input JSON on line 1' }, []],
    ['nobody when the list is cut short', { message: 'Property values were not valid: [{"isValid":fal' }, []],
  ];
  for (const [title, body, expected] of cases) {
    it(`blames ${title}`, () => {
      assert.deepEqual([...culprits(rows, body).keys()].sort(), expected);
    });
  }

  it('never goes by position', () => {
    assert.deepEqual(rowsNamedBy({ message: 'bad' }, rows), []);
  });
});

describe('HubSpot writes: reading the answer', () => {
  useRealNetwork();
  let portal: Portal | undefined;
  afterEach(async () => {
    await portal?.close();
    portal = undefined;
  });

  async function send(writes: RecordWrite[], answer: (inputs: Input[], request: Seen) => Reply) {
    portal = await openPortal((request) => answer(JSON.parse(request.text).inputs, request));
    const { connector } = connect(portal.url);
    const results = await connector.write(writes, facts, never);
    return { results, calls: connector.calls() };
  }
  interface Input {
    readonly id: string;
    readonly objectWriteTraceId: string;
    readonly properties: Record<string, string>;
  }
  const done = (id: string) => ({ id, properties: {}, updatedAt: `2026-01-01T00:00:0${id}Z` });

  it('matches results in any order, and errors by id or trace id', async () => {
    const { results } = await send(
      ['1', '2', '3', '4'].map((id) => write(id, { name: 'n' })),
      () => ({
        status: 207,
        body: {
          results: [done('4'), done('1')],
          errors: [
            { category: 'VALIDATION_ERROR', message: 'no', context: { objectWriteTraceId: ['t2'] } },
            { category: 'OBJECT_NOT_FOUND', message: 'gone', context: { ids: ['3'] } },
          ],
        },
      }),
    );
    assert.deepEqual(
      results.map((each) => [each.id, each.ok ? each.version : each.error.recovery]),
      [
        ['1', '2026-01-01T00:00:01Z'],
        ['2', 'skip'],
        ['3', 'gone'],
        ['4', '2026-01-01T00:00:04Z'],
      ],
    );
  });

  it('does not know about rows the answer leaves out', async () => {
    const { results } = await send([write('1', { name: 'n' }), write('2', { name: 'n' })], () => ({
      body: { results: [done('2')] },
    }));
    assert.deepEqual(
      results.map((each) => each.ok || each.error.recovery),
      ['unknown', true],
    );
  });

  it('halves a batch that is refused without a reason, until only the bad row is left', async () => {
    const bad = '23';
    const { results, calls } = await send(
      Array.from({ length: 64 }, (_, index) => write(String(index + 1), { name: 'n' })),
      (inputs) =>
        inputs.some((input) => input.id === bad)
          ? { status: 400, body: { message: 'Something is wrong' } }
          : { body: { results: inputs.map((input) => ({ ...done('1'), id: input.id })) } },
    );
    assert.deepEqual(
      results.flatMap((each) => (each.ok ? [] : [[each.id, each.error.recovery]])),
      [[bad, 'skip']],
    );
    assert.equal(calls, 13);
  });

  it('keeps what was written when the rest cannot be sent any more', async () => {
    const { results } = await send(
      ['1', '2', '3', '4'].map((id) => write(id, { name: 'n' })),
      (inputs) => {
        if (inputs.length === 4) return { status: 400, body: { message: 'bad' } };
        if (inputs.some((input) => input.id === '1')) return { body: { results: [done('1'), done('2')] } };
        return { status: 401, body: {} };
      },
    );
    assert.deepEqual(
      results.map((each) => each.ok || each.error.recovery),
      [true, true, 'stop', 'stop'],
    );
  });

  it('sends no call for what the account implies', async () => {
    portal = await openPortal(() => ({ status: 500 }));
    const { connector } = connect(portal.url);
    const single = sampleFacts({ currencies: null });
    const results = await connector.write([write('1', { currency: 'JPY' })], single, never);
    assert.deepEqual(results, [{ trace: 't1', id: '1', ok: true, version: null }]);
    assert.equal(connector.calls(), 0);
  });
});
