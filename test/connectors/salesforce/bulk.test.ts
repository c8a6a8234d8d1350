import assert from 'node:assert/strict';
import { openCsv } from '../../../src/connectors/salesforce/bulk-csv.ts';
import type { AccountFacts } from '../../../src/core/account-facts.ts';
import type { Connector, ReadPosition } from '../../../src/core/connector-port.ts';
import { OppsyncError } from '../../../src/core/errors.ts';
import type { Snapshot } from '../../../src/core/opportunity.ts';
import { useRealNetwork } from '../../sandbox/real-network.ts';
import { type SimulatedOrg, startSimulatedOrg } from './simulated-org.ts';

const GO = new AbortController().signal;
/** The org holds 640 records in query pages of 200. */
const BULK = { bulkFrom: 100, bulkPageRecords: 150 };
const RESULTS = '/results';

interface Reading {
  readonly snapshots: readonly Snapshot[];
  readonly positions: readonly ReadPosition[];
  readonly mark: unknown;
}

/** Reads on to the end, or until `most` pages. */
async function read(
  connector: Connector,
  facts: AccountFacts,
  from: ReadPosition | null = null,
  most = 100,
): Promise<Reading> {
  let position: ReadPosition | null = from ?? (await connector.startRead(null, facts, GO));
  const snapshots: Snapshot[] = [];
  const positions: ReadPosition[] = [];
  let mark: unknown = null;
  for (let page = 0; page < most && position !== null; page += 1) {
    const got = await connector.readPage(position, facts, GO);
    snapshots.push(...got.snapshots);
    position = got.next;
    if (position !== null) positions.push(position);
    mark = got.mark;
  }
  return { snapshots, positions, mark };
}

const byId = (list: readonly Snapshot[]): Snapshot[] => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));

