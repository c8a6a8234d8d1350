import assert from 'node:assert/strict';
import { OppsyncError } from '../src/core/errors.ts';
import type { Log } from '../src/core/ports.ts';
import { lastDue, nextDue } from '../src/cron.ts';
import { runScheduler } from '../src/scheduler.ts';
import { type Schedules, schedules } from '../src/store/schedules.ts';
import { quiet, type TestDatabase, testDatabase } from './support/database.ts';

const NIGHT = { cron: '0 2 * * *', timeZone: 'Europe/Paris', jitterMinutes: 0, alertAfterHours: 26 };
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('cron', () => {
  it('follows the zone through both changes of the clock', () => {
    assert.equal(lastDue('main', NIGHT, utc('2026-03-28T12:00')), utc('2026-03-28T01:00'));
    // On the 29th two o'clock does not exist in Paris; on the 25th of October it comes twice.
    assert.equal(lastDue('main', NIGHT, utc('2026-03-29T12:00')), utc('2026-03-29T01:00'));
    assert.equal(lastDue('main', NIGHT, utc('2026-03-30T12:00')), utc('2026-03-30T00:00'));
    assert.equal(lastDue('main', NIGHT, utc('2026-10-26T12:00')), utc('2026-10-26T01:00'));
  });

  it('has every day of the year, where half an hour or midnight is left out too', () => {
    for (const [cron, timeZone, most] of [
      ['15 2 * * *', 'Australia/Lord_Howe', 24.5],
      ['0 0 * * *', 'Africa/Cairo', 25],
      ['30 2 * * *', 'Europe/Paris', 25],
      ['30 1 * * *', 'America/New_York', 25],
    ] as const) {
      const cadence = { cron, timeZone, jitterMinutes: 0 };
      let days = 0;
      for (let at = utc('2026-01-01T12:00'); at < utc('2027-01-01T12:00'); days++) {
        const next = nextDue('main', cadence, at);
        assert.equal(lastDue('main', cadence, next), next);
        assert.ok(
          days === 0 || next - at <= most * 3_600_000,
          `${timeZone} after ${new Date(at).toISOString()}`,
        );
        at = next;
      }
      assert.equal(days, 366, timeZone);
    }
    // What comes every hour goes on doing so while an hour comes twice.
    const hourly = { ...NIGHT, cron: '0 * * * *' };
    assert.equal(nextDue('main', hourly, utc('2026-10-25T00:00')), utc('2026-10-25T01:00'));
    // In the hour that is left out the night is still to come.
    const half = { ...NIGHT, cron: '30 2 * * *' };
    assert.equal(nextDue('main', half, utc('2026-03-29T01:10')), utc('2026-03-29T01:30'));
  });

  it('knows the 29th of February years ahead and behind', () => {
    const leap = { ...NIGHT, cron: '0 2 29 2 *', timeZone: 'UTC' };
    assert.equal(lastDue('main', leap, utc('2026-11-26T12:00')), utc('2024-02-29T02:00'));
    assert.equal(nextDue('main', leap, utc('2097-01-01T00:00')), utc('2104-02-29T02:00'));
  });

  it('is due at the moment itself, and next after it', () => {
    const moment = utc('2026-11-26T01:00');
    assert.equal(lastDue('main', NIGHT, moment), moment);
    assert.equal(lastDue('main', NIGHT, moment - 1), moment - 86_400_000);
    assert.equal(nextDue('main', NIGHT, moment), moment + 86_400_000);
    assert.equal(nextDue('main', NIGHT, moment - 1), moment);
  });

  it('puts off by the jitter, and then agrees about what was last and what is next', () => {
    const wide = { ...NIGHT, jitterMinutes: 60 };
    for (let hour = 0; hour < 48; hour++) {
      const now = utc('2026-11-25T00:30') + hour * 3_600_000;
      const next = nextDue('main', wide, now);
      assert.equal(lastDue('main', wide, next), next);
      assert.ok((lastDue('main', wide, next - 1) ?? 0) <= now);
    }
  });
});

