/** Several processes of ours and somebody else on one CRM account, in virtual time: what the CRM itself counted decides. */
import assert from 'node:assert/strict';
import { createGovernor } from '../../src/connectors/governor.ts';
import { localQuotas } from '../../src/connectors/local-quotas.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { QuotaRules } from '../../src/core/quota.ts';
import type { Priority } from '../../src/core/quota-window.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { type CrowdedAccount, crowdedAccount, LIMIT, PER_MS, RULES } from './crowded-account.ts';

/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Lets seconds pass with the other application making so many calls per window, evenly. */
async function beside(account: CrowdedAccount, calls: number, seconds: number): Promise<void> {
  const each = calls / 200;
  for (let step = 1; step <= seconds * 20; step++) {
    await account.time.pass(50);
    if (Math.floor(step * each) > Math.floor((step - 1) * each)) account.foreign();
  }
}

const besideHalf = (account: CrowdedAccount, seconds: number): Promise<void> => beside(account, 95, seconds);

describe('governor: a window that processes share', function () {
  this.timeout(30_000);

  for (const processes of [1, 2, 4, 8])
    it(`${processes} processes use at least 95 % of the limit and are never refused`, async () => {
      const account = crowdedAccount(numbers(processes));
      for (let one = 0; one < processes; one++) account.join(`p${one}`, 4);
      await account.time.pass(40_000);
      for (const end of [10, 20, 30, 40]) {
        const ours = account.ours(account.time.clock.now() - (50 - end) * 1000);
        assert.equal(ours.refused, 0);
      }
      const { done } = account.ours(account.time.clock.now() - PER_MS);
      assert.ok(done >= LIMIT * 0.95, `${done} calls in the last window`);
      account.stop();
    });

  for (const processes of [2, 8])
    it(`${processes} processes leave another application its half and use at least 95 % of the rest`, async () => {
      const account = crowdedAccount(numbers(3));
      await besideHalf(account, 10);
      const began = account.time.clock.now();
      for (let one = 0; one < processes; one++) account.join(`p${one}`, 3);
      await besideHalf(account, 60);
      assert.equal(account.calls.filter(({ refused }) => refused).length, 0);
      const { done } = account.ours(began);
      assert.ok(done >= 6 * 95 * 0.95, `${done} calls in six windows that left us 95 each`);
      const each = new Map<string, number>();
      for (const { by } of account.calls) if (by !== 'foreign') each.set(by, (each.get(by) ?? 0) + 1);
      const fair = done / processes;
      for (const [by, calls] of each)
        assert.ok(Math.abs(calls - fair) <= fair * 0.35, `${by} made ${calls} calls, ${fair} were fair`);
      account.stop();
    });

  it('uses at least 95 % of what others leave of a window that is nearly full', async () => {
    const account = crowdedAccount(numbers(19));
    await beside(account, 171, 12);
    for (let one = 0; one < 3; one++) account.join(`p${one}`, 4);
    await beside(account, 171, 20);
    const nearly = account.time.clock.now();
    await beside(account, 171, 50);
    assert.equal(account.calls.filter(({ at, refused }) => refused && at > nearly).length, 0);
    assert.ok(account.ours(nearly).done >= 5 * 19 * 0.95, `${account.ours(nearly).done} of ${5 * 19}`);
    account.stop();
  });

  it('beside others that take all of a window it looks once per window whether they still do', async () => {
    const account = crowdedAccount(numbers(19));
    await beside(account, LIMIT, 12);
    for (let one = 0; one < 3; one++) account.join(`p${one}`, 4);
    await beside(account, LIMIT, 20);
    const full = account.time.clock.now();
    await beside(account, LIMIT, 60);
    const { done, refused } = account.ours(full);
    assert.ok(done + refused <= 7 && refused >= 4, `${done} done, ${refused} refused in six windows`);
    account.stop();
  });

  it('learns how much the calls of another application bunch, and leaves room for that', async () => {
    const random = numbers(15);
    const account = crowdedAccount(random);
    const byChance = async (seconds: number): Promise<void> => {
      for (let step = 0; step < seconds * 20; step++) {
        await account.time.pass(50);
        if (random() < 0.475) account.foreign();
      }
    };
    await byChance(10);
    for (let one = 0; one < 2; one++) account.join(`p${one}`, 4);
    await byChance(30);
    const learned = account.time.clock.now();
    await byChance(100);
    const refused = account.calls.filter((call) => call.refused && call.at > learned);
    const ours = refused.filter(({ by }) => by !== 'foreign').length;
    assert.ok(ours <= 2, `${ours} of ${account.ours(learned).done} were refused`);
    assert.ok(refused.length - ours <= 15, `${refused.length - ours} calls of the other were refused`);
    const foreign = account.calls.filter((call) => call.at > learned && call.by === 'foreign').length;
    const left = 10 * LIMIT - foreign;
    assert.ok(account.ours(learned).done >= left * 0.75, `${account.ours(learned).done} of ${left}`);
    account.stop();
  });

  it('makes room when another application appears, and takes it back when that has gone', async () => {
    const account = crowdedAccount(numbers(5));
    for (let one = 0; one < 4; one++) account.join(`p${one}`, 3);
    await account.time.pass(20_000);
    await besideHalf(account, 60);
    const window = account.time.clock.now() - PER_MS;
    const foreign = account.calls.filter(
      ({ at, by, refused }) => at > window && by === 'foreign' && !refused,
    );
    assert.ok(foreign.length >= 85, `the other application got ${foreign.length} calls through`);
    await account.time.pass(40_000);
    assert.ok(account.ours(account.time.clock.now() - PER_MS).done >= LIMIT * 0.95);
    account.stop();
  });

  for (const [whose, minutes] of [
    ['of the store', -60],
    ['of a process', 60],
    ['of all', -60],
  ] as const)
    it(`goes on when the clock ${whose} is set by ${minutes} minutes, and is hardly refused`, async () => {
      const account = crowdedAccount(numbers(17));
      const put = (which: string): Clock => ({
        now: () => account.time.clock.now() + (whose === which || whose === 'of all' ? set : 0),
      });
      let set = 0;
      const store = localQuotas(put('of the store'));
      account.join('p0', 4, { clock: put('of a process'), store });
      account.join('p1', 4, { store, clock: put('of another') });
      await account.time.pass(20_000);
      set = minutes * 60_000;
      await account.time.pass(30_000);
      const { done } = account.ours(account.time.clock.now() - 2 * PER_MS);
      assert.ok(done >= 2 * LIMIT * 0.95, `${done} calls in two windows`);
      for (const one of ['p0', 'p1']) {
        const own = account.calls.filter(
          ({ by, at }) => by === one && at > account.time.clock.now() - PER_MS,
        );
        assert.ok(own.length >= LIMIT / 4, `${own.length} calls of ${one} in a window`);
      }
      assert.ok(account.ours(0).refused <= 5, `${account.ours(0).refused} were refused`);
      account.stop();
    });

  it('is not refused after the shared state was lost', async () => {
    const account = crowdedAccount(numbers(7));
    for (let one = 0; one < 4; one++) account.join(`p${one}`, 3);
    await account.time.pass(15_000);
    const { version } = await account.store.read('crm');
    await account.store.write('crm', version, {
      rates: {},
      day: (await account.store.read('crm')).state?.day ?? assert.fail(),
      pool: { lowered: null, held: {} },
    });
    await account.time.pass(30_000);
    const { refused } = account.ours(0);
    assert.ok(refused <= 5, `${refused} calls were refused`);
    account.stop();
  });

  it('serves an event at once while a backfill has more work than the limit allows', async () => {
    const account = crowdedAccount(numbers(9));
    account.join('backfill', 8).prioritise('backfill');
    await account.time.pass(20_000);
    const { clock, sleep } = account.time;
    const quota = { account: 'crm', by: 'events', store: account.store };
    const events = createGovernor(
      { crm: 'crm', rules: RULES },
      { clock, sleep, random: { next: () => 0.5 }, quota },
    );
    events.prioritise('webhook');
    const waits: number[] = [];
    for (let one = 0; one < 5; one++) {
      const asked = clock.now();
      void events.run('burst', async () => waits.push(clock.now() - asked), new AbortController().signal);
      await account.time.pass(2000);
    }
    assert.equal(waits.length, 5);
    assert.ok(Math.max(...waits) <= 1200, `events waited ${waits.join(', ')} ms`);
    account.stop();
  });

  it('nobody waits for what another process took ahead and never used', async () => {
    const account = crowdedAccount(numbers(13));
    const { clock, pass } = account.time;
    const [quiet, next] = [account.join('quiet', 0), account.join('next', 0)];
    for (let one = 0; one < 3; one++) await Promise.all([account.once(quiet, 'quiet'), pass(500)]);
    await pass(4000);
    const asked = clock.now();
    await Promise.all([account.once(next, 'next'), pass(12_000)]);
    const call = account.calls.find(({ by }) => by === 'next') ?? assert.fail('it was never made');
    assert.ok(call.at - asked <= 200, `it waited ${call.at - asked} ms`);
    account.stop();
  });

  it('nor does anybody wait for a moment of before the clock was put back', async () => {
    const account = crowdedAccount(numbers(21));
    let set = 0;
    const clock = { now: () => account.time.clock.now() + set };
    const one = account.join('one', 0, { clock, store: localQuotas(clock) });
    for (let call = 0; call < 2; call++)
      await Promise.all([account.once(one, 'one'), account.time.pass(500)]);
    set = -3_600_000;
    await Promise.all([account.once(one, 'one'), account.time.pass(5000)]);
    assert.equal(account.ours(0).done, 3);
    account.stop();
  });

  it('gives up waiting when it is told to', async () => {
    const account = crowdedAccount(numbers(11));
    const governor = account.join('p', 8);
    await account.time.pass(15_000);
    const stop = new AbortController();
    const waiting = governor.run('burst', async () => assert.fail('it ran'), stop.signal);
    stop.abort(new Error('enough'));
    await Promise.all([assert.rejects(waiting, /enough/), account.time.pass(5000)]);
    account.stop();
  });
});

