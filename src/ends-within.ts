import { setTimeout as delay } from 'node:timers/promises';

/** Waits for `work`, but no longer than `ms`; false when it took longer. A failure is an end: there is nothing left to wait for. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(ms, false, { signal: waiting.signal }).catch(() => false);
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    waiting.abort();
  }
}
