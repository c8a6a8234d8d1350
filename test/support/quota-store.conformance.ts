/** What every place where processes share quotas must do. */
import assert from 'node:assert/strict';
import { createGovernor } from '../../src/connectors/governor.ts';
import { NEW_QUOTA, type QuotaState } from '../../src/core/quota.ts';
import type { QuotaReader, QuotaStore } from '../../src/core/quota-port.ts';

const RULES = {
  rates: [{ window: 'burst', limit: 20, perMs: 1000, wayMs: 200, told: false, memoryMs: 1000 }],
  day: { reserve: 0, rolling: false },
  inFlight: null,
};

type Store = QuotaStore & QuotaReader;

export function quotaStoreConformance(open: () => Promise<{ stores: readonly [Store, Store] }>): void {
  let one: Store;
  let other: Store;
  before(async () => {
    [one, other] = (await open()).stores;
  });

  it('knows nothing of an account nobody called', async () => {
    const found = await one.read('never');
    assert.deepEqual([found.state, found.version], [null, 0]);
  });

  it('tells both processes one time', async () => {
    const [first, second] = [await one.read('never'), await other.read('never')];
    assert.ok(Math.abs(second.now - first.now) < 1000);
    assert.ok(Math.abs(first.now - Date.now()) < 60_000);
  });

  it('gives back what was stored, and only the first of two writers on the same version succeeds', async () => {
    const state: QuotaState = { ...NEW_QUOTA, day: { ...NEW_QUOTA.day, limit: 7, hours: [[3, 4]] } };
    const { version } = await one.read('acme');
    assert.deepEqual(
      [await one.write('acme', version, state), await other.write('acme', version, NEW_QUOTA)],
      [true, false],
    );
    const found = await other.read('acme');
    assert.deepEqual(found.state, state);
    assert.equal(await other.write('acme', found.version, NEW_QUOTA), true);
    assert.equal(await one.write('acme', found.version, state), false);
    assert.deepEqual((await one.read('acme')).state, NEW_QUOTA);
    const all = await other.readAll(['acme', 'never']);
    assert.deepEqual([...all.states], [['acme', NEW_QUOTA]]);
    assert.ok(Math.abs(all.now - Date.now()) < 60_000);
  });

  it('four processes that share it stay within the limit in every window', async function () {
    this.timeout(15_000);
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const sent: number[] = [];
    const calls = [0, 1, 2, 3].map(async (process) => {
      const quota = { account: 'shared', by: `p${process}`, store: process % 2 === 0 ? one : other };
      const clock = { now: () => Date.now() };
      const governor = createGovernor(
        { crm: 'crm', rules: RULES },
        { clock, sleep, random: { next: Math.random }, quota },
      );
      const call = (): Promise<number> =>
        governor.run('burst', async () => sent.push(performance.now()), new AbortController().signal);
      await Promise.all(Array.from({ length: 15 }, call));
    });
    await Promise.all(calls);
    assert.equal(sent.length, 60);
    sent.sort((a, b) => a - b);
    for (const end of sent) {
      const inside = sent.filter((at) => at > end - 995 && at <= end).length;
      assert.ok(inside <= 20, `${inside} requests within a second`);
    }
    assert.ok((sent.at(-1) ?? 0) - (sent[0] ?? 0) < 5000);
  });
}
