/** What our queue needs of BullMQ, the same over PostgreSQL and Redis. */
import type { JobsOptions } from 'bullmq';
import type { Job } from '../core/queue-port.ts';

/** What a stored job holds: identities, and how often it failed. */
export interface StoredJob {
  readonly job: Job;
  readonly attempts: number;
}

export interface BackendQueue<Data> {
  add(name: string, data: Data, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: Data; opts: JobsOptions }[]): Promise<unknown>;
  getJobCounts(
    ...types: ('waiting' | 'prioritized' | 'active' | 'delayed' | 'failed')[]
  ): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export interface BackendWorker {
  /** Takes no more jobs; the running ones go on. */
  quiet(): Promise<void>;
  /** Waits for running jobs, unless `force`, and lets go of the connections. */
  close(force: boolean): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
  /** A job whose worker has said nothing for this long is given to another one. */
  readonly lockMs: number;
}

/** `process` answers when the job is finished; it throws only to have the job counted as failed. */
export interface Backend {
  queue<Data>(name: string): BackendQueue<Data>;
  worker<Data>(
    name: string,
    process: (data: Data) => Promise<void>,
    settings: WorkerSettings,
  ): Promise<BackendWorker>;
  close(): Promise<void>;
}

/** We listen to no event streams: keep them short. */
export const EVENTS_KEPT = { events: { maxLen: 100 } } as const;

/** Times of BullMQ's own loops. */
export function workerOptions({ concurrency, lockMs }: WorkerSettings) {
  return {
    concurrency,
    lockDuration: lockMs,
    // Looked for twice before a job is given on, by whichever worker is first in each interval.
    stalledInterval: lockMs / 2,
    // A process may be killed again and again under the same job: it must not be given up for that.
    maxStalledCount: 10,
    // After a lost connection: how soon to ask again.
    runRetryDelay: 1000,
  };
}
