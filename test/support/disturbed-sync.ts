/** A sync whose processes are killed, whose Redis is emptied and restarted, and whose PostgreSQL is restarted while it goes on. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../src/sandbox/random.ts';
import { differences, type World, worldOf } from './crm-world.ts';
import { type Fleet, startFleet } from './fleet.ts';

export interface DisturbedSyncOptions {
  readonly pairs: number;
  readonly workers: number;
  readonly kills: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly redis: boolean;
  /** How often each is done, spread over the kills. */
  readonly flushes: number;
  readonly redisRestarts: number;
  readonly databaseRestarts: number;
  /** Workers asked to stop (SIGTERM). */
  readonly stops: number;
  /** HubSpot's limits during the disturbed run; its real one when absent. */
  readonly hubspot?: Readonly<Record<string, unknown>>;
  readonly say?: (line: string) => void;
}

export interface DisturbedSyncResult {
  readonly seconds: number;
  readonly kills: number;
  readonly disturbances: readonly string[];
  /** Disturbances that were planned and that the sync did not last for. */
  readonly left: number;
  /** How each worker that was asked to stop did so. */
  readonly stopped: readonly { readonly code: number | null; readonly seconds: number }[];
  /** Workers that ended without being killed. */
  readonly fallen: readonly string[];
  /** The longest time in which nothing went on, s. */
  readonly longestPause: number;
  readonly state: string;
  readonly differences: readonly string[];
  readonly created: readonly string[];
  readonly writtenTwice: readonly string[];
  /** Records written with the values they had, as the CRMs counted. */
  readonly redundantWrites: number;
  readonly pairKeyProblems: readonly string[];
  /** Records the next sync wrote. */
  readonly writtenAfterwards: number;
}

const GIVE_UP_AFTER_S = 90;

export async function disturbedSync(options: DisturbedSyncOptions): Promise<DisturbedSyncResult> {
  const say = options.say ?? (() => undefined);
  const fleet = await startFleet({
    ...{ pairs: options.pairs, seed: options.seed, redis: options.redis },
    hubspot: { burstLimit: 0 },
  });
  try {
    await fleet.command(0, 'plan', '--json');
    await fleet.command(0, 'sync', '--json');
    const undisturbed = await worldOf(fleet.sandbox);
    say('undisturbed run done');
    await fleet.reset();
    await fleet.command(0, 'plan', '--json');
    await fleet.sandbox.hubspot.configure(options.hubspot ?? { burstLimit: 190 });
    return await disturb(fleet, options, undisturbed, say);
  } finally {
    await fleet.close();
  }
}

async function disturb(
  fleet: Fleet,
  options: DisturbedSyncOptions,
  undisturbed: World,
  say: (line: string) => void,
): Promise<DisturbedSyncResult> {
  const random = createRandom(options.seed).fork('chaos');
  for (let one = 0; one < options.workers; one++) await fleet.addWorker();
  const began = performance.now();
  // Whoever starts the run may die like everybody else: then the others finish it.
  const starter = fleet.start('sync', '--json');
  starter.stdout?.resume();
  starter.stderr?.resume();
  await untilRunning(fleet, starter);
  const planned = disturbancesOf(options);
  const done: string[] = [];
  const stopped: DisturbedSyncResult['stopped'][number][] = [];
  const pause = watchPauses(fleet);
  let kills = 0;
  let nextAt = performance.now() + options.everyMs;
  let state = 'running';
  while (state === 'running') {
    await delay(200);
    state = await stateOf(fleet);
    if (state !== 'running' || pause.now() > GIVE_UP_AFTER_S) break;
    if (performance.now() < nextAt || kills >= options.kills) continue;
    nextAt += options.everyMs;
    const alive: ChildProcess[] = [...fleet.workers];
    if (starter.exitCode === null && starter.signalCode === null) alive.push(starter);
    const victim = alive[random.int(0, alive.length - 1)];
    if (victim === undefined) continue;
    const gone = once(victim, 'exit');
    victim.kill('SIGKILL');
    await gone;
    kills++;
    if (victim !== starter) void fleet.addWorker();
    for (const what of planned.get(kills) ?? []) {
      say(`${((performance.now() - began) / 1000).toFixed(0)} s, after ${kills} kills: ${what}`);
      if (what === 'Redis emptied') await fleet.flushRedis();
      if (what === 'Redis restarted') await fleet.restartRedis();
      if (what === 'a worker asked to stop') stopped.push(await askToStop(fleet));
      if (what === 'PostgreSQL restarted') await fleet.restartDatabase();
      done.push(what);
    }
  }
  await pause.stop();
  const seconds = (performance.now() - began) / 1000;
  if (starter.exitCode === null && starter.signalCode === null) await once(starter, 'exit');
  await fleet.stopWorkers('SIGKILL');
  const world = await worldOf(fleet.sandbox);
  const counters = async (): Promise<{ writes: number; redundantWrites: number }> => {
    const both = [await fleet.sandbox.salesforce.counters(), await fleet.sandbox.hubspot.counters()];
    return {
      writes: both.reduce((sum, one) => sum + one.writes, 0),
      redundantWrites: both.reduce((sum, one) => sum + one.redundantWrites, 0),
    };
  };
  const { writes, redundantWrites } = await counters();
  await fleet.command(0, 'sync', '--json');
  return {
    ...{
      seconds,
      kills,
      state,
      disturbances: done,
      left: [...planned.values()].flat().length - done.length,
      fallen: fleet.fallen,
      stopped,
      longestPause: pause.longest(),
    },
    differences: differences(world, undisturbed),
    ...{ created: world.created, writtenTwice: world.writtenTwice, redundantWrites },
    pairKeyProblems: world.pairKeyProblems,
    writtenAfterwards: (await counters()).writes - writes,
  };
}

