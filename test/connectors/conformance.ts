import assert from 'node:assert/strict';
import type { AccountFacts } from '../../src/core/account-facts.ts';
import { sameValue } from '../../src/core/compare.ts';
import type { Connector, ReadPosition, RecordWrite, SafeMark } from '../../src/core/connector-port.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { namedActor } from '../../src/core/field-history.ts';
import type { Snapshot } from '../../src/core/opportunity.ts';
import { OWNED_FIELDS } from '../../src/core/opportunity.ts';
import { useRealNetwork } from '../sandbox/real-network.ts';

/** What may go wrong between a connector and its CRM. */
export type Trouble = 'overload' | 'limit' | 'html' | 'reset' | 'cut' | 'broken' | 'stall';

/** A running simulated CRM with a few pages of records, and the means to disturb it. */
export interface World {
  /** A connector as a new process would make it: nothing shared with others. Its sleeps need not be real. */
  connect(options?: { readonly deadlineMs?: number }): Connector;
  /** Ids of all records that are not deleted, as the CRM's own state says. */
  ids(): Promise<string[]>;
  /** Native values of one record as the CRM's own state says, under canonical names. */
  stored(
    id: string,
  ): Promise<{ readonly name: unknown; readonly nextStep: unknown; readonly status: unknown }>;
  /** A person's edits through the CRM's own screen. */
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The name of the person who makes these edits, as the owners list has it. */
  readonly editor: string;
  /** A person sets the amount. */
  reprice(id: string, amount: string): Promise<void>;
  /** Edits that are seen long after their stamp; undefined where the CRM has no such thing. */
  readonly late?: {
    readonly hiddenForMs: number;
    readonly seenAfterMs: number;
    rename(id: string, name: string): Promise<void>;
  };
  /** Moves the CRM's clock. */
  advance(ms: number): Promise<void>;
  /** Moves the CRM's clock past the lag of its index, if it has one. */
  settle(): Promise<void>;
  freezeClock(frozen: boolean): Promise<void>;
  /** Makes the tokens given out so far invalid; undefined where tokens never end. */
  readonly expireTokens?: () => Promise<void>;
  /** The next `times` read or write calls meet this trouble. */
  trouble(kind: Trouble, where: 'read' | 'write', times: number): Promise<void>;
  /** The next write call is carried out and its answer lost. */
  loseAnswer(): Promise<void>;
  /** HTTP requests the CRM has seen. */
  requests(): Promise<number>;
  close(): Promise<void>;
}

export interface Harness {
  readonly name: string;
  /** Starts the CRM with at least three pages of records. */
  start(): Promise<World>;
  /** Whether an incremental reading reports deleted records. */
  readonly reportsDeletes: boolean;
  /** Whether an edit is in a reading that begins in the same second. */
  readonly seesEditsAtOnce: boolean;
  /** A well-formed id that no record has. */
  readonly strangerId: string;
}

const GO = new AbortController().signal;

/** As if stored and read back by another process. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

interface Reading {
  readonly snapshots: Snapshot[];
  readonly pages: number;
  readonly mark: SafeMark;
}

/** Reads to the end, passing every position and mark through JSON as the store does. */
export async function readAll(
  connector: Connector,
  facts: AccountFacts,
  mark: SafeMark | null,
  betweenPages: (page: number) => Promise<void> = async () => {},
): Promise<Reading> {
  const snapshots: Snapshot[] = [];
  let pages = 0;
  let position: ReadPosition = stored(await connector.startRead(mark, facts, GO));
  for (;;) {
    const page = await connector.readPage(position, facts, GO);
    snapshots.push(...page.snapshots);
    pages += 1;
    assert.ok(pages < 1_000, 'the reading does not end');
    if (page.next === null) {
      assert.ok(page.mark !== null, 'the last page carries a mark');
      return { snapshots, pages, mark: stored(page.mark) };
    }
    assert.equal(page.mark, null, 'only the last page carries a mark');
    position = stored(page.next);
    await betweenPages(pages);
  }
}

/** The newest snapshot of each record: a reading may give a record twice. */
function latest(snapshots: readonly Snapshot[]): Map<string, Snapshot> {
  return new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
}

