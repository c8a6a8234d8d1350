import assert from 'node:assert/strict';
import type { NewEvent } from '../../src/core/inbox-port.ts';
import { type StoreRig, SYNC, storeRig } from './store-rig.ts';

const event = (key: string, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ sync: SYNC, crm: 'left', id: '1', kind: 'changed', key, account: 'a', at: null },
  ...more,
});

describe('the inbox', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
  });
  afterEach(() => rig.close());

  it('stores an event once, whoever brings it and however often', async () => {
    const { store } = rig;
    assert.equal(await store.storeEvents([event('x'), event('y')], 10), 2);
    assert.equal(await store.storeEvents([event('y'), event('z'), event('x')], 20), 1);
    assert.equal(
      await store.storeEvents([event('x', { crm: 'right' }), event('x', { sync: 'other' })], 30),
      2,
    );
    const floods = Array.from({ length: 20 }, (_, n) => {
      const keys = Array.from({ length: 50 }, (__, k) => event(`flood ${(k * 7 + n) % 50}`));
      return store.storeEvents(keys, 40);
    });
    const counts = await Promise.all(floods);
    assert.equal(
      counts.reduce((sum, n) => sum + n, 0),
      50,
    );
    assert.deepEqual(await store.waitingEvents(), [
      { sync: SYNC, events: 54, since: 10 },
      { sync: 'other', events: 1, since: 30 },
    ]);
  });

  it('gives each event to one run, the longest waiting first, and each record of it once', async () => {
    const { store } = rig;
    await rig.begin('r1');
    await store.storeEvents([event('a', { id: '2' }), event('b', { id: '1' }), event('c', { id: '1' })], 10);
    await store.storeEvents([event('d', { id: '3' }), event('e', { id: '4', account: 'b' })], 20);
    assert.equal(await store.takeEvents(SYNC, 'r1', 4), 4);
    assert.deepEqual(await store.eventRecords('r1', 'left', 'a', '', 10), ['1', '2', '3']);
    assert.deepEqual(await store.eventRecords('r1', 'left', 'a', '1', 1), ['2']);
    assert.deepEqual(await store.eventRecords('r1', 'right', 'a', '', 10), []);
    assert.equal(await store.takeEvents(SYNC, 'r2', 9), 1);
    assert.deepEqual(await store.eventRecords('r2', 'left', 'a', '', 10), []);
    assert.deepEqual(await store.waitingEvents(), []);
  });

  it('gives back what a run did not come to, and nothing that is done', async () => {
    const { store } = rig;
    await store.storeEvents([event('a'), event('b')], 10);
    await store.takeEvents(SYNC, 'r1', 1);
    await store.settleEvents('r1', 20);
    await store.takeEvents(SYNC, 'r2', 9);
    await store.releaseEvents('r1');
    await store.releaseEvents('r2');
    assert.deepEqual(await store.waitingEvents(), [{ sync: SYNC, events: 1, since: 10 }]);
  });

  it('forgets events after their time, and knows repeated ones until then', async () => {
    const { store } = rig;
    await store.storeEvents([event('a')], 10);
    await store.takeEvents(SYNC, 'r1', 1);
    await store.settleEvents('r1', 20);
    assert.equal(await store.storeEvents([event('a')], 30), 0);
    assert.equal(await store.pruneEvents(10), 0);
    assert.equal(await store.pruneEvents(11), 1);
    assert.equal(await store.storeEvents([event('a')], 40), 1);
  });

  it('knows the accounts of the last run that asked for them', async () => {
    const { store } = rig;
    assert.deepEqual(await store.knownAccounts([SYNC], 0), []);
    const facts = (accountId: string) => ({ left: { accountId } }) as never;
    await rig.begin('r1', { facts: facts('old'), startedAt: 1 });
    await rig.end('r1');
    await rig.begin('r2', { facts: facts('new'), startedAt: 2 });
    await rig.end('r2');
    await rig.begin('r3', { facts: {}, startedAt: 3 });
    const known = (since: number) => store.knownAccounts([SYNC, 'another'], since);
    assert.deepEqual(await known(0), [{ sync: SYNC, crm: 'left', account: 'new' }]);
    assert.deepEqual(await known(2), [{ sync: SYNC, crm: 'left', account: 'new' }]);
    assert.deepEqual(await known(3), []);
  });
});
