import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { ErrorDetails } from '../../src/core/errors.ts';
import type { RunReport } from '../../src/core/report.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { type DecideOn, decidePairs } from '../../src/engine/decide-pairs.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

/** Names that nothing else sounds like. */
const NAMES = ['Arkona', 'Belvedere', 'Cormorant', 'Dunmore', 'Estrela', 'Falkirk', 'Gryphon'];
const UNKNOWN: ErrorDetails = {
  recovery: 'unknown',
  code: 'NO_ANSWER',
  message: 'no answer',
  remedy: 'none',
};
const RULE: ErrorDetails = {
  ...{ recovery: 'skip', code: 'RULE', message: 'Region is required', remedy: 'fill in the region' },
};

/** One record of the left CRM that the right one lacks. */
function alone(rig: Rig, n: number, fields: Record<string, string | null> = {}): string {
  const id = `L9${n}`;
  const name = `${NAMES[n] ?? n} refit`;
  const own = { name, amount: `${(n + 1) * 1000}`, closeDate: `2031-0${n + 1}-15`, stage: 'Negotiating' };
  put(rig.left, id, { ...own, ...fields });
  return id;
}

/** Linked records that agree, and a sync that has run before. */
async function running(settings: Partial<SyncSettings> = {}): Promise<Rig> {
  const rig = await engineRig({ create: { right: 'active' }, ...settings });
  for (let n = 0; n < 3; n++) {
    const fields = { name: `Linked ${n}`, amount: `${n + 7}`, closeDate: '2030-01-01', stage: 'Negotiating' };
    put(rig.left, `L${n}`, fields);
    put(rig.right, `R${n}`, fields, `L${n}`);
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  return rig;
}

/** Syncs, with a person's approval where one is asked for. */
async function sync(rig: Rig, options = {}): Promise<RunReport> {
  const report = await rig.report('sync', options);
  return report.brakes.length === 0 ? report : rig.report('apply', { digest: report.plan?.digest ?? '' });
}

const by = (ids: readonly string[]): DecideOn => ({ sync: 'main', sides: ['left', 'right'], ids, by: 'ann' });
const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);
const counterparts = (rig: Rig, source: string): string[] =>
  [...rig.right.records.values()]
    .filter(({ owned }) => owned['pairKey'] === `op-left-${source}`)
    .map(({ id }) => id);