function change(id: string, fields: RecordWrite['fields'], owned: RecordWrite['owned'] = {}): RecordWrite {
  return { id, fields, owned, trace: `trace-${id}` };
}

/** The behaviour every connector owes the engine, run against a simulated CRM over HTTP. */
export function describeConformance(harness: Harness): void {
  describe(`${harness.name} connector conformance`, () => {
    useRealNetwork();
    let world: World;
    let connector: Connector;
    let facts: AccountFacts;
    let ids: string[];

    beforeEach(async () => {
      world = await harness.start();
      connector = world.connect();
      facts = stored(await connector.describe(GO));
      ids = (await world.ids()).toSorted();
    });
    afterEach(async () => {
      await connector.close();
      await world.close();
    });

    const at = (index: number): string => {
      const id = ids[index];
      assert.ok(id !== undefined);
      return id;
    };

    it('describes the account completely', () => {
      assert.deepEqual(facts.problems, []);
      assert.notEqual(facts.accountId, '');
      assert.ok(facts.stages.some((stage) => stage.closed === true && stage.won === true));
      assert.ok(facts.stages.some((stage) => stage.closed === false));
      assert.ok(facts.owners.some((owner) => owner.active && owner.email === owner.email.toLowerCase()));
      for (const field of ['name', 'stage', 'amount', 'closeDate', 'owner', 'nextStep', ...OWNED_FIELDS]) {
        assert.ok(
          facts.fields.some((fact) => fact.field === field && fact.writable),
          field,
        );
      }
      assert.ok(Math.abs(facts.clockOffsetMs) < 5_000);
    });

    it('a full reading sees every record once', async () => {
      const reading = await readAll(connector, facts, null);
      assert.ok(reading.pages >= 3, `${reading.pages} pages`);
      assert.deepEqual(reading.snapshots.map((snapshot) => snapshot.id).toSorted(), ids);
      for (const snapshot of reading.snapshots) {
        assert.equal(snapshot.crm, connector.crm);
        assert.ok(snapshot.changedAt > 0);
        assert.ok(snapshot.version !== '');
        assert.equal(snapshot.deleted, false);
        assert.equal(typeof snapshot.fields['name'], 'string');
      }
    });

    it('tells how many records there are: its first page, or on request', async () => {
      const page = await connector.readPage(await connector.startRead(null, facts, GO), facts, GO);
      const counted = page.expected ?? (await connector.countRecords?.(GO));
      assert.equal(counted, (await world.ids()).length);
    });

    it('a page can be read again', async () => {
      const start = await connector.startRead(null, facts, GO);
      const first = await connector.readPage(start, facts, GO);
      const again = await connector.readPage(start, facts, GO);
      assert.deepEqual(again.snapshots, first.snapshots);
      assert.ok(first.next !== null);
      const second = await connector.readPage(stored(first.next), facts, GO);
      const secondAgain = await connector.readPage(stored(first.next), facts, GO);
      assert.deepEqual(secondAgain.snapshots, second.snapshots);
    });

    it('another process goes on where one stopped', async () => {
      const start = stored(await connector.startRead(null, facts, GO));
      const first = await connector.readPage(start, facts, GO);
      const seen = [...first.snapshots];
      for (let position = first.next; position !== null; ) {
        const other = world.connect();
        const page = await other.readPage(stored(position), facts, GO);
        seen.push(...page.snapshots);
        position = page.next;
        await other.close();
      }
      assert.deepEqual([...latest(seen).keys()].toSorted(), ids);
    });

    it('changes since a mark include an edit', async () => {
      const { mark } = await readAll(connector, facts, null);
      await world.rename(at(1), 'Renamed by Ann');
      await world.settle();
      const changes = latest((await readAll(connector, facts, mark)).snapshots);
      assert.equal(changes.get(at(1))?.fields['name'], 'Renamed by Ann');
    });

    it('changes since a mark include a sibling of the same moment', async () => {
      await world.freezeClock(true);
      const { mark } = await readAll(connector, facts, null);
      await world.rename(at(0), 'First');
      const first = await readAll(connector, facts, mark);
      if (harness.seesEditsAtOnce) assert.equal(latest(first.snapshots).get(at(0))?.fields['name'], 'First');
      await world.rename(at(1), 'Second');
      await world.freezeClock(false);
      await world.settle();
      const second = latest((await readAll(connector, facts, first.mark)).snapshots);
      assert.equal(second.get(at(1))?.fields['name'], 'Second');
    });

    it('changes since a mark include what was committed late', async function () {
      const { late } = world;
      if (late === undefined) return this.skip();
      const { mark } = await readAll(connector, facts, null);
      await late.rename(at(2), 'Late');
      // A mark taken now would lie after the stamp of the edit that cannot be seen yet.
      await world.advance(late.hiddenForMs);
      const before = await readAll(connector, facts, mark);
      assert.notEqual(latest(before.snapshots).get(at(2))?.fields['name'], 'Late');
      await world.advance(late.seenAfterMs);
      const after = latest((await readAll(connector, facts, before.mark)).snapshots);
      assert.equal(after.get(at(2))?.fields['name'], 'Late');
    });

    it('a deleted record is reported or at least not found', async () => {
      const { mark } = await readAll(connector, facts, null);
      await world.remove(at(0));
      await world.settle();
      const changes = latest((await readAll(connector, facts, mark)).snapshots);
      if (harness.reportsDeletes) assert.equal(changes.get(at(0))?.deleted, true);
      else assert.notEqual(changes.get(at(0))?.deleted, false);
      const full = latest((await readAll(connector, facts, null)).snapshots);
      assert.equal(full.has(at(0)), false);
      const { missing } = await connector.readByIds([at(0)], facts, GO);
      assert.deepEqual(missing, [at(0)]);
    });

    it('reads by id, and says what is missing', async () => {
      const wanted = [at(2), harness.strangerId, at(0)];
      const read = await connector.readByIds(wanted, facts, GO);
      assert.deepEqual(read.snapshots.map((snapshot) => snapshot.id).toSorted(), [at(0), at(2)].toSorted());
      assert.deepEqual(read.missing, [harness.strangerId]);
      await assert.rejects(connector.readByIds([at(0), at(0)], facts, GO));
      const none = await connector.readByIds([], facts, GO);
      assert.deepEqual(none, { snapshots: [], missing: [] });
    });

    it('reads the same of a record by id and in a full reading', async () => {
      const full = latest((await readAll(connector, facts, null)).snapshots);
      const { snapshots } = await connector.readByIds([at(0)], facts, GO);
      assert.deepEqual(snapshots[0]?.fields, full.get(at(0))?.fields);
      assert.deepEqual(snapshots[0]?.owned, full.get(at(0))?.owned);
      assert.equal(snapshots[0]?.version, full.get(at(0))?.version);
    });

    it('reads as many by id as it says it can, in one go', async () => {
      const many = ids.slice(0, connector.capabilities.readBatch);
      const read = await connector.readByIds(many, facts, GO);
      assert.deepEqual(read.snapshots.map((snapshot) => snapshot.id).toSorted(), many);
    });

    it('writes in order, and a bad row costs only itself', async () => {
      const writes = [
        change(at(0), { name: 'Zero', nextStep: 'Call' }, { status: 'active' }),
        change(harness.strangerId, { name: 'Nobody' }),
        change(at(1), { name: 'One' }),
      ];
      const results = await connector.write(writes, facts, GO);
      assert.deepEqual(
        results.map((result) => [result.trace, result.id, result.ok]),
        [
          [`trace-${at(0)}`, at(0), true],
          [`trace-${harness.strangerId}`, harness.strangerId, false],
          [`trace-${at(1)}`, at(1), true],
        ],
      );
      const bad = results[1];
      assert.ok(bad !== undefined && !bad.ok);
      assert.ok(['gone', 'skip'].includes(bad.error.recovery), bad.error.recovery);
      assert.ok(bad.error.message.length > 0 && bad.error.remedy.length > 0);
      assert.deepEqual(await world.stored(at(0)), { name: 'Zero', nextStep: 'Call', status: 'active' });
      assert.equal((await world.stored(at(1))).name, 'One');
    });

    it('clears with null and leaves alone what is not named', async () => {
      await connector.write([change(at(0), { name: 'Kept', nextStep: 'Call' })], facts, GO);
      await connector.write([change(at(0), { nextStep: null })], facts, GO);
      const { snapshots } = await connector.readByIds([at(0)], facts, GO);
      assert.equal(snapshots[0]?.fields['nextStep'], null);
      assert.equal(snapshots[0]?.fields['name'], 'Kept');
    });

    it('reads back what it wrote, field by field', async () => {
      const stage = facts.stages.find((one) => one.closed === false && one.active && one.order > 1);
      const owner = facts.owners.find((one) => one.active);
      assert.ok(stage !== undefined && owner !== undefined);
      const fields = {
        amount: '1234.56',
        closeDate: '2031-05-06',
        stage: stage.key,
        owner: owner.email,
        name: 'Ünïcode "✓"',
      };
      assert.deepEqual(connector.refusals({ fields, owned: {} }, facts), []);
      const results = await connector.write([change(at(0), fields)], facts, GO);
      assert.deepEqual(
        results.map((result) => (result.ok ? 'ok' : result.error.message)),
        ['ok'],
      );
      const { snapshots } = await connector.readByIds([at(0)], facts, GO);
      for (const [field, value] of Object.entries(fields)) {
        assert.equal(snapshots[0]?.fields[field], value, field);
      }
    });

    it('will not be asked to write one record twice', async () => {
      await assert.rejects(
        connector.write([change(at(0), { name: 'A' }), change(at(0), { name: 'B' })], facts, GO),
      );
    });

    it('refuses before writing what cannot be written', () => {
      const cases: [string, Record<string, string>][] = [
        ['stage', { stage: 'no such stage' }],
        ['owner', { owner: 'nobody@nowhere.example' }],
        ['amount', { amount: 'a lot' }],
        ['closeDate', { closeDate: '2026-02-30' }],
        ['shoeSize', { shoeSize: '44' }],
      ];
      for (const [field, fields] of cases) {
        const refusals = connector.refusals({ fields, owned: {} }, facts);
        assert.deepEqual(
          refusals.map((refusal) => refusal.field),
          [field],
        );
        assert.ok(refusals.every((refusal) => refusal.message !== '' && refusal.remedy !== ''));
      }
      assert.deepEqual(
        connector.refusals({ fields: { name: 'Fine' }, owned: { status: 'active' } }, facts),
        [],
      );
    });

    it('tells the history of fields, newest first, with the person who edited', async () => {
      const { history } = connector;
      assert.ok(history !== undefined);
      await world.rename(at(0), 'First name');
      await world.reprice(at(0), '12.50');
      await world.advance(5_000);
      await connector.write([change(at(0), { name: 'By oppsync' })], facts, GO);
      await world.advance(5_000);
      await world.rename(at(0), 'Last name');
      const told = (await history.read([at(0), at(1)], ['name', 'amount'], null, facts, GO)).get(at(0));
      const names = told?.['name'] ?? [];
      assert.deepEqual(
        names.slice(0, 3).map(({ value }) => value),
        ['Last name', 'By oppsync', 'First name'],
      );
      assert.deepEqual(
        names.slice(0, 3).map(({ actor }) => namedActor(actor, facts.owners) === `human:${world.editor}`),
        [true, false, true],
      );
      assert.ok(names.every(({ at: when }, index) => index === 0 || when <= (names[index - 1]?.at ?? 0)));
      const amount = told?.['amount']?.[0];
      assert.equal(sameValue('decimal', amount?.value ?? null, '12.5'), true);
      assert.equal(namedActor(amount?.actor ?? null, facts.owners), `human:${world.editor}`);
    });

    it('tells stages, dates and owners of the past as it tells those of today', async () => {
      const { history } = connector;
      assert.ok(history !== undefined);
      const stage = facts.stages.find((one) => one.closed === false && one.active && one.order > 1);
      const owner = facts.owners.find((one) => one.active);
      const fields = { stage: stage?.key ?? '', closeDate: '2031-05-06', owner: owner?.email ?? '' };
      await connector.write([change(at(0), fields)], facts, GO);
      const told = (await history.read([at(0)], Object.keys(fields), null, facts, GO)).get(at(0));
      for (const [field, value] of Object.entries(fields)) {
        // An owner who was it before leaves no entry; what is not known has no key.
        if (told?.[field] !== undefined) assert.equal(told[field][0]?.value, value, field);
        else assert.equal(field, 'owner');
      }
    });

    it('knows nothing of records that are gone and of fields that it cannot see, and asks once for all', async () => {
      const { history } = connector;
      assert.ok(history !== undefined);
      const many = ids.slice(0, Math.min(history.batch, 50));
      await world.rename(many[0] ?? '', 'Renamed');
      const before = connector.calls();
      const told = await history.read(many, ['name', 'amount', 'nonsense'], null, facts, GO);
      assert.equal(connector.calls() - before, 1);
      assert.equal(told.get(many[0] ?? '')?.['name']?.[0]?.value, 'Renamed');
      assert.ok([...told.values()].every((fields) => fields['nonsense'] === undefined));
      const none = await history.read([harness.strangerId], ['name'], null, facts, GO);
      assert.deepEqual(none.get(harness.strangerId)?.['name'], undefined);
      assert.deepEqual(await history.read([], ['name'], null, facts, GO), new Map());
      await assert.rejects(
        history.read(
          Array.from({ length: history.batch + 1 }, (_, n) => `${n}`),
          ['name'],
          null,
          facts,
          GO,
        ),
      );
    });

    it('says that it does not know when the answer to a write is lost', async () => {
      const impatient = world.connect({ deadlineMs: 400 });
      await world.loseAnswer();
      const results = await impatient.write(
        [change(at(0), { name: 'Lost' }), change(at(1), { name: 'Lost' })],
        facts,
        GO,
      );
      assert.deepEqual(
        results.map((result) => (result.ok ? 'ok' : result.error.recovery)),
        ['unknown', 'unknown'],
      );
      assert.equal((await world.stored(at(0))).name, 'Lost');
      await impatient.close();
    });

    it('survives the end of its token in the middle of a reading', async function () {
      const { expireTokens } = world;
      if (expireTokens === undefined) return this.skip();
      const reading = await readAll(connector, facts, null, async () => expireTokens());
      assert.deepEqual([...latest(reading.snapshots).keys()].toSorted(), ids);
    });

    for (const kind of ['overload', 'limit', 'html', 'reset', 'cut', 'broken', 'stall'] as const) {
      it(`a reading survives: ${kind}`, async () => {
        const patient = world.connect({ deadlineMs: kind === 'stall' ? 400 : 5_000 });
        let troubled = false;
        const reading = await readAll(patient, facts, null, async () => {
          if (!troubled) await world.trouble(kind, 'read', 1);
          troubled = true;
        });
        assert.ok(troubled);
        assert.deepEqual(reading.snapshots.map((snapshot) => snapshot.id).toSorted(), ids);
        await patient.close();
      });
    }

    it('gives a reading up with a reason when trouble does not end', async () => {
      await world.trouble('overload', 'read', 1_000);
      await assert.rejects(readAll(connector, facts, null), (error) => {
        assert.ok(error instanceof OppsyncError);
        assert.ok(error.recovery === 'retry' || error.recovery === 'wait', error.recovery);
        return true;
      });
    });

    it('counts every call', async () => {
      const before = await world.requests();
      const counted = world.connect();
      const known = await counted.describe(GO);
      await readAll(counted, known, null);
      await counted.readByIds([at(0)], known, GO);
      await counted.write([change(at(0), { name: 'Counted' })], known, GO);
      assert.equal(counted.calls(), (await world.requests()) - before);
      await counted.close();
    });

    it('stops when told to', async () => {
      const stopped = AbortSignal.abort(new Error('told to stop'));
      await assert.rejects(connector.startRead(null, facts, stopped), /told to stop/);
      await assert.rejects(
        connector.write([change(at(0), { name: 'Never' })], facts, stopped),
        /told to stop/,
      );
      assert.notEqual((await world.stored(at(0))).name, 'Never');
    });
  });
}
