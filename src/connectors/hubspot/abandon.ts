/** How waiting ended. */
export type Ending<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'late' }
  | { readonly is: 'abandoned'; readonly reason: unknown };

/**
 * Waits for `work` at most `ms` (null: without end), and no longer than any of the signals allows; rejects as the work
 * does. The work itself goes on unobserved: this is for calls that take no abort signal. Every timer and listener is gone
 * afterwards: composed signals would pile up on signals that live as long as the process.
 */
export async function waitAtMost<T>(
  ms: number | null,
  signals: readonly AbortSignal[],
  work: Promise<T>,
): Promise<Ending<T>> {
  const ended = Promise.withResolvers<Ending<T>>();
  const check = (): void => {
    const fired = signals.find((signal) => signal.aborted);
    if (fired !== undefined) ended.resolve({ is: 'abandoned', reason: fired.reason });
  };
  const timer = ms === null ? undefined : setTimeout(() => ended.resolve({ is: 'late' }), ms);
  for (const signal of signals) signal.addEventListener('abort', check);
  check();
  work.then((value) => ended.resolve({ is: 'done', value }), ended.reject);
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', check);
  }
}
