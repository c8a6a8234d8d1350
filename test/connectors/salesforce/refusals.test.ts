import assert from 'node:assert/strict';
import { nativeBody, shortened } from '../../../src/connectors/salesforce/native-values.ts';
import { refusalsOf } from '../../../src/connectors/salesforce/refusals.ts';
import type { Fields } from '../../../src/core/opportunity.ts';
import { account, DESCRIBED, describedField } from './account.ts';

const FACTS = account();

function codes(fields: Fields, owned: Fields = {}, facts = FACTS): string[] {
  return refusalsOf({ fields, owned }, facts).map((refusal) => refusal.code.replace('salesforce.', ''));
}

describe('salesforce refusals', () => {
  it('let good values pass', () => {
    assert.deepEqual(
      codes(
        {
          name: 'A',
          stage: 'Closed Won',
          amount: '-12.50',
          closeDate: '2026-02-28',
          owner: 'ANN@acme.test',
          nextStep: null,
          region: 'South',
        },
        { status: 'closed', reason: 'x'.repeat(1_000), pairKey: null },
      ),
      [],
    );
  });

  const refused: [string, Fields, string][] = [
    ['a stage that does not exist', { stage: 'Vanished' }, 'stage_unknown'],
    ['a stage no longer offered', { stage: 'Old' }, 'stage_inactive'],
    ['a blank required field', { closeDate: null }, 'required'],
    ['an unknown owner', { owner: 'eve@acme.test' }, 'owner_unknown'],
    ['an inactive owner', { owner: 'bob@acme.test' }, 'owner_inactive'],
    ['three decimals', { amount: '1.001' }, 'number_does_not_fit'],
    ['seventeen digits', { amount: '12345678901234567' }, 'number_does_not_fit'],
    ['an amount a double cannot hold', { amount: '9999999999999999.99' }, 'number_not_exact'],
    ['an amount that is none', { amount: '1,000' }, 'not_a_number'],
    ['a day that does not exist', { closeDate: '2026-02-30' }, 'not_a_date'],
    ['a value outside a restricted list', { region: 'West' }, 'choice_not_allowed'],
    ['an inactive value of a restricted list', { region: 'Old' }, 'choice_not_allowed'],
    ['a text that is too long', { name: 'é'.repeat(121) }, 'too_long'],
    ['a field the account does not have', { shoeSize: '44' }, 'field_missing'],
    ['another currency where there is only one', { currency: 'EUR' }, 'currency_not_allowed'],
  ];
  for (const [what, fields, code] of refused) {
    it(`name ${what}`, () => {
      const refusals = refusalsOf({ fields, owned: {} }, FACTS);
      assert.deepEqual(
        refusals.map((refusal) => refusal.code),
        [`salesforce.${code}`],
      );
      assert.equal(refusals[0]?.field, Object.keys(fields)[0]);
      assert.ok(refusals[0]?.remedy);
    });
  }

  it('respect the currencies of the org', () => {
    const currencies = account({ currencies: ['EUR', 'USD'] }, [
      ...DESCRIBED,
      describedField('CurrencyIsoCode', { type: 'picklist' }),
    ]);
    assert.deepEqual(codes({ currency: 'EUR' }, {}, currencies), []);
    assert.deepEqual(codes({ currency: 'JPY' }, {}, currencies), ['choice_not_allowed']);
    assert.deepEqual(codes({ currency: 'USD' }), [], 'the only currency needs no field');
  });

  it('name a field that may not be edited', () => {
    const facts = account(
      {},
      DESCRIBED.map((field) => (field.name === 'Amount' ? { ...field, updateable: false } : field)),
    );
    assert.deepEqual(codes({ amount: '1' }, {}, facts), ['field_read_only']);
    assert.ok(facts.problems.some((problem) => problem.field === 'amount' && problem.recovery === 'fix'));
  });

  it('report owned fields that are not there as problems with a remedy', () => {
    const facts = account(
      {},
      DESCRIBED.filter((field) => field.name !== 'Oppsync_Phase__c'),
    );
    const [problem] = facts.problems;
    assert.equal(facts.problems.length, 1);
    assert.match(problem?.message ?? '', /Oppsync_Phase__c/);
    assert.match(problem?.remedy ?? '', /provision/);
    assert.deepEqual(codes({}, { phase: 'meeting' }, facts), ['field_missing']);
  });
});

describe('salesforce native values', () => {
  it('are what the API takes', () => {
    assert.deepEqual(
      nativeBody(
        {
          fields: { amount: '10.50', owner: 'Ann@acme.test', nextStep: null, stage: 'Closed Won' },
          owned: { status: 'closed' },
        },
        FACTS,
      ),
      {
        Amount: 10.5,
        OwnerId: '005000000000001AAA',
        NextStep: null,
        StageName: 'Closed Won',
        Oppsync_Status__c: 'closed',
      },
    );
  });

  it('shorten the reason by code points, never through one', () => {
    const body = nativeBody({ fields: {}, owned: { reason: '😀'.repeat(300) } }, FACTS);
    const reason = String(body['Oppsync_Reason__c']);
    assert.equal([...reason].length, 255);
    assert.equal(reason.isWellFormed(), true);
    assert.equal(shortened('short', 255), 'short');
  });
});
