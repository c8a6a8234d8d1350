/** A database that is away for a moment, as when it is restarted, is waited for: nothing above notices. */
import { setTimeout as delay } from 'node:timers/promises';
import { OppsyncError } from '../core/errors.ts';
import { faultOf } from '../core/fault-sentences.ts';
import { explainedIfFull } from './disk-full.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

/** Classes 08 (connection) and 57P (shutdown, crash, starting up) of PostgreSQL's appendix A, and the socket's own faults. */
const AWAY = /^(08|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOENT$)/;
const AWAY_WORDS = /Connection terminated|connection error|timeout exceeded when trying to connect/i;

/**
 * Repeats `work` while the database cannot be reached. What was committed just before the answer was lost is done again:
 * callers store in ways that bear that.
 *
 * @throws OppsyncError `retry` + `unreachable` after half a minute, or at once when its disk is full
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw explainedIfFull(error);
      if (performance.now() >= giveUpAt) throw unreachable(error);
      await delay(PAUSE_MS);
    }
  }
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return AWAY.test(code) || AWAY_WORDS.test(error.message);
}

function unreachable(cause: unknown): OppsyncError {
  return new OppsyncError({
    recovery: 'retry',
    ...faultOf('database.lost', { words: cause instanceof Error ? cause.message : String(cause) }),
    code: 'database.unreachable',
    unreachable: true,
    cause,
  });
}