describe('scheduler', () => {
  let database: TestDatabase;
  let table: Schedules;
  before(async () => {
    database = await testDatabase();
    table = schedules((await database.openDatabase()).db);
  });
  after(() => database.drop());

  /** Schedulers over one table and one clock that jumps to each of the given moments in turn, then stops them. */
  async function over(
    sync: string,
    moments: readonly number[],
    options: {
      processes?: number;
      at?: (moment: number) => Promise<void>;
      start?: (by: string) => Promise<string>;
      /** Throws where a run cannot even be started. */
      beforeStart?: (by: string) => void;
      log?: Log;
    } = {},
  ): Promise<readonly string[]> {
    const started: string[] = [];
    const stop = new AbortController();
    let now = moments[0] ?? 0;
    let step = 0;
    const clock = { now: () => now };
    const processes = options.processes ?? 1;
    let waiting: (() => void)[] = [];
    const atWork = new Set<Promise<unknown>>();
    const alone: Schedules['alone'] = (name, work) => {
      const done = table.alone(name, work);
      atWork.add(done);
      void done.catch(() => null).finally(() => atWork.delete(done));
      return done;
    };
    const sleep = async (): Promise<void> => {
      // The clock stands still while somebody is at work.
      while (atWork.size > 0) await Promise.allSettled(atWork);
      const turn = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === processes) {
        step += 1;
        const next = moments[step];
        if (next === undefined) stop.abort();
        else {
          now = next;
          await options.at?.(next);
        }
        const all = waiting;
        waiting = [];
        for (const resolve of all) resolve();
      }
      await turn;
    };
    const running = new Set<string>();
    const start = async (_sync: string, by: string): Promise<string> => {
      options.beforeStart?.(by);
      if (running.has(sync))
        throw new OppsyncError({ recovery: 'refuse', code: 'run.going_on', message: '', remedy: '' });
      running.add(sync);
      started.push(`${by} ${new Date(now).toISOString().slice(5, 16)}`);
      const run = (await options.start?.(by)) ?? 'r1';
      return run;
    };
    const deps = {
      ...{ schedules: { ...table, alone }, clock, sleep, log: options.log ?? quiet, start },
      syncs: new Map([[sync, NIGHT]]),
      ended: async () => {
        running.delete(sync);
        return 'done';
      },
    };
    await Promise.all(Array.from({ length: processes }, () => runScheduler(deps, stop.signal)));
    return started;
  }

  it('starts nothing for a night before it was there, then each night once', async () => {
    const started = await over('once', [
      utc('2026-11-26T12:00'),
      utc('2026-11-27T00:59'),
      utc('2026-11-27T01:00'),
      utc('2026-11-27T01:01'),
      utc('2026-11-28T01:02'),
    ]);
    assert.deepEqual(started, ['schedule 11-27T01:00', 'schedule 11-28T01:02']);
  });

  it('catches up once after a long sleep, and not again after a restart', async () => {
    const asleep = [utc('2026-11-26T12:00'), utc('2026-12-03T08:00'), utc('2026-12-03T08:01')];
    assert.deepEqual(await over('asleep', asleep), ['schedule 12-03T08:00']);
    assert.deepEqual(await over('asleep', [utc('2026-12-03T09:00'), utc('2026-12-03T09:01')]), []);
  });

  it('starts one run however many processes look', async () => {
    const moments = [
      utc('2026-11-26T12:00'),
      ...Array.from({ length: 10 }, (_, n) => utc('2026-11-27T01:00') + n * 5_000),
    ];
    assert.deepEqual(await over('many', moments, { processes: 4 }), ['schedule 11-27T01:00']);
  });

  it('skips while paused, does not catch up on resuming, and runs when asked', async () => {
    await over('paused', [utc('2026-11-26T12:00')]);
    assert.equal(await table.pause('paused', 'ana', utc('2026-11-26T13:00')), true);
    assert.equal(await table.pause('paused', 'ben', utc('2026-11-26T14:00')), false);
    const started = await over(
      'paused',
      [
        utc('2026-11-27T02:00'),
        utc('2026-11-27T10:00'),
        utc('2026-11-28T10:00'),
        utc('2026-11-28T10:01'),
        utc('2026-11-29T01:30'),
      ],
      {
        at: async (moment) => {
          if (moment === utc('2026-11-27T10:00')) await table.ask('paused', 'cleo', moment);
          if (moment === utc('2026-11-28T10:00')) await table.resume('paused', moment);
        },
      },
    );
    assert.deepEqual(started, ['cleo 11-27T10:00', 'schedule 11-29T01:30']);
  });

  it('waits for another run to end, and tries again when a CRM is away', async () => {
    let tries = 0;
    const moments = [
      utc('2026-11-26T12:00'),
      ...[0, 5, 10, 15].map((s) => utc('2026-11-27T01:00') + s * 1000),
    ];
    const away = new OppsyncError({ recovery: 'retry', code: 'x', message: 'away', remedy: '' });
    await over('away', moments, {
      start: async () => {
        tries += 1;
        throw tries < 2
          ? away
          : new OppsyncError({ recovery: 'fix', code: 'y', message: 'wrong', remedy: '' });
      },
    });
    // The first answer asks to wait, and the run it had begun is refused as going on from then on.
    assert.equal(tries, 1);
    const state = (await table.load(['away'], 0)).get('away');
    assert.ok((state?.firedFor ?? Infinity) < utc('2026-11-27T01:00'));
    assert.equal(state?.trouble?.message, 'away');
  });

  it('tries a wish that cannot be met yet no more often than a night, and a new one at once', async () => {
    const asked = utc('2026-11-26T13:00');
    await table.load(['wish'], asked);
    await table.ask('wish', 'ana', asked);
    const tries: string[] = [];
    const resumesAt = asked + 10 * 3_600_000;
    await over('wish', [...Array.from({ length: 60 }, (_, n) => asked + n * 5_000), resumesAt + 1000], {
      at: async (moment) => {
        if (moment === asked + 150_000) await table.ask('wish', 'ben', moment);
      },
      beforeStart: (by) => {
        tries.push(by);
        const details = {
          recovery: 'refuse',
          code: 'quota.cannot_fit',
          message: 'too much',
          remedy: '',
        } as const;
        if (tries.length < 3) throw new OppsyncError({ ...details, resumesAt });
      },
    });
    assert.deepEqual(tries, ['ana', 'ben', 'ben']);
    assert.equal((await table.load(['wish'], 0)).get('wish')?.asked, null);
    // A failure under a clock that was years ahead holds nothing up once that is right.
    await table.load(['ahead'], asked);
    const nights: string[] = [];
    await over('ahead', [utc('2030-01-01T01:00'), utc('2026-11-27T01:01'), utc('2026-11-27T01:02')], {
      beforeStart: (by) => {
        nights.push(by);
        const away = { recovery: 'retry', code: 'x', message: 'away', remedy: '' } as const;
        if (nights.length === 1) throw new OppsyncError(away);
      },
    });
    assert.equal(nights.length, 2);
  });

  it('makes no second run of a night whose scheduler died after starting it', async () => {
    await over('died', [utc('2026-11-26T12:00')]);
    const { pool } = await database.openDatabase();
    await pool.query(`insert into syncs values ('died', 'x', 0)`);
    await pool.query(
      `insert into runs (run, sync, mode, phase, state, by_whom, owner, full_read, settings_digest, facts, problems, calls, started_at)
       values ('died1', 'died', 'sync', 'finish', 'done', 'schedule', 1, true, 'x', '{}', '[]', '{}', $1)`,
      [utc('2026-11-27T01:00')],
    );
    const moments = [utc('2026-11-27T01:01'), utc('2026-11-27T01:02'), utc('2026-11-28T01:00')];
    assert.deepEqual(await over('died', moments), ['schedule 11-28T01:00']);
  });

  it('takes a night that was approved for good, and says what stopped one that was not', async () => {
    const { pool } = await database.openDatabase();
    await pool.query(`insert into syncs values ('held', 'x', 0)`);
    const add = (run: string, mode: string, state: string, at: number, error: string | null = null) =>
      pool.query(
        `insert into runs (run, sync, mode, phase, state, by_whom, owner, full_read, settings_digest, facts, problems, calls, plan_digest, started_at, finished_at, error)
         values ($1, 'held', $2, 'finish', $3, 'schedule', 1, $2 = 'sync', 'x', '{}', '[]', '{}', 'd1', $4, $4, $5)`,
        [run, mode, state, at, error],
      );
    await add('held1', 'sync', 'parked', 100);
    await pool.query(`insert into plans values ('held', 'd1', 'held1', 'open', 0, 9, '{}', 1, '{}')`);
    assert.equal((await table.lastRun('held'))?.state, 'parked');
    assert.equal((await table.lastGood(['held'])).get('held'), undefined);
    await add('held2', 'apply', 'done', 200);
    await pool.query(`update plans set state = 'applied' where sync = 'held'`);
    assert.equal((await table.lastRun('held'))?.state, 'answered');
    assert.equal((await table.lastGood(['held'])).get('held'), 200);
    await add('held3', 'sync', 'failed', 300, JSON.stringify({ message: 'no right', remedy: 'give it' }));
    const error = { message: 'no right', remedy: 'give it' };
    assert.deepEqual((await table.lastRun('held'))?.error, error);
  });

  it('gives signs of life and looks for overdue nights while a run goes on', async () => {
    const [due, hours] = [utc('2026-11-27T01:00'), 3_600_000];
    const stop = new AbortController();
    let now = utc('2026-11-26T12:00');
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const said: string[] = [];
    const moments = [due, due + 30 * hours, due + 31 * hours];
    await runScheduler(
      {
        ...{ schedules: table, syncs: new Map([['long', NIGHT]]), clock: { now: () => now } },
        log: { ...quiet, error: (message) => void said.push(message) },
        sleep: async () => {
          if (now === due) await begun;
          const next = moments.shift();
          if (next === undefined) stop.abort();
          else now = next;
        },
        start: async () => {
          begin();
          return 'long1';
        },
        // It never ends by itself.
        ended: () => new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve('done'))),
      },
      stop.signal,
    );
    assert.equal((await table.load(['long'], 0)).get('long')?.watchedAt, due + 31 * hours);
    assert.deepEqual(said, ['nightly run is overdue']);
  });

  it('does not let a CRM that takes its time keep another sync waiting, and tells why there is no run', async () => {
    const now = utc('2026-11-27T01:00');
    for (const sync of ['slow', 'quick', 'wrong']) await table.load([sync], now - 60_000);
    const stop = new AbortController();
    const answered: string[] = [];
    let quickStarted = (): void => undefined;
    const quick = new Promise<void>((resolve) => {
      quickStarted = resolve;
    });
    const atWork: Promise<unknown>[] = [];
    const alone: Schedules['alone'] = (name, work) => {
      const done = table.alone(name, work);
      atWork.push(done);
      return done;
    };
    await runScheduler(
      {
        ...{ schedules: { ...table, alone }, log: quiet, clock: { now: () => now } },
        syncs: new Map(['slow', 'wrong', 'quick'].map((sync) => [sync, NIGHT])),
        sleep: async () => {
          await Promise.allSettled(atWork);
          stop.abort();
        },
        start: async (sync) => {
          if (sync === 'wrong')
            throw new OppsyncError({ recovery: 'fix', code: 'y', message: 'no right', remedy: 'give it' });
          if (sync === 'slow') await quick;
          else quickStarted();
          answered.push(sync);
          return sync;
        },
        ended: async () => 'done',
      },
      stop.signal,
    );
    assert.deepEqual(answered, ['quick', 'slow']);
    const trouble = { since: now, code: 'y', message: 'no right', remedy: 'give it' };
    assert.deepEqual((await table.load(['wrong'], 0)).get('wrong')?.trouble, trouble);
  });

  it('says once that it is overdue, until a run has ended well', async () => {
    const said: unknown[] = [];
    const log: Log = {
      ...quiet,
      error: (message, fields) => void said.push([message, fields?.['lastGood']]),
    };
    const days = Array.from({ length: 5 }, (_, n) => utc('2026-11-26T12:00') + n * 86_400_000);
    await over('late', days, { log });
    assert.deepEqual(said, [['nightly run is overdue', null]]);
  });
});
