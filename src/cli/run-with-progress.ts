import type { RunOptions } from '../app.ts';
import type { Context } from './context.ts';
import { showProgress } from './progress.ts';

/** Runs something that reports progress, showing it, and takes the progress away again whatever happens. */
export async function runWithProgress<T>(
  context: Context,
  options: { readonly full?: boolean },
  run: (options: RunOptions) => Promise<T>,
): Promise<T> {
  const progress = showProgress(context);
  try {
    return await run({
      by: context.user,
      full: options.full ?? false,
      signal: context.signal,
      onProgress: (step) => progress.update(step),
    });
  } finally {
    progress.stop();
  }
}
