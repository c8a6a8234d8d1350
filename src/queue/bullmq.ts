/** The queue over BullMQ: on Redis when there is one, else on PostgreSQL. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JobsOptions } from 'bullmq';
import type { Log } from '../core/ports.ts';
import type { Job, JobHandler, Queue, QueueDepth } from '../core/queue-port.ts';
import type { Backend, BackendQueue, BackendWorker, StoredJob } from './backend.ts';
import { withinReach } from './connection-trouble.ts';
import { openPostgresBackend } from './postgres-backend.ts';
import { openRedisBackend } from './redis-backend.ts';
import { DEFAULT_RETRY, type RetryRule, runJob } from './run-worker.ts';

export interface QueueOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  /** In braces, so that a Redis cluster keeps all keys on one node. On PostgreSQL the database itself separates. */
  readonly prefix: string;
  readonly log: Log;
  readonly retry?: RetryRule;
  /** A job whose process died is run again after at most two of these; 30 s by default. */
  readonly lockMs?: number;
  /** How long a call may wait for the queue to come back, 10 s by default. */
  readonly answerWithinMs?: number;
}

/** A worker and what it is doing: the library waits for all its jobs or for none, we wait for a while. */
interface Working {
  readonly worker: BackendWorker;
  readonly running: Set<Promise<void>>;
}

export const DEFAULT_LOCK_MS = 30_000;

const NAMES: readonly Job['queue'][] = ['pull', 'reconcile', 'push', 'measure'];
const FAILED_KEPT = { count: 1000, age: 7 * 24 * 3600 };
/** After the drain time handlers are told to stop; this long they have for it. */
const LET_GO_MS = 1000;
/** A queue that is full or away is asked this often to take a job back. */
const ADD_PAUSE_MS = 1000;

/** @throws OppsyncError `unreachable` when the server does not answer, `fix` when it cannot be trusted with jobs. */
export async function createQueue(options: QueueOptions): Promise<Queue> {
  const { databaseUrl, redisUrl, prefix, log } = options;
  const backend =
    redisUrl === undefined
      ? await openPostgresBackend(databaseUrl, log)
      : await openRedisBackend(redisUrl, prefix, log);
  return new BullQueue(backend, options);
}

