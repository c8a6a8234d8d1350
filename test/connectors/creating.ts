import assert from 'node:assert/strict';
import type { AccountFacts } from '../../src/core/account-facts.ts';
import type { Connector, Creator, NewRecord } from '../../src/core/connector-port.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';
import type { Harness, World } from './conformance.ts';

const GO = new AbortController().signal;

/** What every connector that makes records owes the engine: one record per key, whatever happens on the way. */
export function describeCreating(harness: Harness): void {
  describe(`${harness.name} connector making records`, () => {
    useRealNetwork();
    let world: World;
    let connector: Connector;
    let creator: Creator;
    let facts: AccountFacts;

    beforeEach(async () => {
      world = await harness.start();
      connector = world.connect();
      assert.ok(connector.creator !== undefined);
      creator = connector.creator;
      facts = JSON.parse(JSON.stringify(await connector.describe(GO))) as AccountFacts;
    });
    afterEach(async () => {
      await connector.close();
      await world.close();
    });

    /** A record of everything a new one may need. */
    const fresh = (key: string, fields: NewRecord['fields'] = {}): NewRecord => {
      const stage = facts.stages.find((one) => one.closed === false && one.active && one.order > 1);
      const owner = facts.owners.find((one) => one.active);
      assert.ok(stage !== undefined && owner !== undefined);
      const all = {
        ...{ name: `Made ${key}`, stage: stage.key, owner: owner.email },
        ...{ amount: '1234.56', closeDate: '2031-05-06', nextStep: 'Call' },
      };
      return { key, fields: { ...all, ...fields }, owned: { status: 'active', pairKey: key } };
    };

    it('says why it cannot where the key field is missing, read-only or not unique', () => {
      assert.deepEqual(creator.obstacles(facts), []);
      const without = (change: (fact: AccountFacts['fields'][number]) => AccountFacts['fields']) => ({
        ...facts,
        fields: facts.fields.flatMap((fact) => (fact.field === 'pairKey' ? change(fact) : [fact])),
      });
      for (const lacking of [
        without(() => []),
        without((fact) => [{ ...fact, writable: false }]),
        without(({ unique: _unique, ...fact }) => [fact]),
      ]) {
        const [obstacle, ...more] = creator.obstacles(lacking);
        assert.ok(obstacle !== undefined && more.length === 0);
        assert.equal(obstacle.recovery, 'fix');
        assert.ok(obstacle.message !== '' && obstacle.remedy.includes('switch creating off'));
      }
    });

    it('makes one record per key, with all its values', async () => {
      const before = (await world.ids()).length;
      const records = [fresh('op-test-1'), fresh('op-test-2'), fresh('op-test-3')];
      for (const { fields, owned } of records)
        assert.deepEqual(connector.refusals({ fields, owned }, facts), []);
      const answers = await creator.create(records, facts, GO);
      assert.deepEqual(
        answers.map((answer) => [answer.key, answer.ok && answer.created]),
        records.map(({ key }) => [key, true]),
      );
      assert.equal((await world.ids()).length, before + 3);
      const ids = answers.flatMap((answer) => (answer.ok ? [answer.id] : []));
      const { snapshots } = await connector.readByIds(ids, facts, GO);
      for (const [at, record] of records.entries()) {
        const made = snapshots.find(({ id }) => id === ids[at]);
        assert.equal(made?.pairKey, record.key);
        assert.equal(made.owned['status'], 'active');
        for (const [field, value] of Object.entries(record.fields))
          assert.equal(made.fields[field], value, field);
      }
    });

    it('makes no second record when it is asked again, or twice at once', async () => {
      const [first] = await creator.create([fresh('op-test-1')], facts, GO);
      assert.ok(first?.ok === true);
      const other = world.connect();
      const twice = await Promise.all([
        creator.create([fresh('op-test-1', { name: 'Again' })], facts, GO),
        other.creator?.create([fresh('op-test-1', { name: 'Again' })], facts, GO),
      ]);
      for (const [again] of twice.flatMap((answers) => (answers === undefined ? [] : [answers]))) {
        assert.ok(again?.ok === true);
        assert.deepEqual([again.id, again.created], [first.id, false]);
      }
      await other.close();
      assert.equal((await world.stored(first.id)).name, 'Again');
    });

    it('a bad row costs only itself', async () => {
      const before = (await world.ids()).length;
      const bad = fresh('op-test-2', { closeDate: 'someday' });
      const answers = await creator.create([fresh('op-test-1'), bad, fresh('op-test-3')], facts, GO);
      assert.deepEqual(
        answers.map((answer) => answer.ok),
        [true, false, true],
      );
      const refused = answers[1];
      assert.ok(refused !== undefined && !refused.ok);
      assert.equal(refused.error.recovery, 'skip');
      assert.ok(refused.error.message !== '' && refused.error.remedy !== '');
      assert.equal((await world.ids()).length, before + 2);
    });

    it('finds by key what it made, deleted or not, and nothing else', async () => {
      const answers = await creator.create([fresh('op-test-1'), fresh('op-test-2')], facts, GO);
      const [kept, gone] = answers.map((answer) => (answer.ok ? answer.id : ''));
      await world.remove(gone ?? '');
      const found = await creator.readByKeys(['op-test-1', 'op-test-2', 'op-test-none'], facts, GO);
      assert.deepEqual(
        found.map(({ id, pairKey, deleted }) => [id, pairKey, deleted]).toSorted(),
        [
          [kept, 'op-test-1', false],
          [gone, 'op-test-2', true],
        ].toSorted(),
      );
      assert.deepEqual(await creator.readByKeys([], facts, GO), []);
      await assert.rejects(creator.readByKeys(['op-test-1', 'op-test-1'], facts, GO));
      await assert.rejects(creator.create([fresh('op-test-1'), fresh('op-test-1')], facts, GO));
    });

    it('says that it does not know when the answer is lost; the record is found by its key', async () => {
      const impatient = world.connect({ deadlineMs: 400 });
      assert.ok(impatient.creator !== undefined);
      const before = (await world.ids()).length;
      await world.loseAnswer();
      const [lost] = await impatient.creator.create([fresh('op-test-1')], facts, GO);
      assert.ok(lost !== undefined && !lost.ok);
      assert.equal(lost.error.recovery, 'unknown');
      const [found] = await impatient.creator.readByKeys(['op-test-1'], facts, GO);
      assert.equal(found?.fields['name'], 'Made op-test-1');
      const [again] = await impatient.creator.create([fresh('op-test-1')], facts, GO);
      assert.ok(again?.ok === true && again.id === found.id && !again.created);
      assert.equal((await world.ids()).length, before + 1);
      await impatient.close();
    });

    it('throws while nothing was written, and stops when told to', async () => {
      const before = (await world.ids()).length;
      await world.trouble('limit', 'write', 1_000);
      await assert.rejects(creator.create([fresh('op-test-1')], facts, GO));
      const stopped = AbortSignal.abort(new Error('told to stop'));
      await assert.rejects(creator.create([fresh('op-test-2')], facts, stopped));
      assert.equal((await world.ids()).length, before);
    });
  });
}
