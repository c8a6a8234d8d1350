import assert from 'node:assert/strict';
import type { OwnedFieldCheck, ProvisionReport } from '../../src/core/provision-port.ts';
import { runMain } from './run-main.ts';

const check = (state: OwnedFieldCheck['state']): OwnedFieldCheck => ({
  field: 'status',
  native: 'Oppsync_Status__c',
  state,
  problem: null,
});

/** An org whose one field becomes what `after` says once somebody has it made. */
function org(before: OwnedFieldCheck['state'], after: OwnedFieldCheck['state'], why = '') {
  let made = 0;
  const report = (state: OwnedFieldCheck['state'], done: boolean): ProvisionReport => ({
    crm: 'salesforce',
    fields: [check(state)],
    made: done && state === 'ready' ? ['status'] : [],
    problems:
      done && why !== '' ? [{ recovery: 'fix', code: 'x', message: why, remedy: 'Ask somebody.' }] : [],
  });
  return {
    made: () => made,
    app: {
      provision: async (_sync: string, make: boolean) => {
        if (make) made += 1;
        return [report(made > 0 ? after : before, make)];
      },
    },
  };
}

const typing = (text: string) => ({
  inputIsTerminal: true,
  input: async function* () {
    yield Buffer.from(text);
  },
});

describe('oppsync provision', () => {
  it('shows what is missing and creates nothing until somebody says so', async () => {
    const { app, made } = org('missing', 'ready');
    const ran = await runMain(['provision'], { app });
    assert.equal(ran.code, 0);
    assert.equal(made(), 0);
    assert.match(ran.out, /Oppsync_Status__c\s+missing: will be created/);
    assert.match(ran.out, /oppsync provision --yes/);
  });

  it('creates with --yes', async () => {
    const { app, made } = org('missing', 'ready');
    const ran = await runMain(['provision', '--yes'], { app });
    assert.deepEqual([ran.code, made()], [0, 1]);
    assert.match(ran.out, /Oppsync_Status__c\s+created/);
  });

  for (const [answer, locale, expected] of [
    ['y\n', 'en', 1],
    ['Yes\n', 'en', 1],
    ['n\n', 'en', 0],
    ['\n', 'en', 0],
    ['oui\n', 'fr', 1],
  ] as const) {
    it(`asks at a terminal: ${JSON.stringify(answer)} in ${locale} creates ${expected === 1 ? 'it' : 'nothing'}`, async () => {
      const { app, made } = org('missing', 'ready');
      const ran = await runMain(['provision', '--locale', locale], { app, runtime: typing(answer) });
      assert.deepEqual([ran.code, made()], [0, expected]);
    });
  }

  it('a machine that reads JSON is never asked', async () => {
    const { app, made } = org('missing', 'ready');
    const ran = await runMain(['provision', '--json'], { app, runtime: typing('y\n') });
    assert.deepEqual([ran.code, made()], [0, 0]);
    const document = JSON.parse(ran.out) as { crms: { salesforce: { fields: unknown } } };
    assert.deepEqual(document.crms.salesforce.fields, [
      { field: 'status', native: 'Oppsync_Status__c', state: 'missing' },
    ]);
  });

  it('says what could not be done and ends as a refusal', async () => {
    const { app } = org('missing', 'missing', 'This user may not.');
    const ran = await runMain(['provision', '--yes'], { app });
    assert.equal(ran.code, 3);
    assert.match(ran.out, /still missing/);
    assert.match(ran.out, /This user may not\.\n\s+What to do: Ask somebody\./);
  });

  it('has nothing to do when everything is in place', async () => {
    const { app, made } = org('ready', 'ready');
    const ran = await runMain(['provision', '--yes'], { app });
    assert.deepEqual([ran.code, made()], [0, 0]);
  });
});