/** What happens after which kill: spread evenly, one kind after the other. */
function disturbancesOf(options: DisturbedSyncOptions): ReadonlyMap<number, readonly string[]> {
  const { flushes, redisRestarts, databaseRestarts, kills, redis } = options;
  const all = [
    ...Array<string>(redis ? flushes : 0).fill('Redis emptied'),
    ...Array<string>(redis ? redisRestarts : 0).fill('Redis restarted'),
    ...Array<string>(options.stops).fill('a worker asked to stop'),
    ...Array<string>(databaseRestarts).fill('PostgreSQL restarted'),
  ];
  const order = all.map((what, index) => ({ what, at: (index * 7) % Math.max(1, all.length) }));
  order.sort((a, b) => a.at - b.at);
  const planned = new Map<number, string[]>();
  for (const [index, { what }] of order.entries()) {
    const kill = Math.max(1, Math.round(((index + 1) * kills) / (order.length + 1)));
    planned.set(kill, [...(planned.get(kill) ?? []), what]);
  }
  return planned;
}

async function askToStop(fleet: Fleet): Promise<DisturbedSyncResult['stopped'][number]> {
  const worker = await fleet.addWorker();
  // It has had the time to begin something.
  await delay(500);
  const began = performance.now();
  const ended = once(worker, 'exit') as Promise<[number | null]>;
  worker.kill('SIGTERM');
  const [code] = await ended;
  return { code, seconds: (performance.now() - began) / 1000 };
}

async function untilRunning(fleet: Fleet, starter: ChildProcess): Promise<void> {
  while ((await stateOf(fleet)) !== 'running') {
    if (starter.exitCode !== null) throw new Error(`the sync ended with ${starter.exitCode} before it began`);
    await delay(100);
  }
}

/** Of the run that is not the plan; also while the database is away. */
async function stateOf(fleet: Fleet): Promise<string> {
  const found = await fleet
    .ask<{ state: string }>("select state from runs where mode = 'sync' order by started_at desc limit 1")
    .catch(() => [{ state: 'running' }]);
  return found[0]?.state ?? 'none';
}

/** Watches how far the run has come, and for how long it stands still. */
function watchPauses(fleet: Fleet) {
  let [movedAt, longest, last, stopped] = [performance.now(), 0, '', false];
  const watching = (async () => {
    while (!stopped) {
      const found = await fleet
        .ask<{ sign: string }>(
          `select concat(count(*), '/', count(*) filter (where done), '/', sum((payload ->> 'seen')::int), '/',
             (select count(*) from changes where state <> 'planned')) as sign from tasks`,
        )
        .catch(() => []);
      const sign = found[0]?.sign ?? last;
      const now = performance.now();
      longest = Math.max(longest, now - movedAt);
      if (sign !== last) [last, movedAt] = [sign, now];
      await delay(300);
    }
  })();
  return {
    now: () => (performance.now() - movedAt) / 1000,
    longest: () => longest / 1000,
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
}
