import assert from 'node:assert/strict';
import type { PushResult } from '../../src/core/store-rows.ts';
import { batch, decided, planned, type StoreRig, SYNC, snapshot, storeRig } from './store-rig.ts';

const PAIRS = ['one', 'two', 'three'];

describe('acknowledged writes in the store', () => {
  let rig: StoreRig;
  beforeEach(async () => {
    rig = await storeRig();
    await rig.store.savePage(
      SYNC,
      'r1',
      PAIRS.flatMap((key) => [
        snapshot(`left:${key}`, 10, { amount: '1' }),
        snapshot(`right:${key}`, 10, {}),
      ]),
      20,
    );
    await rig.store.savePairs(
      SYNC,
      'r1',
      PAIRS.map((key) => ({
        ...{ key, how: 'adopted' as const },
        members: [
          { crm: 'left', id: key },
          { crm: 'right', id: key },
        ] as const,
      })),
      'oppsync',
      20,
    );
  });
  afterEach(() => rig.close());

  const amountsOf = async (key: string): Promise<unknown> =>
    (await rig.store.loadGroups(SYNC, [`pair:${key}`]))[0]?.pair?.base['amount'];

  /** A run in which `amount` becomes 7 on the left of every pair, and `7.00` on the right of the first two. */
  const plan = async (): Promise<Map<string, PushResult>> => {
    const names = [...PAIRS.map((key) => `left:${key}`), 'right:one', 'right:two'];
    const valueIn = (name: string): string => (name.startsWith('left') ? '7' : '7.00');
    const agreed = (name: string) => ({ amount: { [name.slice(0, name.indexOf(':'))]: valueIn(name) } });
    const made = await rig.store.saveReconciled(
      batch('r2', {
        records: names.map((name) => decided(name, 'changed')),
        writes: names.map((name) =>
          planned(
            name,
            { amount: valueIn(name) },
            { pair: name.slice(name.indexOf(':') + 1), agreed: agreed(name) },
          ),
        ),
        agreed: Object.fromEntries(PAIRS.map((key) => [key, { amount: { left: '1', right: '1' } }])),
      }),
    );
    return new Map(
      made.map(({ change }, at) => {
        const name = names[at] ?? '';
        const after = snapshot(name, 10, { amount: valueIn(name) });
        return [name, { change, is: 'applied', version: 'v30', changedAt: 30, after }];
      }),
    );
  };

  for (const order of [
    ['left', 'right'],
    ['right', 'left'],
  ])
    it(`a pair written on both sides has both values as its base, ${order.join(' before ')}`, async () => {
      const results = await plan();
      for (const side of order)
        await rig.store.savePushed(
          SYNC,
          'r2',
          [...results].flatMap(([name, result]) => (name.startsWith(side) ? [result] : [])),
          60,
        );
      for (const key of ['one', 'two'])
        assert.deepEqual(await amountsOf(key), { left: '7', right: '7.00' }, key);
      assert.deepEqual(await amountsOf('three'), { left: '7' });
    });
});
