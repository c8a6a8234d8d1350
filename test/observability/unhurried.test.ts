import assert from 'node:assert/strict';
import { unhurried } from '../../src/observability/unhurried.ts';

describe('an answer that costs much', () => {
  it('is found once for all who ask together, and not again before twenty times what it took', async () => {
    let now = 0;
    let found = 0;
    const ask = unhurried(
      async () => {
        now += 1_000;
        return ++found;
      },
      () => now,
    );
    assert.deepEqual(await Promise.all([ask(), ask()]), [1, 1]);
    now = 20_999;
    assert.equal(await ask(), 1);
    now = 21_000;
    assert.equal(await ask(), 2);
  });

  it('is looked for again after a failure', async () => {
    let fails = true;
    const ask = unhurried(
      async () => {
        if (fails) throw new Error('away');
        return 1;
      },
      () => 0,
    );
    await assert.rejects(ask(), /away/);
    fails = false;
    assert.equal(await ask(), 1);
  });
});
