/** Runs a schedule: two CRMs, people, and processes of oppsync that read, decide, write, die and come back. */

import type { Connector } from '../../src/core/connector-port.ts';
import { OppsyncError } from '../../src/core/errors.ts';
import type { Job, JobOutcome } from '../../src/core/queue-port.ts';
import type { RunMode } from '../../src/core/report.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import type { Store } from '../../src/core/store-port.ts';
import type { RunRow } from '../../src/core/store-rows.ts';
import type { StartOptions } from '../../src/engine/runs.ts';
import { createInlineQueue } from '../../src/queue/inline.ts';
import { quiet } from '../support/database.ts';
import type { CrmUnderTest } from './crm-under-test.ts';
import { type EngineProcess, startProcess } from './engine-process.ts';
import { createPeople, type People } from './people.ts';
import { populate, START } from './population.ts';
import { createRandom, type Random } from './random.ts';
import { inMemory, type Scene, type SetScene, type StoryDatabase, storyInMemory } from './scene.ts';
import type { Event, Happening, Schedule, Side } from './schedule.ts';
import { CLASSIFIER } from './sync-under-test.ts';
import { createTruthLog, type TruthLog } from './truth.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface World {
  readonly schedule: Schedule;
  readonly sides: Readonly<Record<Side, CrmUnderTest>>;
  readonly truth: TruthLog;
  readonly settings: SyncSettings;
  /** What oppsync says is undecided, by the ids of both records and the field. */
  readonly openConflicts: ReadonlySet<string>;
  /** Of the undecided, `ID.FIELD` of the sides of which is told who set the value, and when. */
  readonly signed: ReadonlySet<string>;
  /** Fields of which the CRMs tell who set them. */
  readonly tells: readonly string[];
  /** Records oppsync says it could not write. */
  readonly quarantined: ReadonlySet<string>;
  /** Runs that ended, in order. */
  readonly ended: readonly RunRow[];
  /** Passes it took to come to rest after the last event; null when it did not. */
  readonly passesToRest: number | null;
  /** Writes of a run after everything had come to rest. */
  readonly writesAtRest: number;
  readonly steps: number;
}

/** What a planted bug may put in the way. */
export interface Plants {
  readonly store?: (store: Store) => Store;
  readonly connector?: (connector: Connector) => Connector;
  /** Something outside the simulation is waited for: a real database, a real network. */
  readonly outside?: boolean;
}

/** Where it is played, when not in memory. */
export interface Stagecraft {
  readonly scene?: SetScene;
  readonly database?: StoryDatabase;
}

const MOST_STEPS = 60_000;
const MOST_PASSES = 50;
/** Steps an event waits for the moment it is meant for. */
const LONGEST_WAIT = 200;

/** Plays a schedule to its end, heals everything, and goes on until nothing is left to do. */
export async function play(
  schedule: Schedule,
  plants: Plants = {},
  { scene = inMemory, database = storyInMemory() }: Stagecraft = {},
): Promise<World> {
  const simulation = new Simulation(schedule, plants, scene, database);
  try {
    return await simulation.time.drive(simulation.play(), plants.outside);
  } finally {
    simulation.close();
  }
}

class Simulation {
  readonly time: VirtualTime = createVirtualTime(START);
  readonly schedule: Schedule;
  readonly #plants: Plants;
  readonly #truth = createTruthLog();
  readonly #random: Random;
  readonly #database: StoryDatabase;
  readonly #scene: Scene;
  readonly #sides: Scene['sides'];
  readonly #people: People;
  readonly #queue;
  readonly #ended: RunRow[] = [];
  readonly #processes: EngineProcess[] = [];
  readonly #besides: Promise<unknown>[] = [];
  #pending: Event[] = [];
  #gap = 0;
  #steps = 0;
  #processesMade = 0;
  #nextJob: 'once' | 'twice' | 'never' = 'once';

