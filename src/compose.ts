/** Config → everything wired: the only file that knows every adapter. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { settingsOf } from '../config/settings.ts';
import type { App, RunOptions } from './app.ts';
import { changeEventsStatus } from './change-events-status.ts';
import type { Connector } from './core/connector-port.ts';
import { OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import type { RunId, SyncName } from './core/ids.ts';
import type { Clock, Log, Randomness, Sleep } from './core/ports.ts';
import type { Job, Queue } from './core/queue-port.ts';
import type { QuotaReader, QuotaStore } from './core/quota-port.ts';
import type { RunMode, RunReport } from './core/report.ts';
import type { SyncSettings } from './core/settings.ts';
import type { Store } from './core/store-port.ts';
import type { RunRow } from './core/store-rows.ts';
import { NO_TRACING } from './core/tracing-port.ts';
import { databaseReach } from './database-reach.ts';
import { endsWithin } from './ends-within.ts';
import { awaitRun } from './engine/await-run.ts';
import { countStages } from './engine/count-stages.ts';
import { decidePairs, undoDecisions } from './engine/decide-pairs.ts';
import type { EngineDeps, SyncRuntime } from './engine/deps.ts';
import { readFacts } from './engine/facts.ts';
import { checkOwnedFields, provision } from './engine/provision.ts';
import { startRun } from './engine/runs.ts';
import { sweepForever } from './engine/sweep.ts';
import { startWorkers } from './engine/workers.ts';
import { createLog } from './observability/log.ts';
import { compareProfiles } from './profile-comparison.ts';
import { classifierOf, loadRules, shippedProfiles } from './profiles.ts';
import type { Account } from './quota-metrics.ts';
import { rollupRates } from './rollup-rates.ts';
import { scheduleControl } from './schedule-control.ts';
import { serve } from './serve.ts';
import { type StageSide, stageReport } from './stages.ts';
import { CLOSE_MS, QUEUE_DRAIN_MS } from './stopping.ts';
import { createStore } from './store/create-store.ts';
import { evidencePages } from './store/evidence-pages.ts';
import { migrate } from './store/migrate.ts';
import { type Database, openDatabase } from './store/open.ts';
import { pairingReport } from './store/pairing-view.ts';
import { sharedQuotas } from './store/quotas.ts';
import { stageCounts } from './store/stage-counts.ts';
import { views } from './store/views.ts';
import { holdWorkerLock } from './store/worker-lock.ts';
import { storedMetrics } from './stored-metrics.ts';
import { trust } from './trust.ts';
import { explain, planChanges, planView, runSummary, statusOf } from './views.ts';

/** In braces, so that a Redis cluster keeps all keys on one node. */
const QUEUE_PREFIX = '{oppsync}';

const clock: Clock = { now: () => Date.now() };
const random: Randomness = { next: () => Math.random() };
const sleep: Sleep = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
};

/**
 * Opens the database (bringing its tables up to date) and wires everything else to it. Connectors and the queue are only
 * loaded when a run needs them, so that reading the state is quick.
 *
 * @throws OppsyncError `unreachable` for the database, `fix` for a wrong setting
 */
