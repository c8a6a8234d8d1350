/** Reads what changed since the last reading, where events could not tell it. */
import { OppsyncError } from '../core/errors.ts';
import type { EpochMs } from '../core/ids.ts';
import { awaitRun } from './await-run.ts';
import type { EngineDeps, SyncRuntime } from './deps.ts';
import { startRun } from './runs.ts';

/** Answers since when everything is read; null when it has to be tried again. */
export async function readAgain(
  deps: EngineDeps,
  runtime: SyncRuntime,
  by: string,
  signal: AbortSignal,
): Promise<EpochMs | null> {
  const log = deps.log.child({ sync: runtime.settings.name });
  try {
    const run = await startRun(deps, runtime, 'sync', { by, full: false }, signal);
    const { state, startedAt } = await awaitRun(deps, run, signal);
    log.info('what changed lately was read again', { run, state });
    return state === 'done' || state === 'parked' ? startedAt : null;
  } catch (error) {
    if (signal.aborted) return null;
    // Another run is going on; when it has ended it will be our turn.
    if (!(error instanceof OppsyncError && error.details.code === 'run.going_on'))
      log.error('what changed lately could not be read again', {
        error: error instanceof Error ? error.message : String(error),
      });
    return null;
  }
}
