import assert from 'node:assert/strict';
import type { Value } from '../../src/core/opportunity.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { engineRig, type Rig, SETTINGS } from '../support/engine-rig.ts';
import { type MemoryCrm, put } from '../support/memory-crm.ts';

const SIZES = [60, 400, 3000];
/** `OPPSYNC_ORDINARY_RUNS=200` is the full measure. */
const ORDINARY_RUNS = Number(process.env['OPPSYNC_ORDINARY_RUNS'] ?? 20);
const FIELDS = {
  ...SETTINGS.fields,
  currency: { kind: 'currency', policy: 'ask', blank: 'ignore' },
} as const;

/** `n` pairs in agreement, with an amount, a close date and a stage each. */
async function agreed(n: number): Promise<Rig> {
  const rig = await engineRig({ fields: FIELDS });
  for (let i = 0; i < n; i++) {
    const id = String(i).padStart(5, '0');
    const fields = {
      name: `Deal ${id}`,
      stage: ['Prospecting', 'Negotiating', 'Negotiating', 'Won', 'Lost'][i % 5] ?? null,
      amount: `${1000 + (i % 97) * 250}.00`,
      currency: i % 3 === 0 ? 'USD' : 'EUR',
      closeDate: `2026-0${1 + (i % 9)}-15`,
      nextStep: 'call',
    };
    put(rig.left, `L${id}`, fields);
    put(rig.right, `R${id}`, fields, `L${id}`);
  }
  await rig.report('apply', { digest: (await rig.report('plan')).plan?.digest ?? '' });
  assert.equal((await rig.report('sync')).plan?.changes, 0);
  return rig;
}

/** Everything both CRMs hold, to be compared before and after. */
const held = (rig: Rig): string =>
  JSON.stringify(
    [rig.left, rig.right].map(({ records }) =>
      [...records.values()].map(({ fields, owned }) => [fields, owned]),
    ),
  );

function everywhere(
  crm: MemoryCrm,
  change: (fields: Record<string, Value>, index: number) => Record<string, Value>,
): () => void {
  const before = new Map([...crm.records].map(([id, { fields }]) => [id, { ...fields }]));
  let index = 0;
  for (const [id, fields] of before) crm.edit(id, change(fields, index++));
  return () => {
    for (const [id, fields] of before) crm.edit(id, fields);
  };
}

/** The CRM shows only the records of which `shown` is true, in lists and by id. */
function hide(crm: MemoryCrm, shown: (id: string) => boolean): () => void {
  const { readPage, readByIds } = crm;
  crm.readPage = async (...args) => {
    const page = await readPage(...args);
    return { ...page, snapshots: page.snapshots.filter(({ id }) => shown(id)) };
  };
  crm.readByIds = async (ids, ...args) => {
    const read = await readByIds(ids, ...args);
    const snapshots = read.snapshots.filter(({ id }) => shown(id));
    return { snapshots, missing: ids.filter((id) => !snapshots.some((one) => one.id === id)) };
  };
  return () => {
    crm.readPage = readPage;
    crm.readByIds = readByIds;
  };
}

/** Each answers how to set it right again. */
const DISASTERS: Readonly<Record<string, { brake: string; strike: (rig: Rig) => () => void }>> = {
  'every open deal is staged as won': {
    brake: 'flips',
    strike: (rig) => everywhere(rig.left, ({ stage }) => ({ stage: stage === 'Lost' ? 'Lost' : 'Won' })),
  },
  'every close date moves by a day, as a wrong time zone makes it': {
    brake: 'changed',
    strike: (rig) =>
      everywhere(rig.right, ({ closeDate }) => ({
        closeDate: new Date(Date.parse(closeDate ?? '') - 86_400_000).toISOString().slice(0, 10),
      })),
  },
  'an empty pull': { brake: 'source_shrank', strike: (rig) => hide(rig.left, () => false) },
  'a halved pull': {
    brake: 'source_shrank',
    strike: (rig) => hide(rig.right, (id) => Number(id.slice(1)) % 2 === 0),
  },
  'the currency column is lost: blank here, the company’s own there': {
    brake: 'changed',
    strike: (rig) => everywhere(rig.left, (_, index) => ({ currency: index % 2 === 0 ? null : 'GBP' })),
  },
  'a bulk update touches everything': {
    brake: 'changed',
    strike: (rig) => everywhere(rig.right, () => ({ nextStep: 'imported' })),
  },
  'every amount times a thousand': {
    brake: 'amounts',
    strike: (rig) => everywhere(rig.left, ({ amount }) => ({ amount: `${Number(amount) * 1000}` })),
  },
};