export async function compose(config: Config, options: { log?: Log } = {}): Promise<App> {
  const log = options.log ?? createLog({ level: config.log.level ?? 'warn' });
  const database = await openDatabase<unknown>({
    log,
    ...(config.database.url === null ? {} : { url: config.database.url }),
    ...(config.database.dataDir === null ? {} : { dataDir: config.database.dataDir }),
  });
  const applied: string[] = [];
  try {
    applied.push(...(await migrate(database.pool)));
  } catch (error) {
    await database.close();
    throw error;
  }
  const lock = await holdWorkerLock(database.pool, random.next);
  const store = createStore(database.db, lock.worker);
  const reading = views(database.db);
  const syncs = Object.keys(config.syncs).map((name) => settingsOf(config, name).settings as SyncSettings);
  const nightly = scheduleControl({
    db: database.db,
    store,
    clock,
    scheduleOf: (sync) => config.syncs[sync]?.schedule ?? null,
  });
  const changeEventsOf = changeEventsStatus(config, database.db, clock);
  const going = new AbortController();
  let opened: Promise<Engine> | undefined;

  /** Queue and connectors, loaded once, when first needed. */
  const engine = (): Promise<Engine> => {
    opened ??= openEngine(config, store, database, log);
    return opened;
  };
  let working: Promise<void> | undefined;
  /** This process takes part in the work. */
  const work = async (queues?: readonly Job['queue'][]): Promise<EngineDeps> => {
    const { deps } = await engine();
    working ??= startWorkers(deps, going.signal, queues).then(() => {
      void sweepForever(deps, going.signal);
    });
    await working;
    return deps;
  };
  const runtimeOf = (deps: EngineDeps, sync: SyncName): SyncRuntime => {
    const runtime = deps.syncs.get(sync);
    if (runtime === undefined) throw new RangeError(`no sync is called ${sync}`);
    return runtime;
  };
  const sidesOf = (sync: SyncName): SyncSettings['sides'] => {
    const found = syncs.find((settings) => settings.name === sync);
    if (found === undefined) throw new RangeError(`no sync is called ${sync}`);
    return found.sides;
  };
  const runOf = async (sync: SyncName, mode: RunMode, given: RunOptions, digest?: string, undoes?: RunId) => {
    const deps = await work();
    // Whoever asked has gone (Ctrl-C): stop at once; what is under way is picked up by the next run.
    given.signal?.addEventListener('abort', () => going.abort(given.signal?.reason), { once: true });
    const { signal } = going;
    const run = await startRun(
      deps,
      runtimeOf(deps, sync),
      mode,
      {
        by: given.by,
        full: given.full === true,
        retryRefused: given.retryRefused === true,
        ...(digest === undefined ? {} : { digest }),
        ...(undoes === undefined ? {} : { undoes }),
      },
      signal,
    );
    return awaitRun(deps, run, signal, given.onProgress);
  };
  const runTo = async (...given: Parameters<typeof runOf>) => reportOf(await runOf(...given));

  return {
    log,
    syncs,
    run: (sync, mode, given) => runTo(sync, mode, given),
    apply: (sync, digest, given) => runTo(sync, 'apply', given, digest),
    plan: (sync, digest) => planView(store, sync, digest ?? null),
    planChanges: (sync, digest, locale = 'en') => planChanges(store, reading, sync, digest, locale),
    status: async (sync) =>
      statusOf(
        store,
        reading,
        sync,
        await nightly.status(sync),
        (await changeEventsOf([sync])).get(sync) ?? null,
        clock.now(),
      ),
    orderSchedule: (sync, order, by) => nightly.order(sync, order, by),
    runs: async (sync, limit) => (await store.listRuns(sync, limit)).map(runSummary),
    runReport: async (run: RunId) => {
      const row = await store.loadRun(run);
      return row === null ? null : runSummary(row);
    },
    explain: (sync, id, locale = 'en') => explain(store, reading, sync, id, locale),
    readAndPair: async (sync, given) => {
      await runOf(sync, 'pair', given);
    },
    pairing: (sync) => pairingReport(database.db, sync, sidesOf(sync)),
    decidePairs: (sync, decision, ids, by) =>
      decidePairs({ store, clock, random }, decision, { sync, sides: sidesOf(sync), ids, by }),
    undoPairs: (sync, ids, by) =>
      undoDecisions({ store, clock, random }, { sync, sides: sidesOf(sync), ids, by }),
    ...trust({
      ...{ db: database.db, store, clock, signal: going.signal },
      settings: (sync) => settingsOf(config, sync).settings as SyncSettings,
      runtime: async (sync) => {
        const { deps } = await engine();
        return { deps, runtime: runtimeOf(deps, sync) };
      },
    }),
    undo: (sync, run, given) => runTo(sync, 'undo', given, undefined, run),
    facts: async (sync) => {
      const { deps } = await engine();
      return readFacts(runtimeOf(deps, sync), going.signal);
    },
    metrics: (sync, query) => {
      const settings = settingsOf(config, sync).settings as SyncSettings;
      const { profile } = loadRules(settings.profile, dirname(config.file));
      return storedMetrics(database.db, store, settings, query, clock.now(), profile.engagement.quietDays);
    },
    compareProfiles: (sync, locale = 'en') => {
      const settings = syncs.find((one) => one.name === sync);
      if (settings === undefined) throw new RangeError(`no sync is called ${sync}`);
      const rules = loadRules(settings.profile, dirname(config.file));
      return compareProfiles(
        evidencePages(database.db, sync),
        [...shippedProfiles().values()],
        rules,
        settings,
        clock.now(),
        locale,
      );
    },
    stages: async (sync) => {
      const { deps } = await engine();
      const runtime = runtimeOf(deps, sync);
      const [facts, known] = await Promise.all([
        readFacts(runtime, going.signal),
        stageCounts(database.db, sync),
      ]);
      const sides: StageSide[] = [];
      for (const crm of runtime.settings.sides) {
        const connector = runtime.connectors[crm];
        const found = facts[crm];
        if (connector === undefined || found === undefined) continue;
        const counts = known.get(crm) ?? (await countStages(connector, found, going.signal));
        sides.push({ crm, stages: found.stages, counts });
      }
      const rules = loadRules(runtime.settings.profile, dirname(config.file));
      return stageReport(sides, rules, runtime.settings, true);
    },
    provision: async (sync, make) => {
      const { deps } = await engine();
      const { connectors, settings } = runtimeOf(deps, sync);
      const work = make ? provision : checkOwnedFields;
      return work(Object.values(connectors), going.signal, settings.rollups);
    },
    // Opening has brought the tables up to date already; what that took is the answer.
    migrate: async () => applied.splice(0),
    serve: async (roles, signal, started, queues) => {
      const { deps, queue, quotas, accounts } = await engine();
      await serve({
        config,
        deps,
        queue,
        database,
        ...{ quotas, accounts, changeEventsOf },
        roles,
        signal,
        started,
        work,
        ...(queues === undefined ? {} : { queues }),
      });
    },
    close: async () => {
      const running = await opened?.catch(() => undefined);
      await running?.queue.close(QUEUE_DRAIN_MS);
      going.abort(new Error('oppsync is closing'));
      const letGo = async (): Promise<void> => {
        if (running !== undefined) await closeConnectors(running.deps);
        await running?.deps.tracing?.close();
        running?.letGo();
        await lock.release();
        await database.close();
      };
      if (!(await endsWithin(letGo(), CLOSE_MS))) log.warn('ended before every connection was closed');
    },
  };
}

