/** A sync by several processes while somebody else takes a part of the same limit: what the CRM counted, and what it was told. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { worldOf } from './crm-world.ts';
import { startFleet } from './fleet.ts';
import { foreignClient } from './foreign-client.ts';

export interface SharedLimitOptions {
  readonly workers: number;
  readonly pairs: number;
  readonly redis: boolean;
  /** Requests HubSpot allows per 10 seconds. */
  readonly limit: number;
  /** Requests per second of the other application. */
  readonly foreignPerSecond: number;
  readonly say?: (line: string) => void;
}

export interface SharedLimitResult {
  readonly seconds: number;
  /** Our requests under the window, and those refused with 429. */
  readonly requests: number;
  readonly refused: number;
  readonly foreign: number;
  readonly foreignRefused: number;
  /** Windows of 10 s in which work was waiting throughout, and which part of what the other left was used in them. */
  readonly fullWindows: number;
  readonly used: number;
  readonly converged: boolean;
  readonly undecided: readonly string[];
  readonly writtenTwice: readonly string[];
}

const WINDOW_S = 10;

interface Look {
  readonly at: number;
  readonly ours: number;
  readonly foreign: number;
  /** Is there work that needs HubSpot and that nobody has begun? */
  readonly waiting: boolean;
}

export async function sharedLimit(options: SharedLimitOptions): Promise<SharedLimitResult> {
  const { workers, pairs, redis, limit, foreignPerSecond, say = () => undefined } = options;
  const fleet = await startFleet({
    ...{ pairs, seed: 3, redis },
    hubspot: { burstLimit: limit, searchPerSecond: 5, dailyLimit: 1_000_000 },
  });
  const { hubspot } = fleet.sandbox;
  const other = foreignClient(hubspot.url, fleet.credentials.hubspot.token, foreignPerSecond);
  try {
    // The other application was there before.
    await delay(WINDOW_S * 1000);
    // The run is started by one process, which works too.
    for (let one = 1; one < workers; one++) await fleet.addWorker();
    const began = performance.now();
    const looks: Look[] = [];
    for (const args of [['plan'], ['sync']]) {
      const child = fleet.start(...args, '--json');
      child.stdout?.resume();
      child.stderr?.on('data', (text) => say(String(text)));
      const ended = once(child, 'exit');
      while (child.exitCode === null && child.signalCode === null) {
        looks.push(await look(fleet, other.done));
        await Promise.race([delay(1000), ended]);
      }
      if (child.exitCode !== 0) throw new Error(`oppsync ${args.join(' ')} ended with ${exit(child)}`);
      looks.push({ at: performance.now(), ours: 0, foreign: 0, waiting: false });
    }
    const seconds = (performance.now() - began) / 1000;
    await other.stop();
    const counters = await hubspot.counters();
    const requests = sum(counters.requests) - other.done() - other.refused();
    const world = await worldOf(fleet.sandbox);
    return {
      ...{ seconds, requests, refused: (counters.status['429'] ?? 0) - other.refused() },
      ...{ foreign: other.done(), foreignRefused: other.refused(), ...usedIn(looks, limit) },
      converged: world.pairKeyProblems.length === 0,
      ...{ undecided: world.undecided, writtenTwice: world.writtenTwice },
    };
  } finally {
    await other.stop();
    await fleet.close();
  }
}

async function look(fleet: Awaited<ReturnType<typeof startFleet>>, foreign: () => number): Promise<Look> {
  const [open] = await fleet
    .ask<{ n: number }>(
      `select count(*)::int as n from tasks t join runs r using (run)
       where r.state = 'running' and not t.done and t.worker is null and t.payload ->> 'crm' = 'hubspot'`,
    )
    // Before the first command has made its tables.
    .catch(() => [{ n: 0 }]);
  const before = foreign();
  const requests = sum((await fleet.sandbox.hubspot.counters()).requests);
  return { at: performance.now(), ours: requests - before, foreign: before, waiting: (open?.n ?? 0) > 0 };
}

/** Over all windows in which work was waiting from beginning to end. */
function usedIn(looks: readonly Look[], limit: number): { fullWindows: number; used: number } {
  let [ours, room, fullWindows] = [0, 0, 0];
  for (let start = 0; start + WINDOW_S < looks.length; ) {
    const window = looks.slice(start, start + WINDOW_S + 1);
    const [first, last] = [window[0], window[WINDOW_S]];
    const broken = window.findLastIndex(({ waiting }) => !waiting);
    if (broken >= 0 || first === undefined || last === undefined) {
      start += broken + 1;
      continue;
    }
    ours += last.ours - first.ours;
    room += (limit * (last.at - first.at)) / (WINDOW_S * 1000) - (last.foreign - first.foreign);
    fullWindows++;
    start += WINDOW_S;
  }
  return { fullWindows, used: room === 0 ? 0 : ours / room };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

function exit(child: ChildProcess): string {
  return String(child.exitCode ?? child.signalCode);
}
