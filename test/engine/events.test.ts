import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { OppsyncError } from '../../src/core/errors.ts';
import type { NewEvent } from '../../src/core/inbox-port.ts';
import type { RunReport } from '../../src/core/report.ts';
import type { RunRow } from '../../src/core/store-rows.ts';
import { openConflicts } from '../../src/engine/conflicts.ts';
import { pumpEvents, runOnce } from '../../src/engine/event-pump.ts';
import { views } from '../../src/store/views.ts';
import { statusOf } from '../../src/views.ts';
import { engineRig, type Rig } from '../support/engine-rig.ts';
import { put } from '../support/memory-crm.ts';
import { type EvidentCrm, withCalls } from '../support/memory-evidence.ts';

let keys = 0;

describe('engine: runs of what events name', () => {
  let rig: Rig;
  const signal = new AbortController().signal;
  afterEach(async () => {
    await rig.close();
  });

  /** Pairs that agree, after an approved first plan. */
  const settled = async (pairs: number, settings: Parameters<typeof engineRig>[0] = {}): Promise<void> => {
    rig = await engineRig(settings);
    for (let i = 0; i < pairs; i++) {
      put(rig.left, `L${i}`, { stage: 'Negotiating', amount: `${i + 1}` });
      put(rig.right, `R${i}`, { name: `L${i}`, stage: 'Negotiating', amount: `${i + 1}` }, `L${i}`);
    }
    await apply();
    rig.left.written.length = 0;
    rig.right.written.length = 0;
  };
  const apply = async (): Promise<void> => {
    const plan = await rig.report('plan');
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
  };
  const tell = (
    crm: 'left' | 'right',
    ids: readonly string[],
    kind: NewEvent['kind'] = 'changed',
    aheadMs = 0,
  ) =>
    rig.store.storeEvents(
      ids.map((id) => ({
        ...{ sync: 'main', crm, id, kind, key: `k${++keys}`, account: `${crm}-1`, at: null },
      })),
      rig.deps.clock.now() + aheadMs,
    );
  const runtime = () => {
    const found = rig.deps.syncs.get('main');
    assert.ok(found !== undefined);
    return found;
  };
  const last = async (): Promise<RunRow> => {
    const [run] = await rig.store.listRuns('main', 1);
    assert.ok(run !== undefined);
    return run;
  };
  /** Carries out what waits, and answers the report of the run that did, when it left one. */
  const carry = async (): Promise<RunReport> => {
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    const { mode, report } = await last();
    assert.ok(mode === 'events' && report !== null, `the last run was ${mode}`);
    return report;
  };
  const calls = (): number => rig.left.calls() + rig.right.calls();

  it('carries an edit over, reading and writing that pair only, and accounts for it', async () => {
    await settled(60);
    const rereads = [rig.left.rereads, rig.right.rereads];
    const before = calls();
    rig.left.edit('L7', { amount: '900' });
    await tell('left', ['L7']);
    const report = await carry();
    assert.equal(rig.right.records.get('R7')?.fields['amount'], '900');
    assert.deepEqual(rig.right.written, [{ id: 'R7', fields: { amount: '900' } }]);
    assert.deepEqual(report.read, { left: 1, right: 1 });
    assert.equal(
      Object.values(report.outcomes).reduce((sum, n) => sum + n, 0),
      2,
    );
    assert.equal(report.converged, true);
    assert.deepEqual(report.pairs.linked, 1);
    // One read of what changed, one right before the write, the write, and a look at the history after it.
    assert.deepEqual([rig.left.rereads - (rereads[0] ?? 0), rig.right.rereads - (rereads[1] ?? 0)], [1, 1]);
    assert.equal(calls() - before, 4);
  });

  it('reads a record once, whatever number of events name it, and in batches', async () => {
    await settled(100);
    const before = rig.left.rereads;
    const ids = Array.from({ length: 100 }, (_, i) => `L${i}`);
    for (let time = 0; time < 3; time++) await tell('left', ids);
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(rig.left.rereads - before, Math.ceil(100 / rig.left.capabilities.readBatch));
    assert.deepEqual(await rig.store.waitingEvents(), []);
  });

  it('a conflict tells at once who set both values and when, and nothing is asked about others', async () => {
    await settled(3);
    rig.left.edit('L2', { amount: '71' });
    rig.right.edit('R2', { amount: '72' });
    await rig.report('sync');
    rig.left.history.asked.length = 0;
    rig.right.edit('R2', { amount: '73' });
    rig.left.edit('L1', { amount: '81' });
    const when = [rig.left.records.get('L1')?.changedAt];
    rig.right.edit('R1', { amount: '82' }, 'automation:Discounts');
    when.push(rig.right.records.get('R1')?.changedAt);
    await tell('left', ['L1']);
    const report = await carry();
    assert.equal(report.outcomes.conflict, 2);
    const open = await openConflicts(rig.store, 'main');
    const sides = open.find(({ conflict }) => conflict.sides['left']?.id === 'L1')?.conflict.sides;
    assert.deepEqual(
      [sides?.['left'], sides?.['right']].map((side) => [side?.value, side?.actor, side?.at]),
      [
        ['81', 'human:Ann Lee', when[0]],
        ['82', 'automation:Discounts', when[1]],
      ],
    );
    assert.deepEqual(rig.left.history.asked, [['L1']]);
    assert.equal(rig.right.history.asked.flat().includes('R1'), true);
    const asked = rig.left.history.asked.length;
    await tell('left', ['L1']);
    await runOnce(rig.deps, runtime(), signal);
    assert.equal(rig.left.history.asked.length, asked, 'once per value');
  });

  it('takes its own write coming back for what it is: one look, no write, no trace', async () => {
    await settled(5);
    rig.left.edit('L1', { amount: '77' });
    await tell('left', ['L1']);
    await carry();
    const own = await last();
    const before = calls();
    await tell('right', ['R1']);
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(calls() - before, 1);
    assert.equal(rig.right.written.length, 1);
    assert.equal((await last()).run, own.run);
    assert.deepEqual(await rig.store.waitingEvents(), []);
  });

  it('does not fight for ever with who sets its own fields as well; a complete run writes them once', async () => {
    await settled(5);
    const record = rig.left.records.get('L1');
    assert.ok(record !== undefined);
    const written = record.owned['phase'];
    const before = rig.left.written.length;
    for (let turn = 0; turn < 6; turn++) {
      rig.left.edit('L1', {});
      record.owned['phase'] = 'something else';
      await tell('left', ['L1']);
      await runOnce(rig.deps, runtime(), signal);
    }
    assert.equal(rig.left.written.length - before, 2, 'followed, and given up when it came again');
    await rig.report('sync', { full: true });
    assert.equal(record.owned['phase'], written);
  });

  it('writes nothing before a plan was approved; the events wait for that', async () => {
    rig = await engineRig();
    put(rig.left, 'L0', { amount: '5' });
    put(rig.right, 'R0', { name: 'L0', amount: '1' }, 'L0');
    await tell('left', ['L0']);
    assert.equal(await runOnce(rig.deps, runtime(), signal), false);
    const plan = await rig.report('plan');
    assert.equal(await runOnce(rig.deps, runtime(), signal), false);
    assert.equal(rig.right.written.length, 0);
    await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    rig.left.edit('L0', { amount: '6' });
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(rig.right.records.get('R0')?.fields['amount'], '6');
  });

  it('leaves events of another account alone', async () => {
    await settled(3);
    rig.left.edit('L1', { amount: '77' });
    await rig.store.storeEvents(
      [{ sync: 'main', crm: 'left', id: 'L1', kind: 'changed', key: 'foreign', account: 'left-2', at: null }],
      1,
    );
    const before = calls();
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(calls(), before);
    assert.equal(rig.right.written.length, 0);
  });

  it('hears of a deletion and carries none over, and hears of the restoration', async () => {
    await settled(30);
    const record = rig.left.records.get('L3');
    assert.ok(record !== undefined);
    record.deleted = true;
    rig.right.edit('R3', { amount: '1' });
    await tell('left', ['L3'], 'deleted');
    await tell('right', ['R3']);
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(rig.right.records.get('R3')?.deleted, false);
    assert.equal(rig.left.written.length, 0);
    record.deleted = false;
    await tell('left', ['L3'], 'restored');
    await carry();
    assert.deepEqual(rig.left.records.get('L3')?.fields['amount'], '1');
  });

  it('lets the pair of a merged record go on with the one that took it in', async () => {
    await settled(30);
    put(rig.left, 'L99', { stage: 'Negotiating', amount: '5' });
    Object.assign(rig.left.records.get('L99') ?? {}, { absorbed: ['L4'], changedAt: 9_000_000 });
    Object.assign(rig.left.records.get('L4') ?? {}, { deleted: true });
    await tell('left', ['L99', 'L4'], 'merged');
    await carry();
    const [row] = (
      await sql<{ pair: string; id: string }>`select s.pair, o.id from snapshots s join snapshots o
        on o.sync = s.sync and o.pair = s.pair and o.crm = 'right' where s.crm = 'left' and s.id = 'L99'`.execute(
        rig.database.db,
      )
    ).rows;
    assert.equal(row?.id, 'R4');
  });

  it('pairs a new record by the link it carries', async () => {
    await settled(20);
    put(rig.left, 'L50', { stage: 'Negotiating', amount: '5' });
    await tell('left', ['L50'], 'created');
    await carry();
    put(rig.right, 'R50', { name: 'L50', stage: 'Negotiating', amount: '5' }, 'L50');
    await tell('right', ['R50'], 'created');
    const report = await carry();
    assert.equal(report.pairs.linked, 1);
    assert.equal(
      rig.right.records.get('R50')?.owned['pairKey'],
      rig.left.records.get('L50')?.owned['pairKey'],
    );
  });

  it('finds a counterpart that pointed at the new record before it was there', async () => {
    await settled(20);
    put(rig.right, 'R50', { name: 'L50', stage: 'Negotiating', amount: '5' }, 'L50');
    await tell('right', ['R50'], 'created');
    await carry();
    put(rig.left, 'L50', { stage: 'Negotiating', amount: '5' });
    await tell('left', ['L50'], 'created');
    assert.equal((await carry()).pairs.linked, 1);
  });

  it('leaves the plan a person is looking at open', async () => {
    await settled(30);
    rig.left.edit('L1', { amount: '50' });
    const plan = await rig.report('plan', { full: true });
    rig.left.edit('L2', { amount: '60' });
    await tell('left', ['L2']);
    await carry();
    assert.equal((await rig.store.findPlan('main', plan.plan?.digest ?? ''))?.state, 'open');
    const applied = await rig.report('apply', { digest: plan.plan?.digest ?? '' });
    assert.equal(applied.writes['right']?.update, 1);
    assert.equal(rig.right.records.get('R1')?.fields['amount'], '50');
    assert.equal(rig.right.records.get('R2')?.fields['amount'], '60');
  });

  it('counts many small runs together before a brake, parks, and waits for a person', async () => {
    await settled(60, {
      brakes: {
        changed: { share: null, above: 0, most: 10 },
        ...{ flips: false, amounts: false, creates: false, vanished: false },
      },
    });
    const edit = async (ids: readonly string[]): Promise<void> => {
      for (const id of ids) rig.left.edit(id, { amount: '1000' });
      await tell('left', ids);
    };
    await edit(['L1', 'L2', 'L3', 'L4', 'L5', 'L6']);
    assert.deepEqual((await carry()).brakes, []);
    await edit(['L11', 'L12', 'L13', 'L14', 'L15', 'L16']);
    const parked = await carry();
    assert.deepEqual(
      parked.brakes.map(({ brake }) => brake),
      ['changed'],
    );
    assert.equal((await last()).state, 'parked');
    assert.equal(rig.right.written.length, 6);
    await edit(['L21']);
    assert.equal(await runOnce(rig.deps, runtime(), signal), false);
    await rig.report('apply', { digest: parked.plan?.digest ?? '' });
    assert.equal(rig.right.written.length, 12);
    // What a person approved starts the count anew.
    assert.deepEqual((await carry()).brakes, []);
    assert.equal(rig.right.written.length, 13);
  });

  it('loses no change that comes while its record is being decided about', async () => {
    await settled(5);
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    let once = true;
    rig.right.beforeWrite = () => {
      if (!once) return;
      once = false;
      rig.left.edit('L1', { amount: '71' });
      // As the CRM would tell it, in the middle of the run.
      void tell('left', ['L1']);
    };
    await carry();
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(rig.right.records.get('R1')?.fields['amount'], '71');
    assert.deepEqual(await rig.store.waitingEvents(), []);
  });

  it('gives the events of a run that failed to the next', async () => {
    await settled(5);
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    const read = rig.left.readByIds;
    rig.left.readByIds = async () => {
      throw new Error('broken');
    };
    assert.equal(await runOnce(rig.deps, runtime(), signal), false);
    assert.equal((await rig.store.waitingEvents())[0]?.events, 1);
    rig.left.readByIds = read;
    await carry();
    assert.equal(rig.right.records.get('R1')?.fields['amount'], '70');
  });

  it('waits longer after each failure, says so in the status, and forgets about it once a run went well', async () => {
    await settled(5);
    let now = rig.deps.clock.now();
    const deps = { ...rig.deps, clock: { now: () => now } };
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    const read = rig.left.readByIds;
    rig.left.readByIds = async () => {
      throw new OppsyncError({
        ...{ recovery: 'stop', code: 'left.down', message: 'left is down', remedy: 'wait for it' },
      });
    };
    const pauses: number[] = [];
    for (let failures = 1; failures <= 11; failures++) {
      assert.equal(await runOnce(deps, runtime(), signal), false);
      const trouble = await rig.store.eventTrouble('main');
      assert.ok(trouble !== null);
      assert.equal(trouble.failures, failures);
      assert.deepEqual(await rig.store.oldestEvents(['main'], trouble.nextAt - 1), []);
      assert.equal((await rig.store.oldestEvents(['main'], trouble.nextAt)).length, 1);
      pauses.push(trouble.nextAt - now);
      now = trouble.nextAt;
    }
    assert.ok((pauses[3] ?? 0) > 10_000 && pauses.every((pause) => pause <= 900_000), pauses.join());
    assert.ok((pauses[10] ?? 0) >= 675_000, 'it grows up to a quarter of an hour');
    const { events } = await statusOf(rig.store, views(rig.database.db), 'main', null, null, now);
    assert.deepEqual(
      [events.waiting, events.failing?.failures, events.failing?.error.message],
      [1, 11, 'left is down'],
    );
    rig.left.readByIds = read;
    assert.equal(await runOnce(deps, runtime(), signal), true);
    assert.equal(rig.right.records.get('R1')?.fields['amount'], '70');
    assert.equal(await rig.store.eventTrouble('main'), null);
  });

  it('adds up the portfolio once for all runs of events of an hour, and again for a currency it has not met', async () => {
    await settled(60, {
      brakes: {
        amounts: { share: 0.5, above: 1 },
        ...{ changed: false, flips: false, creates: false, vanished: false },
      },
    });
    const edit = async (from: number, fields: Readonly<Record<string, string>>): Promise<RunReport> => {
      const ids = [from, from + 1, from + 2].map((at) => `L${at}`);
      for (const id of ids) rig.left.edit(id, fields);
      await tell('left', ids);
      return carry();
    };
    assert.deepEqual((await edit(0, { amount: '20' })).brakes, []);
    // 1 to 60 add up to 1830. Were they that little, the next few would be too much.
    const { rows } = await sql<{ sums: { crm: string; open: string }[] }>`select sums from pipelines`.execute(
      rig.database.db,
    );
    assert.deepEqual(
      rows[0]?.sums.map(({ open }) => Number(open)),
      [1884, 1830],
    );
    await sql`update pipelines set sums = ${JSON.stringify(
      rows[0]?.sums.map((one) => ({ ...one, open: '10' })),
    )}::json`.execute(rig.database.db);
    const report = await edit(5, { amount: '21' });
    assert.deepEqual(
      report.brakes.map(({ brake }) => brake),
      ['amounts'],
    );
    await rig.report('apply', { digest: report.plan?.digest ?? '' });
    await sql`update pipelines set at = 0`.execute(rig.database.db);
    assert.deepEqual((await edit(10, { amount: '22' })).brakes, [], 'what is an hour old is added up again');
    await sql`update pipelines set sums = '[]'`.execute(rig.database.db);
    assert.deepEqual((await edit(15, { amount: '23' })).brakes, [], 'and so is what was not met before');
  });

  it('judges by what lies beside the records named, as the next complete run will', async () => {
    await settled(3);
    withCalls(rig.left);
    await rig.report('sync', { full: true });
    const engagement = (): unknown => rig.right.records.get('R1')?.owned['engagement'];
    const before = engagement();
    const crm = rig.left as EvidentCrm;
    const call = crm.callHeld(['L1', 'L2'], rig.deps.clock.now() - 3_600_000);
    rig.left.edit('L1', { nextStep: 'called' });
    await tell('left', ['L1']);
    await carry();
    assert.equal(engagement(), 'engaged');
    assert.equal(crm.asked, 1);
    await tell('left', ['L1']);
    assert.equal(await runOnce(rig.deps, runtime(), signal), true);
    assert.equal(crm.asked, 1, 'what has not changed costs no call');
    assert.notEqual(before, 'engaged');
    assert.notEqual(rig.right.records.get('R2')?.owned['engagement'], 'engaged', 'nobody told of that one');
    await rig.report('sync', { full: true });
    assert.equal(engagement(), 'engaged');
    assert.equal(rig.right.records.get('R2')?.owned['engagement'], 'engaged');
    crm.takeBack(call);
    await tell('left', ['L1'], 'linked');
    await carry();
    assert.equal(engagement(), before);
    assert.equal(rig.right.records.get('R2')?.owned['engagement'], 'engaged', 'others keep what they had');
  });

  it('asks the accounts again only for a stage nobody knew', async () => {
    await settled(5);
    let asked = 0;
    const { describe } = rig.left;
    rig.left.describe = (stop) => {
      asked += 1;
      return describe(stop);
    };
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    await carry();
    assert.equal(asked, 0);
    // The facts are old enough to be out of date.
    await sql`update runs set facts_at = started_at - 120000 where facts_of is null`.execute(rig.database.db);
    rig.left.edit('L2', { stage: 'Brand new' });
    await tell('left', ['L2']);
    await carry();
    assert.equal(asked, 1);
    rig.left.edit('L3', { stage: 'Brand new' });
    await tell('left', ['L3']);
    await carry();
    assert.equal(asked, 1);
  });

  it('is waited for by a run somebody asks for, instead of being in its way', async () => {
    await settled(5);
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    const begun = Promise.withResolvers<void>();
    rig.right.beforeWrite = () => begun.resolve();
    const carried = runOnce(rig.deps, runtime(), signal);
    await begun.promise;
    const report = await rig.report('sync');
    assert.equal(await carried, true);
    assert.equal(report.outcomes.in_sync, 10);
    const modes = (await rig.store.listRuns('main', 2)).map(({ mode, state }) => `${mode} ${state}`);
    assert.deepEqual(modes, ['sync done', 'events done']);
  });

  it('stands back while another run goes on, and is fed by the pump after the window, by whatever clock it was stored', async () => {
    await settled(5);
    const stop = new AbortController();
    const pumping = pumpEvents(rig.deps, () => 50, stop.signal);
    const arrives = async (id: string): Promise<void> => {
      const deadline = Date.now() + 10_000;
      const isThere = (): boolean => rig.right.records.get(id)?.fields['amount'] === '70';
      const isTaken = async (): Promise<boolean> => (await rig.store.waitingEvents()).length === 0;
      while (!(isThere() && (await isTaken())) && Date.now() < deadline) await rig.deps.sleep(5);
      assert.ok(isThere() && (await isTaken()), id);
    };
    const going = rig.report('sync');
    rig.left.edit('L1', { amount: '70' });
    await tell('left', ['L1']);
    await going;
    await arrives('R1');
    rig.left.edit('L2', { amount: '70' });
    await tell('left', ['L2'], 'changed', 60_000);
    await arrives('R2');
    stop.abort();
    await pumping;
  });
});