interface Engine {
  readonly deps: EngineDeps;
  readonly queue: Queue;
  readonly quotas: QuotaReader;
  readonly accounts: readonly Account[];
  /** Ends what is left when queue and connectors are closed. */
  letGo(): void;
}

async function openEngine(
  config: Config,
  store: Store,
  database: Database<unknown>,
  log: Log,
): Promise<Engine> {
  const [{ createQueue }, { openRedisQuotas }, { CONNECTORS }] = await Promise.all([
    import('./queue/bullmq.ts'),
    import('./queue/redis-quotas.ts'),
    import('./connectors/index.ts'),
  ]);
  const inRedis =
    config.redis.url === null ? null : await openRedisQuotas(config.redis.url, QUEUE_PREFIX, log);
  const quotas: QuotaStore & QuotaReader = inRedis ?? sharedQuotas(database.db);
  const by = store.worker.toString(36);
  const runtimes = new Map<SyncName, SyncRuntime>();
  const accounts = new Map<string, Account>();
  for (const name of Object.keys(config.syncs)) {
    const parts = settingsOf(config, name);
    const settings = parts.settings as SyncSettings;
    const connectors: Record<string, Connector> = {};
    for (const { name: connection, crm, options, path } of parts.connections) {
      const make = CONNECTORS[crm];
      if (make === undefined) throw unknownCrm(crm, path, Object.keys(CONNECTORS));
      accounts.set(path, { connection, crm, account: path });
      connectors[crm] = make(options, path, {
        ...{ clock, sleep, random, log: log.child({ crm }) },
        // Syncs that share a connection share its allowance.
        quota: { account: path, by, store: quotas },
      });
    }
    const rules = loadRules(settings.profile, dirname(config.file));
    const classifier = classifierOf(rules, settings, 'en');
    const settingsDigest = createHash('sha256')
      .update(JSON.stringify([settings, rules.digest]))
      .digest('hex')
      .slice(0, 16);
    const rates = config.syncs[name]?.rollupRates ?? null;
    const converting = rates === null || settings.rollups === undefined ? {} : { rates: rollupRates(rates) };
    runtimes.set(name, { settings, settingsDigest, connectors, classifier, ...converting });
  }
  const queue = await createQueue({
    databaseUrl: database.connectionString,
    prefix: QUEUE_PREFIX,
    log,
    ...(config.redis.url === null ? {} : { redisUrl: config.redis.url }),
  });
  const { endpoint } = config.tracing;
  const tracing =
    endpoint === null ? NO_TRACING : (await import('./observability/tracing.ts')).startTracing({ endpoint });
  return {
    ...{ queue, quotas, accounts: [...accounts.values()] },
    letGo: () => inRedis?.close(),
    deps: { store, queue, syncs: runtimes, clock, sleep, random, log, tracing, reach: databaseReach() },
  };
}

async function closeConnectors(deps: EngineDeps): Promise<void> {
  for (const runtime of deps.syncs.values())
    for (const connector of Object.values(runtime.connectors)) await connector.close();
}

function reportOf(row: RunRow): RunReport {
  if (row.report !== null) return row.report;
  throw new OppsyncError({
    recovery: 'stop',
    ...faultOf('run.interrupted', { run: row.run }),
  });
}

function unknownCrm(crm: string, path: string, known: readonly string[]): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf('config.crm', { path, found: crm, known: known.join(', ') }),
  });
}
