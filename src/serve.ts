/** Runs the roles of a long-lived process: web, workers, scheduler, in any combination and in any number of processes. */
import type { Config } from '../config/load.ts';
import type { ChangeEventsStatus, Role, ServeFacts } from './app.ts';
import { changeEventMetrics } from './change-event-metrics.ts';
import { followChanges } from './change-events.ts';
import { collectMetrics } from './collect-metrics.ts';
import type { SyncName } from './core/ids.ts';
import type { Job, Queue } from './core/queue-port.ts';
import type { QuotaReader } from './core/quota-port.ts';
import { endsWithin } from './ends-within.ts';
import { awaitRun } from './engine/await-run.ts';
import type { EngineDeps, SyncRuntime } from './engine/deps.ts';
import { pumpEvents } from './engine/event-pump.ts';
import { readAgain } from './engine/read-again.ts';
import { startRun } from './engine/runs.ts';
import { createWebApp } from './http/app.ts';
import { listenWeb, type WebServer } from './http/listen.ts';
import { watchEventLoop } from './observability/event-loop.ts';
import { exposition, type Metric } from './observability/prometheus.ts';
import { unhurried } from './observability/unhurried.ts';
import { processMetrics, queueMetrics } from './process-metrics.ts';
import { type Account, quotaMetrics } from './quota-metrics.ts';
import { runScheduler } from './scheduler.ts';
import { stateMetrics } from './state-metrics.ts';
import { QUEUE_DRAIN_MS, ROLES_STOP_MS, WEB_DRAIN_MS } from './stopping.ts';
import { createStore } from './store/create-store.ts';
import { migrationState } from './store/migrate.ts';
import type { Database } from './store/open.ts';
import { recordCounts } from './store/record-counts.ts';
import { runCounters } from './store/run-counters.ts';
import { schedules } from './store/schedules.ts';
import { BY_REFUSED_WEBHOOKS, webhookAlarm } from './webhook-alarm.ts';
import { webhookInlets } from './webhook-inlets.ts';
import { webhookCounts } from './webhook-metrics.ts';

/** Deliveries are stored on connections of their own: whoever sends them waits, whatever else goes on here. */
const INBOX_CONNECTIONS = 2;

export interface ServeOptions {
  readonly config: Config;
  readonly deps: EngineDeps;
  readonly queue: Queue;
  readonly database: Database<unknown>;
  /** The allowance of each CRM account, as all processes share it. */
  readonly quotas: QuotaReader;
  readonly accounts: readonly Account[];
  readonly roles: readonly Role[];
  /** How the change events of these syncs are followed, where they are. */
  readonly changeEventsOf: (syncs: readonly SyncName[]) => Promise<ReadonlyMap<SyncName, ChangeEventsStatus>>;
  readonly signal: AbortSignal;
  readonly started: (facts: ServeFacts) => void;
  /** Makes this process take part in the work. */
  readonly work: (queues?: readonly Job['queue'][]) => Promise<EngineDeps>;
  /** Queues to work on with the role `workers`; absent = all. */
  readonly queues?: readonly Job['queue'][];
}

/** Resolves after the signal has aborted and everything has let go: within {@link ROLES_STOP_MS}. The queue is closed then. */
export async function serve(options: ServeOptions): Promise<void> {
  const { roles, signal, started, work, queue } = options;
  // The port first: when it is taken nothing else may have started.
  const web = roles.includes('web') ? await startWeb(options) : null;
  let scheduling: Promise<void> | undefined;
  let pumping: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  try {
    if (roles.includes('workers')) await work(options.queues);
    if (roles.includes('scheduler')) {
      scheduling = startSchedules(options);
      pumping = startPump(options);
      following = followChanges(options).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        options.deps.log.error('change events cannot be followed', { error: why });
      });
    }
    started({ webPort: web?.server.port ?? null, webhooks: web?.webhooks ?? [] });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    const parts = [
      scheduling,
      pumping,
      following,
      web?.server.close(WEB_DRAIN_MS),
      queue.close(QUEUE_DRAIN_MS),
    ];
    await endsWithin(Promise.all(parts), ROLES_STOP_MS);
  }
}

