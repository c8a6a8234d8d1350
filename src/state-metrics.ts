/** What `/metrics` tells: the state of every sync, the queue, and this process. */
import type { ScheduleStatus } from './app.ts';
import type { SyncName } from './core/ids.ts';
import { OUTCOMES } from './core/report.ts';
import type { EngineDeps } from './engine/deps.ts';
import { eventLoopDelay } from './observability/event-loop.ts';
import type { Metric, Sample } from './observability/prometheus.ts';
import type { RunCounters } from './store/run-counters.ts';
import type { Views } from './store/views.ts';

/** Numbers from the store's rows and the queue. Every outcome of every sync is there from the start, at zero. */
export async function stateMetrics(
  deps: EngineDeps,
  reading: Views,
  scheduleOf: (sync: SyncName) => Promise<ScheduleStatus | null>,
  counted: RunCounters,
): Promise<readonly Metric[]> {
  const records: Sample[] = [];
  const waiting: Sample[] = [];
  const lastGood: Sample[] = [];
  for (const sync of deps.syncs.keys()) {
    const [outcomes, counts, runs] = await Promise.all([
      reading.outcomeCounts(sync),
      reading.counts(sync),
      deps.store.listRuns(sync, 50),
    ]);
    for (const outcome of OUTCOMES)
      records.push({ labels: { sync, outcome }, value: outcomes[outcome] ?? 0 });
    waiting.push({ labels: { sync, kind: 'conflict' }, value: counts.conflicts });
    waiting.push({ labels: { sync, kind: 'quarantine' }, value: counts.quarantined });
    const good = runs.find((run) => run.state === 'done' && run.mode !== 'plan' && run.mode !== 'events');
    lastGood.push({ labels: { sync }, value: (good?.finishedAt ?? 0) / 1000 });
  }
  const overdue: Sample[] = [];
  for (const sync of deps.syncs.keys()) {
    const schedule = await scheduleOf(sync);
    if (schedule !== null) overdue.push({ labels: { sync }, value: schedule.overdue ? 1 : 0 });
  }
  const now = deps.clock.now();
  const inbox = new Map((await deps.store.waitingEvents()).map((waiting) => [waiting.sync, waiting]));
  const failures = new Map<SyncName, number>();
  for (const sync of deps.syncs.keys())
    failures.set(sync, (await deps.store.eventTrouble(sync))?.failures ?? 0);
  const perSync = (value: (sync: SyncName) => number): Sample[] =>
    [...deps.syncs.keys()].map((sync) => ({ labels: { sync }, value: value(sync) }));
  const depths = Object.entries(await deps.queue.depth());
  const jobs = depths.flatMap(([queue, depth]) =>
    Object.entries(depth).map(([state, value]) => ({ labels: { queue, state }, value: Number(value) })),
  );
  return [
    metric('oppsync_records', 'Records by their last outcome.', records),
    metric('oppsync_waiting_for_a_person', 'Open conflicts and quarantined records.', waiting),
    metric(
      'oppsync_last_good_run_timestamp_seconds',
      'End of the last good run that may write; 0 = none.',
      lastGood,
    ),
    metric('oppsync_nightly_overdue', '1 when the last good nightly run is older than its limit.', overdue),
    counter('oppsync_runs_total', 'Runs by how they stand or ended.', counted.runs),
    counter('oppsync_crm_calls_total', 'Calls made to each CRM by finished and running runs.', counted.calls),
    counter('oppsync_brake_trips_total', 'Plans stopped, by brake.', counted.brakes),
    metric(
      'oppsync_read_timestamp_seconds',
      'When each CRM was last read to the end.',
      counted.readAt.map(({ sync, crm, at }) => ({ labels: { sync, crm }, value: at / 1000 })),
    ),
    metric(
      'oppsync_inbox_events',
      'Events of the CRMs that no run has taken.',
      perSync((sync) => inbox.get(sync)?.events ?? 0),
    ),
    metric(
      'oppsync_inbox_age_seconds',
      'How long the oldest of them waits.',
      perSync((sync) => Math.max(0, now - (inbox.get(sync)?.since ?? now)) / 1000),
    ),
    metric(
      'oppsync_event_runs_failing',
      'Runs of events that failed in a row; 0 = the last one went well.',
      perSync((sync) => failures.get(sync) ?? 0),
    ),
    eventLoopDelay(),
    metric('oppsync_queue_jobs', 'Jobs by queue and state.', jobs),
    metric('process_resident_memory_bytes', 'Resident memory of this process.', [
      { value: process.memoryUsage.rss() },
    ]),
    metric('process_uptime_seconds', 'Seconds since this process started.', [{ value: process.uptime() }]),
  ];
}

function counter(
  name: string,
  help: string,
  found: readonly (Readonly<Record<string, string | number>> & { readonly n: number })[],
): Metric {
  const samples = found.map(({ n, ...labels }) => ({
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])),
    value: n,
  }));
  return { name, help, type: 'counter', samples };
}

function metric(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples };
}
