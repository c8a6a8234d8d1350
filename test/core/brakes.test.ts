import assert from 'node:assert/strict';
import { checkPlan, DEFAULT_BRAKES, type PlanFacts } from '../../src/core/brakes.ts';

const QUIET: PlanFacts = {
  plansBefore: 1,
  records: 10,
  linked: 1000,
  changed: 0,
  flips: 0,
  amounts: [],
  creates: 0,
  deletes: 0,
  blanks: 0,
  vanished: {},
};
const tripped = (facts: Partial<PlanFacts>, limits = DEFAULT_BRAKES): string[] =>
  checkPlan({ ...QUIET, ...facts }, limits).map(({ brake }) => brake);
const amount = (changes: number, moved: string, pipeline = '1000') => ({
  amounts: [{ crm: 'a', currency: 'EUR', changes, moved, pipeline }],
});

describe('brakes: reasons not to apply a plan by itself', () => {
  it('a quiet plan has none', () => assert.deepEqual(tripped({}), []));

  it('the first plan with something to write, whatever else it does', () => {
    assert.deepEqual(tripped({ plansBefore: 0 }), ['first_run']);
    assert.deepEqual(tripped({ plansBefore: 0, changed: 900, flips: 100 }), ['first_run']);
    assert.deepEqual(tripped({ plansBefore: 0, records: 0 }), []);
  });

  it('more than 10 % of the linked records, above 20', () => {
    assert.deepEqual(tripped({ changed: 100 }), []);
    assert.deepEqual(tripped({ changed: 101 }), ['changed']);
    assert.deepEqual(tripped({ linked: 30, changed: 20 }), []);
    assert.deepEqual(tripped({ linked: 30, changed: 21 }), ['changed']);
  });

  it('more than 500 records, however many there are', () => {
    assert.deepEqual(tripped({ linked: 1_000_000, changed: 500 }), []);
    assert.deepEqual(tripped({ linked: 1_000_000, changed: 501 }), ['changed']);
  });

  it('more than 2 % or 50 that go from open to closed or back, above 10', () => {
    assert.deepEqual(tripped({ linked: 100, flips: 10 }), []);
    assert.deepEqual(tripped({ linked: 100, flips: 11 }), ['flips']);
    assert.deepEqual(tripped({ linked: 100_000, flips: 50 }), []);
    assert.deepEqual(tripped({ linked: 100_000, flips: 51 }), ['flips']);
  });

  it('amounts that move by more than 5 % of the pipeline, above five of them', () => {
    assert.deepEqual(tripped(amount(6, '50')), []);
    assert.deepEqual(tripped(amount(6, '50.01')), ['amounts']);
    assert.deepEqual(tripped(amount(5, '5000')), []);
    assert.deepEqual(tripped(amount(6, '1', '0')), ['amounts']);
    assert.deepEqual(tripped(amount(6, '0', '0')), []);
    const [problem] = checkPlan({ ...QUIET, ...amount(6, '99999999999999999.99') });
    assert.match(problem?.message ?? '', /99999999999999999\.99/);
  });

  it('more than 5 % or 100 creates', () => {
    assert.deepEqual(tripped({ creates: 50 }), []);
    assert.deepEqual(tripped({ creates: 51 }), ['creates']);
    assert.deepEqual(tripped({ linked: 10_000, creates: 101 }), ['creates']);
  });

  it('any delete, and any blank no policy lets travel, also in the first run', () => {
    assert.deepEqual(tripped({ deletes: 1 }), ['deletes']);
    assert.deepEqual(tripped({ blanks: 1, plansBefore: 0 }), ['first_run', 'blanks']);
  });

  it('more than 10 % of a CRM newly deleted, above 20', () => {
    assert.deepEqual(tripped({ vanished: { a: { gone: 20, left: 40 } } }), []);
    assert.deepEqual(tripped({ vanished: { a: { gone: 21, left: 40 } } }), ['source_shrank']);
    assert.deepEqual(tripped({ vanished: { a: { gone: 100, left: 900 } } }), []);
    assert.deepEqual(tripped({ vanished: { a: { gone: 101, left: 899 } } }), ['source_shrank']);
  });

  it('names every reason at once, each with a remedy', () => {
    const problems = checkPlan({ ...QUIET, changed: 600, flips: 60, creates: 200, ...amount(10, '500') });
    assert.deepEqual(
      problems.map(({ brake }) => brake),
      ['changed', 'flips', 'creates', 'amounts'],
    );
    for (const { message, remedy } of problems) assert.ok(message.length > 20 && remedy.length > 20);
  });

  it('limits are settings, and a brake that is switched off stops nothing', () => {
    const loose = { ...DEFAULT_BRAKES, changed: { share: null, above: 0, most: 700 } };
    assert.deepEqual(tripped({ changed: 700 }, loose), []);
    assert.deepEqual(tripped({ changed: 701 }, loose), ['changed']);
    const off = {
      ...DEFAULT_BRAKES,
      changed: false,
      flips: false,
      amounts: false,
      creates: false,
      vanished: false,
    } as const;
    const worst = { changed: 900, flips: 900, creates: 900, ...amount(900, '900000') };
    assert.deepEqual(tripped({ ...worst, vanished: { a: { gone: 999, left: 0 } } }, off), []);
  });
});
