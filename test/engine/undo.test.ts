import assert from 'node:assert/strict';
import type { Value } from '../../src/core/opportunity.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import type { SandboxRandom } from '../../src/sandbox/simulator.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { type MemoryRecord, put } from '../support/memory-crm.ts';

/** `OPPSYNC_UNDO_RUNS=300` is the full measure. */
const RANDOM_RUNS = Number(process.env['OPPSYNC_UNDO_RUNS'] ?? 30);
const PAIRS = 12;
const id = (side: string, n: number): string => `${side}${String(n).padStart(3, '0')}`;

async function agreed(pairs = PAIRS): Promise<Rig> {
  const rig = await engineRig();
  for (let i = 0; i < pairs; i++) {
    const fields = { name: `Deal ${i}`, stage: 'Negotiating', amount: `${100 + i}`, nextStep: 'call' };
    put(rig.left, id('L', i), fields);
    put(rig.right, id('R', i), fields, id('L', i));
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  await rig.report('sync');
  return rig;
}

/** Plans the undo of a run and applies it. */
async function takeBack(rig: Rig, run: string): Promise<{ changes: number; run: string }> {
  const plan = await rig.report('undo', { undoes: run, by: 'ann' });
  const changes = plan.plan?.changes ?? 0;
  if (changes > 0) await rig.report('apply', { digest: plan.plan?.digest ?? '', by: 'ann' });
  return { changes, run: plan.run };
}

const writes = (rig: Rig): number => rig.left.written.length + rig.right.written.length;
const all = (rig: Rig): MemoryRecord[] => [...rig.left.records.values(), ...rig.right.records.values()];
const world = (rig: Rig): Map<string, Record<string, Value>> =>
  new Map(
    all(rig).map((record) => {
      const owned = Object.entries(record.owned).map(([field, value]) => [`owned:${field}`, value]);
      return [record.id, { ...record.fields, ...Object.fromEntries(owned) }];
    }),
  );

describe('undo of a run', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await agreed();
  });
  afterEach(async () => {
    await rig.close();
  });

  it('is a plan first, and writes nothing before it is applied', async () => {
    rig.left.edit('L001', { amount: '999' });
    const { run } = await rig.report('sync');
    const before = writes(rig);
    const plan = await rig.report('undo', { undoes: run });
    assert.equal(writes(rig), before);
    assert.equal(plan.plan?.changes, 1);
    assert.equal(rig.right.records.get('R001')?.fields['amount'], '999');
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(rig.right.records.get('R001')?.fields['amount'], '101');
    assert.equal(rig.left.records.get('L001')?.fields['amount'], '999', 'what a person typed stays');
  });

  it('is not done again by the next runs, until one side moves', async () => {
    rig.left.edit('L001', { amount: '999' });
    await takeBack(rig, (await rig.report('sync')).run);
    for (let i = 0; i < 2; i++) {
      const next = await rig.report('sync');
      assert.deepEqual([next.plan?.changes, next.outcomes.conflict, next.converged], [0, 0, true]);
    }
    rig.right.edit('R001', { amount: '500' });
    await rig.report('sync');
    assert.equal(rig.left.records.get('L001')?.fields['amount'], '500');
  });

  it('brings our own fields back too, and leaves them until the verdict changes', async () => {
    rig.left.edit('L002', { stage: 'Won' });
    const { run } = await rig.report('sync');
    assert.equal(rig.right.records.get('R002')?.owned['status'], 'closed');
    await takeBack(rig, run);
    for (const record of [rig.left.records.get('L002'), rig.right.records.get('R002')])
      assert.equal(record?.owned['status'], 'active');
    assert.equal(rig.right.records.get('R002')?.fields['stage'], 'Negotiating');
    const next = await rig.report('sync');
    assert.equal(next.plan?.changes, 0);
    rig.right.edit('R002', { stage: 'Lost' });
    await rig.report('sync');
    assert.equal(rig.left.records.get('L002')?.fields['stage'], 'Lost');
    assert.equal(rig.left.records.get('L002')?.owned['outcome'], 'lost');
  });

  it('leaves what was edited since, and lists it with all three values', async () => {
    rig.left.edit('L003', { amount: '1', nextStep: 'visit' });
    const { run } = await rig.report('sync');
    rig.right.edit('R003', { amount: '2' });
    const { changes, run: undo } = await takeBack(rig, run);
    assert.equal(changes, 1);
    assert.equal(rig.right.records.get('R003')?.fields['amount'], '2');
    assert.equal(rig.right.records.get('R003')?.fields['nextStep'], 'call');
    assert.deepEqual(await rig.store.keptBy(undo, 'main', 10), [
      {
        ref: { crm: 'right', id: 'R003' },
        name: 'Deal 3',
        field: 'amount',
        owned: false,
        before: '103',
        after: '1',
        now: '2',
      },
    ]);
  });

  it('an edit between the undo and its application is left alone', async () => {
    rig.left.edit('L004', { amount: '1' });
    const { run } = await rig.report('sync');
    const plan = await rig.report('undo', { undoes: run });
    rig.right.edit('R004', { amount: '7' });
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(rig.right.records.get('R004')?.fields['amount'], '7');
    assert.equal(applied.outcomes.held, 1);
  });

  it('the whole first run can be taken back', async () => {
    const other = await engineRig();
    try {
      put(other.left, 'L1', { amount: '5', nextStep: 'a' });
      put(other.right, 'R1', { amount: '6', nextStep: 'b' }, 'L1');
      const before = world(other);
      const applied = await other.report('apply', {
        digest: (await other.report('plan')).plan?.digest ?? '',
      });
      assert.notDeepEqual(world(other), before);
      await takeBack(other, applied.run);
      assert.deepEqual(world(other), before);
      const next = await other.report('sync');
      assert.deepEqual([next.plan?.changes, next.outcomes.conflict], [0, 0]);
    } finally {
      await other.close();
    }
  });

  it('an undo can be undone', async () => {
    rig.left.edit('L005', { amount: '55' });
    const { run } = await rig.report('sync');
    const plan = await rig.report('undo', { undoes: run });
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    await takeBack(rig, applied.run);
    assert.equal(rig.right.records.get('R005')?.fields['amount'], '55');
    assert.equal((await rig.report('sync')).plan?.changes, 0);
  });

  it('refuses a run that wrote nothing, and one it does not know', async () => {
    const { run } = await rig.report('sync');
    await assert.rejects(rig.report('undo', { undoes: run }), /wrote nothing/);
    await assert.rejects(rig.report('undo', { undoes: 'r_0' }), /has no run r_0/);
  });
});

