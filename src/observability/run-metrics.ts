import { OUTCOMES, type RunSummary } from '../core/report.ts';
import type { MetricFamily } from './metrics.ts';

/** What is known of each sync's last run. Every outcome has a sample from the start, so that charts have no holes. */
export function runMetrics(
  syncs: readonly {
    readonly sync: string;
    readonly lastRun: RunSummary | null;
    readonly lastGood: RunSummary | null;
  }[],
): readonly MetricFamily[] {
  return [
    {
      name: 'oppsync_last_good_run_timestamp_seconds',
      help: 'End of the last run that succeeded; 0 when none did.',
      type: 'gauge',
      samples: syncs.map(({ sync, lastGood }) => ({
        labels: { sync },
        value: (lastGood?.finishedAt ?? 0) / 1000,
      })),
    },
    {
      name: 'oppsync_last_run_records',
      help: 'Records of the last run by outcome.',
      type: 'gauge',
      samples: syncs.flatMap(({ sync, lastRun }) =>
        OUTCOMES.map((outcome) => ({
          labels: { sync, outcome },
          value: lastRun?.report?.outcomes[outcome] ?? 0,
        })),
      ),
    },
    {
      name: 'oppsync_last_run_writes',
      help: 'Writes of the last run by CRM and result.',
      type: 'gauge',
      samples: syncs.flatMap(({ sync, lastRun }) =>
        Object.entries(lastRun?.report?.writes ?? {}).flatMap(([crm, counts]) =>
          (['update', 'create', 'failed'] as const).map((result) => ({
            labels: { sync, crm, result },
            value: counts[result],
          })),
        ),
      ),
    },
    {
      name: 'oppsync_last_run_seconds',
      help: 'Duration of the last finished run.',
      type: 'gauge',
      samples: syncs.flatMap(({ sync, lastRun }) =>
        lastRun?.report == null ? [] : [{ labels: { sync }, value: lastRun.report.duration_ms / 1000 }],
      ),
    },
  ];
}
