import assert from 'node:assert/strict';
import type { StreamBatch, StreamOf, StreamStore } from '../../src/core/change-stream-port.ts';
import type { RecordEvent } from '../../src/core/event-port.ts';
import { changeStreams } from '../../src/store/change-streams.ts';
import { streamLocks } from '../../src/store/stream-locks.ts';
import { type StoreRig, SYNC, storeRig } from './store-rig.ts';

const event = (key: string, more: Partial<RecordEvent> = {}): RecordEvent => ({
  ...{ id: '1', kind: 'changed', key, account: 'org', at: null },
  ...more,
});
const batch = (position: number | null, ...events: RecordEvent[]): StreamBatch => ({
  ...{ events, position: position === null ? null : Uint8Array.of(0, 255, position), gap: null },
});

describe('where streams of changes stand', () => {
  let rig: StoreRig;
  let streams: StreamStore;
  const of: StreamOf = { crm: 'left', account: 'org', syncs: [SYNC, 'other'] };
  const rowOf = async (sync = SYNC) => (await streams.load('left', [sync]))[0];
  beforeEach(async () => {
    rig = await storeRig();
    streams = changeStreams(rig.database.db);
  });
  afterEach(() => rig.close());

  it('a place is stored with the events before it, byte by byte, for every sync', async () => {
    await streams.join(of, null, of.syncs, 10);
    assert.equal(await streams.take(of, batch(7, event('x', { at: 15 }), event('y')), 20), 4);
    assert.equal(await streams.take(of, batch(8, event('y')), 30), 0);
    const row = await rowOf();
    assert.deepEqual(row?.position, Uint8Array.of(0, 255, 8));
    assert.deepEqual(
      [row?.movedAt, row?.heardAt, row?.eventAt, row?.lagMs, row?.state],
      [30, 30, 30, 5, 'following'],
    );
    assert.deepEqual((await rowOf('other'))?.position, Uint8Array.of(0, 255, 8));
    assert.deepEqual(
      (await rig.store.waitingEvents()).map(({ sync, events }) => [sync, events]),
      [
        ['other', 2],
        [SYNC, 2],
      ].toSorted(),
    );
  });

  it('neither without the other', async () => {
    await streams.join(of, null, [], 10);
    await streams.take(of, batch(1, event('x')), 20);
    // The database takes no such text: the whole batch is refused.
    await assert.rejects(streams.take(of, batch(2, event('good'), event('a\0b')), 30));
    assert.deepEqual((await rowOf())?.position, Uint8Array.of(0, 255, 1));
    // A stream that nobody joined has no place to store.
    await assert.rejects(streams.take({ ...of, syncs: [SYNC, 'unknown'] }, batch(3, event('z')), 40));
    assert.deepEqual(
      (await rig.store.waitingEvents()).map(({ events }) => events),
      [1, 1],
    );
  });

  it('a sign of life moves the place, and one without a place leaves it', async () => {
    await streams.join(of, null, [], 10);
    await streams.take(of, batch(1, event('x')), 20);
    await streams.take(of, batch(5), 30);
    await streams.take(of, batch(null), 40);
    const row = await rowOf();
    assert.deepEqual(
      [row?.position, row?.movedAt, row?.heardAt, row?.eventAt],
      [Uint8Array.of(0, 255, 5), 30, 40, 20],
    );
  });

  it('who joins late lacks what was before; who goes on lacks nothing', async () => {
    await streams.join({ ...of, syncs: [SYNC] }, null, [SYNC], 10);
    await streams.take({ ...of, syncs: [SYNC] }, batch(1, event('x')), 20);
    await streams.closeGap(SYNC, 'left', 20);
    assert.equal((await rowOf())?.gapAt, null);
    await streams.join(of, Uint8Array.of(0, 255, 1), ['other'], 30);
    assert.equal((await rowOf())?.gapAt, null);
    const other = await rowOf('other');
    assert.deepEqual([other?.gapAt, other?.gap, other?.position], [30, 'started', Uint8Array.of(0, 255, 1)]);
  });

  it('the first place after none is a gap up to then: a reading that began before does not close it', async () => {
    await streams.join(of, null, of.syncs, 10);
    assert.equal((await rowOf())?.gapAt, 10);
    await streams.closeGap(SYNC, 'left', 15);
    await streams.take(of, batch(1), 20);
    await streams.closeGap(SYNC, 'left', 15);
    assert.deepEqual([(await rowOf())?.gapAt, (await rowOf())?.gap], [20, 'started']);
    await streams.closeGap(SYNC, 'left', 20);
    assert.equal((await rowOf())?.gapAt, null);
    assert.equal((await rowOf('other'))?.gapAt, 20);
  });

  it('a lost place is forgotten and marked in one step; a gap in a batch is marked with it', async () => {
    await streams.join(of, null, [], 10);
    await streams.take(of, batch(1, event('x')), 20);
    await streams.closeGap(SYNC, 'left', 20);
    await streams.lose(of, 30);
    const lost = await rowOf();
    assert.deepEqual([lost?.position, lost?.gapAt, lost?.gap], [null, 30, 'lost']);
    await streams.take(of, { ...batch(2), gap: 'overflow' }, 40);
    assert.deepEqual([(await rowOf())?.gapAt, (await rowOf())?.gap], [40, 'overflow']);
  });

  it('a lock is held by one process, until it lets go or its connection dies', async () => {
    const [one, two] = [streamLocks(rig.database.pool), streamLocks(rig.database.pool)];
    const held = await one.take('sf');
    assert.ok(held !== null);
    assert.equal(await one.take('sf'), null);
    assert.equal(await two.take('sf'), null);
    const beside = await two.take('elsewhere');
    assert.ok(beside !== null);
    await held.release();
    const again = await two.take('sf');
    assert.ok(again !== null);
    const lost = new Promise((resolve) => again.lost.addEventListener('abort', resolve, { once: true }));
    // Waited for: a session tells its client first, and lets go of its locks a moment later.
    await rig.database.pool.query(
      'select pg_terminate_backend(pid, 5000) from pg_locks where locktype = $1 and classid = $2 and granted and database = (select oid from pg_database where datname = current_database())',
      ['advisory', 779_002],
    );
    await lost;
    assert.equal(beside.lost.aborted, true);
    assert.ok((await one.take('sf')) !== null);
    await one.close();
    await two.close();
  });
});
