/** The whole engine on a real database, two CRMs in memory and the queue in process. */
import { setTimeout as delay } from 'node:timers/promises';
import { STANDARD_PROFILE } from '../../src/core/classify.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { RunMode, RunReport } from '../../src/core/report.ts';
import type { SyncSettings } from '../../src/core/settings.ts';
import type { Store } from '../../src/core/store-port.ts';
import type { RunRow } from '../../src/core/store-rows.ts';
import { awaitRun } from '../../src/engine/await-run.ts';
import { createClassifier } from '../../src/engine/classifier.ts';
import type { EngineDeps, SyncRuntime } from '../../src/engine/deps.ts';
import { type StartOptions, startRun } from '../../src/engine/runs.ts';
import { startWorkers } from '../../src/engine/workers.ts';
import { createInlineQueue } from '../../src/queue/inline.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Database } from '../../src/store/open.ts';
import { holdWorkerLock } from '../../src/store/worker-lock.ts';
import { quiet, testDatabase } from './database.ts';
import { createMemoryCrm, type MemoryCrm } from './memory-crm.ts';

export const SETTINGS: SyncSettings = {
  name: 'main',
  sides: ['left', 'right'],
  fields: {
    name: { kind: 'text', policy: 'ask', blank: 'ignore' },
    stage: { kind: 'stage', policy: 'ask', blank: 'ignore' },
    amount: { kind: 'decimal', policy: 'ask', blank: 'ignore' },
    closeDate: { kind: 'date', policy: 'ask', blank: 'ignore' },
    nextStep: { kind: 'text', policy: 'ask', blank: 'ignore' },
  },
  initial: 'left',
  statusAuthority: 'most_advanced',
  stages: null,
  profile: 'standard',
  excludePipelines: {},
  tieMarginMs: 1000,
};

export interface EngineRig {
  readonly store: Store;
  readonly database: Database<unknown>;
  readonly deps: EngineDeps;
  /** Runs to the end; throws what failed the run. */
  run(mode: RunMode, options?: Partial<StartOptions>): Promise<RunRow>;
  report(mode: RunMode, options?: Partial<StartOptions>): Promise<RunReport>;
  close(): Promise<void>;
}

export interface Rig extends EngineRig {
  readonly left: MemoryCrm;
  readonly right: MemoryCrm;
}

/** The engine on two CRMs in memory. */
export async function engineRig(settings: Partial<SyncSettings> = {}): Promise<Rig> {
  const left = createMemoryCrm('left');
  const right = createMemoryCrm('right');
  return { ...(await engineOn({ left, right }, settings)), left, right };
}

/** The engine of one process on any two connectors, with a database of its own. */
export async function engineOn(
  connectors: SyncRuntime['connectors'],
  settings: Partial<SyncSettings> = {},
  clock: Clock = { now: () => Date.now() },
): Promise<EngineRig> {
  const testing = await testDatabase();
  const database = await testing.openDatabase<unknown>();
  const lock = await holdWorkerLock(database.pool, Math.random);
  const store = createStore(database.db, lock.worker);
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await delay(Math.min(ms, 5), undefined, signal === undefined ? {} : { signal });
  };
  const runtime: SyncRuntime = {
    settings: { ...SETTINGS, ...settings },
    settingsDigest: JSON.stringify(settings),
    connectors,
    classifier: createClassifier({ profile: STANDARD_PROFILE, locale: 'en' }),
  };
  const queue = createInlineQueue({ sleep });
  const stopping = new AbortController();
  const deps: EngineDeps = {
    store,
    queue,
    syncs: new Map([['main', runtime]]),
    clock,
    sleep,
    random: { next: () => Math.random() },
    log: quiet,
  };
  await startWorkers(deps, stopping.signal);
  const run: Rig['run'] = async (mode, options = {}) => {
    const id = await startRun(deps, runtime, mode, { by: 'test', full: false, ...options }, stopping.signal);
    return awaitRun(deps, id, stopping.signal);
  };
  return {
    store,
    database,
    deps,
    run,
    async report(mode, options) {
      const row = await run(mode, options);
      if (row.report === null) throw new Error(`run ${row.run} has no report (${row.state})`);
      return row.report;
    },
    async close() {
      stopping.abort();
      await queue.close(1000);
      await lock.release();
      await testing.drop();
    },
  };
}
