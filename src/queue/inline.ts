/** The queue in one process and in memory: for tests and simulations. It has no timers but the sleep it is given. */

import type { Sleep } from '../core/ports.ts';
import type { Job, JobHandler, Queue, QueueDepth } from '../core/queue-port.ts';
import { DEFAULT_RETRY, type RetryRule, runJob } from './run-worker.ts';

export interface InlineQueue extends Queue {
  /** Resolves when no job is running and none is waiting for a listening worker; delayed ones do not count. */
  settled(): Promise<void>;
}

interface Entry {
  readonly job: Job;
  readonly attempts: number;
}

/** One named queue: entries by job id, each in exactly one of these places. */
interface Lane {
  readonly waiting: Map<string, Entry>;
  readonly delayed: Map<string, { readonly entry: Entry; readonly cancel: AbortController }>;
  readonly active: Map<string, Promise<void>>;
  /** Added while the same id was running: runs once more afterwards. */
  readonly next: Map<string, { readonly entry: Entry; readonly afterMs: number }>;
  failed: number;
  handler: JobHandler | null;
  concurrency: number;
}

const NAMES: readonly Job['queue'][] = ['pull', 'reconcile', 'push', 'measure'];

export function createInlineQueue(options: { sleep: Sleep; retry?: RetryRule }): InlineQueue {
  const { sleep, retry = DEFAULT_RETRY } = options;
  const lanes = Object.fromEntries(NAMES.map((name) => [name, newLane()])) as Record<Job['queue'], Lane>;
  const stopping = new AbortController();
  let closed = false;

  function put(entry: Entry, afterMs: number): void {
    const lane = lanes[entry.job.queue];
    const { id } = entry.job;
    if (lane.active.has(id)) {
      lane.next.set(id, { entry, afterMs });
      return;
    }
    if (lane.waiting.has(id)) return;
    lane.delayed.get(id)?.cancel.abort();
    lane.delayed.delete(id);
    if (afterMs > 0) delay(lane, entry, afterMs);
    else lane.waiting.set(id, entry);
    pump(lane);
  }

  function delay(lane: Lane, entry: Entry, afterMs: number): void {
    const cancel = new AbortController();
    lane.delayed.set(entry.job.id, { entry, cancel });
    sleep(afterMs, cancel.signal).then(
      () => {
        if (closed || cancel.signal.aborted) return;
        lane.delayed.delete(entry.job.id);
        lane.waiting.set(entry.job.id, entry);
        pump(lane);
      },
      () => undefined,
    );
  }

  function pump(lane: Lane): void {
    const { handler } = lane;
    while (!closed && handler !== null && lane.active.size < lane.concurrency) {
      const first = lane.waiting.entries().next();
      if (first.done === true) return;
      const [id, entry] = first.value;
      lane.waiting.delete(id);
      lane.active.set(id, run(lane, entry, handler));
    }
  }

  async function run(lane: Lane, entry: Entry, handler: JobHandler): Promise<void> {
    // The caller of add goes on first, as with a queue in another process.
    await Promise.resolve();
    const decision = await runJob(entry.job, entry.attempts, handler, stopping.signal, retry);
    const { id } = entry.job;
    if (decision.is === 'requeue') put({ job: entry.job, attempts: decision.attempts }, decision.afterMs);
    if (decision.is === 'fail') lane.failed += 1;
    lane.active.delete(id);
    const next = lane.next.get(id);
    lane.next.delete(id);
    if (next !== undefined) put(next.entry, next.afterMs);
    pump(lane);
  }

  const running = (): Promise<void>[] => Object.values(lanes).flatMap((lane) => [...lane.active.values()]);

  return {
    add: async (jobs) => {
      for (const job of jobs) put({ job, attempts: 0 }, 0);
    },
    work: async (queue, handler, { concurrency }) => {
      const lane = lanes[queue];
      lane.handler = handler;
      lane.concurrency = concurrency;
      pump(lane);
    },
    settled: async () => {
      while (running().length > 0) await Promise.all(running());
    },
    depth: async () => {
      const depths = NAMES.map((name) => [name, depthOf(lanes[name])] as const);
      return Object.fromEntries(depths) as Record<Job['queue'], QueueDepth>;
    },
    close: async (drainMs) => {
      closed = true;
      for (const lane of Object.values(lanes)) for (const one of lane.delayed.values()) one.cancel.abort();
      if (running().length === 0) return;
      const drained = new AbortController();
      const patience = sleep(drainMs, drained.signal).catch(() => undefined);
      await Promise.race([Promise.all(running()), patience]);
      drained.abort();
      stopping.abort(new Error('the queue is closing'));
    },
  };
}

function newLane(): Lane {
  return {
    waiting: new Map(),
    delayed: new Map(),
    active: new Map(),
    next: new Map(),
    failed: 0,
    handler: null,
    concurrency: 0,
  };
}

function depthOf(lane: Lane): QueueDepth {
  return {
    waiting: lane.waiting.size,
    active: lane.active.size,
    delayed: lane.delayed.size,
    failed: lane.failed,
  };
}