describe('governor: a day', () => {
  const rules: QuotaRules = { rates: [], day: { reserve: 0.2, rolling: true }, inFlight: 20 };

  function day(limit: number, others: number) {
    const { clock, sleep, pass } = virtualTime();
    const store = localQuotas(clock);
    let calls = 0;
    const join = (by: string) =>
      createGovernor(
        { crm: 'crm', rules },
        { clock, sleep, random: { next: () => 0.5 }, quota: { account: 'crm', by, store } },
      );
    const call = async (governor: ReturnType<typeof join>): Promise<void> => {
      await governor.run(
        null,
        async () => {
          calls++;
          governor.tellDay({ limit, used: others + calls, resetsAt: null });
        },
        new AbortController().signal,
      );
    };
    return { clock, pass, join, call, calls: () => calls };
  }

  it('stops at the reserve with one sentence that says when it goes on, and probes once an hour', async () => {
    const { join, call, calls, pass, clock } = day(1000, 700);
    const two = [join('a'), join('b')];
    let last: unknown;
    for (let one = 0; one < 300 && last === undefined; one++)
      await call(two[one % 2] ?? assert.fail()).catch((error: unknown) => (last = error));
    assert.ok(last instanceof OppsyncError);
    assert.equal(last.details.code, 'quota.daily');
    assert.match(last.message, /used up \(8\d\d of 1000, 20 % are left to others\).*can go on at 20/);
    assert.ok((last.details.resumesAt ?? 0) > clock.now());
    // Permits taken ahead by one process are not lost: both together stay below the reserve.
    assert.ok(calls() >= 60 && calls() <= 101, `${calls()} calls`);
    const before = calls();
    for (let one = 0; one < 50; one++) await call(two[0] ?? assert.fail()).catch(() => undefined);
    assert.ok(calls() - before <= 20, 'permits in hand at most');
    const still = calls();
    await pass(2 * 3_600_000);
    for (let one = 0; one < 50; one++) await call(two[1] ?? assert.fail()).catch(() => undefined);
    assert.ok(calls() - still <= 1, `${calls() - still} probes`);
  });

  it('a backfill stops a tenth of the day before the nightly run does', async () => {
    const { join, call, calls } = day(1000, 0);
    const until = async (priority: Priority): Promise<number> => {
      const governor = join(priority);
      governor.prioritise(priority);
      for (;;) {
        const ended = await call(governor).catch((error: unknown) => error);
        if (ended !== undefined) return calls();
      }
    };
    const backfill = await until('backfill');
    assert.ok(backfill > 650 && backfill <= 701, `${backfill} calls of a backfill`);
    const nightly = await until('nightly');
    assert.ok(nightly > 750 && nightly <= 801, `${nightly} calls with the nightly run`);
  });

  it('tells what is left', async () => {
    const { join, call } = day(1000, 100);
    const governor = join('a');
    assert.equal(await governor.room(), null);
    await call(governor);
    const room = await governor.room();
    assert.equal(room?.limit, 1000);
    assert.ok((room?.left ?? 0) > 600 && (room?.left ?? 0) <= 699);
  });

  it('keeps calls in flight of all processes below what the CRM bears', async () => {
    const { clock, sleep, pass } = virtualTime();
    const store = localQuotas(clock);
    let under = 0;
    let most = 0;
    const begun = new Set<string>();
    for (const by of ['a', 'b', 'c', 'd']) {
      const quota = { account: 'crm', by, store };
      const governor = createGovernor(
        { crm: 'crm', rules },
        { clock, sleep, random: { next: () => 0.5 }, quota },
      );
      for (let one = 0; one < 15; one++)
        void governor.run(
          null,
          async () => {
            begun.add(by);
            under++;
            most = Math.max(most, under);
            await sleep(30_000);
            under--;
          },
          new AbortController().signal,
        );
    }
    await pass(2000);
    assert.equal(begun.size, 4, 'the last one did not have to wait for the others');
    await pass(600_000);
    assert.equal(under, 0);
    assert.ok(most <= 20 && most >= 15, `${most} at once`);
  });

  it('when what processes share is away for long, whoever waits is told, and what begins is too', async () => {
    const { clock, sleep, pass } = virtualTime();
    const gone = async (): Promise<never> => {
      throw new Error('Command timed out');
    };
    const quota = { account: 'crm', by: 'a', store: { read: gone, write: gone } };
    const governor = createGovernor(
      { crm: 'crm', rules },
      { clock, sleep, random: { next: () => 0.5 }, quota },
    );
    const { signal } = new AbortController();
    const told: unknown[] = [];
    const noted = (error: unknown) =>
      void told.push(error instanceof OppsyncError ? [error.recovery, error.details.code] : error);
    for (let one = 0; one < 3; one++) void governor.run(null, async () => undefined, signal).catch(noted);
    await pass(15_000);
    assert.deepEqual(told, [], 'a restart is waited for');
    await pass(15_000);
    void governor.room().catch(noted);
    await pass(1);
    // Others may go on with the work: half a minute is all that they wait for.
    assert.deepEqual(told, Array(4).fill(['retry', 'quota.unreachable']));
  });

  it('a process that has been busy and has nothing more to do leaves its calls in flight to others', async () => {
    const { clock, sleep, pass } = virtualTime();
    const store = localQuotas(clock);
    const join = (by: string) =>
      createGovernor(
        { crm: 'crm', rules },
        { clock, sleep, random: { next: () => 0.5 }, quota: { account: 'crm', by, store } },
      );
    const { signal } = new AbortController();
    const [busy, next] = [join('busy'), join('next')];
    for (let one = 0; one < 40; one++) void busy.run(null, () => sleep(1000), signal);
    await pass(10_000);
    const asked = clock.now();
    let waited = Number.POSITIVE_INFINITY;
    void next.run(null, async () => (waited = clock.now() - asked), signal);
    await pass(200_000);
    assert.ok(waited <= 1000, `it waited ${waited} ms`);
  });
});
