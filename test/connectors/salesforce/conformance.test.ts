import assert from 'node:assert/strict';
import { OppsyncError } from '../../../src/core/errors.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { describeConformance, readAll } from '../conformance.ts';
import { describeCreating } from '../creating.ts';
import { type SimulatedOrg, startSimulatedOrg } from './simulated-org.ts';

const GO = new AbortController().signal;

const harness = {
  name: 'salesforce',
  start: startSimulatedOrg,
  reportsDeletes: true,
  seesEditsAtOnce: true,
  strangerId: '006000000000999AAA',
};

describeConformance(harness);
describeCreating(harness);

describe('salesforce connector on the simulator', () => {
  useRealNetwork();
  let org: SimulatedOrg;
  beforeEach(async () => {
    org = await startSimulatedOrg();
  });
  afterEach(() => org.close());

  it('a reading of changes survives the loss of its session among rows of one second', async () => {
    const connector = org.connect();
    const facts = await connector.describe(GO);
    const mark = { until: Date.now() - 60_000 };
    const reading = await readAll(connector, facts, mark, async () => org.expireTokens?.());
    assert.ok(reading.pages >= 3);
    const seen = reading.snapshots.map((snapshot) => snapshot.id).toSorted();
    assert.deepEqual(seen, (await org.ids()).toSorted());
  });

  it('spends the fewest calls', async () => {
    const connector = org.connect();
    const facts = await connector.describe(GO);
    const described = connector.calls();
    assert.equal(described, 5, 'login, describe, stages, users, organisation');
    const { pages, mark } = await readAll(connector, facts, null);
    assert.equal(connector.calls() - described, pages + 1);
    await connector.readByIds((await org.ids()).slice(0, 200), facts, GO);
    assert.equal(connector.calls() - described, pages + 2);
    await org.advance(60 * 60_000);
    await readAll(connector, facts, mark);
    assert.ok(connector.calls() - described <= 2 * pages + 4);
  });

  it('works without a hidden field and names it with its remedy', async () => {
    await org.configure({ hiddenFields: ['Opportunity.NextStep', 'Opportunity.Oppsync_Phase__c'] });
    const connector = org.connect();
    const facts = await connector.describe(GO);
    assert.deepEqual(
      facts.problems.map((problem) => [problem.field, problem.recovery]),
      [
        ['nextStep', 'fix'],
        ['phase', 'fix'],
      ],
    );
    const { snapshots } = await readAll(connector, facts, null);
    assert.equal(snapshots.length, (await org.ids()).length);
    assert.equal('nextStep' in (snapshots[0]?.fields ?? {}), false);
  });

  it('explains a field that was hidden after the account was described', async () => {
    const connector = org.connect();
    const facts = await connector.describe(GO);
    await org.configure({ hiddenFields: ['Opportunity.NextStep'] });
    await assert.rejects(readAll(connector, facts, null), (error) => {
      assert.ok(error instanceof OppsyncError);
      assert.equal(error.details.field, 'NextStep');
      assert.equal(
        error.message,
        "A field does not exist or is hidden: No such column 'NextStep' on entity 'Opportunity'.",
      );
      return true;
    });
  });

  it('says plainly that opportunities cannot be seen', async () => {
    await org.configure({ hiddenObjects: ['Opportunity'] });
    await assert.rejects(org.connect().describe(GO), {
      message: 'The Salesforce integration user cannot see opportunities.',
    });
  });

  it('judges stages without OpportunityStage, and says so', async () => {
    await org.configure({ hiddenObjects: ['OpportunityStage'] });
    const facts = await org.connect().describe(GO);
    assert.deepEqual(facts.stages, []);
    assert.equal(facts.problems.length, 1);
  });

  it('reads and writes currencies where the org has several, and only there', async () => {
    const [id = ''] = await org.ids();
    const single = org.connect();
    const plain = await single.describe(GO);
    assert.equal(plain.currencies, null);
    assert.equal('currency' in ((await single.readByIds([id], plain, GO)).snapshots[0]?.fields ?? {}), false);
    await org.configure({ multiCurrency: true });
    const connector = org.connect();
    const facts = await connector.describe(GO);
    const other = facts.currencies?.at(-1) ?? '';
    await connector.write(
      [{ id, fields: { currency: other, amount: '5' }, owned: {}, trace: 't' }],
      facts,
      GO,
    );
    const { snapshots } = await connector.readByIds([id], facts, GO);
    assert.match(other, /^[A-Z]{3}$/);
    assert.equal(snapshots[0]?.fields['currency'], other);
    assert.equal(connector.refusals({ fields: { currency: 'XXX' }, owned: {} }, facts).length, 1);
  });

  it('stops when every token is refused', async () => {
    const connector = org.connect();
    await org.configure({ rejectAllTokens: true });
    await assert.rejects(connector.describe(GO), { recovery: 'stop' });
    assert.ok(connector.calls() < 20, `${connector.calls()} calls`);
  });

  it('passes the refusal of a validation rule on to its row', async () => {
    const connector = org.connect();
    const facts = await connector.describe(GO);
    const rule = {
      name: 'No X',
      when: { field: 'Name', equals: 'X' },
      message: 'X is not a name',
      field: 'Name',
    };
    await org.configure({ validationRules: [rule] });
    const [first = '', second = ''] = await org.ids();
    const results = await connector.write(
      [
        { id: first, fields: { name: 'X' }, owned: {}, trace: 'a' },
        { id: second, fields: { name: 'Y' }, owned: {}, trace: 'b' },
      ],
      facts,
      GO,
    );
    const [refused, written] = results;
    assert.ok(refused?.ok === false && written?.ok === true);
    assert.equal(refused.error.recovery, 'skip');
    assert.equal(refused.error.field, 'name');
    assert.match(refused.error.message, /X is not a name/);
  });

  it('does not take a hidden history or an untracked field for one that nobody edited', async () => {
    const [id = ''] = await org.ids();
    await org.rename(id, 'Renamed');
    const fields = ['name', 'amount', 'nextStep', 'owner'];
    const read = async () => {
      const connector = org.connect();
      const facts = await connector.describe(GO);
      const told = await connector.history?.read([id], fields, null, facts, GO);
      return Object.keys(told?.get(id) ?? {}).toSorted();
    };
    assert.deepEqual(await read(), ['amount', 'name']);
    await org.configure({ hiddenObjects: ['OpportunityFieldHistory'] });
    assert.deepEqual(await read(), ['amount']);
    await org.configure({ hiddenObjects: ['OpportunityFieldHistory', 'OpportunityHistory'] });
    assert.deepEqual(await read(), []);
  });

  it('reads from the two rows of a look-up the one with ids, and knows its own writes', async () => {
    const [id = ''] = await org.ids();
    const connector = org.connect();
    const facts = await connector.describe(GO);
    const [email = ''] = facts.owners.map((owner) => owner.email).filter((one) => one.startsWith('admin'));
    await connector.write([{ id, fields: { owner: email, amount: '7' }, owned: {}, trace: 't' }], facts, GO);
    const told = (await connector.history?.read([id], ['owner', 'amount'], null, facts, GO))?.get(id);
    assert.deepEqual(
      told?.['owner']?.map(({ value, actor }) => [value, actor]),
      [['admin@sandbox.example', 'engine']],
    );
    assert.deepEqual(
      told?.['amount']?.map(({ value, actor }) => [value, actor === 'engine']),
      [
        ['7', true],
        ['0.5', false],
      ],
    );
  });

  it('leaves out what is older than asked for', async () => {
    const [id = ''] = await org.ids();
    const connector = org.connect();
    const facts = await connector.describe(GO);
    await org.advance(3_600_000);
    await org.reprice(id, '9');
    const since = Date.now() + 1_800_000;
    const told = (await connector.history?.read([id], ['amount', 'stage'], since, facts, GO))?.get(id);
    assert.deepEqual(
      told?.['amount']?.map(({ value }) => value),
      ['9'],
    );
  });

  it('opens records under the address people know', async () => {
    const connector = org.connect();
    const facts = await connector.describe(GO);
    assert.match(
      connector.recordUrl('006000000000001AAA', facts),
      /\/lightning\/r\/Opportunity\/006000000000001AAA\/view$/,
    );
  });
});
