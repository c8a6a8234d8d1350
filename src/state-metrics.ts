/** What `/metrics` tells of the state of every sync. */
import type { EpochMs, SyncName } from './core/ids.ts';
import { OUTCOMES } from './core/report.ts';
import { isOverdue } from './core/schedule.ts';
import type { EngineDeps } from './engine/deps.ts';
import type { Metric, Sample } from './observability/prometheus.ts';
import type { RecordCount, RecordCounts } from './store/record-counts.ts';
import type { RunCounters } from './store/run-counters.ts';
import type { Schedules } from './store/schedules.ts';

export interface StateParts {
  readonly deps: Pick<EngineDeps, 'store' | 'clock'>;
  /** How old the last good night of each sync may be, in hours; null where the nightly run is switched off. */
  readonly syncs: ReadonlyMap<SyncName, number | null>;
  readonly counts: () => Promise<RecordCounts>;
  readonly counters: () => Promise<RunCounters>;
  readonly schedules: Pick<Schedules, 'load' | 'lastGood'>;
}

/**
 * Numbers from the store's rows, in a fixed number of questions however many syncs there are. Every outcome of every sync is
 * there from the start, at zero.
 */
export async function stateMetrics(parts: StateParts): Promise<readonly Metric[]> {
  const { deps, syncs } = parts;
  const names = [...syncs.keys()];
  const now = deps.clock.now();
  const [records, counted, overdue, inbox] = await Promise.all([
    parts.counts(),
    parts.counters(),
    overdueNights(parts, now),
    deps.store.waitingEvents(),
  ]);
  const waiting = new Map(inbox.map((one) => [one.sync, one]));
  const failures = new Map(counted.failures.map(({ sync, n }) => [sync, n]));
  const good = new Map(counted.lastGood.map(({ sync, at }) => [sync, at]));
  const going = new Map(counted.going.map(({ sync, at }) => [sync, at]));
  const perSync = (value: (sync: SyncName) => number): Sample[] =>
    names.map((sync) => ({ labels: { sync }, value: value(sync) }));
  return [
    metric(
      'oppsync_records',
      'Records by their last outcome.',
      every(names, 'outcome', OUTCOMES, records.outcomes),
    ),
    metric(
      'oppsync_waiting_for_a_person',
      'Open conflicts and quarantined records.',
      every(names, 'kind', ['conflict', 'quarantine'], records.waiting),
    ),
    metric(
      'oppsync_last_good_run_timestamp_seconds',
      'End of the last good run that may write; 0 = none.',
      perSync((sync) => (good.get(sync) ?? 0) / 1000),
    ),
    metric('oppsync_nightly_overdue', '1 when the last good nightly run is older than its limit.', overdue),
    metric(
      'oppsync_run_age_seconds',
      'How long the run that is going on has taken so far; 0 = none is.',
      perSync((sync) => Math.max(0, now - (going.get(sync) ?? now)) / 1000),
    ),
    counter('oppsync_runs_total', 'Runs by how they ended.', counted.runs),
    counter('oppsync_crm_calls_total', 'Calls made to each CRM.', counted.calls),
    counter('oppsync_brake_trips_total', 'Plans stopped, by brake.', counted.brakes),
    metric(
      'oppsync_read_timestamp_seconds',
      'When each CRM was last read to the end.',
      counted.readAt.map(({ sync, crm, at }) => ({ labels: { sync, crm }, value: at / 1000 })),
    ),
    metric(
      'oppsync_inbox_events',
      'Events of the CRMs that no run has taken.',
      perSync((sync) => waiting.get(sync)?.events ?? 0),
    ),
    metric(
      'oppsync_inbox_age_seconds',
      'How long the oldest of them waits.',
      perSync((sync) => Math.max(0, now - (waiting.get(sync)?.since ?? now)) / 1000),
    ),
    metric(
      'oppsync_event_runs_failing',
      'Runs of events that failed in a row; 0 = the last one went well.',
      perSync((sync) => failures.get(sync) ?? 0),
    ),
  ];
}

async function overdueNights({ schedules, syncs }: StateParts, now: EpochMs): Promise<Sample[]> {
  const scheduled = [...syncs].filter(([, hours]) => hours !== null).map(([sync]) => sync);
  const [states, good] = await Promise.all([schedules.load(scheduled, now), schedules.lastGood(scheduled)]);
  return scheduled.flatMap((sync) => {
    const [state, hours] = [states.get(sync), syncs.get(sync)];
    if (state === undefined || hours == null) return [];
    const late = isOverdue(state, good.get(sync) ?? null, now, hours * 3_600_000);
    return [{ labels: { sync }, value: late ? 1 : 0 }];
  });
}

function every(
  syncs: readonly SyncName[],
  label: string,
  known: readonly string[],
  found: readonly RecordCount[],
): Sample[] {
  const counts = new Map(found.map((one) => [`${one.label} ${one.sync}`, one.n]));
  return syncs.flatMap((sync) =>
    known.map((one) => ({ labels: { sync, [label]: one }, value: counts.get(`${one} ${sync}`) ?? 0 })),
  );
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
