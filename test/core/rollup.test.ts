import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRates } from '../../src/core/rates.ts';
import { type RolledRecord, rollUp } from '../../src/core/rollup.ts';
import { digestOfRollup, rollupChanges, undoRollup } from '../../src/core/rollup-plan.ts';

const USD = { own: 'USD', rates: null };
const record = (given: Partial<RolledRecord>): RolledRecord => ({
  ...{ status: 'active', outcome: null, amount: '10', currency: 'USD' },
  ...{ createdAt: Date.UTC(2026, 0, 1), closeDate: '2026-01-11', closedAt: null },
  ...given,
});
const won = (given: Partial<RolledRecord> = {}): RolledRecord =>
  record({ status: 'closed', outcome: 'won', ...given });
const lost = (given: Partial<RolledRecord> = {}): RolledRecord => won({ outcome: 'lost', ...given });

describe('the roll-up of an account', () => {
  for (const [what, records, expected] of [
    ['nothing at all is blank', [], [null, null, null, null]],
    ['open ones only: sums are known, rates are not', [record({}), record({})], ['20', '0', null, null]],
    [
      'cents add up exactly',
      [record({ amount: '0.10' }), record({ amount: '0.20' })],
      ['0.3', '0', null, null],
    ],
    [
      'rounded once, at the end',
      [record({ amount: '0.004' }), record({ amount: '0.004' })],
      ['0.01', '0', null, null],
    ],
    [
      'what has no amount adds nothing',
      [record({ amount: null }), won({ amount: 'n/a' })],
      ['0', '0', '1', '10'],
    ],
    ['one of three won', [won(), lost(), lost()], ['0', '10', '0.3333', '10']],
    ['two of three won', [won(), won(), lost()], ['0', '20', '0.6667', '10']],
    [
      'the median of two is between them',
      [won(), won({ closeDate: '2026-01-12' })],
      ['0', '20', '1', '10.5'],
    ],
    ['cancelled ones were not decided against us', [won({ outcome: 'cancelled' })], ['0', '0', null, null]],
    ['closed without an outcome counts nowhere', [won({ outcome: null })], ['0', '0', null, null]],
    ['what could not be decided counts nowhere', [record({ status: 'unknown' })], ['0', '0', null, null]],
    ['closed before it was created: no cycle', [won({ closeDate: '2025-01-01' })], ['0', '10', '1', null]],
    ['a credit is subtracted', [record({}), record({ amount: '-4' })], ['6', '0', null, null]],
    [
      'a currency may be the account’s own',
      [record({ currency: null }), record({ currency: 'usd' })],
      ['20', '0', null, null],
    ],
  ] as const)
    it(what, () => {
      const { values, withheld } = rollUp(records, USD);
      assert.deepEqual(Object.values(values), expected);
      assert.equal(withheld, null);
    });

  it('never adds currencies up: both amounts are left blank, the rest is told', () => {
    const { values, withheld } = rollUp([record({}), won({ currency: 'EUR' }), lost()], USD);
    assert.deepEqual(Object.values(values), [null, null, '0.5', '10']);
    assert.equal(withheld, 'currencies');
    const zero = rollUp(
      [record({}), lost({ currency: 'EUR' }), record({ currency: 'EUR', amount: null })],
      USD,
    );
    assert.equal(zero.values.openAmount, '10', 'only what is added up has to be of one currency');
  });

  it('converts with a rate table: closed ones on their day, open ones by its last line', () => {
    const rates = readRates('date,currency,rate\n2026-01-01,EUR,1.1\n2026-02-01,EUR,2\n', 'USD');
    const records = [record({ currency: 'EUR' }), record({}), won({ currency: 'EUR' })];
    const { values, withheld } = rollUp(records, { own: 'USD', rates });
    assert.deepEqual([values.openAmount, values.wonAmount, withheld], ['30', '11', null]);
    const without = rollUp([...records, record({ currency: 'GBP' })], { own: 'USD', rates });
    assert.deepEqual([without.values.openAmount, without.withheld], [null, 'rate']);
  });

  const anyRecord = fc.record({
    status: fc.constantFrom('active', 'closed', 'unknown'),
    outcome: fc.constantFrom('won', 'lost', 'cancelled', null),
    amount: fc.option(fc.integer({ min: -1e9, max: 1e9 }).map((cents) => (cents / 100).toFixed(2))),
    currency: fc.constantFrom('USD', 'USD', 'EUR', null),
    createdAt: fc.option(fc.integer({ min: 1.6e12, max: 1.8e12 })),
    closeDate: fc.option(fc.constantFrom('2020-02-29', '2024-05-06', '2026-11-12')),
    closedAt: fc.option(fc.integer({ min: 1.6e12, max: 1.8e12 })),
  }) as fc.Arbitrary<RolledRecord>;

  it('does not depend on the order, and fits the fields it is kept in', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 12 }),
        fc.integer({ min: 0, max: 99 }),
        (records, turn) => {
          const { values } = rollUp(records, USD);
          const turned = [...records.slice(turn % 12), ...records.slice(0, turn % 12)];
          assert.deepEqual(rollUp(turned, USD).values, values);
          const decimals = { openAmount: 2, wonAmount: 2, winRate: 4, medianCycleDays: 1 };
          for (const [field, most] of Object.entries(decimals)) {
            const value = values[field as keyof typeof values];
            assert.match(value ?? '0', new RegExp(`^-?\\d+(\\.\\d{1,${most}})?$`), field);
          }
        },
      ),
    );
  });
});

