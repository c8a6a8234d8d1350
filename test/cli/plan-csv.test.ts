import assert from 'node:assert/strict';
import { planCsv } from '../../src/cli/present/plan-csv.ts';
import type { PlannedChange } from '../../src/core/report.ts';
import { runMain } from './run-main.ts';

const CHANGE: PlannedChange = {
  crm: 'hubspot',
  id: '7',
  name: '=HYPERLINK("x")',
  pairKey: 'op-1',
  field: 'nextStep',
  owned: false,
  before: 'say "yes", then\nsign',
  after: null,
  reason: 'copied',
  sentence: 'Salesforce changed it',
};

async function* each(changes: readonly PlannedChange[]): AsyncIterable<PlannedChange> {
  yield* changes;
}

describe('a plan as a table for spreadsheets', () => {
  it('has one line per field, also of records to be made, and no formula', async () => {
    const made: PlannedChange = {
      ...{
        ...CHANGE,
        id: '',
        name: 'New',
        field: '',
        before: null,
        reason: 'created',
        sentence: 'It is missing',
      },
      creation: {
        source: { crm: 'salesforce', id: '006' },
        fields: { name: 'New', amount: '5' },
        owned: { status: 'active' },
      },
    };
    let text = '';
    for await (const piece of planCsv(each([CHANGE, made]))) text += piece;
    assert.deepEqual(text.split('\r\n'), [
      'crm,id,name,pair,field,owned,before,after,reason,sentence',
      `hubspot,7,"'=HYPERLINK(""x"")",op-1,nextStep,no,"say ""yes"", then\nsign",,copied,Salesforce changed it`,
      'hubspot,,New,op-1,name,no,,New,created,It is missing',
      'hubspot,,New,op-1,amount,no,,5,created,It is missing',
      'hubspot,,New,op-1,status,yes,,active,created,It is missing',
      '',
    ]);
  });

  it('is all that plan --csv prints; plan --json --all lists the same changes', async () => {
    const csv = await runMain(['plan', '--csv']);
    assert.equal(csv.code, 0);
    assert.match(csv.out, /^crm,id,name,[^\n]*\r\n(\w+,\d+,[^\n]*\r\n){2}$/);
    const { out } = await runMain(['plan', '--json', '--all']);
    assert.deepEqual(
      (JSON.parse(out) as { changes: PlannedChange[] }).changes.map(({ id }) => id),
      ['1', '2'],
    );
    assert.equal('changes' in (JSON.parse((await runMain(['plan', '--json'])).out) as object), false);
  });
});