class BullQueue implements Queue {
  readonly #backend: Backend;
  readonly #log: Log;
  readonly #retry: RetryRule;
  readonly #lockMs: number;
  readonly #answerWithinMs: number;
  readonly #where: string;
  readonly #queues: Readonly<Record<Job['queue'], BackendQueue<StoredJob>>>;
  readonly #workers: Working[] = [];
  readonly #stopping = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(backend: Backend, options: QueueOptions) {
    this.#backend = backend;
    this.#log = options.log;
    this.#retry = options.retry ?? DEFAULT_RETRY;
    this.#lockMs = options.lockMs ?? DEFAULT_LOCK_MS;
    this.#answerWithinMs = options.answerWithinMs ?? 10_000;
    this.#where = new URL(options.redisUrl ?? options.databaseUrl).host;
    const queues = NAMES.map((name) => [name, backend.queue<StoredJob>(name)]);
    this.#queues = Object.fromEntries(queues) as Record<Job['queue'], BackendQueue<StoredJob>>;
  }

  async add(jobs: readonly Job[]): Promise<void> {
    for (const name of NAMES) {
      const some = jobs.filter((job) => job.queue === name);
      if (some.length === 0) continue;
      const stored = some.map((job) => ({ name, data: { job, attempts: 0 }, opts: jobOptions(job, 0) }));
      await this.#reach(this.#queues[name].addBulk(stored));
    }
  }

  async work(
    name: Job['queue'],
    handler: JobHandler,
    { concurrency }: { concurrency: number },
  ): Promise<void> {
    await this.#startWorker<StoredJob>(name, concurrency, (stored) => this.#run(stored, handler));
  }

  async #startWorker<Data>(
    name: string,
    concurrency: number,
    process: (data: Data) => Promise<void>,
  ): Promise<void> {
    const running = new Set<Promise<void>>();
    const tracked = async (data: Data): Promise<void> => {
      const one = process(data);
      running.add(one);
      try {
        await one;
      } finally {
        running.delete(one);
      }
    };
    const settings = { concurrency, lockMs: this.#lockMs };
    const worker = await this.#reach(this.#backend.worker(name, tracked, settings));
    this.#workers.push({ worker, running });
  }

  async #run({ job, attempts }: StoredJob, handler: JobHandler): Promise<void> {
    const decision = await runJob(job, attempts, handler, this.#stopping.signal, this.#retry);
    if (decision.is === 'fail') {
      // The run it belongs to has ended with this very reason, or is revived from the store.
      this.#log.info('job given up', { queue: job.queue, id: job.id, run: job.run, reason: decision.reason });
      throw new Error(decision.reason);
    }
    if (decision.is === 'finish') return;
    // Added while this one is active: it is kept aside and takes its place in the same step that ends this one.
    const again = { job, attempts: decision.attempts };
    await this.#addAgain(again, decision.afterMs);
  }

  /** A job that nobody can be told of would be lost with its task still held: it is kept until the queue takes it, or we stop. */
  async #addAgain(again: StoredJob, afterMs: number): Promise<void> {
    const { job } = again;
    const { signal } = this.#stopping;
    for (;;) {
      try {
        await this.#queues[job.queue].add(job.queue, again, jobOptions(job, afterMs));
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await delay(ADD_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async depth(): Promise<Readonly<Record<Job['queue'], QueueDepth>>> {
    const depths = NAMES.map(async (name) => [name, await this.#depthOf(this.#queues[name])] as const);
    return Object.fromEntries(await this.#reach(Promise.all(depths))) as Record<Job['queue'], QueueDepth>;
  }

  async #depthOf(queue: BackendQueue<StoredJob>): Promise<QueueDepth> {
    const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    const of = (state: string): number => counts[state] ?? 0;
    return { waiting: of('waiting'), active: of('active'), delayed: of('delayed'), failed: of('failed') };
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  /** Quiet, drain, stop. */
  async #close(drainMs: number): Promise<void> {
    await endsWithin(Promise.all(this.#workers.map(({ worker }) => worker.quiet())), LET_GO_MS);
    if (!(await endsWithin(this.#drained(), drainMs))) {
      this.#stopping.abort(new Error('the queue is closing'));
      await endsWithin(this.#drained(), LET_GO_MS);
    }
    const left = this.#workers.reduce((sum, { running }) => sum + running.size, 0);
    if (left > 0)
      this.#log.warn('queue closed over running jobs: another process will run them again', { jobs: left });
    const workers = this.#workers.map(({ worker, running }) => worker.close(running.size > 0));
    await endsWithin(Promise.all(workers), LET_GO_MS);
    const queues = Object.values(this.#queues).map((queue) => queue.close());
    await endsWithin(Promise.all(queues), LET_GO_MS);
    await endsWithin(this.#backend.close(), LET_GO_MS);
  }

  async #drained(): Promise<void> {
    await Promise.allSettled(this.#workers.flatMap(({ running }) => [...running]));
  }

  #reach<T>(work: Promise<T>): Promise<T> {
    return withinReach(work, this.#answerWithinMs, this.#where);
  }
}

/**
 * Equal ids waiting are one job, and one that arrives while its like is running makes it run once more. Adding brings a
 * delayed one forward. A failed one does not stand in the way of the next.
 */
function jobOptions(job: Job, delay: number): JobsOptions {
  return {
    deduplication: { id: job.id, keepLastIfActive: true, reschedule: true },
    delay,
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: FAILED_KEPT,
  };
}

/** False when it took longer. A failure counts as an end: there is nothing left to wait for. */
async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([ended, late]);
  clearTimeout(timer);
  return result;
}
