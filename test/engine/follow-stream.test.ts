/** Following a stream: what is stored when, what is asked when, and what becomes of every way it can end. */
import assert from 'node:assert/strict';
import {
  type ChangeStream,
  POSITION_LOST,
  type StreamBatch,
  type StreamRow,
  type StreamStore,
} from '../../src/core/change-stream-port.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import { type FollowDeps, followStream } from '../../src/engine/follow-stream.ts';
import { changeStreams } from '../../src/store/change-streams.ts';
import { type StoreRig, SYNC, storeRig } from '../store/store-rig.ts';

type Step = number | 'end' | 'let in' | Error;

describe('following a stream of changes', () => {
  let rig: StoreRig;
  let streams: StreamStore;
  beforeEach(async () => {
    rig = await storeRig();
    streams = changeStreams(rig.database.db);
  });
  afterEach(() => rig.close());

  const lost = new OppsyncError({ recovery: 'retry', code: POSITION_LOST, message: 'gone', remedy: '' });
  const batch = (n: number): StreamBatch => ({
    events: [{ id: String(n), kind: 'changed', key: `k${n}`, account: 'org', at: null }],
    position: Uint8Array.of(n),
    gap: null,
  });
  const row = async (): Promise<StreamRow | undefined> => (await streams.load('left', [SYNC]))[0];

  /** Plays one list of steps for each time the stream is taken up; says from where it was, and how far it was asked. */
  async function play(scripts: readonly (readonly Step[])[], more: Partial<FollowDeps> = {}) {
    const froms: (number | null)[] = [];
    const pauses: number[] = [];
    const warnings: string[] = [];
    const states: string[] = [];
    let asked = 0;
    const stop = new AbortController();
    const stream: ChangeStream = {
      crm: 'left',
      account: async () => 'org',
      close: () => undefined,
      async *follow(from, _signal, letIn) {
        const script = scripts[froms.length];
        froms.push(from?.[0] ?? null);
        if (script === undefined) {
          stop.abort(new Error('played'));
          throw new Error('played');
        }
        for (const step of script) {
          asked += 1;
          if (step === 'end') return;
          if (step === 'let in') {
            letIn?.();
            for (let looks = 0; looks < 2_000 && (await row())?.state !== 'following'; looks++);
            states.push((await row())?.state ?? '');
            continue;
          }
          if (step instanceof Error) throw step;
          yield batch(step);
        }
      },
    };
    const log = {
      ...{ debug() {}, info() {}, error() {} },
      warn: (message: string) => void warnings.push(message),
      child: () => log,
    };
    let now = 1_000;
    const deps: FollowDeps = {
      ...{ streams, inbox: rig.store, log, random: { next: () => 1 } },
      clock: { now: () => (now += 1) },
      sleep: async (ms) => void pauses.push(ms),
      ...more,
    };
    await followStream(deps, stream, [SYNC], stop.signal);
    return { froms, pauses, warnings, states, asked: () => asked };
  }

  it('goes on where the store says, after every kind of end', async () => {
    const { froms } = await play([[1, 2, 'end'], [3, new Error('cut')], [new Error('cut')], [4]]);
    assert.deepEqual(froms, [null, 2, 3, 3, 4]);
    assert.equal((await rig.store.waitingEvents())[0]?.events, 4);
    assert.deepEqual((await row())?.position, Uint8Array.of(4));
  });

  it('a batch that could not be stored is asked for again', async () => {
    let broken = true;
    const failing: StreamStore = {
      ...streams,
      take: async (of, told, at) => {
        if (told.position?.[0] === 2 && broken) {
          broken = false;
          throw new Error('the database is away');
        }
        return streams.take(of, told, at);
      },
    };
    const { froms } = await play(
      [
        [1, 2, 3],
        [2, 3],
      ],
      { streams: failing },
    );
    assert.deepEqual(froms, [null, 1, 3]);
    assert.equal((await rig.store.waitingEvents())[0]?.events, 3);
  });

  it('a lost place is a gap, and what comes from now on is followed', async () => {
    const { froms, warnings } = await play([[1], [lost], [7]]);
    assert.deepEqual(froms, [null, 1, null, 7]);
    const now = await row();
    assert.deepEqual([now?.gap, now?.position], ['lost', Uint8Array.of(7)]);
    assert.equal(warnings.filter((text) => text.includes('place')).length, 1);
  });

  it('pauses longer from failure to failure, begins anew after a batch, and long after a refusal', async () => {
    const cut = new Error('cut');
    const refused = new OppsyncError({ recovery: 'fix', code: 'x', message: 'not selected', remedy: '' });
    const { pauses, warnings } = await play([[cut], [cut], [cut], [1, cut], [refused]]);
    assert.deepEqual(pauses.slice(0, 4), [250, 750, 2_250, 250]);
    assert.ok((pauses[4] ?? 0) >= 60_000);
    // The same trouble is told once.
    assert.deepEqual(warnings.length, 3);
    assert.deepEqual([(await row())?.state, (await row())?.trouble], ['waiting', 'not selected']);
  });

  it('is told to be followed again as soon as it is, though the CRM has nothing to say', async () => {
    const cut = new Error('cut');
    const { states } = await play([
      [1, cut],
      ['let in', cut],
    ]);
    assert.deepEqual(states, ['following']);
    assert.deepEqual([(await row())?.state, (await row())?.trouble], ['waiting', 'cut']);
  });

  it('asks for nothing more while too much is waiting already', async () => {
    let count = 0;
    let held = 0;
    await play([[1, 2, 3]], {
      mostWaiting: 2,
      clock: { now: () => (count += 2_000) },
      sleep: async (ms) => {
        if (ms !== 1_000) return;
        held += 1;
        // A run has taken what waited.
        assert.equal((await row())?.position?.[0], 2);
        await rig.store.takeEvents(SYNC, 'r', 10);
      },
    });
    assert.equal(held, 1);
    assert.deepEqual((await row())?.position, Uint8Array.of(3));
  });
});
