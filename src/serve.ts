/** Runs the roles of a long-lived process: web, workers, scheduler, in any combination and in any number of processes. */
import type { Config } from '../config/load.ts';
import type { Role } from './app.ts';
import { OppsyncError } from './core/errors.ts';
import type { Job, Queue } from './core/ports.ts';
import type { EngineDeps } from './engine/deps.ts';
import { awaitRun, startRun } from './engine/runs.ts';
import { createWebApp } from './http/app.ts';
import { listenWeb, type WebServer } from './http/listen.ts';
import { exposition } from './observability/prometheus.ts';
import { stateMetrics } from './state-metrics.ts';
import { migrationState } from './store/migrate.ts';
import type { Database } from './store/open.ts';
import type { Views } from './store/views.ts';

const WEB_DRAIN_MS = 5_000;

export interface ServeOptions {
  readonly config: Config;
  readonly deps: EngineDeps;
  readonly queue: Queue;
  readonly database: Database<unknown>;
  readonly reading: Views;
  readonly roles: readonly Role[];
  readonly signal: AbortSignal;
  readonly started: (facts: { webPort: number | null }) => void;
  /** Makes this process take part in the work. */
  readonly work: (queues?: readonly Job['queue'][]) => Promise<EngineDeps>;
  /** Queues to work on with the role `workers`; absent = all. */
  readonly queues?: readonly Job['queue'][];
}

/** Resolves after the signal has aborted and everything has let go. */
export async function serve(options: ServeOptions): Promise<void> {
  const { roles, signal, started, work } = options;
  // The port first: when it is taken nothing else may have started.
  const web = roles.includes('web') ? await startWeb(options) : null;
  try {
    if (roles.includes('scheduler')) await startSchedules(options);
    if (roles.includes('workers')) await work(options.queues);
    started({ webPort: web?.port ?? null });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await web?.close(WEB_DRAIN_MS);
  }
}

/** Liveness, readiness and metrics. */
async function startWeb({ config, deps, database, reading, queue }: ServeOptions): Promise<WebServer> {
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
    metrics: async () => exposition(await stateMetrics(deps, reading)),
  });
  return listenWeb(app, config.http.host, config.http.port);
}

/** Every sync's nightly run: written to the queue as it is configured now, fired in whichever process listens. */
async function startSchedules(options: ServeOptions): Promise<void> {
  const { config, deps, queue, signal } = options;
  for (const [name, sync] of Object.entries(config.syncs)) {
    if (sync.schedule === null) await queue.unschedule(name);
    else await queue.schedule(name, sync.schedule.cron, sync.schedule.timeZone);
  }
  await queue.onSchedule(async (key) => {
    const runtime = deps.syncs.get(key);
    const log = deps.log.child({ sync: key });
    if (runtime === undefined) {
      await queue.unschedule(key);
      return;
    }
    try {
      const run = await startRun(deps, runtime, 'sync', { by: 'schedule', full: true }, signal);
      const row = await awaitRun(deps, run, signal);
      log.info('scheduled run ended', { run, state: row.state });
    } catch (error) {
      if (signal.aborted) return;
      const expected = error instanceof OppsyncError && error.details.code === 'run.going_on';
      if (expected) log.info('scheduled run skipped: another one is going on');
      else
        log.error('scheduled run failed', { error: error instanceof Error ? error.message : String(error) });
    }
  });
}
