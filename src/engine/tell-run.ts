/** What is told of a run to whoever runs oppsync: that it began, how it ended, and where its parts belong in a trace. */
import type { RunId } from '../core/ids.ts';
import type { RunRow } from '../core/store-rows.ts';
import { NO_TRACING, type SpanPlace } from '../core/tracing-port.ts';
import type { EngineDeps } from './deps.ts';

/** The delivery whose event waited longest for a run of events; null for any other run. */
export async function causeOf(
  { store }: EngineDeps,
  run: Pick<RunRow, 'run' | 'mode'>,
): Promise<string | null> {
  return run.mode === 'events' ? store.deliveryOf(run.run) : null;
}

/** Of a task of the run. Nothing is looked up where nobody traces. */
export async function placeInRun(
  deps: EngineDeps,
  run: Pick<RunRow, 'run' | 'mode'>,
): Promise<SpanPlace | undefined> {
  if (!(deps.tracing ?? NO_TRACING).on) return undefined;
  return { cause: (await causeOf(deps, run)) ?? run.run, inside: run.run };
}

/** Runs of events come every few seconds, and most have nothing to tell. */
export async function tellStarted(deps: EngineDeps, run: RunRow): Promise<void> {
  const { run: id, sync, mode, by, full } = run;
  if (mode !== 'events') deps.log.info('run started', { run: id, sync, mode, by, full });
  else deps.log.debug('run started', { run: id, sync, mode, delivery: await causeOf(deps, run) });
}

/** Reads how the run stands; says nothing while it goes on. */
export async function tellEnded(deps: EngineDeps, id: RunId): Promise<void> {
  const run = await deps.store.loadRun(id);
  if (run === null || run.state === 'running' || run.finishedAt === null) return;
  const { sync, mode, state, report, error, startedAt, finishedAt } = run;
  const writes = Object.values(report?.writes ?? {}).reduce(
    (sum, side) => sum + side.update + side.create,
    0,
  );
  const told = { run: id, sync, mode, state, durationMs: finishedAt - startedAt };
  const quiet = mode === 'events' && state === 'done' && writes === 0;
  const { log, tracing = NO_TRACING } = deps;
  log[quiet ? 'debug' : 'info']('run ended', {
    ...told,
    ...(report === null ? {} : { read: report.read, outcomes: report.outcomes, writes, calls: report.calls }),
    ...(report === null || report.brakes.length === 0
      ? {}
      : { brakes: report.brakes.map(({ brake }) => brake) }),
    ...(error === null ? {} : { code: codeOf(error) }),
  });
  if (!tracing.on) return;
  const delivery = await causeOf(deps, run);
  const { durationMs: _, ...facts } = told;
  tracing.record(
    'run',
    { ...facts, writes },
    { cause: delivery ?? id, inside: delivery, name: id },
    { from: startedAt, to: finishedAt, ...(error === null ? {} : { failed: codeOf(error) }) },
  );
}

function codeOf(error: string): string {
  try {
    const { code } = JSON.parse(error) as { code?: unknown };
    if (typeof code === 'string') return code;
  } catch {
    // A plain sentence.
  }
  return 'unaccounted';
}