/** Liveness, readiness, metrics, and what the CRMs tell of changes. */
async function startWeb(
  options: ServeOptions,
): Promise<{ readonly server: WebServer; readonly webhooks: readonly string[] }> {
  const { config, deps, database, queue } = options;
  const { EVENTS } = await import('./connectors/index.ts');
  const { host, publicUrl } = config.http;
  let { port } = config.http;
  watchEventLoop();
  const inlets = webhookInlets(config, EVENTS);
  const protocols = Object.values(EVENTS).map(({ protocol }) => protocol);
  const address = (): string => publicUrl?.replace(/\/+$/, '') ?? `http://${host}:${port}`;
  const deliveries = webhookCounts(Object.keys(EVENTS));
  const app = createWebApp({
    log: deps.log,
    ready: {
      database: async () => {
        await database.pool.query('select 1');
      },
      migrations: async () => {
        const { pending } = await migrationState(database.pool);
        if (pending.length > 0) throw new Error(`not applied: ${pending.join(', ')}`);
      },
      queue: async () => {
        await queue.depth();
      },
    },
    metrics: metricsOf(options, deliveries.metrics),
    webhooks: {
      log: deps.log,
      clock: deps.clock,
      ...(deps.tracing === undefined ? {} : { tracing: deps.tracing }),
      count: deliveries.count,
      inbox: createStore(database.reserve(INBOX_CONNECTIONS), deps.store.worker),
      protocols,
      inlets,
      publicUrl: address,
      lost: webhookAlarm({
        ...{ log: deps.log, clock: deps.clock, sleep: deps.sleep, signal: options.signal },
        readAgain: (sync) => readRefused(options, sync),
      }),
    },
  });
  const server = await listenWeb(app, host, port);
  port = server.port;
  const webhooks = protocols
    .filter(({ crm }) => inlets.some((inlet) => inlet.crm === crm))
    .map(({ crm, secretInPath }) => `${address()}/webhooks/${crm}${secretInPath ? '/SECRET' : ''}`);
  return { server, webhooks };
}

/** Nothing is read for a sync whose plans wait for a person: it will be when they are decided. */
async function readRefused({ deps, signal }: ServeOptions, sync: SyncName): Promise<boolean> {
  const runtime = deps.syncs.get(sync);
  if (runtime === undefined || (await deps.store.eventsHeld(sync, deps.clock.now())) !== null) return true;
  return (await readAgain(deps, runtime, BY_REFUSED_WEBHOOKS, signal)) !== null;
}

/** One text for all who ask together. */
function metricsOf(options: ServeOptions, deliveries: () => readonly Metric[]): () => Promise<string> {
  const { config, deps, database, queue, quotas, accounts, changeEventsOf } = options;
  const names = [...deps.syncs.keys()];
  const parts = {
    deps: { store: deps.store, clock: deps.clock },
    syncs: new Map(names.map((name) => [name, config.syncs[name]?.schedule?.alertAfterHours ?? null])),
    counts: unhurried(
      () => recordCounts(database.db),
      () => deps.clock.now(),
    ),
    counters: () => runCounters(database.db, names),
    schedules: schedules(database.db),
  };
  const collectors = {
    state: () => stateMetrics(parts),
    changeEvents: async () => changeEventMetrics(await changeEventsOf(names)),
    quotas: () => quotaMetrics(accounts, quotas),
    queue: () => queueMetrics(queue),
    process: async () => [...processMetrics(), ...deliveries()],
  };
  return async () => exposition(await collectMetrics(collectors, deps.log));
}

/** Runs of what events name, begun in whichever process is first. */
function startPump({ config, deps, signal }: ServeOptions): Promise<void> {
  return pumpEvents(deps, (sync) => config.syncs[sync]?.events?.windowMs ?? null, signal);
}

/** Looks after every sync's nightly run until the signal aborts. */
function startSchedules({ config, deps, database, signal }: ServeOptions): Promise<void> {
  const runtimeOf = (sync: string): SyncRuntime => {
    const runtime = deps.syncs.get(sync);
    if (runtime === undefined) throw new RangeError(`no sync is called ${sync}`);
    return runtime;
  };
  return runScheduler(
    {
      syncs: new Map(Object.entries(config.syncs).map(([name, { schedule }]) => [name, schedule])),
      schedules: schedules(database.db),
      clock: deps.clock,
      sleep: deps.sleep,
      log: deps.log,
      start: (sync, by) => startRun(deps, runtimeOf(sync), 'sync', { by, full: true }, signal),
      ended: async (run) => (await awaitRun(deps, run, signal)).state,
    },
    signal,
  );
}