  constructor(schedule: Schedule, plants: Plants, scene: SetScene, database: StoryDatabase) {
    this.schedule = schedule;
    this.#plants = plants;
    this.#database = database;
    const { world } = schedule;
    this.#random = createRandom(world.seed);
    this.#scene = scene(schedule, { time: this.time, truth: this.#truth });
    this.#sides = this.#scene.sides;
    this.#queue = createInlineQueue({ sleep: this.time.sleep });
    populate(this.#sides, world);
    this.#people = createPeople(this.#sides, world);
  }

  close(): void {
    this.#scene.close();
  }

  async play(): Promise<World> {
    const queues: Job['queue'][] = ['pull', 'reconcile', 'push', 'measure'];
    for (const queue of queues)
      await this.#queue.work(queue, (job) => this.#dispatch(job), { concurrency: 4 });
    // Where one side is right at first, nobody can tell an edit of the other side from what was there: so there is none yet.
    const { events, world } = this.schedule;
    if (world.initial !== 'ask') {
      this.#pending = [];
      await this.#rest();
    }
    this.#pending = [...events];
    for (let pass = 0; this.#pending.length > 0 && pass < MOST_PASSES; pass++) {
      this.#betweenRuns();
      await this.#pass('sync');
      this.time.advance(60_000);
    }
    for (const side of Object.values(this.#sides)) side.heal();
    this.#pending = [];
    this.#nextJob = 'once';
    const passesToRest = await this.#rest();
    const before = this.#writes();
    await this.#pass('sync');
    return {
      schedule: this.schedule,
      sides: this.#sides,
      truth: this.#truth,
      settings: this.#scene.settings,
      tells: this.#scene.signed ?? [],
      ...(await this.#leftToPeople()),
      ended: this.#ended,
      passesToRest,
      writesAtRest: this.#writes() - before,
      steps: this.#steps,
    };
  }

  async #leftToPeople(): Promise<Pick<World, 'openConflicts' | 'signed' | 'quarantined'>> {
    const { conflicts, quarantined } = await this.#database.leftToPeople();
    const { left, right } = this.#sides;
    const storyId = (crm: string, id: string): string => (crm === left.crm ? left : right).storyId(id);
    return {
      openConflicts: new Set(
        conflicts.map(
          ({ field, ids }) =>
            `${left.storyId(ids[left.crm] ?? '')}/${right.storyId(ids[right.crm] ?? '')}.${field}`,
        ),
      ),
      signed: new Set(
        conflicts.flatMap(({ field, ids, signed }) =>
          Object.entries(ids)
            .filter(([, id]) => signed.includes(id))
            .map(([crm, id]) => `${storyId(crm, id)}.${field}`),
        ),
      ),
      quarantined: new Set(quarantined.map(({ crm, id }) => storyId(crm, id))),
    };
  }

  #writes(): number {
    return this.#sides.left.writes() + this.#sides.right.writes();
  }

  async #rest(): Promise<number | null> {
    for (let pass = 1; pass <= MOST_PASSES; pass++) {
      const before = this.#writes();
      // What could not be seen for a while changed nothing in its record: only the nightly full reading finds it.
      const full = this.schedule.events.some(({ what }) => what.is === 'hide');
      const row = await this.#pass('sync', pass === 1 ? { retryRefused: true, full } : {});
      this.time.advance(60_000);
      if (pass > 1 && this.#writes() === before && row?.report?.converged === true) return pass;
    }
    return null;
  }

  /** One run from the outside: what a person or the schedule would start, with the approval of a person where one is asked for. */
  async #pass(mode: RunMode, options: Partial<StartOptions> = {}): Promise<RunRow | null> {
    let row = await this.#run(mode, options);
    if (row?.state === 'parked' && row.planDigest !== null)
      row = await this.#run('apply', { digest: row.planDigest });
    await Promise.all(this.#besides.splice(0));
    return row;
  }

  async #run(mode: RunMode, options: Partial<StartOptions> = {}): Promise<RunRow | null> {
    const starter = this.#living();
    const row = await Promise.race([
      starter.run(mode, options).catch(allowed),
      starter.died.then(() => null),
    ]);
    if (row !== null) this.#ended.push(row);
    return row;
  }

  #living(): EngineProcess {
    while (this.#processes.filter((one) => !one.dead).length < this.schedule.world.processes) this.#start();
    const [first] = this.#processes.filter((one) => !one.dead);
    return first ?? this.#start();
  }

  #start(): EngineProcess {
    const { world } = this.schedule;
    const connector = this.#plants.connector ?? ((one: Connector) => one);
    const name = ++this.#processesMade;
    const random = createRandom(world.seed + name);
    const { clock, sleep } = { clock: this.time, sleep: this.time.sleep };
    const own = startProcess({
      name,
      connection: this.#database.connect(),
      queue: this.#queue,
      step: (process, what) => this.#step(process, what),
      runtime: (step) => ({
        settings: this.#scene.settings,
        settingsDigest: 'settings',
        connectors: Object.fromEntries(
          Object.values(this.#sides).map((side) => [
            side.crm,
            connector(side.connect({ name, clock, sleep, random, step })),
          ]),
        ),
        classifier: CLASSIFIER,
      }),
      deps: {
        ...{ clock, sleep, random },
        log: quiet,
      },
      ...(this.#plants.store === undefined ? {} : { wrapStore: this.#plants.store }),
    });
    this.#processes.push(own);
    return own;
  }