describe('missing counterparts', function () {
  this.timeout(60_000);
  let rig: Rig;
  afterEach(async () => {
    await rig.close();
  });

  it('are not made unless the configuration says so', async () => {
    rig = await running({ create: {} });
    alone(rig, 0);
    await sync(rig);
    const report = await sync(rig);
    assert.deepEqual([rig.right.made, report.outcomes.unpaired], [[], 1]);
  });

  it('are planned first, in the plan and its digest, and looked at before the first is made', async () => {
    rig = await running();
    const [one] = [alone(rig, 0), alone(rig, 1)];
    const parked = await rig.report('sync');
    assert.deepEqual(
      parked.brakes.map(({ brake, params }) => [brake, params]),
      [['first_creates', { n: 2, crm: 'right' }]],
    );
    assert.deepEqual([parked.plan?.creates, rig.right.made], [{ left: 0, right: 2 }, []]);
    assert.equal(parked.outcomes.changed, 2);

    const applied = await rig.report('apply', { digest: parked.plan?.digest ?? '' });
    assert.deepEqual(applied.writes['right'], { update: 0, create: 2, failed: 0 });
    assert.equal(rig.right.made.length, 2);
    const [made = ''] = counterparts(rig, one ?? '');
    assert.deepEqual(
      { ...rig.right.records.get(made)?.fields },
      { ...rig.left.records.get(one ?? '')?.fields, currency: 'USD' },
    );
    assert.equal(rig.left.records.get(one ?? '')?.owned['pairKey'], `op-left-${one}`);
    assert.equal(total(applied.outcomes), total(applied.read));

    const writes = rig.left.written.length + rig.right.written.length;
    const after = await rig.report('sync');
    assert.deepEqual([after.brakes, after.pairs.linked, after.converged], [[], 5, true]);
    assert.equal(rig.left.written.length + rig.right.written.length, writes);
    assert.equal(total(after.outcomes), total(after.read));
  });

  it('have another digest when another record is to be made', async () => {
    rig = await running();
    alone(rig, 0);
    const first = await rig.report('plan');
    assert.equal((await rig.report('plan')).plan?.digest, first.plan?.digest);
    rig.left.edit('L90', { amount: '5' });
    assert.notEqual((await rig.report('plan')).plan?.digest, first.plan?.digest);
    assert.deepEqual(rig.right.made, []);
  });

  it('are followed like any pair, from the values they were made with', async () => {
    rig = await running();
    const source = alone(rig, 0);
    await sync(rig);
    const [made = ''] = counterparts(rig, source);
    rig.right.edit(made, { nextStep: 'call Ann' });
    rig.left.edit(source, { amount: '77' });
    await sync(rig);
    assert.equal(rig.left.records.get(source)?.fields['nextStep'], 'call Ann');
    assert.equal(rig.right.records.get(made)?.fields['amount'], '77');
  });

  it('are made by later runs alone, as far as the brake on creating allows', async () => {
    rig = await running();
    alone(rig, 0);
    await sync(rig);
    alone(rig, 1);
    const small = await rig.report('sync');
    assert.deepEqual([small.brakes, small.writes['right']?.create], [[], 1]);
    for (let n = 20; n < 30; n++)
      put(rig.left, `L${n}`, { name: `${n}`, amount: `${n}`, closeDate: `2032-01-${n}` });
    const large = await rig.report('sync');
    assert.deepEqual(
      large.brakes.map(({ brake }) => brake),
      ['creates'],
    );
    assert.equal(rig.right.made.length, 2);
  });

  it('are made of active records only, or of all', async () => {
    rig = await running({ create: { right: 'active' } });
    alone(rig, 0, { stage: 'Won' });
    await sync(rig);
    assert.deepEqual([rig.right.made, (await sync(rig)).outcomes.unpaired], [[], 1]);
    await rig.close();
    rig = await running({ create: { right: 'all' } });
    const closed = alone(rig, 0, { stage: 'Won' });
    await sync(rig);
    assert.equal(counterparts(rig, closed).length, 1);
  });

  it('wait where something has to be settled first, each with a remedy', async () => {
    rig = await running({ stages: [{ left: ['Negotiating'], right: ['Negotiating'] }] });
    const waiting = {
      create_incomplete: alone(rig, 0, { closeDate: null }),
      unmapped_stage: alone(rig, 1, { stage: 'Prospecting' }),
      create_waits_for_pairing: alone(rig, 2),
      create_had_counterpart: alone(rig, 3),
      create_linked_elsewhere: alone(rig, 4),
      create_waits_for_duplicate: alone(rig, 5),
    };
    put(rig.right, 'R50', { ...rig.left.records.get(waiting.create_waits_for_pairing)?.fields });
    const lost = rig.left.records.get(waiting.create_had_counterpart);
    if (lost !== undefined) lost.owned['pairKey'] = 'op-of-old';
    const linked = rig.left.records.get(waiting.create_linked_elsewhere);
    if (linked !== undefined) linked.linkedId = 'R-unseen';
    put(rig.left, 'L96', { ...rig.left.records.get(waiting.create_waits_for_duplicate)?.fields });
    const report = await sync(rig);
    assert.deepEqual(rig.right.made, []);
    assert.equal(report.outcomes.held, 7);
    assert.equal(total(report.outcomes), total(report.read));
    assert.ok(report.attention.every(({ remedy }) => remedy !== ''));
    for (const [cause, id] of Object.entries(waiting)) {
      const [group] = await rig.store.loadGroups('main', [`left:${id}`]);
      const notes = await sql<{ cause: string }>`select notes #>> '{0,cause}' as cause from snapshots
        where id = ${id}`.execute(rig.database.db);
      assert.deepEqual([group?.pair, notes.rows[0]?.cause], [null, cause]);
    }
    // A person says that they are two deals: then a counterpart is made.
    await decidePairs(rig.deps, 'rejected', by([waiting.create_waits_for_pairing, 'R50']));
    await sync(rig);
    assert.equal(counterparts(rig, waiting.create_waits_for_pairing).length, 1);
  });

  it('wait for a complete reading: what a search did not show may be there all the same', async () => {
    rig = await running();
    // From now on reading everything costs too much to be done every time.
    Object.assign(rig.right.capabilities, { fullPage: 0.01 });
    const source = alone(rig, 0);
    const partly = await sync(rig);
    assert.deepEqual([rig.right.made, partly.outcomes.held], [[], 1]);
    // Its counterpart was there, and had not come up yet.
    put(rig.right, 'R90', { ...rig.left.records.get(source)?.fields }, source);
    await sync(rig, { full: true });
    assert.deepEqual([rig.right.made, rig.right.records.get('R90')?.owned['pairKey']], [[], 'op-L90-R90']);
    const other = alone(rig, 1);
    await sync(rig, { full: true });
    assert.equal(counterparts(rig, other).length, 1);
  });

  it('are not made of a record that somebody has kept apart from another', async () => {
    rig = await running();
    const source = alone(rig, 0);
    put(rig.right, 'R50', { ...rig.left.records.get(source)?.fields });
    await rig.report('plan');
    await decidePairs(rig.deps, 'apart', by([source, 'R50']));
    const report = await sync(rig);
    assert.deepEqual([rig.right.made, report.outcomes.held], [[], 1]);
  });

  it('that the CRM refuses are quarantined with its own words, and tried again when something changes', async () => {
    rig = await running();
    const [bad, good] = [alone(rig, 0), alone(rig, 1)];
    let asked = 0;
    rig.right.creating = ({ key }) => {
      if (!key.endsWith(bad)) return null;
      asked += 1;
      return { error: RULE, made: false };
    };
    const report = await sync(rig);
    assert.deepEqual(report.writes['right'], { update: 0, create: 1, failed: 1 });
    assert.equal(counterparts(rig, good).length, 1);
    assert.equal(report.outcomes.quarantined, 1);
    assert.ok(report.attention.some(({ cause }) => cause === 'Region is required'));
    assert.equal(total(report.outcomes), total(report.read));
    for (let run = 0; run < 3; run++) await sync(rig);
    const before = asked;
    assert.equal((await sync(rig)).outcomes.quarantined, 1);
    assert.equal(asked, before, 'a refusal that stands was asked again');
    rig.right.creating = () => null;
    await sync(rig, { retryRefused: true });
    assert.equal(counterparts(rig, bad).length, 1);
  });

  it('are found by their key when the answer is lost', async () => {
    rig = await running();
    const source = alone(rig, 0);
    rig.right.creating = () => ({ error: UNKNOWN, made: true });
    const report = await sync(rig);
    assert.equal(report.writes['right']?.create, 1);
    assert.equal(rig.right.made.length, 1);
    assert.equal(rig.left.records.get(source)?.owned['pairKey'], `op-left-${source}`);
  });

  it('that may or may not exist are looked for before anything else, and keep what was edited meanwhile', async () => {
    rig = await running();
    const source = alone(rig, 0);
    const { creator } = rig.right;
    assert.ok(creator !== undefined);
    const { readByKeys } = creator;
    Object.assign(creator, { readByKeys: async () => [] });
    rig.right.creating = () => ({ error: UNKNOWN, made: true });
    const doubtful = await sync(rig);
    assert.deepEqual([doubtful.outcomes.held, doubtful.writes['right']?.create], [1, 0]);
    assert.equal(doubtful.converged, false);
    Object.assign(creator, { readByKeys });
    rig.right.creating = () => null;
    // Somebody works on the record before we know of it.
    const [made = ''] = rig.right.made;
    rig.right.edit(made, { amount: '4321' });
    await sync(rig);
    assert.equal(rig.right.made.length, 1);
    assert.equal(rig.left.records.get(source)?.fields['amount'], '4321');
  });

  it('that never came into being are made by the next run', async () => {
    rig = await running();
    const source = alone(rig, 0);
    rig.right.creating = () => ({ error: UNKNOWN, made: false });
    await sync(rig);
    assert.deepEqual(rig.right.made, []);
    rig.right.creating = () => null;
    await sync(rig);
    assert.equal(counterparts(rig, source).length, 1);
  });

  it('are not made again once somebody has deleted them', async () => {
    rig = await running();
    const source = alone(rig, 0);
    await sync(rig);
    const [made = ''] = counterparts(rig, source);
    const record = rig.right.records.get(made);
    assert.ok(record !== undefined);
    record.deleted = true;
    for (let run = 0; run < 3; run++) await sync(rig, { full: true });
    assert.equal(rig.right.made.length, 1);
    rig.left.edit(source, { amount: '12' });
    const report = await sync(rig);
    // An edit of what was deleted on the other side is a conflict, and nothing is made on its account.
    assert.deepEqual([rig.right.made.length, report.outcomes.conflict], [1, 1]);
  });

  it('are not made when they were made, and deleted, before anybody heard of it', async () => {
    rig = await running();
    alone(rig, 0);
    const { creator } = rig.right;
    assert.ok(creator !== undefined);
    const { readByKeys } = creator;
    Object.assign(creator, { readByKeys: async () => [] });
    rig.right.creating = () => ({ error: UNKNOWN, made: true });
    await sync(rig);
    Object.assign(creator, { readByKeys });
    rig.right.creating = () => null;
    const record = rig.right.records.get(rig.right.made[0] ?? '');
    assert.ok(record !== undefined);
    record.deleted = true;
    await sync(rig);
    await sync(rig);
    assert.equal(rig.right.made.length, 1);
  });

  it('are left when the original changed after the plan was made', async () => {
    rig = await running();
    const source = alone(rig, 0);
    const plan = await rig.report('plan');
    rig.left.edit(source, { amount: '9' });
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.deepEqual([rig.right.made, applied.outcomes.held, applied.converged], [[], 1, false]);
    await sync(rig);
    assert.equal(rig.right.records.get(rig.right.made[0] ?? '')?.fields['amount'], '9');
  });

  it('stay when their run is taken back, and are named', async () => {
    rig = await running();
    const source = alone(rig, 0);
    rig.left.edit('L0', { amount: '50' });
    const { run } = await sync(rig);
    const made = await rig.store.createdBy('main', run);
    assert.deepEqual(
      made.map(({ ref, source: of, deleted }) => [ref.id, of.id, deleted]),
      [[rig.right.made[0], source, false]],
    );
    const undo = await rig.report('undo', { undoes: run });
    await rig.report('apply', { digest: undo.plan?.digest ?? '' });
    assert.equal(rig.right.records.get('R0')?.fields['amount'], '7');
    assert.equal(rig.left.records.get(source)?.owned['pairKey'], `op-left-${source}`);
    assert.equal(rig.right.records.get(rig.right.made[0] ?? '')?.deleted, false);
  });

  it('follow merges of the record they were made as', async () => {
    rig = await running();
    const source = alone(rig, 0);
    await sync(rig);
    const [made = ''] = counterparts(rig, source);
    const old = rig.right.records.get(made);
    assert.ok(old !== undefined);
    put(rig.right, 'R-merged', { ...old.fields });
    const survivor = rig.right.records.get('R-merged');
    assert.ok(survivor !== undefined);
    Object.assign(survivor, { owned: { ...old.owned }, absorbed: [made] });
    rig.right.records.delete(made);
    await sync(rig, { full: true });
    rig.left.edit(source, { amount: '31' });
    await sync(rig);
    assert.equal(survivor.fields['amount'], '31');
    assert.equal(rig.right.made.length, 1);
  });

  it('are refused from the start where the key field is not unique', async () => {
    rig = await running();
    alone(rig, 0);
    const describe_ = rig.right.describe;
    rig.right.describe = async (signal) => {
      const facts = await describe_(signal);
      return { ...facts, fields: facts.fields.map(({ unique: _unique, ...fact }) => fact) };
    };
    await assert.rejects(rig.run('sync'), /no unique key field/);
    assert.deepEqual(rig.right.made, []);
  });
});