describe('salesforce bulk reading', () => {
  useRealNetwork();
  let org: SimulatedOrg;
  beforeEach(async () => {
    org = await startSimulatedOrg();
  });
  afterEach(() => org.close());

  async function start(options = BULK): Promise<{ connector: Connector; facts: AccountFacts }> {
    const connector = org.connect(options);
    return { connector, facts: await connector.describe(GO) };
  }

  it('gives the very snapshots that page by page reading gives', async () => {
    const plain = await start({ ...BULK, bulkFrom: 10_000 });
    const expected = await read(plain.connector, plain.facts);
    assert.equal(await org.requested('/jobs/query'), 0, 'few records are read page by page');
    const { connector, facts } = await start();
    const seen = await read(connector, facts);
    assert.equal(await org.requested(RESULTS), 3, '440 records behind the first page, 150 a page');
    assert.deepEqual(byId(seen.snapshots), byId(expected.snapshots));
    assert.equal(seen.snapshots.length, 640);
    assert.notEqual(seen.mark, null);
  });

  it('goes on in another process where the first one stopped, without fetching a page again', async () => {
    const first = await start();
    // The first query page, the wait for the job, and one page of the result.
    const half = await read(first.connector, first.facts, null, 3);
    assert.equal(await org.requested(RESULTS), 1);
    const second = await start();
    const rest = await read(second.connector, second.facts, half.positions.at(-1) ?? null);
    assert.equal(await org.requested(RESULTS), 3);
    const ids = [...half.snapshots, ...rest.snapshots].map(({ id }) => id);
    assert.equal(new Set(ids).size, 640);
    assert.equal(ids.length, 640, 'no record comes twice');
  });

  it('asks again when the job is gone, and page by page when it goes once more', async () => {
    const { connector, facts } = await start();
    const first = await read(connector, facts, null, 2);
    const gone = (position: ReadPosition | undefined, lost: number): ReadPosition => ({
      ...position,
      bulk: { ...Object(position?.['bulk']), job: '750000000000000AAA', lost },
    });
    const again = await read(connector, facts, gone(first.positions.at(-1), 0));
    assert.equal(again.snapshots.length, 440);
    const jobs = await org.requested(RESULTS);
    const paged = await read(connector, facts, gone(first.positions.at(-1), 1));
    assert.equal(paged.snapshots.length, 440);
    assert.equal(
      await org.requested(RESULTS),
      jobs + 1,
      'only the page of the job that is gone was asked for',
    );
  });

  it('reads page by page where bulk queries are not permitted', async () => {
    const body = JSON.stringify([{ errorCode: 'API_DISABLED_FOR_ORG', message: 'no bulk' }]);
    await org.fault({ path: '/jobs/query', effect: { status: 403, body } });
    const { connector, facts } = await start();
    const { snapshots } = await read(connector, facts);
    assert.equal(new Set(snapshots.map(({ id }) => id)).size, 640);
    assert.equal(await org.requested(RESULTS), 0);
  });

  it("the end of the day's calls is no loss of the job: it rests, and goes on with the page it had reached", async () => {
    const { connector, facts } = await start();
    const half = await read(connector, facts, null, 3);
    const reached = half.positions.at(-1) ?? null;
    const body = JSON.stringify([
      { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' },
    ]);
    await org.fault({ path: RESULTS, times: 1, effect: { status: 403, body } });
    const rests = (error: unknown): boolean =>
      error instanceof OppsyncError && (error.details.resumesAt ?? 0) > Date.now();
    await assert.rejects(read(connector, facts, reached, 1), rests);
    // Now it is known without a call.
    await assert.rejects(read(connector, facts, reached, 1), rests);
    const nextDay = await start();
    const rest = await read(nextDay.connector, nextDay.facts, reached);
    assert.equal(half.snapshots.length + rest.snapshots.length, 640);
    assert.equal(await org.requested(RESULTS), 1 + 1 + 2, 'no page was read twice');
  });

  it('a CRM that is away for a moment when the job is asked for is asked again', async () => {
    const { connector, facts } = await start();
    await org.fault({ path: '/jobs/query', times: 3, effect: { status: 503 } });
    await assert.rejects(read(connector, facts), { recovery: 'retry' });
    assert.equal((await read(connector, facts)).snapshots.length, 640);
    assert.equal(await org.requested(RESULTS), 3);
  });

  it('a job that fails, is aborted or has gone is asked for again, and one that finds nothing ends the reading', async () => {
    for (const effect of [
      { status: 200, body: JSON.stringify({ id: '750', state: 'Failed', errorMessage: 'timeout' }) },
      { status: 200, body: JSON.stringify({ id: '750', state: 'Aborted' }) },
      { status: 404, body: JSON.stringify([{ errorCode: 'NOT_FOUND', message: 'gone' }]) },
    ]) {
      const { connector, facts } = await start();
      await org.fault({ method: 'GET', path: '/jobs/query/', times: 1, effect });
      const { snapshots } = await read(connector, facts);
      assert.deepEqual([snapshots.length, new Set(snapshots.map(({ id }) => id)).size], [640, 640]);
    }
    const { connector, facts } = await start();
    const { positions } = await read(connector, facts, null, 2);
    const headers = { 'sforce-locator': 'null', 'sforce-numberofrecords': '0', 'content-type': 'text/csv' };
    for (const body of ['', '"Id","Name"\n']) {
      await org.fault({ path: RESULTS, times: 1, effect: { status: 200, body, headers } });
      const rest = await read(connector, facts, positions.at(-1) ?? null);
      assert.equal(rest.snapshots.length, 0);
      assert.notEqual(rest.mark, null);
    }
  });

  it('a page that is cut is an error that passes, never the end', async () => {
    const { connector, facts } = await start();
    const { positions } = await read(connector, facts, null, 2);
    await org.fault({ path: RESULTS, times: 1, preset: 'sf-broken-json' });
    await assert.rejects(read(connector, facts, positions.at(-1) ?? null), { recovery: 'retry' });
    const { snapshots } = await read(connector, facts, positions.at(-1) ?? null);
    assert.equal(snapshots.length, 440);
  });
});

describe('CSV of bulk results', () => {
  it('keeps quotes, commas and line breaks inside cells, and hands rows out in portions', () => {
    const csv = openCsv('"A","B"\r\n"x, ""y""\nz","ü"\r\nplain,\r\n"",""\r\n');
    assert.deepEqual(csv.header, ['A', 'B']);
    assert.deepEqual(csv.next(1), [['x, "y"\nz', 'ü']]);
    assert.deepEqual(csv.next(5), [
      ['plain', ''],
      ['', ''],
    ]);
    assert.deepEqual(csv.next(5), []);
  });

  it('a text that is cut says so', () => {
    for (const rest of ['"x', '"x"', '"x","y', '"x","y"', '"x"\n'])
      assert.throws(() => openCsv(`"A","B"\n${rest}`).next(9), SyntaxError, rest);
    assert.throws(() => openCsv(''), SyntaxError);
  });
});