describe('what is written into an account', () => {
  const values = { openAmount: '20', wonAmount: '0', winRate: null, medianCycleDays: '3' };
  const all = new Set(Object.keys(values));
  const fieldsOf = (held: Record<string, string | null>, undone = {}, writable = all): string[] =>
    rollupChanges(held, values, writable, undone).map(({ field }) => field);

  it('is what differs, as numbers, and only where it was read and may be written', () => {
    assert.deepEqual(fieldsOf({ openAmount: '20.00', wonAmount: null, winRate: '1', medianCycleDays: '3' }), [
      'wonAmount',
      'winRate',
    ]);
    assert.deepEqual(fieldsOf({ wonAmount: '5' }), ['wonAmount']);
    assert.deepEqual(fieldsOf({ wonAmount: '5' }, {}, new Set()), []);
  });

  it('leaves what a person took back, until either value is another one', () => {
    const undone = { openAmount: { held: '7', wanted: '20' } };
    assert.deepEqual(fieldsOf({ openAmount: '7' }, undone), []);
    assert.deepEqual(fieldsOf({ openAmount: '8' }, undone), ['openAmount']);
    assert.deepEqual(fieldsOf({ openAmount: '7' }, { openAmount: { held: '7', wanted: '21' } }), [
      'openAmount',
    ]);
  });

  it('is taken back where it still stands', () => {
    const sent = [
      { field: 'openAmount', before: null, after: '20' },
      { field: 'wonAmount', before: '1', after: '2' },
      { field: 'winRate', before: '1', after: '0.5' },
    ];
    const { changes, kept } = undoRollup(sent, { openAmount: '20.0', wonAmount: '3', winRate: '1' }, 'ann');
    assert.deepEqual(
      changes.map(({ field, before, after, by }) => [field, before, after, by]),
      [['openAmount', '20.0', null, 'ann']],
    );
    assert.deepEqual(kept, ['wonAmount']);
    assert.deepEqual(
      undoRollup(sent.slice(0, 1), {}, 'ann').kept,
      ['openAmount'],
      'not read is not restored',
    );
  });

  it('has a digest of its own that names account, field and values', () => {
    const change = rollupChanges({ openAmount: null, winRate: '1' }, values, all, {});
    const planned = { crm: 'x', account: '7', name: 'Acme', changes: change };
    const turned = { ...planned, name: 'other', changes: change.toReversed() };
    assert.equal(digestOfRollup(planned), digestOfRollup(turned));
    assert.notEqual(digestOfRollup(planned), digestOfRollup({ ...planned, account: '8' }));
  });
});