for (const size of SIZES) {
  describe(`brakes: disasters in a portfolio of ${size}`, function () {
    this.timeout(120_000);
    let rig: Rig;
    before(async () => {
      rig = await agreed(size);
    });
    after(async () => {
      await rig.close();
    });

    for (const [name, { brake, strike }] of Object.entries(DISASTERS)) {
      it(name, async () => {
        const repair = strike(rig);
        const before = held(rig);
        const written = rig.left.written.length + rig.right.written.length;
        const run = await rig.run('sync');
        assert.equal(held(rig), before, 'nothing was written');
        assert.equal(rig.left.written.length + rig.right.written.length, written);
        assert.equal(run.state, 'parked');
        const brakes = run.report?.brakes.map((entry) => entry.brake) ?? [];
        assert.ok(brakes.includes(brake), `${brakes.join(', ')} instead of ${brake}`);
        repair();
        const after = await rig.report('sync');
        const left = (await rig.store.planReasons(after.run)).filter(({ reason }) => reason !== 'observed');
        assert.deepEqual([after.brakes, left], [[], []], 'set right again, nothing is left to do');
      });
    }
  });
}

describe('brakes: ordinary work is not stopped', function () {
  this.timeout(300_000);
  for (const size of [60, 400]) {
    it(`${ORDINARY_RUNS / 2} runs of a few edits in a portfolio of ${size}`, async () => {
      const rig = await agreed(size);
      try {
        const random = createRandom(`ordinary ${size}`);
        for (let run = 0; run < ORDINARY_RUNS / 2; run++) {
          const edits = random.int(0, 5);
          for (let i = 0; i < edits; i++) {
            const [crm, letter] = random.pick([
              [rig.left, 'L'],
              [rig.right, 'R'],
            ] as const);
            const id = `${letter}${String(random.int(0, size - 1)).padStart(5, '0')}`;
            const fields: Record<string, Value> = random.pick([
              { stage: random.pick(['Prospecting', 'Negotiating', 'Won', 'Lost']) },
              { amount: String(random.int(500, 60_000)) },
              { closeDate: `2026-1${random.int(0, 2)}-0${random.int(1, 9)}` },
              { nextStep: `step ${run}` },
            ]);
            crm.edit(id, fields);
          }
          const report = await rig.report('sync');
          assert.deepEqual(report.brakes, [], `run ${run}`);
        }
      } finally {
        await rig.close();
      }
    });
  }
});

describe('brakes: release and settings', () => {
  it('an approved plan is applied, once, and the person is named', async () => {
    const rig = await agreed(60);
    try {
      everywhere(rig.right, () => ({ nextStep: 'as agreed on Monday' }));
      const parked = await rig.report('sync');
      assert.equal(parked.writes['left']?.update, 0);
      const released = await rig.report('apply', { digest: parked.plan?.digest ?? '', by: 'maria' });
      assert.equal(released.writes['left']?.update, 60);
      for (const { fields } of rig.left.records.values())
        assert.equal(fields['nextStep'], 'as agreed on Monday');
      await assert.rejects(
        rig.report('apply', { digest: parked.plan?.digest ?? '' }),
        /has been applied already/,
      );
      const rows = await rig.store.auditRows(0, 1000);
      const release = rows.findLast((row) => row.action === 'plan.released');
      assert.equal(release?.by, 'maria');
      assert.match(release?.details ?? '', /"brake":"changed"/);
    } finally {
      await rig.close();
    }
  });

  it('records really deleted: approving the plan says so, and the next run believes it', async () => {
    const rig = await agreed(60);
    try {
      for (const [id, record] of rig.right.records) if (Number(id.slice(1)) < 30) record.deleted = true;
      const parked = await rig.report('sync');
      assert.deepEqual(
        parked.brakes.map(({ brake }) => brake),
        ['source_shrank'],
      );
      await rig.report('apply', { digest: parked.plan?.digest ?? '' });
      const next = await rig.report('sync');
      assert.deepEqual(next.brakes, []);
      assert.equal(next.outcomes.excluded, 30);
      assert.equal([...rig.left.records.values()].filter(({ deleted }) => deleted).length, 0);
      for (const [id, record] of rig.right.records) if (Number(id.slice(1)) < 52) record.deleted = true;
      assert.deepEqual(
        (await rig.report('sync')).brakes.map(({ brake }) => brake),
        ['source_shrank'],
        'for once',
      );
    } finally {
      await rig.close();
    }
  });

  it('a small CRM that comes back empty is not believed either', async () => {
    const rig = await agreed(8);
    try {
      hide(rig.left, () => false);
      assert.deepEqual(
        (await rig.report('sync')).brakes.map(({ brake }) => brake),
        ['source_shrank'],
      );
    } finally {
      await rig.close();
    }
  });
});
