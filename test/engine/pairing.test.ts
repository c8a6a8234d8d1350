import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { THRESHOLDS } from '../../src/core/match.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import { type DecideOn, decidePairs, undoDecisions } from '../../src/engine/decide-pairs.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';

const NAMES = ['Arkona Logistics', 'Belvoir Foods', 'Cascadia Software', 'Dravec Holz', 'Elmhurst Papier'];

describe('engine: pairing what already exists', () => {
  let rig: Rig;
  const open = async (settings: Partial<SyncSettings> = {}): Promise<void> => {
    rig = await engineRig(settings);
  };
  afterEach(async () => {
    await rig.close();
  });

  /** The same five deals on both sides, typed differently, without any key or link. */
  const fill = (): void => {
    for (const [i, name] of NAMES.entries()) {
      const facts = { amount: `${13_517 * (i + 3)}`, closeDate: `2026-0${i + 1}-17` };
      put(rig.left, `L${i}`, { name: `${name} GmbH – Support renewal`, ...facts });
      put(rig.right, `R${i}`, { name: `Support renewal: ${name.toUpperCase()}`, ...facts });
    }
  };
  const on = (ids: DecideOn['ids']): DecideOn => ({ sync: 'main', sides: ['left', 'right'], ids, by: 'ann' });
  const pairsMade = async (): Promise<string[]> =>
    (
      await sql<{ members: string }>`select string_agg(id, ' ' order by crm) as members from snapshots
        where pair is not null group by pair order by 1`.execute(rig.database.db)
    ).rows.map((row) => row.members);
  const proposals = async (): Promise<string[]> =>
    (
      await sql<{
        text: string;
      }>`select first_id || ' ' || second_id || ' ' || band as text from candidates order by 1`.execute(
        rig.database.db,
      )
    ).rows.map((row) => row.text);

  it('proposes, and pairs nobody before somebody accepts', async () => {
    await open();
    fill();
    const report = await rig.report('plan');
    assert.equal(report.pairs.certain, 5);
    assert.deepEqual(report.pairs.orphans, { left: 0, right: 0 });
    assert.equal(report.pairs.linked, 0);
    assert.equal(report.outcomes.unpaired + report.outcomes.changed, 10);
    assert.deepEqual(await pairsMade(), []);
    // Applying the plan writes verdicts, and nothing from one CRM into the other.
    await rig.report('apply', { digest: report.plan?.digest ?? '' });
    assert.ok(
      [...rig.left.written, ...rig.right.written].every((write) => Object.keys(write.fields).length === 0),
    );
    assert.equal(rig.right.records.get('R0')?.owned['pairKey'], null);
  });

  it('accepted pairs are reconciled by the next run', async () => {
    await open();
    fill();
    await rig.report('plan');
    const first = await decidePairs(rig.deps, 'accepted', on(['R0', 'L0', 'L1', 'R1']));
    assert.deepEqual([first.decided, first.skipped], [2, []]);
    assert.deepEqual(await pairsMade(), ['L0 R0', 'L1 R1']);
    const rest = await decidePairs(rig.deps, 'accepted', on({ band: 'certain' }));
    assert.equal(rest.decided, 3);
    rig.left.edit('L2', { nextStep: 'call' });
    const report = await rig.report('plan');
    assert.equal(report.pairs.linked, 5);
    assert.equal(report.pairs.certain, 0);
    await rig.report('apply', { digest: report.plan?.digest ?? '' });
    assert.equal(rig.right.records.get('R2')?.fields['nextStep'], 'call');
    assert.equal(rig.right.records.get('R2')?.owned['pairKey'], rig.left.records.get('L2')?.owned['pairKey']);
  });

  it('an accepted pair can be taken back, also when its key already stands in both records', async () => {
    await open();
    fill();
    await rig.report('plan');
    const { batch } = await decidePairs(rig.deps, 'accepted', on({ band: 'certain' }));
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    assert.notEqual(rig.left.records.get('L0')?.owned['pairKey'], null);
    await undoDecisions(rig.deps, { ...on([]), ids: ['L0', 'R0'] });
    await rig.report('plan', { full: true });
    assert.deepEqual(await pairsMade(), ['L1 R1', 'L2 R2', 'L3 R3', 'L4 R4']);
    assert.deepEqual(await proposals(), ['L0 R0 ask']);
    assert.equal((await undoDecisions(rig.deps, { ...on([]), ids: [batch] })).decided, 4);
    await rig.report('plan');
    assert.deepEqual(await pairsMade(), []);
  });

  it('a rejected pair does not come back by score; taking the rejection back brings it back', async () => {
    await open();
    fill();
    await rig.report('plan');
    await decidePairs(rig.deps, 'rejected', on(['L3', 'R3']));
    assert.equal((await proposals()).length, 4);
    await rig.report('plan', { full: true });
    assert.ok(!(await proposals()).some((text) => text.startsWith('L3 R3')));
    const undone = await undoDecisions(rig.deps, { ...on([]), ids: ['R3', 'L3'] });
    assert.equal(undone.decided, 1);
    await rig.report('plan');
    assert.ok((await proposals()).includes('L3 R3 certain'));
  });

  it('records kept apart stay apart against keys and links; undoing restores the pair with its agreements', async () => {
    await open();
    for (const i of [0, 1]) {
      put(rig.left, `L${i}`, { amount: '10' });
      put(rig.right, `R${i}`, { name: `L${i}`, amount: '10' }, `L${i}`);
    }
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    await rig.report('sync');
    await decidePairs(rig.deps, 'apart', on(['L0', 'R0']));
    assert.deepEqual(await pairsMade(), ['L1 R1']);
    const report = await rig.report('plan', { full: true });
    assert.deepEqual(await pairsMade(), ['L1 R1']);
    assert.equal(report.pairs.ambiguous, 0);
    assert.deepEqual(await proposals(), []);
    await undoDecisions(rig.deps, { ...on([]), ids: ['L0', 'R0'] });
    assert.deepEqual(await pairsMade(), ['L0 R0', 'L1 R1']);
    // The base came back too: an edit on one side is an edit, and no difference of unknown origin.
    rig.right.edit('R0', { amount: '12' });
    await rig.report('sync');
    assert.equal(rig.left.records.get('L0')?.fields['amount'], '12');
  });

  it('compares again only when something that counts has changed', async () => {
    await open();
    fill();
    await rig.report('plan');
    const madeBy = async (): Promise<string[]> =>
      (await sql<{ run: string }>`select distinct run from candidates`.execute(rig.database.db)).rows.map(
        ({ run }) => run,
      );
    const first = await madeBy();
    await rig.report('plan');
    assert.deepEqual(await madeBy(), first);
    rig.right.edit('R4', { amount: '1' });
    await rig.report('plan');
    assert.notDeepEqual(await madeBy(), first);
    assert.ok(!(await proposals()).includes('L4 R4 certain'));
  });

  it('says why a decision was not carried out', async () => {
    await open();
    fill();
    put(rig.left, 'L9', {});
    await rig.report('plan');
    await decidePairs(rig.deps, 'accepted', on(['L0', 'R0']));
    const { decided, skipped } = await decidePairs(
      rig.deps,
      'accepted',
      on(['L0', 'R0', 'L9', 'R0', 'L1', 'L2', 'L3', 'R77', 'L4', 'R4', 'L9', 'R4']),
    );
    assert.equal(decided, 1);
    assert.deepEqual(skipped.map(({ reason }) => reason).sort(), [
      'already',
      'paired',
      'paired',
      'same_crm',
      'unknown',
    ]);
  });

  it('pairs certain ones by itself when the sync says so, never the doubtful, and never again what was taken back', async () => {
    await open({ pairing: { ...THRESHOLDS, accept: 'certain' } });
    fill();
    put(rig.left, 'L8', { name: 'Fjordane Glas – Audit 2025', amount: '77000', closeDate: '2025-03-01' });
    put(rig.right, 'R8', { name: 'Fjordane Glas – Audit 2026', amount: '77000', closeDate: '2026-03-01' });
    const report = await rig.report('plan');
    assert.equal(report.pairs.linked, 5);
    assert.equal(report.pairs.certain, 0);
    await undoDecisions(rig.deps, { ...on([]), ids: ['L0', 'R0'] });
    await rig.report('plan', { full: true });
    assert.equal((await pairsMade()).length, 4);
    assert.ok((await proposals()).includes('L0 R0 ask'));
  });

  it('a pair follows its record through merges', async () => {
    await open();
    put(rig.left, 'L0', { amount: '10' });
    put(rig.right, 'R0', { name: 'L0', amount: '10' }, 'L0');
    await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
    for (const [old, survivor] of [
      ['R0', 'R5'],
      ['R5', 'R7'],
    ] as const) {
      const before = rig.right.records.get(old);
      assert.ok(before);
      put(rig.right, survivor, { ...before.fields });
      Object.assign(rig.right.records.get(survivor) ?? {}, {
        absorbed: [old],
        changedAt: before.changedAt + 5000,
      });
      before.deleted = true;
      await rig.report('plan', { full: true });
    }
    assert.deepEqual(await pairsMade(), ['L0 R7']);
    rig.left.edit('L0', { nextStep: 'call' });
    await rig.report('sync');
    assert.equal(rig.right.records.get('R7')?.fields['nextStep'], 'call');
  });

  it('reading and pairing alone plans nothing and leaves the open plan as it is', async () => {
    await open();
    fill();
    const plan = await rig.report('plan');
    const row = await rig.run('pair');
    assert.equal(row.state, 'done');
    assert.equal((await proposals()).length, 5);
    const report = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(report.writes['left']?.update, 5);
  });
});
