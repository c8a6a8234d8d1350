/** One process of oppsync in a simulation: it shares store and queue with others, may die at any await, and may be taken for dead. */
import type { Job, JobOutcome, Queue } from '../../src/core/queue-port.ts';
import type { RunMode } from '../../src/core/report.ts';
import type { Store, StoreTx } from '../../src/core/store-port.ts';
import type { RunRow } from '../../src/core/store-rows.ts';
import { awaitRun } from '../../src/engine/await-run.ts';
import type { EngineDeps, SyncRuntime } from '../../src/engine/deps.ts';
import { handleTask } from '../../src/engine/handle-task.ts';
import { type StartOptions, startRun } from '../../src/engine/runs.ts';
import type { MemoryConnection } from '../support/memory-store.ts';

export interface EngineProcess {
  readonly name: number;
  readonly dead: boolean;
  /** Resolves when the process dies. */
  readonly died: Promise<void>;
  kill(): void;
  losesLock(): void;
  handle(job: Job): Promise<JobOutcome>;
  run(mode: RunMode, options?: Partial<StartOptions>): Promise<RunRow>;
}

export interface ProcessParts {
  readonly name: number;
  readonly connection: MemoryConnection;
  readonly queue: Queue;
  /** Called before and after everything the process asks of the world. May kill the process: then nothing goes on. */
  readonly step: (process: EngineProcess, what: string) => Promise<void>;
  readonly runtime: (step: (what: string) => Promise<void>) => SyncRuntime;
  readonly deps: Pick<EngineDeps, 'clock' | 'sleep' | 'random' | 'log'>;
  /** What a planted bug puts between engine and store. */
  readonly wrapStore?: (store: Store) => Store;
}

export function startProcess(parts: ProcessParts): EngineProcess {
  const { connection, deps } = parts;
  const signal = new AbortController().signal;
  let dead = false;
  let tellDeath: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    tellDeath = resolve;
  });
  const step = (what: string): Promise<void> => parts.step(self, what);
  const wrap = parts.wrapStore ?? ((store: Store) => store);
  const store = wrap(watchStore(connection.store, step));
  const runtime = parts.runtime(step);
  const engine: EngineDeps = {
    ...deps,
    store,
    queue: {
      ...parts.queue,
      add: async (jobs) => {
        await step('queue add');
        await parts.queue.add(jobs);
      },
    },
    syncs: new Map([[runtime.settings.name, runtime]]),
    sleep: async (ms, stop) => {
      await deps.sleep(ms, stop);
      await step('sleep');
    },
  };
  const self: EngineProcess = {
    name: parts.name,
    get dead() {
      return dead;
    },
    died,
    kill() {
      dead = true;
      connection.kill();
      tellDeath();
    },
    losesLock: () => connection.losesLock(),
    handle: (job) => handleTask(engine, job, signal),
    async run(mode, options = {}) {
      const run = await startRun(
        engine,
        runtime,
        mode,
        { by: 'simulation', full: false, ...options },
        signal,
      );
      return awaitRun(engine, run, signal);
    },
  };
  return self;
}

/** Steps before each call of the store and after it, inside transactions too. */
export function watchStore(store: Store, step: (what: string) => Promise<void>): Store {
  const watched = <T extends StoreTx>(inner: T): T =>
    new Proxy(inner, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        if (name === 'tx')
          return (work: (tx: StoreTx) => Promise<unknown>) =>
            store.tx(async (tx) => {
              const result = await work(watched(tx));
              await step('store commit');
              return result;
            });
        return async (...given: unknown[]) => {
          await step(`store ${String(name)}`);
          return (await Reflect.apply(found, target, given)) as unknown;
        };
      },
    });
  return watched(store);
}
