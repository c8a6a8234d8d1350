import { OppsyncError } from '../core/errors.ts';
import { FAULT_SENTENCES, faultOf } from '../core/fault-sentences.ts';
import type { RunId } from '../core/ids.ts';
import type { RunProgress } from '../core/report.ts';
import type { RunRow } from '../core/store-rows.ts';
import { callsSoFar } from './calls.ts';
import type { EngineDeps } from './deps.ts';
import { enqueue } from './handle-task.ts';

const LOOK_EVERY_MS = 100;
const LONGEST_LOOK_MS = 500;
/** How often it is looked how far a run is when nobody wants to be told. */
const MOVED_EVERY_MS = 1_000;
/** How long an open run may stand without a job in the queue before its tasks are put there again. */
const REVIVE_AFTER_MS = 5_000;

/**
 * Waits until a run has ended, telling its progress. Tasks the queue has lost (emptied, restarted) are put back.
 *
 * @throws OppsyncError what ended the run, when it failed
 */
export async function awaitRun(
  deps: EngineDeps,
  run: RunId,
  signal: AbortSignal,
  onProgress?: (progress: RunProgress) => void,
): Promise<RunRow> {
  const { store, clock, sleep } = deps;
  let last = '';
  let movedAt = clock.now();
  let lookAt = clock.now() + (onProgress === undefined ? MOVED_EVERY_MS : 0);
  for (;;) {
    const row = await store.loadRun(run);
    if (row === null) throw new Error(`run ${run} is gone`);
    if (row.state !== 'running') return ended(row);
    if (row.error !== null) throw errorOf(row);
    if (clock.now() >= lookAt) {
      if (onProgress === undefined) lookAt = clock.now() + MOVED_EVERY_MS;
      const progress = await store.progress(run);
      const sign = JSON.stringify(progress);
      if (sign !== last) {
        [last, movedAt] = [sign, clock.now()];
        onProgress?.({ ...progress, calls: callsSoFar(deps.syncs.get(row.sync), row.calls) });
      } else if (clock.now() - movedAt > REVIVE_AFTER_MS) {
        movedAt = clock.now();
        if (await isQueueEmpty(deps)) {
          await store.reviveTasks(run);
          await enqueue(deps, run);
        }
      }
    }
    // A short run is seen to end at once; a long one is not slowed down by being looked at.
    await sleep(Math.min(LONGEST_LOOK_MS, LOOK_EVERY_MS + (clock.now() - row.startedAt) / 50), signal);
  }
}

async function isQueueEmpty(deps: EngineDeps): Promise<boolean> {
  const depths = Object.values(await deps.queue.depth());
  return depths.every((depth) => depth.waiting + depth.active + depth.delayed === 0);
}

function ended(row: RunRow): RunRow {
  if (row.state !== 'failed') return row;
  throw errorOf(row);
}

/** The error that ended a run, as it was stored. */
export function errorOf(row: RunRow): OppsyncError {
  const known = parseDetails(row.error);
  const details: Partial<OppsyncError['details']> =
    known.message === undefined && row.error === null ? faultOf('run.failed', { run: row.run }) : known;
  return new OppsyncError({
    recovery: details.recovery ?? 'stop',
    code: details.code ?? 'run.failed',
    message: details.message ?? row.error ?? '',
    remedy: details.remedy ?? FAULT_SENTENCES['run.failed'].remedy,
    ...(details.crm === undefined ? {} : { crm: details.crm }),
    ...(details.says === undefined ? {} : { says: details.says }),
    ...(details.params === undefined ? {} : { params: details.params }),
    ...(details.unreachable === true ? { unreachable: true } : {}),
    ...(details.resumesAt === undefined ? {} : { resumesAt: details.resumesAt }),
  });
}

function parseDetails(text: string | null): Partial<OppsyncError['details']> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
