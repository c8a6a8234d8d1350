import assert from 'node:assert/strict';
import { OppsyncError } from '../../../src/core/errors.ts';
import type { Fields } from '../../../src/core/opportunity.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { never } from './portal.ts';
import { deal, type Rehearsal, type RehearsalOptions, readAll, rehearse } from './rehearsal.ts';

const row = (id: number | string, fields: Fields, owned: Fields = {}) => ({
  id: String(id),
  trace: `t${id}`,
  fields,
  owned,
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('HubSpot connector on a simulated portal', () => {
  useRealNetwork();
  let open: Rehearsal | undefined;
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });
  async function portal(options: RehearsalOptions = {}): Promise<Rehearsal> {
    open = await rehearse(options);
    return open;
  }

  it('describes the account, and misses nothing when it is provisioned', async () => {
    const { connector } = await portal({
      switches: { timeZone: 'Asia/Tokyo', currencies: ['EUR'] },
      skewMs: -3_600_000,
    });
    const facts = await connector.describe(never);
    assert.equal(facts.timeZone, 'Asia/Tokyo');
    assert.deepEqual([facts.currency, facts.currencies], ['USD', ['USD', 'EUR']]);
    assert.deepEqual(facts.problems, []);
    assert.deepEqual(facts.stages.map((stage) => [stage.key, stage.closed, stage.won]).slice(-3), [
      ['default/contractsent', false, false],
      ['default/closedwon', true, true],
      ['default/closedlost', true, false],
    ]);
    assert.ok(Math.abs(facts.clockOffsetMs - 3_600_000) <= 1000, `offset ${facts.clockOffsetMs}`);
    assert.equal(connector.calls(), 5);
    assert.match(connector.recordUrl('5', facts), /\/record\/0-3\/5$/);
  });

  it('names each field of ours that is missing, with the remedy', async () => {
    const { connector } = await portal({
      provisioned: false,
      settings: { evidence: { signed: 'contract_signed' } },
    });
    const { problems } = await connector.describe(never);
    assert.deepEqual(
      problems.map((problem) => problem.field),
      [
        'status',
        'outcome',
        'phase',
        'engagement',
        'reason',
        'completeness',
        'cycleDays',
        'regressions',
        'pushes',
        'reopened',
        'lastContact',
        'pairKey',
        'contract_signed',
      ],
    );
    assert.ok(problems.every((problem) => problem.recovery === 'fix' && problem.remedy !== ''));
  });

  it('stops for a wrong token and names every missing scope at once', async () => {
    const scopes = ['oauth'];
    const { connect } = await portal({
      switches: { apps: [{ name: 'narrow', token: 'pat-narrow', scopes }] },
    });
    const refused = async (token: string) => {
      const fault = await connect({ auth: { type: 'token', token } })
        .describe(never)
        .catch((reason: unknown) => reason);
      assert.ok(fault instanceof OppsyncError);
      return fault.details;
    };
    assert.equal((await refused('wrong')).recovery, 'stop');
    const narrow = await refused('pat-narrow');
    assert.equal(narrow.recovery, 'stop');
    assert.match(narrow.message, /crm\.objects\.owners\.read/);
    assert.match(narrow.message, /crm\.objects\.deals\.read/);
  });

  it('reads all deals once in the fewest calls, without the deleted ones', async () => {
    const lines = range(1, 250).map((id) => (id === 7 ? { ...deal(id), deleted: true } : deal(id)));
    const { connector } = await portal({ lines });
    const facts = await connector.describe(never);
    const before = connector.calls();
    const { snapshots } = await readAll(connector, null, facts);
    assert.equal(connector.calls() - before, 3);
    assert.deepEqual(
      snapshots.map((each) => Number(each.id)).sort((a, b) => a - b),
      range(1, 250).filter((id) => id !== 7),
    );
  });

  it('finds more than 10,000 deals of one and the same stamp, each once', async function () {
    this.timeout(30_000);
    const { connector, sandbox } = await portal({ lines: range(1, 10_250).map((id) => deal(id)) });
    const facts = await connector.describe(never);
    const before = connector.calls();
    const { snapshots, pages } = await readAll(connector, { until: sandbox.clock.now() }, facts);
    assert.equal(new Set(snapshots.map((each) => each.id)).size, 10_250);
    assert.equal(snapshots.length, 10_250);
    assert.equal(pages, 52);
    assert.equal(connector.calls() - before, 52);
  });

  it('catches in a later reading what the index showed late, whatever our clock says', async () => {
    const { connector, sandbox, edit } = await portal({
      lines: [deal(1), deal(2)],
      switches: { searchLagMs: 30_000 },
      skewMs: 7_200_000,
      settings: { overlapMs: 0 },
    });
    const facts = await connector.describe(never);
    const first = await readAll(connector, null, facts);
    sandbox.clock.advance(600_000);
    edit('2', { dealname: 'Renamed' });
    sandbox.clock.advance(1000);
    const second = await readAll(connector, first.mark, facts);
    assert.ok(!second.snapshots.some((each) => each.fields['name'] === 'Renamed'), 'the index still trails');
    sandbox.clock.advance(60_000);
    const third = await readAll(connector, second.mark, facts);
    assert.deepEqual(
      third.snapshots.map((each) => [each.id, each.fields['name']]),
      [['2', 'Renamed']],
    );
    sandbox.clock.advance(600_000);
    const fourth = await readAll(connector, third.mark, facts);
    assert.deepEqual((await readAll(connector, fourth.mark, facts)).snapshots, []);
  });

  it('asks for ids only when all properties would not fit, and still reads whole deals', async () => {
    const evidence = Object.fromEntries(
      range(1, 120).map((n) => [`e${n}`, `hs_v2_date_entered_stage_number_${n}`]),
    );
    const { connector } = await portal({
      lines: range(1, 150).map((id) => deal(id)),
      settings: { evidence },
    });
    const facts = await connector.describe(never);
    const { snapshots } = await readAll(connector, { until: 0 }, facts);
    assert.equal(snapshots.filter((each) => each.fields['name'] === `Deal ${each.id}`).length, 150);
  });

  it('tells which ids are missing, however many in few calls, and follows merges to the survivor', async () => {
    const { connector, sandbox } = await portal({ lines: range(1, 60).map((id) => deal(id)) });
    const { simulator } = sandbox.hubspot;
    const facts = await connector.describe(never);
    const merged = simulator.edit({ type: 'deal', action: 'merge', id: '1', absorbs: '2' });
    assert.ok(merged.ok, JSON.stringify(merged));
    const gone = range(11, 60).map(String);
    for (const id of gone) assert.ok(simulator.edit({ type: 'deal', action: 'delete', id }).ok);
    const before = connector.calls();
    const many = await connector.readByIds(['1', '2', '3', '99', ...gone], facts, never);
    assert.deepEqual([...many.missing].sort(), ['99', ...gone].sort());
    assert.deepEqual(many.snapshots.map((each) => each.id).sort(), ['3', merged.id].sort());
    assert.ok(connector.calls() - before <= 5, `two batches and the odd ones: ${connector.calls() - before}`);
    const read = await connector.readByIds(['1', '2', '3', '99'], facts, never);
    assert.deepEqual(read.missing, ['99']);
    assert.deepEqual(read.snapshots.map((each) => each.id).sort(), ['3', merged.id].sort());
    const survivor = read.snapshots.find((each) => each.id === merged.id);
    for (const id of ['1', '2'])
      assert.ok(id === merged.id || survivor?.absorbedIds.includes(id), `absorbed ${id}`);
    const [result] = await connector.write([row(2, { name: 'New' })], facts, never);
    assert.equal(result?.ok === false && result.error.recovery, 'gone');
  });

  for (const timeZone of ['Asia/Tokyo', 'America/New_York', 'UTC']) {
    it(`writes and reads dates as people in ${timeZone} see them`, async () => {
      const { connector, edit, stored } = await portal({ lines: [deal(1), deal(2)], switches: { timeZone } });
      const facts = await connector.describe(never);
      const results = await connector.write([row(1, { closeDate: '2026-12-31' })], facts, never);
      assert.equal(results[0]?.ok, true);
      edit('2', { closedate: '2026-12-31' });
      assert.equal(Date.parse(String(stored('2')['closedate'])), Date.UTC(2026, 11, 31));
      const { snapshots } = await connector.readByIds(['1', '2'], facts, never);
      assert.deepEqual(
        snapshots.map((each) => each.fields['closeDate']),
        ['2026-12-31', '2026-12-31'],
      );
      const shown = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(
        Date.parse(String(stored('1')['closedate'])),
      );
      assert.equal(shown, '2026-12-31');
    });
  }

  it('writes every kind of field, reads back what it wrote, under the version it was told', async () => {
    const owner = { crm: 'hubspot', type: 'owner', fields: { id: '7', email: 'Ann@Example.com' } };
    const { connector } = await portal({ lines: [owner, deal(1)], switches: { currencies: ['EUR'] } });
    const facts = await connector.describe(never);
    const fields = {
      name: 'Neue Brücke',
      stage: 'default/contractsent',
      amount: '1234567.89',
      currency: 'EUR',
      closeDate: '2027-02-28',
      owner: 'ann@example.com',
      nextStep: 'Call',
    };
    const owned = { status: 'active', pairKey: 'k-1' };
    assert.deepEqual(connector.refusals({ fields, owned }, facts), []);
    const [result] = await connector.write([row(1, fields, owned)], facts, never);
    const [snapshot] = (await connector.readByIds(['1'], facts, never)).snapshots;
    assert.deepEqual({ ...snapshot?.fields }, fields);
    assert.equal(snapshot?.owned['status'], 'active');
    assert.equal(snapshot?.pairKey, 'k-1');
    assert.equal(snapshot?.evidence.isClosed, false);
    assert.equal(snapshot?.evidence.stageProbability, 0.9);
    assert.equal(result?.ok === true && result.version, snapshot?.version);
    await connector.write([row(1, { nextStep: null })], facts, never);
    assert.equal((await connector.readByIds(['1'], facts, never)).snapshots[0]?.fields['nextStep'], null);
  });

  for (const honoured of [true, false]) {
    it(`lets a bad row cost only itself, trace ids ${honoured ? 'honoured' : 'ignored'}`, async () => {
      const { connector, stored } = await portal({
        lines: [...range(1, 100).map((id) => deal(id)), deal(500, { oppsync_pair_key: 'taken' })],
        switches: {
          updateHonoursTraceIds: honoured,
          rejects: [
            { property: 'hs_next_step', value: 'forbidden', message: 'This step is not allowed here.' },
          ],
        },
      });
      const facts = await connector.describe(never);
      const writes = range(1, 100).map((id) => {
        if (id === 13) return row(id, { name: 'x' }, { pairKey: 'taken' });
        if (id === 40 || id === 41) return row(id, { name: 'x', nextStep: 'forbidden' });
        return id === 77 ? row(9977, { name: 'x' }) : row(id, { name: `New ${id}` });
      });
      const before = connector.calls();
      const results = await connector.write(writes, facts, never);
      assert.deepEqual(
        results.map((result) => result.trace),
        writes.map((write) => write.trace),
      );
      const bad = results.flatMap((result) => (result.ok ? [] : [[result.id, result.error.recovery]]));
      assert.deepEqual(bad, [
        ['13', 'skip'],
        ['40', 'skip'],
        ['41', 'skip'],
        ['9977', 'gone'],
      ]);
      for (const id of range(1, 100)) {
        const expected = [13, 40, 41, 77].includes(id) ? `Deal ${id}` : `New ${id}`;
        assert.equal(stored(String(id))['dealname'], expected);
      }
      const words = results.find((result) => result.id === '40');
      assert.match(words?.ok === false ? words.error.message : '', /This step is not allowed here/);
      assert.ok(connector.calls() - before <= (honoured ? 1 : 3), `${connector.calls() - before} calls`);
    });
  }

  it('meets no limit when it is alone, and uses at least 95 % of it', async () => {
    const { connector, statuses, sandbox } = await portal({
      lines: range(1, 10).map((id) => deal(id)),
      switches: { burstLimit: 190, searchPerSecond: 5 },
    });
    const facts = await connector.describe(never);
    const started = sandbox.clock.now();
    const position = await connector.startRead(null, facts, never);
    // One after the other: the portal's clock moves only while nothing is under way.
    for (const _ of range(1, 1900)) await connector.readPage(position, facts, never);
    const perTenSeconds = 1900 / ((sandbox.clock.now() - started) / 10_000);
    assert.ok(perTenSeconds >= 0.95 * 190, `${perTenSeconds} calls per 10 s`);
    const changes = await connector.startRead({ until: 0 }, facts, never);
    for (const _ of range(1, 60)) await connector.readPage(changes, facts, never);
    assert.equal((await statuses())['429'] ?? 0, 0);
  });

  it('waits out a limit that somebody else uses up, and stops for the daily quota with its end', async () => {
    const { connector, connect, sandbox } = await portal({
      lines: [deal(1)],
      switches: { burstLimit: 8, timeZone: 'Asia/Tokyo' },
    });
    const facts = await connector.describe(never);
    const other = connect();
    const position = await connector.startRead(null, facts, never);
    await other.readPage(position, facts, never);
    for (const _ of range(1, 6)) {
      await Promise.all([connector.readPage(position, facts, never), other.readPage(position, facts, never)]);
    }
    sandbox.hubspot.simulator.configure({ dailyLimit: 1 });
    const fault = await connector.readPage(position, facts, never).catch((reason: unknown) => reason);
    assert.ok(fault instanceof OppsyncError);
    assert.equal(fault.details.recovery, 'stop');
    assert.match(fault.details.remedy, /15:00:00\.000Z/);
  });

  it('knows before writing what the portal would refuse', async () => {
    const owner = {
      crm: 'hubspot',
      type: 'owner',
      fields: { id: '8', email: 'bob@example.com', archived: true },
    };
    const { connector } = await portal({ lines: [owner, deal(1)] });
    const facts = await connector.describe(never);
    const cases: [string, Fields, string][] = [
      ['stage', { stage: 'default/none' }, 'UNKNOWN_STAGE'],
      ['blank stage', { stage: null }, 'STAGE_REQUIRED'],
      ['owner', { owner: 'eve@example.com' }, 'UNKNOWN_OWNER'],
      ['former owner', { owner: 'bob@example.com' }, 'INACTIVE_OWNER'],
      ['currency', { currency: 'EUR' }, 'INACTIVE_CURRENCY'],
      ['number', { amount: '1,000' }, 'BAD_VALUE'],
      ['date', { closeDate: '2026-02-30' }, 'BAD_VALUE'],
      ['length', { name: 'x'.repeat(65_537) }, 'TOO_LONG'],
      ['unknown field', { nothing: 'x' }, 'NO_PROPERTY'],
      ['nothing wrong', { amount: '1e3', closeDate: '2026-02-28', currency: 'USD', owner: null }, ''],
    ];
    for (const [title, fields, code] of cases) {
      const found = connector.refusals({ fields, owned: {} }, facts).map((each) => each.code);
      assert.deepEqual(found, code === '' ? [] : [code], title);
    }
  });
});
