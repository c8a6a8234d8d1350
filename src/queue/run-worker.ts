/** The one place that turns what a handler said, or threw, into what the queue does with the job. */
import { OppsyncError } from '../core/errors.ts';
import type { Job, JobHandler, JobOutcome } from '../core/queue-port.ts';

/** `requeue`: the same job once more, after a delay, with its number of failed attempts so far. */
export type Decision =
  | { readonly is: 'finish' }
  | { readonly is: 'requeue'; readonly afterMs: number; readonly attempts: number }
  | { readonly is: 'fail'; readonly reason: string };

export interface RetryRule {
  /** Failed attempts after which a job is given up; the store still knows what is undone. */
  readonly attempts: number;
  /** Pause after the n-th failed attempt, ms. */
  delayMs(attempt: number): number;
}

/** 1 s, doubling, at most 15 minutes: a CRM that is down for an hour is met again. */
export const DEFAULT_RETRY: RetryRule = {
  attempts: 8,
  delayMs: (attempt) => Math.min(15 * 60_000, 1000 * 2 ** (attempt - 1)),
};

const WAIT_UNSAID_MS = 60_000;

/** Runs the handler once. Never throws. A job interrupted by our own shutdown is handed back, not counted as failed. */
export async function runJob(
  job: Job,
  attempts: number,
  handler: JobHandler,
  signal: AbortSignal,
  rule: RetryRule,
): Promise<Decision> {
  try {
    return decided(await handler(job, signal), attempts);
  } catch (error) {
    if (signal.aborted) return { is: 'requeue', afterMs: 0, attempts };
    return afterError(error, attempts + 1, rule);
  }
}

function decided(outcome: JobOutcome, attempts: number): Decision {
  switch (outcome.is) {
    case 'done':
      return { is: 'finish' };
    case 'again':
      return { is: 'requeue', afterMs: 0, attempts: 0 };
    case 'later':
      return { is: 'requeue', afterMs: outcome.afterMs, attempts };
    case 'failed':
      return { is: 'fail', reason: outcome.reason };
  }
}

function afterError(error: unknown, attempts: number, rule: RetryRule): Decision {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof OppsyncError) {
    const { recovery, retryAfterMs } = error.details;
    // A limit is no failure: waiting for it may not use up the attempts.
    if (recovery === 'wait')
      return { is: 'requeue', afterMs: retryAfterMs ?? WAIT_UNSAID_MS, attempts: attempts - 1 };
    if (recovery !== 'retry' && recovery !== 'unknown') return { is: 'fail', reason };
  }
  if (attempts >= rule.attempts) return { is: 'fail', reason };
  return { is: 'requeue', afterMs: rule.delayMs(attempts), attempts };
}
