/** Reports a lost connection once, not once per attempt to get it back. */
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import type { Log } from '../core/ports.ts';

const QUIET_MS = 30_000;

/** A listener for BullMQ's `error` events. */
export function troubleReporter(log: Log): (error: Error) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - saidAt < QUIET_MS) return;
    saidAt = now;
    log.warn('queue connection in trouble, trying again', { error: error.message });
  };
}

/**
 * @throws OppsyncError `retry` + `unreachable` when `work` takes longer than `withinMs` (it may still happen later), and when the
 * server refuses it: its disk or memory is full, or it is being stopped. The store is the truth and the queue is filled from it.
 */
export async function withinReach<T>(work: Promise<T>, withinMs: number, where: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(queueUnreachable(where, `no answer within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // A mistake of ours would not pass by waiting.
    if (error instanceof OppsyncError || error instanceof TypeError || error instanceof RangeError)
      throw error;
    throw queueUnreachable(where, error instanceof Error ? error.message : String(error), error);
  } finally {
    clearTimeout(timer);
  }
}

export function queueUnreachable(where: string, fault: string, cause?: unknown): OppsyncError {
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('queue.unreachable', { where, words: fault }),
    unreachable: true,
    cause,
  });
}
