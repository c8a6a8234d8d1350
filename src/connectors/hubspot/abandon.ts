/**
 * Waits for `work` no longer than the signal allows, then rejects with the signal's reason. The work itself goes on
 * unobserved: this is for calls that take no abort signal.
 */
export function abandonWhen<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