  /** The queue of all processes: a job goes to any of them, and may be lost or come twice. */
  async #dispatch(job: Job): Promise<JobOutcome> {
    const fate = this.#nextJob;
    this.#nextJob = 'once';
    if (fate === 'never') return { is: 'done' };
    const living = this.#processes.filter((one) => !one.dead);
    const takers =
      fate === 'twice' ? [this.#random.pick(living), this.#random.pick(living)] : [this.#random.pick(living)];
    const outcomes = await Promise.all(
      takers.map((one) =>
        one === undefined
          ? null
          : Promise.race([one.handle(job), one.died.then((): JobOutcome => ({ is: 'done' }))]),
      ),
    );
    return outcomes[0] ?? { is: 'done' };
  }

  async #step(process: EngineProcess, what: string): Promise<void> {
    if (process.dead) return never();
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new Error(`no end in sight after ${MOST_STEPS} steps (at ${what})`);
    this.time.advance(7);
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      if (next.at === 'between runs' || this.#gap < next.gap) break;
      const late = this.#gap > next.gap + LONGEST_WAIT;
      if (next.at !== 'any' && !what.endsWith(next.at) && !late) break;
      this.#gap = 0;
      this.#pending.shift();
      if (next.what.is === 'stall') {
        const beside = this.#besideA(process);
        // Looked at when the pass ends.
        beside.catch(() => undefined);
        this.#besides.push(beside);
        await this.time.sleep(2000 + this.#random.int(8000));
      } else this.#happen(next.what, process);
      if (process.dead) return never();
    }
    this.#gap += 1;
    if (this.schedule.world.jitter > 0 && this.#random.next() < this.schedule.world.jitter)
      await this.time.sleep(this.#random.int(400));
    if (process.dead) return never();
  }

  /** What people do while nothing runs. */
  #betweenRuns(): void {
    while (this.#pending[0]?.at === 'between runs') {
      const { what } = this.#pending.shift() as Event;
      if ('side' in what) this.#people.meet(what);
      else if (what.is !== 'crash' && what.is !== 'stall') this.#happen(what);
    }
  }

  /** The process is taken for dead; another one starts beside it. */
  async #besideA(stalled: EngineProcess): Promise<void> {
    stalled.losesLock();
    const other = this.#start();
    const row = await Promise.race([other.run('sync').catch(allowed), other.died.then(() => null)]);
    if (row !== null) this.#ended.push(row);
    stalled.kill();
  }

  #happen(what: Happening, process?: EngineProcess): void {
    if (what.is === 'crash') process?.kill();
    else if (what.is === 'job_twice') this.#nextJob = 'twice';
    else if (what.is === 'job_lost') this.#nextJob = 'never';
    else this.#people.meet(what);
  }
}

/** A run may fail for reasons the world gives it, never for a fault of ours. */
function allowed(error: unknown): null {
  if (
    error instanceof OppsyncError &&
    error.details.code !== 'internal' &&
    error.details.code !== 'run.failed'
  )
    return null;
  throw error;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