describe('undo of random runs', function () {
  this.timeout(60_000 + RANDOM_RUNS * 20_000);
  it(`${RANDOM_RUNS} runs: every field nobody edited since goes back, and stays so`, async () => {
    const rig = await agreed();
    let restored = 0;
    try {
      for (let round = 0; round < RANDOM_RUNS; round++) {
        const random = createRandom(`undo ${round}`);
        edits(rig, random, `a${round}`, 6);
        const before = world(rig);
        const { run } = await rig.report('sync');
        const after = world(rig);
        const wrote = changesOf(before, after);
        if (wrote.length === 0) continue;
        const later = edits(rig, random, `b${round}`, 2);
        const edited = world(rig);
        await takeBack(rig, run);
        const now = world(rig);
        for (const { record, field } of wrote) {
          const touched = edited.get(record)?.[field] !== after.get(record)?.[field];
          const expected = (touched ? edited : before).get(record)?.[field];
          assert.equal(now.get(record)?.[field] ?? '', expected ?? '', `round ${round}: ${record} ${field}`);
          if (!touched) restored++;
        }
        for (const [record, fields] of now)
          for (const [field, value] of Object.entries(fields))
            if (!wrote.some((one) => one.record === record && one.field === field))
              assert.equal(
                value,
                edited.get(record)?.[field],
                `round ${round}: ${record} ${field} was not ours to write`,
              );
        await rig.report('sync');
        const settled = world(rig);
        for (const { record, field } of wrote) {
          const [own, twin] = [`${record.slice(1)}`, later];
          const disturbed = twin.some(
            (one) =>
              one.slice(1).startsWith(own) && (one.endsWith(` ${field}`) || field.startsWith('owned:')),
          );
          const value = settled.get(record)?.[field];
          const same = value === now.get(record)?.[field];
          // With the sides apart the verdict may be a new one; it is only never the one that was taken back.
          const another = (one: string): boolean => settled.get(record)?.[one] !== after.get(record)?.[one];
          const newVerdict = another(field) || ['owned:status', 'owned:outcome', 'owned:phase'].some(another);
          if (disturbed || same || (field.startsWith('owned:') && newVerdict)) continue;
          assert.fail(`round ${round}: ${record} ${field} done again`);
        }
      }
      assert.ok(restored > RANDOM_RUNS, `${restored} fields restored`);
    } finally {
      await rig.close();
    }
  });
});

/** Edits by people; answers `ID FIELD` of each. */
function edits(rig: Rig, random: SandboxRandom, tag: string, most: number): string[] {
  return Array.from({ length: random.int(1, most) }, (_, i) => {
    const [crm, side] = random.pick([
      [rig.left, 'L'],
      [rig.right, 'R'],
    ] as const);
    const record = id(side, random.int(0, PAIRS - 1));
    const [field, value] = random.pick([
      ['stage', random.pick(['Prospecting', 'Negotiating', 'Won', 'Lost'])],
      ['amount', String(random.int(1, 9999))],
      ['nextStep', random.pick([`${tag}-${i}`, `${tag}-${i}`, null])],
      ['name', `Deal ${tag}-${i}`],
    ] as const);
    crm.edit(record, { [field]: value });
    return `${record} ${field}`;
  });
}

function changesOf(
  before: ReadonlyMap<string, Record<string, Value>>,
  after: ReadonlyMap<string, Record<string, Value>>,
): { record: string; field: string }[] {
  return [...after].flatMap(([record, fields]) =>
    Object.keys(fields)
      .filter((field) => fields[field] !== before.get(record)?.[field])
      .map((field) => ({ record, field })),
  );
}
