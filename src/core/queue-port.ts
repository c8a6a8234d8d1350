/** The door to the queue: jobs, and what became of them. Types only; the adapter is in src/queue. */

/** A job carries identities only. */
export interface Job {
  readonly queue: 'pull' | 'reconcile' | 'push' | 'measure';
  /** Equal ids waiting at once are one job. */
  readonly id: string;
  readonly run: string;
  readonly task: string;
  readonly epoch: number;
}

/** What a handler says happened; run-worker.ts is the one place that turns it into queue actions. */
export type JobOutcome =
  | { readonly is: 'done' }
  | { readonly is: 'again' }
  | { readonly is: 'later'; readonly afterMs: number }
  | { readonly is: 'failed'; readonly reason: string };

export type JobHandler = (job: Job, signal: AbortSignal) => Promise<JobOutcome>;

export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

export interface Queue {
  add(jobs: readonly Job[]): Promise<void>;
  /** Starts taking jobs of this queue. */
  work(queue: Job['queue'], handler: JobHandler, options: { concurrency: number }): Promise<void>;
  depth(): Promise<Readonly<Record<Job['queue'], QueueDepth>>>;
  /** Takes no more jobs, waits for running ones up to `drainMs`, then lets go. */
  close(drainMs: number): Promise<void>;
}
